"""The form: made from the config models, and what it says about what is entered."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
)

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.fields import Section, Ui, setting, settings
from gradexplorer.config.task import TASKS
from gradexplorer.gui.field_widgets import FileField, make_field
from gradexplorer.gui.form import Form, SectionForm
from gradexplorer.gui.number_box import NumberBox


class Invented(Section):
    """A section that no version of the program has."""

    count: int = setting(3, "Count", "How many.", ui=Ui(unit="pieces"), ge=1, le=9)
    rate: float = setting(0.1, "Rate", "How fast.", gt=0.0)
    reach: int | None = setting(None, "Reach", "How far.", ui=Ui(none="full"), ge=1)
    kind: Literal["a", "b"] = setting("a", "Kind", "Which.", ui=Ui(labels={"a": "Alpha"}))
    way: Literal["along", "across", "upwards", "down"] = setting(
        "along", "Way", "Whither.", ui=Ui(when={"kind": ["b"]})
    )
    name: str = setting("", "Name", "A word.", max_length=20)
    story: str = setting("", "Story", "Many words.", max_length=2000)
    data: str = setting("", "Data", "Numbers.", ui=Ui(files="Numbers (*.csv)"), max_length=99)
    tag: Literal["fixed"] = "fixed"


@pytest.fixture
def form(qtbot, small):
    form = Form(small())
    qtbot.addWidget(form)
    form.resize(340, 1200)
    form.show()
    return form


@pytest.fixture
def invented(qtbot, form):
    """Make a section's form as the program makes its own."""
    section = SectionForm(Invented, form)
    qtbot.addWidget(section)
    section.show_values(Invented())
    section.show()
    return section


@pytest.fixture
def reason(editor):
    """Give a function that returns what is said under a field."""

    def shown(form, title):
        rows = [row for section in form._sections.values() for row in section.rows.values()]
        row = next(row for row in rows if row.label.text() == title)
        assert bool(row.field.property("wrong")) == bool(row.reason.text())
        return row.reason.text() if row.reason.isVisibleTo(form) else ""

    return shown


def test_a_new_section_gets_its_editors(invented):
    kinds = {name: type(row.field.editor()) for name, row in invented.rows.items()}
    assert kinds["count"] is kinds["rate"] is kinds["reach"] is NumberBox
    assert issubclass(kinds["way"], QComboBox)
    assert kinds["name"] is QLineEdit
    assert kinds["story"] is QPlainTextEdit
    assert "tag" not in kinds
    buttons = invented.rows["kind"].field.findChildren(QToolButton)
    assert [button.text() for button in buttons] == ["Alpha", "b"]
    assert invented.rows["count"].unit.text() == "pieces"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"count": 9, "rate": 1e-9, "reach": 4, "kind": "b", "way": "down"},
        {"name": "one word", "story": "two\nlines"},
    ],
)
def test_what_is_shown_is_what_is_read(invented, values):
    section = Invented(**values)
    invented.show_values(section)
    assert invented.values() | {"tag": "fixed"} == section.model_dump()


@pytest.mark.parametrize("entry", settings(Invented)[:-1], ids=lambda entry: entry.name)
def test_a_field_tells_of_entries_and_not_of_shown_values(qtbot, entry):
    heard = []
    field = make_field(entry, lambda: heard.append(field.value()))
    qtbot.addWidget(field)
    field.set_value(entry.default)
    other = {"kind": "b", "way": "down", "name": "x", "story": "y", "data": "/z"}.get(entry.name, 5)
    field.set_value(other)
    assert not heard
    assert field.value() == other
    QTest.keyClick(field.editor().focusProxy() or field.editor(), Qt.Key.Key_Return)
    if entry.name == "story":
        assert heard == ["\ny"]


def test_a_choice_is_heard(qtbot):
    heard = []
    field = make_field(settings(Invented)[3], lambda: heard.append(field.value()))
    qtbot.addWidget(field)
    field.set_value("a")
    field.buttons["b"].click()
    assert heard == ["b"]


def test_fields_are_hidden_unless_they_matter(invented):
    row = invented.rows["way"]
    assert not row.field.isVisible()
    assert not row.label.isVisible()
    invented.show_values(Invented(kind="b"))
    assert row.field.isVisible()
    assert row.label.isVisible()


def test_every_editor_explains_itself(form, make_window, small):
    for row in [row for section in form._sections.values() for row in section.rows.values()]:
        editor = row.field.editor()
        assert editor.accessibleName() == row.label.text()
        assert len(editor.accessibleDescription()) > 5
        assert editor.accessibleDescription() in editor.toolTip()
        assert row.label.buddy() is editor


def test_the_form_shows_the_experiment(form, small):
    assert form.config == small()
    changed = []
    form.changed.connect(changed.append)
    assert form.commit()
    assert changed == []
    other = small("model.cell=lstm", "bptt.k2=5", "clipping.method=value", "title=Other")
    form.set_config(other)
    assert form.commit()
    assert form.config == other
    assert changed == []


@pytest.mark.parametrize(
    ("title", "entered", "said"),
    [
        ("Hidden units", "0", "0 is given; it must be at least 1."),
        ("Hidden units", "4000", "4000 is given; it must be at most 2,048."),
        ("Hidden units", "many", "'many' is given; it must be a whole number."),
        ("Hidden units", "3.5", "3.5 is given; it must be a whole number."),
        ("Learning rate", "0", "0 is given; it must be greater than 0."),
        ("Learning rate", "inf", "Inf is given; it must be a finite number."),
        ("Learning rate", "", "'' is given; it must be a number."),
        ("Momentum", "1", "1 is given; it must be at most 0.9999."),
        ("Seed", "-1", "-1 is given; it must be at least 0."),
        ("Seed", "9" * 60, "A number of more than 40 digits is given"),
        ("Title", "x" * 99, "The text is too long; it may have 80 characters."),
    ],
)
def test_a_wrong_value_is_marked_at_its_field(form, enter, reason, title, entered, said):
    before = form.config
    enter(form, title, entered)
    assert reason(form, title).startswith(said)
    assert form.first_problem().startswith(f"{title}. {said}")
    assert form.config == before
    assert not form.commit()


def test_a_mended_value_is_taken(form, enter, reason):
    changed = []
    form.changed.connect(changed.append)
    enter(form, "Hidden units", "0")
    assert changed == []
    enter(form, "Hidden units", "7")
    assert reason(form, "Hidden units") == ""
    assert form.first_problem() == ""
    assert [config.model.hidden_size for config in changed] == [7]


def test_a_problem_of_a_whole_section_is_marked_at_a_field(form, enter, reason):
    enter(form, "Truncation length k2", "3")
    enter(form, "Chunk length k1", "5")
    assert reason(form, "Chunk length k1") == "K1 is 5 and k2 is 3; k1 must be at most k2."
    enter(form, "Truncation length k2", "full")
    assert reason(form, "Chunk length k1") == ""
    assert (form.config.bptt.k1, form.config.bptt.k2) == (5, None)


def test_an_error_of_the_run_is_marked_at_its_field(form, reason):
    form.show_error("training.batch_size is 9; set it to at most 3.")
    assert reason(form, "Batch") == "Training.batch_size is 9; set it to at most 3."
    form.show_error("Something else went wrong.")


def test_a_wrong_value_does_not_hide(form, enter, reason):
    enter(form, "Clipping", "Norm")
    enter(form, "Threshold", "much")
    enter(form, "Clipping", "Off")
    assert "much" in reason(form, "Threshold")
    enter(form, "Threshold", "2")
    assert form.config.clipping.method == "off"
    assert form.first_problem() == ""


def test_another_task_keeps_everything_else(form, enter):
    enter(form, "Batch", 7)
    enter(form, "Sequence length", 33)
    enter(form, "Task", TASKS["sunspots"].title)
    assert form.config.task.name == "sunspots"
    assert form.config.training.batch_size == 7
    enter(form, "Held-out tail", 0.4)
    enter(form, "Task", TASKS["adding"].title)
    assert form.config.task.length == 33
    enter(form, "Task", TASKS["sunspots"].title)
    assert form.config.task.held_out == 0.4


def test_another_experiment_forgets_the_last_ones_tasks(form, enter, small):
    enter(form, "Sequence length", 33)
    form.set_config(small("task.name=sunspots"))
    enter(form, "Task", TASKS["adding"].title)
    assert form.config.task.length == ExperimentConfig().task.length


def test_a_task_can_be_set_while_another_field_is_wrong(form, enter):
    enter(form, "Iterations", "many")
    enter(form, "Task", TASKS["sunspots"].title)
    enter(form, "Held-out tail", 0.4)
    enter(form, "Iterations", "50")
    assert form.config.task.name == "sunspots"
    assert form.config.task.held_out == 0.4


def test_choices_take_the_wheel_only_with_the_focus(form, qtbot):
    box = form.findChild(QComboBox)
    before = form.config
    box.clearFocus()
    turn_wheel(box)
    assert form.config == before
    assert box.currentIndex() == 0
    form.activateWindow()
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    turn_wheel(box)
    assert box.currentIndex() == 1


def turn_wheel(widget):
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, 0), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_a_file_is_chosen_from_a_dialog_or_typed(qtbot, monkeypatch):
    committed = []
    entry = next(entry for entry in settings(Invented) if entry.name == "data")
    field = make_field(entry, lambda: committed.append(field.value()))
    qtbot.addWidget(field)
    assert isinstance(field, FileField)
    answers, asked = ["", "/some/where.csv"], []
    monkeypatch.setattr(
        QFileDialog,
        "getOpenFileName",
        lambda *arguments: (asked.append(arguments[1:]), (answers.pop(0), ""))[1],
    )
    field.choose_button.click()
    assert (committed, field.value()) == ([], "")
    field.choose_button.click()
    assert committed == ["/some/where.csv"]
    assert asked[1] == ("Data", "", "Numbers (*.csv);;All files (*)")
    QTest.keyClicks(field.line, "x")
    QTest.keyClick(field.line, Qt.Key.Key_Return)
    assert committed[-1] == field.value() == str(Path("x/some/where.csv").absolute())


def test_a_reason_that_quotes_a_file_is_plain_text(form, reason):
    form.show_error("model.weights_file cannot be used. <b>x</b>\n  a  b")
    assert reason(form, "Start from file").endswith("<b>x</b>\n  a  b")
    row = form._sections["model"].rows["weights_file"]
    assert row.reason.textFormat() == Qt.TextFormat.PlainText


def test_what_does_not_matter_to_the_network_is_not_shown(form, enter):
    def shown():
        form.commit()
        rows = [row for section in form._sections.values() for row in section.rows.values()]
        headings = {name for name, label in form._headings.items() if label.isVisibleTo(form)}
        return {row.title for row in rows if row.field.isVisibleTo(form)}, headings

    rows, headings = shown()
    assert "Truncation length k2" in rows
    assert "Hidden layers" not in rows
    assert "bptt" in headings
    enter(form, "Cell", "Feedforward")
    rows, headings = shown()
    assert {"Hidden layers", "Layer widths", "Activation"} <= rows
    assert not {"Truncation length k2", "Recurrent weights", "Initial state", "Layers"} & rows
    assert "bptt" not in headings
    enter(form, "Task", "Handwritten digits")
    assert "task" in shown()[1]


def test_truncation_matters_to_every_network_that_steers(form, small) -> None:
    """Whose steps are in time even where it has no memory."""
    for task, matters in (("adding", False), ("pendulum", True)):
        form.set_config(small(f"task={{name='{task}'}}", "model.cell=feedforward"))
        for name in ("k1", "k2"):
            assert form.section("bptt").rows[name].field.isVisible() == matters
