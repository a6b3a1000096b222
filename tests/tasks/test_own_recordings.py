"""A folder of folders of WAV files: what is read, how it is split, and what is refused."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

import numpy as np
import pytest

from gradexplorer.config.presets import parse_preset
from gradexplorer.errors import InputError
from gradexplorer.tasks import own_recordings
from gradexplorer.tasks.log_mel import RATE, log_mel
from gradexplorer.tasks.own_recordings import OwnRecordings, look_into, split
from gradexplorer.tasks.wav import read_wav, resampled
from gradexplorer.training.shape import window_shape
from gradexplorer.training.trainer import Trainer

PRESET = """\
schema = 1
task = {name = "own_recordings", frames = 12}
model = {cell = "gru", hidden_size = 12}
optimizer = {name = "adam", learning_rate = 0.01}
training = {batch_size = 8, iterations = 60, evaluate_every = 60}
"""


def record(path: Path, frequency: float, seed: int, rate: int = 16000) -> None:
    """Write a fifth of a second of a tone in noise."""
    time = np.arange(rate // 5) / rate
    noise = 0.05 * np.random.default_rng(seed).normal(size=len(time))
    samples = 0.5 * np.sin(2.0 * np.pi * frequency * time) + noise
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes((samples * 2**14).astype("<i2").tobytes())


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    for name, frequency in (("low", 300.0), ("high", 2000.0), ("middle", 900.0)):
        (folder / name).mkdir()
        for index in range(10):
            record(folder / name / f"{index}.WAV", frequency, index)
    (folder / "low" / "notes.txt").write_text("not a recording")
    (folder / ".hidden").mkdir()
    (folder / "readme.txt").write_text("not a class")
    return folder


@pytest.fixture
def folder(made, tmp_path) -> Path:
    """Give a copy to be spoilt."""
    return Path(shutil.copytree(made, tmp_path / "words"))


def test_folders_are_classes_and_what_else_is_there_is_left_alone(made) -> None:
    words, files = look_into(str(made))
    assert words == ["high", "low", "middle"]
    assert [[path.name for path in found] for found in files] == [
        [f"{index}.WAV" for index in range(10)]
    ] * 3


def test_the_split_is_by_file_and_by_class(made) -> None:
    _, files = look_into(str(made))
    trained_on, tested_on = split(files, 0.2, 0)
    assert len(trained_on) == 24
    assert [file.spoken for file in tested_on] == [0, 1, 2, 0, 1, 2]
    assert sorted(trained_on + tested_on) == sorted(
        (path, spoken) for spoken, paths in enumerate(files) for path in paths
    )
    assert split(files, 0.2, 0) == (trained_on, tested_on)
    assert split(files, 0.2, 1) != (trained_on, tested_on)


@pytest.mark.parametrize(("count", "share", "held_out"), [(2, 0.05, 1), (2, 0.5, 1), (7, 0.5, 4)])
def test_of_each_class_one_file_at_least_is_in_each_part(count, share, held_out) -> None:
    trained_on, tested_on = split([[Path(str(index)) for index in range(count)]], share, 0)
    assert (len(trained_on), len(tested_on)) == (count - held_out, held_out)


def test_the_features_are_those_of_the_bundled_words(made) -> None:
    task = OwnRecordings(str(made), frames=12)
    trained_on, tested_on = task.load()
    assert trained_on.levels.shape == (24, 12, 20)
    file = task._files[1][0]
    samples, rate = read_wav(file.path)
    np.testing.assert_array_equal(tested_on.levels[0], log_mel(resampled(samples, rate, RATE), 12))
    assert tested_on.classes[0] == file.spoken == 0


def test_nothing_is_read_before_it_is_needed(folder) -> None:
    """So that a window with many recordings opens at once."""
    (folder / "low" / "0.WAV").write_bytes(b"no sound")
    config = parse_preset(PRESET, "own", [f"task.folder={folder}"])
    assert window_shape(config).steps == 12
    with pytest.raises(InputError, match=r"0\.WAV cannot be read as a WAV file"):
        Trainer(config)


def test_it_is_learned_and_the_parts_are_counted(made) -> None:
    config = parse_preset(PRESET, "own", [f"task.folder={made}"])
    *_, last = Trainer(config)
    assert last.evaluation.figures == {
        "held-out accuracy": 1.0,
        "trained on": 24.0,
        "held out": 6.0,
    }
    assert last.evaluation.view.words == ("high", "low", "middle")


def test_a_common_class_is_guessed_more_cheaply(folder) -> None:
    for index in range(8):
        (folder / "low" / f"{index}.WAV").unlink()
    (baseline,) = OwnRecordings(str(folder)).baselines
    shares = np.array([8, 1, 8]) / 17  # of what is trained on
    assert baseline.loss == pytest.approx(-np.sum(shares * np.log(shares)))


def refusal(folder: Path | str, **options) -> str:
    with pytest.raises(InputError) as caught:
        OwnRecordings(str(folder), **options).load()
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_a_folder_must_be_chosen_and_be_there(tmp_path) -> None:
    assert refusal("").startswith("task.folder is empty")
    assert "no such file" in refusal(tmp_path / "gone")
    (tmp_path / "file").write_text("")
    assert "not a directory" in refusal(tmp_path / "file")
    assert "cannot be the name of a folder" in refusal("a\0b")
    assert "has 0 folders" in refusal(tmp_path)


def test_one_class_is_too_few_and_fifty_one_are_too_many(made, tmp_path) -> None:
    shutil.copytree(made / "low", tmp_path / "low")
    assert "has 1 folders in it; at least 2" in refusal(tmp_path)
    for index in range(50):
        (tmp_path / str(index)).mkdir()
    assert "51 folders in it; choose one with at most 50" in refusal(tmp_path)


def test_a_class_needs_two_files(folder) -> None:
    for index in range(9):
        (folder / "high" / f"{index}.WAV").unlink()
    said = refusal(folder)
    assert "1 WAV files" in said
    assert str(folder / "high") in said


def test_too_much_is_refused_before_it_is_read(folder, monkeypatch) -> None:
    monkeypatch.setattr(own_recordings, "MOST_FILES", 29)
    assert "has 30 WAV files; at most 29" in refusal(folder)
    monkeypatch.setattr(own_recordings, "MOST_FILES", 30)
    monkeypatch.setattr(own_recordings, "MOST_BYTES", 190_000)
    monkeypatch.setattr(own_recordings, "read_wav", None)
    assert "0 MB together; at most 0 MB" in refusal(folder)


def test_silence_is_no_recording(folder) -> None:
    path = folder / "low" / "3.WAV"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(800))
    assert refusal(folder).startswith(f"{path} is silent")


def test_a_file_that_goes_away_meanwhile_is_told_of(folder) -> None:
    task = OwnRecordings(str(folder))
    (folder / "low" / "3.WAV").unlink()
    with pytest.raises(InputError, match=r"3\.WAV: no such file"):
        task.load()
