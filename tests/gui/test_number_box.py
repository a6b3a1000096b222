"""The number field: any text may be entered, steps go along sensible values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradexplorer.config.fields import Section, Ui, setting, settings
from gradexplorer.gui.number_box import NumberBox


class Numbers(Section):
    whole: int = setting(3, "Whole", "A count.", ge=1, le=100)
    scale: float = setting(0.01, "Scale", "A rate.", gt=0.0, le=1000.0)
    share: float = setting(0.0, "Share", "A share.", ge=-1.0, le=1.0)
    absent: int | None = setting(None, "Absent", "A length.", ui=Ui(none="full"), ge=1, le=50)
    free: float = setting(0.0, "Free", "Without limits.")


@pytest.fixture(scope="module")
def boxes(qapp):
    """Make a box of every kind."""
    return {entry.name: NumberBox(entry) for entry in settings(Numbers)}


def stepped(box, value, steps):
    box.set_value(value)
    box.stepBy(steps)
    return box.value()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), (" 7 ", 7), ("-7", -7), ("−7", -7), ("0.5", 0.5), ("1e-3", 1e-3), ("+2", 2),
        ("seven", "seven"), ("", ""), ("1,5", "1,5"), ("none", "none"),
    ],
)  # fmt: skip
def test_what_a_text_means(boxes, text, value):
    boxes["scale"].lineEdit().setText(text)
    assert boxes["scale"].value() == value
    assert type(boxes["scale"].value()) is type(value)


@pytest.mark.parametrize("value", [1.0 / 3.0, 2.0**-40, 0.1, 1e-300])
def test_a_value_that_is_shown_comes_back_with_every_digit(boxes, value):
    boxes["free"].set_value(value)
    assert len(boxes["free"].text()) <= 18
    assert boxes["free"].value() == value
    boxes["free"].lineEdit().setText("0.25")
    assert boxes["free"].value() == 0.25


@pytest.mark.parametrize("text", ["", "full", "Full", "none"])
def test_the_absence_of_a_value_has_a_name(boxes, text):
    boxes["absent"].lineEdit().setText(text)
    assert boxes["absent"].value() is None
    boxes["absent"].set_value(None)
    assert boxes["absent"].text() == "full"


@pytest.mark.parametrize(
    ("name", "value", "steps", "expected"),
    [
        ("whole", 3, 1, 4), ("whole", 3, -1, 2), ("whole", 3, 10, 13),
        ("whole", 1, -1, 1), ("whole", 100, 1, 100), ("whole", 500, 1, 100),
        ("scale", 0.01, 1, 0.02), ("scale", 0.02, 1, 0.05), ("scale", 0.05, 1, 0.1),
        ("scale", 0.01, -1, 0.005), ("scale", 0.1, -1, 0.05), ("scale", 0.1, -3, 0.01),
        ("scale", 0.03, 1, 0.05), ("scale", 0.03, -1, 0.02), ("scale", 1000.0, 1, 1000.0),
        ("scale", 0.9995, 1, 2.0), ("scale", 9.99, 1, 10.0),
        ("share", 0.0, 1, 0.1), ("share", 0.5, 1, 0.51), ("share", 0.5, -1, 0.49),
        ("share", 0.3, 1, 0.31), ("share", 1.0, 1, 1.0), ("share", -1.0, -1, -1.0),
        ("absent", None, 1, 20), ("absent", 20, 1, 21), ("absent", 50, 1, 50),
    ],
)  # fmt: skip
def test_steps(boxes, name, value, steps, expected):
    assert stepped(boxes[name], value, steps) == pytest.approx(expected, rel=1e-12)


def test_steps_show_no_rounding_noise(boxes):
    box = boxes["share"]
    box.set_value(0.0)
    shown = []
    for _ in range(12):
        box.stepBy(1)
        shown.append(box.text())
    assert all(len(text) <= 5 for text in shown), shown


@given(text=st.floats().map(str) | st.integers().map(str) | st.text("019.eE+-_ ,−naif", max_size=8))
@pytest.mark.parametrize("name", Numbers.model_fields)
@pytest.mark.parametrize("steps", [1, -1, 10])
def test_a_step_from_any_text_stays_within_the_limits(boxes, name, steps, text):
    box = boxes[name]
    box.lineEdit().setText(text)
    before = box.text()
    box.stepBy(steps)
    if box.text() == before:
        return
    after = box.value()
    entry = next(entry for entry in settings(Numbers) if entry.name == name)
    assert math.isfinite(after)
    assert entry.lower is None or after >= entry.lower
    assert entry.upper is None or after <= entry.upper


def test_arrow_keys_and_enter_commit(boxes, qtbot):
    box = boxes["whole"]
    box.set_value(3)
    with qtbot.waitSignal(box.committed):
        QTest.keyClick(box, Qt.Key.Key_Up)
    assert box.value() == 4
    box.selectAll()
    QTest.keyClicks(box, "12")
    with qtbot.waitSignal(box.committed):
        QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 12


def test_the_wheel_steps_only_with_the_focus(qtbot):
    box = NumberBox(settings(Numbers)[0])
    qtbot.addWidget(box)
    box.set_value(3)
    box.show()
    box.clearFocus()
    assert not turn_wheel(box)
    assert box.value() == 3
    box.activateWindow()
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    assert turn_wheel(box)
    assert box.value() == 4


def turn_wheel(widget):
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event.isAccepted()
