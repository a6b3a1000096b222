"""Experiments as TOML: they come back as they went, and a bad file gives a good sentence."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import (
    MAX_BYTES,
    dump_preset,
    load_preset,
    parse_preset,
    preset_names,
    save_preset,
)
from gradexplorer.errors import InputError

JARGON = re.compile(
    r"pydantic|validat|traceback|input_|ctx|errno|None|__|<class|datetime\.|sys\.",
)


def refusal(text: str) -> str:
    """Return what is said about a bad preset, having checked that a person can read it."""
    with pytest.raises(InputError) as caught:
        parse_preset(text, "mine.toml")
    sentence = str(caught.value)
    assert sentence.startswith("mine.toml")
    assert sentence.endswith((".", "?"))
    assert sentence.isprintable()
    assert len(sentence) < 800
    assert not JARGON.search(sentence)
    return sentence


def test_there_are_presets_with_a_title_and_a_note() -> None:
    assert len(preset_names()) >= 5
    for name in preset_names():
        config = load_preset(name)
        assert config.title != "Untitled"
        assert config.note.endswith(".")


def test_every_bundled_preset_survives_a_round_trip() -> None:
    for name in preset_names():
        config = load_preset(name)
        assert parse_preset(dump_preset(config), name) == config


@given(data=st.data())
def test_every_experiment_survives_a_round_trip(data: st.DataObject, experiments) -> None:
    config = data.draw(experiments)
    assert parse_preset(dump_preset(config), "drawn") == config


def test_a_saved_experiment_is_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "Expérience 実験.toml"
    config = ExperimentConfig(title='Ünï "quoted" \\ \t\n', note="→ Σ")
    save_preset(config, path)
    assert load_preset(path) == config
    assert load_preset(str(path)) == config


def test_the_dumped_text_says_everything() -> None:
    text = dump_preset(ExperimentConfig())
    assert text.startswith("schema = 1\n")
    for line in ["hidden_size = 32", "learning_rate = 0.01", 'name = "adding"', "seed = 0"]:
        assert line in text.splitlines()


def test_an_almost_empty_file_is_the_default_experiment() -> None:
    assert parse_preset("schema = 1", "mine.toml") == ExperimentConfig()


def test_a_number_without_a_point_is_a_number() -> None:
    config = parse_preset("schema = 1\nclipping.threshold = 5", "mine.toml")
    assert config.clipping.threshold == 5.0


@pytest.mark.parametrize(
    ("line", "key", "near"),
    [
        ("modle.cell = 'rnn'", "modle", "model"),
        ("model.hiden_size = 3", "model.hiden_size", "hidden_size"),
        ("training.itertions = 3", "training.itertions", "iterations"),
        ("task.name = 'adding'\ntask.lenght = 3", "task.lenght", "length"),
        ("task.name = 'sunspots'\ntask.held_uot = 0.1", "task.held_uot", "held_out"),
    ],
)
def test_an_unknown_key_is_named_with_the_one_that_may_be_meant(
    line: str, key: str, near: str
) -> None:
    expected = f"mine.toml: {key}: there is no such setting; did you mean {near!r}?"
    assert refusal(f"schema = 1\n{line}") == expected


def test_an_unknown_key_like_no_other_is_told_what_there_is() -> None:
    sentence = refusal("schema = 1\nbptt.zzz = 1")
    assert sentence == "mine.toml: bptt.zzz: there is no such setting; known are k2, k1."


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("model.hidden_size = '3'", "model.hidden_size: '3' is given; it must be a whole number."),
        ("model.hidden_size = 3.0", "model.hidden_size: 3.0 is given; it must be a whole number."),
        ("model.hidden_size = true", "model.hidden_size: true is given; it must be a whole number"),
        ("optimizer.learning_rate = true", "optimizer.learning_rate: true is given; it must be a"),
        ("optimizer.learning_rate = '1'", "optimizer.learning_rate: '1' is given; it must be a nu"),
        ("optimizer.learning_rate = [1]", "optimizer.learning_rate: a list is given; it must be a"),
        ("title = 3", "title: 3 is given; it must be a text."),
        ("title = 2020-02-03", "title: 2020-02-03 is given; it must be a text."),
        ("title = {a = 1}", "title: a table is given; it must be a text."),
        ("model = 3", "model: 3 is given; it must be a table."),
        ("[[model]]", "model: a list is given; it must be a table."),
        ("task = 'adding'", "task: 'adding' is given; it must be a table."),
        ("task = {}", "task: a name is missing; it must be one of 'adding', 'tem"),
        ("task.name = 'ading'", "task.name: 'ading' is given; it must be 'adding' or 'temporal_"),
        (
            "model.cell = 'gnu'",
            "model.cell: 'gnu' is given; it must be 'rnn', 'lstm', 'gru' or 'feed",
        ),
        ("model.cell = 1", "model.cell: 1 is given; it must be 'rnn', 'lstm', 'gru' or 'feed"),
        ("model.hidden_size = 0", "model.hidden_size: 0 is given; it must be at least 1."),
        ("model.hidden_size = 2049", "model.hidden_size: 2049 is given; it must be at most 2,048."),
        ("clipping.threshold = 0", "clipping.threshold: 0 is given; it must be greater than 0."),
        ("optimizer.momentum = 1.0", "optimizer.momentum: 1.0 is given; it must be at most 0.999"),
        ("optimizer.learning_rate = nan", "optimizer.learning_rate: nan is given; it must be a f"),
        ("optimizer.learning_rate = -inf", "optimizer.learning_rate: -inf is given; it must be a"),
        ("optimizer.learning_rate = 1e999", "optimizer.learning_rate: inf is given; it must be a"),
        ("bptt = {k1 = 5, k2 = 3}", "bptt: k1 is 5 and k2 is 3; k1 must be at most k2."),
        ("task = {name = 'adding', length = 1}", "task.length: 1 is given; it must be at least 2."),
        (f"title = '{'x' * 81}'", "title: the text is too long; it may have 80 characters."),
        (f"training.seed = {10**3000}", "training.seed: a number of more than 40 digits is given"),
        (f"training.seed = 0x{'f' * 9000}", "training.seed: a number of more than 40 digits is g"),
        (f"optimizer.momentum = {10**400}", "optimizer.momentum: a number of more than 40 digits"),
        (f"model.cell = '{'x' * 9000}'", "model.cell: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... is"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(line: str, complaint: str) -> None:
    assert refusal(f"schema = 1\n{line}").startswith(f"mine.toml: {complaint}")


def test_every_problem_is_told() -> None:
    sentence = refusal("schema = 1\nmodel.cell = 'gnu'\nmodel.hidden_size = 0\nzzz = 1")
    assert all(key in sentence for key in ["model.cell:", "model.hidden_size:", "zzz:"])


def test_of_many_problems_only_some_are_told() -> None:
    sentence = refusal("schema = 1\n" + "\n".join(f"k{number} = 1" for number in range(2000)))
    assert sentence.endswith("and 1,995 more.")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", " is not a preset: it has no line 'schema = 1'."),
        ("# nothing\n", " is not a preset: it has no line 'schema = 1'."),
        ("title = 'a'", " is not a preset: it has no line 'schema = 1'."),
        ("schema = 'one'", ": schema is 'one'; it must be 1."),
        ("schema = 1.0", ": schema is 1.0; it must be 1."),
        ("schema = true", ": schema is true; it must be 1."),
        ("schema = 0", ": schema is 0; it must be 1."),
        (f"schema = [{'1, ' * 9000}]", ": schema is a list; it must be 1."),
        ("schema = 2", " was written by a newer gradexplorer (schema 2; this one reads 1). Ins"),
        (f"schema = 0x{'f' * 9000}", " was written by a newer gradexplorer (schema a number of"),
        ("schema = 2\nfuture = 1", " was written by a newer gradexplorer (schema 2; this one re"),
        ("schema 1", " is not valid TOML: "),
        ("schema = 1\nschema = 1", " is not valid TOML: "),
        ("schema = 1\nx = 1900-02-30", " is not valid TOML: "),
        (f"schema = 1{'0' * 9000}", " is not a preset: it has a number that is too long."),
    ],
)
def test_a_file_that_is_no_preset_of_ours_is_told_why(text: str, complaint: str) -> None:
    assert refusal(text).startswith(f"mine.toml{complaint}")


@pytest.mark.parametrize("key", ["a\\nb", "\\u0000", "\\u202e", "k" * 9000])
def test_a_strange_key_is_shown_harmlessly(key: str) -> None:
    assert "there is no such setting" in refusal(f'schema = 1\n"{key}" = 1')


@pytest.mark.parametrize(
    "line",
    [
        "a = " + "[" * 60_000,
        "a = " + "[" * 30_000 + "]" * 30_000,
        "a = " + "{a=" * 20_000,
        "model.cell = " + "{a = " * 150 + "1" + "}" * 150,
        "title = " + "[" * 150 + "]" * 150,
        ".".join("a" * 30_000) + " = 1",
        "model." + ".".join("a" * 600) + " = 1",
        f"[{'.'.join('a' * 30_000)}]",
        f"[[{'.'.join('a' * 600)}]]",
        "\n".join(f"k{number}{'.a' * 600} = 1" for number in range(50)),
        f"[{'.'.join('a' * 600)}]\n" + "\n".join(f"{number}.a = 1" for number in range(5000)),
    ],
    ids=lambda line: line[:12].replace("\n", " "),
)
def test_deep_nesting_is_refused_before_it_costs_much(line: str) -> None:
    assert len(line) < MAX_BYTES
    started = time.perf_counter()
    refusal(f"schema = 1\n{line}")
    assert time.perf_counter() - started < 8  # unbounded, these take minutes and all memory


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", " is not a text file: it has a NUL byte at position 8."),
        (b"schema = 1\ntitle = 'a\0'", " is not a text file: it has a NUL byte at position 21."),
        ("schema = 1 # é".encode("latin-1"), " is not UTF-8 text: byte 13 cannot be decoded. Sa"),
        (b"schema = 1 #" + b" " * MAX_BYTES, " has 65,548 bytes; a file of this kind has at mo"),
        (b"", " is not a preset: it has no line 'schema = 1'."),
    ],
)
def test_a_file_that_is_not_text_is_told_why(tmp_path: Path, data: bytes, complaint: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        load_preset(path)
    assert str(caught.value).startswith(f"{path}{complaint}")


def test_a_folder_or_a_pipe_is_not_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe):
        with pytest.raises(InputError, match=r"is not a file\.$"):
            load_preset(path)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        (
            "vanishing",
            "There is no preset and no file called vanishing; did you mean van",
        ),
        ("zzz", "There is no preset and no file called zzz; gradexplorer presets lists them."),
        ("zzz.toml", "Cannot read zzz.toml: no such file or directory."),
        ("zzz/lstm-remembers", "Cannot read zzz/lstm-remembers: no such file or directory."),
        ("x" * 300, f"Cannot read {'x' * 300}: file name too long."),
        ("", ". is not a file."),
    ],
)
def test_a_missing_preset_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        load_preset(name)
    assert str(caught.value).startswith(complaint)


def test_a_file_without_an_ending_is_found_in_the_present_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine").write_text("schema = 1\ntitle = 'Mine'")
    assert load_preset("mine").title == "Mine"


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, full_disk) -> None:
    path = tmp_path / "mine.toml"
    save_preset(ExperimentConfig(title="Old"), path)
    full_disk(50)
    with pytest.raises(InputError, match="no space left on device"):
        save_preset(ExperimentConfig(title="New"), path)
    assert load_preset(path).title == "Old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_files_path_is_relative_to_its_preset_and_is_written_so(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    path = folder / "mine.toml"
    path.write_text("schema = 1\nmodel.weights_file = 'start/w.safetensors'\n")
    config = load_preset(path)
    assert config.model.weights_file == str(folder / "start" / "w.safetensors")
    save_preset(config, folder / "again.toml")
    assert 'weights_file = "start/w.safetensors"' in (folder / "again.toml").read_text()
    assert load_preset(folder / "again.toml") == config
    other = tmp_path / "other"
    other.mkdir()
    save_preset(config, other / "far.toml")
    assert load_preset(other / "far.toml") == config


def test_so_is_the_path_of_a_tasks_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("schema = 1\ntask = {name = 'characters', file = 'texts/a.txt'}\n")
    config = load_preset(path)
    assert config.task.file == str(tmp_path / "texts" / "a.txt")
    save_preset(config, path)
    assert 'file = "texts/a.txt"' in path.read_text()


@pytest.mark.parametrize("task", ["3", "{}", "{name = 3}", "{name = 'characters', file = 3}"])
def test_a_task_that_is_none_names_no_file(tmp_path: Path, task: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f"schema = 1\ntask = {task}\n")
    with pytest.raises(InputError, match="task"):
        load_preset(path)


def test_a_files_path_at_the_command_line_is_relative_to_the_present_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = load_preset("vanishing-gradient", ["model.weights_file=run/w.safetensors"])
    assert config.model.weights_file == str(tmp_path / "run" / "w.safetensors")
    assert load_preset("vanishing-gradient").model.weights_file == ""
