"""The preview of the user's own data, and the ways that lead to it."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QListWidget

from gradexplorer.config.presets import load_preset, save_preset
from gradexplorer.config.task import TASKS
from gradexplorer.config.tasks.own import OwnSeriesTask
from gradexplorer.gui import own_data
from gradexplorer.gui.preview import reader as reader_module
from gradexplorer.gui.preview.dialog import PreviewDialog
from gradexplorer.gui.preview.plot import thinned
from gradexplorer.gui.state import State
from gradexplorer.gui.theme import DARK, LIGHT
from gradexplorer.tasks.tables import load

ROWS = 400


@pytest.fixture(autouse=True)
def nothing_is_known():
    load._known.clear()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "plant.csv"
    wave = np.sin(np.arange(ROWS) / 5.0)
    rows = [f"{k};{k % 13};{value:.4f}".replace(".", ",") for k, value in enumerate(wave)]
    path.write_text("time;valve;level\n" + "\n".join(rows))
    return path


@pytest.fixture
def preview(qapp, until):
    """Give a function that opens the preview and waits until the file is read."""
    made = []

    def open_it(colors=LIGHT, **settings):
        dialog = PreviewDialog(OwnSeriesTask(**{k: str(v) for k, v in settings.items()}), colors)
        made.append(dialog)
        dialog.show()
        until(lambda: not dialog._clock.isActive())
        return dialog

    yield open_it
    for dialog in made:
        dialog.done(0)
        dialog.deleteLater()


def opens(dialog) -> bool:
    return dialog.buttons.button(QDialogButtonBox.StandardButton.Open).isEnabled()


@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_it_says_what_was_understood(preview, file, colors) -> None:
    dialog = preview(colors, file=file)
    assert "400 rows, 3 columns" in dialog.format.text()
    assert "semicolon-separated text, decimal comma" in dialog.format.text()
    headers = [dialog.sample.horizontalHeaderItem(k).text() for k in range(3)]
    assert headers == [
        "time\nnumbers\ntime",
        "valve\nnumbers\n–",
        "level\nnumbers\ninput and target",
    ]
    assert dialog.sample.item(1, 2).text() == "0,1987"
    assert (
        "Trained on 320 rows, line 2 to line 321; the last 80 are held out" in dialog.notes.text()
    )
    assert "level -0.0" in dialog.notes.text() or "level 0.0" in dialog.notes.text()
    assert dialog.plot._trained.points()[0].size == 320
    assert opens(dialog)
    assert len(dialog.task.sha256) == 64
    dialog.grab()


def test_columns_can_be_chosen(preview, file, enter) -> None:
    dialog = preview(file=file)
    enter(dialog, "Target", "valve")
    assert "The next valve is forecast" in dialog.notes.text()
    inputs = dialog.findChild(QListWidget)
    for row in range(inputs.count()):
        inputs.item(row).setCheckState(Qt.CheckState.Checked)
    enter(dialog, "Time", "count the rows")
    enter(dialog, "Held-out tail", "0.5")
    task = dialog.task
    assert (task.target, task.inputs, task.time) == ("valve", "time, valve, level", "#")
    assert task.held_out == 0.5
    assert "Trained on 201 rows" in dialog.notes.text()


def test_a_value_that_is_not_valid_cannot_be_opened(preview, file, enter) -> None:
    dialog = preview(file=file)
    enter(dialog, "Held-out tail", "many")
    assert not opens(dialog)
    assert "from 0.05 to 0.5" in dialog.problem.text()


def test_another_delimiter_reads_it_again(preview, file, enter, until) -> None:
    dialog = preview(file=file)
    enter(dialog, "Delimiter", "comma")
    until(lambda: not dialog._clock.isActive())
    assert "line 2 has 2 fields, where line 1 has 1" in dialog.problem.text()
    assert not opens(dialog)
    enter(dialog, "Delimiter", "Auto")
    until(lambda: not dialog._clock.isActive())
    assert opens(dialog)


def test_missing_values_wait_for_a_decision(preview, tmp_path, enter) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text("x\n" + "".join(f"{k % 7 if k % 9 else 'NA'}\n" for k in range(60)))
    dialog = preview(file=path)
    assert "7 values are missing" in dialog.problem.text()
    assert not opens(dialog)
    enter(dialog, "Missing values", "Carry forward")
    assert opens(dialog)
    assert "carried forward" in dialog.warnings.text()
    assert dialog.problem.text() == ""


def test_a_changed_file_is_told_of(preview, file) -> None:
    dialog = preview(file=file, sha256="0" * 64)
    assert "has changed since" in dialog.warnings.text()
    assert not dialog.is_good
    assert opens(dialog)
    assert dialog.task.sha256 != "0" * 64


def test_a_file_that_is_no_table_is_told_of(preview, tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,\0\n")
    dialog = preview(file=path)
    assert "line 2 has a NUL byte" in dialog.problem.text()
    assert not opens(dialog)


def test_reading_shows_its_progress_and_can_be_left(qapp, until, file, monkeypatch) -> None:
    going_on, ended = threading.Event(), threading.Event()

    def slow(_path, _layout, watch):
        watch(0.4)
        going_on.wait(5.0)
        try:
            watch(0.5)
        finally:
            ended.set()

    monkeypatch.setattr(reader_module, "load_table", slow)
    dialog = PreviewDialog(OwnSeriesTask(file=str(file)), LIGHT)
    dialog.show()
    until(lambda: dialog.progress.value() == 400)
    assert not opens(dialog)
    threading.Timer(0.05, going_on.set).start()
    dialog.reject()
    assert ended.is_set()
    assert not dialog.is_good
    dialog.deleteLater()


def test_long_series_are_drawn_by_their_extremes() -> None:
    x, y = np.arange(100_000.0), np.random.default_rng(0).standard_normal(100_000)
    places, values = thinned(x, y)
    assert len(values) <= 801
    assert (values.min(), values.max()) == (y.min(), y.max())
    assert (np.diff(places) >= 0).all()


def press_open(answers, until, seen=None):
    """Let dialogs be opened once their file is read."""

    def press(dialog) -> bool:
        dialog.show()
        until(lambda: not dialog._clock.isActive())
        if seen is not None:
            seen.append(dialog.warnings.text() or dialog.problem.text())
        dialog.hide()
        return opens(dialog)

    answers.dialog = press


def drop(window, path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    middle = window.rect().center()
    rest = (
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(window, QDragEnterEvent(middle, *rest))
    QApplication.sendEvent(window, QDropEvent(QPointF(middle), *rest))


@pytest.mark.parametrize("way", ["menu", "drop"])
def test_data_become_an_experiment(window, file, answers, until, way) -> None:
    press_open(answers, until)
    if way == "menu":
        answers.files = [file]
        window.actions_["open_data"].trigger()
    else:
        drop(window, file)
    config = window.session.config
    assert config == window.form.config
    assert (config.title, config.task.name, config.task.file) == ("plant", "own_series", str(file))
    assert config.training.batch_size == 6  # 319 steps, some fifty in each stream
    assert window.documents.path is None
    assert not window.isWindowModified()
    window.run()
    until(
        lambda: window.session.view.history.evaluation is not None or window.session.iteration > 3
    )
    assert window.session.state is State.RUNNING


def test_data_that_are_not_wanted_change_nothing(window, file, answers) -> None:
    before = window.session.config
    answers.dialog = lambda _dialog: False
    drop(window, file)
    assert window.session.config == window.form.config == before


def test_a_text_is_for_the_task_that_reads_text(window, tmp_path, monkeypatch) -> None:
    path = tmp_path / "book.txt"
    path.write_text("Call me Ishmael.")
    asked = []

    def experiment(path):
        asked.append(path)
        return load_preset("sunspots-truncated")

    monkeypatch.setattr(own_data, "_text_experiment", experiment)
    monkeypatch.setitem(TASKS, "characters", OwnSeriesTask)
    drop(window, path)
    assert asked == [path]
    assert window.session.config == load_preset("sunspots-truncated")


@pytest.fixture
def saved(file, tmp_path):
    """Save an experiment on the file, with its checksum."""
    table = load.load_table(file)
    load._known.clear()
    config = own_data._template()
    task = config.task.model_copy(update={"file": str(file), "sha256": table.sha256})
    path = tmp_path / "mine.toml"
    save_preset(config.model_copy(update={"task": task}), path)
    return path


def test_an_experiment_on_data_opens_without_a_question(window, saved) -> None:
    window.opening.open_experiment(saved)
    assert window.session.config == load_preset(saved)
    assert not window.isWindowModified()


def test_an_experiment_whose_data_changed_asks(window, saved, file, answers, until) -> None:
    file.write_text(file.read_text().replace("0,1987", "0,2987"))
    seen: list[str] = []
    press_open(answers, until, seen)
    window.opening.open_experiment(saved)
    assert "has changed since" in seen[0]
    assert window.session.config.task.sha256 != load_preset(saved).task.sha256
    assert window.isWindowModified()


def test_an_experiment_whose_data_are_gone_says_so(window, saved, file, answers, until) -> None:
    before = window.session.config
    file.unlink()
    seen: list[str] = []
    press_open(answers, until, seen)
    window.opening.open_experiment(saved)
    assert "no such file" in seen[0]
    assert window.session.config == before


def test_live_changes_need_the_file_no_more(window, saved, file, enter) -> None:
    window.opening.open_experiment(saved)
    file.unlink()
    enter(window.form, "Learning rate", "0.01")
    assert window.session.config.optimizer.learning_rate == 0.01


def test_a_file_typed_into_the_form_is_looked_at(
    window, saved, file, answers, until, enter
) -> None:
    window.opening.open_experiment(saved)
    other = file.with_name("other.csv")
    other.write_text("x\n" + "".join(f"{k % 7}\n" for k in range(900)))
    seen: list[str] = []
    press_open(answers, until, seen)
    enter(window.form, "File", str(other))
    assert seen == [""]
    task = window.session.config.task
    assert task.file == str(other)
    assert task.sha256 == load.load_table(other).sha256
    answers.dialog = lambda _dialog: False
    enter(window.form, "File", str(file.with_name("third.csv")))
    assert window.form.config.task == window.session.config.task == task


def test_the_task_without_a_file_says_what_to_do(window, enter) -> None:
    enter(window.form, "Task", OwnSeriesTask.title)
    assert "task.file is empty; choose a file" in window.message.label.accessibleName()
