"""A label that shortens its text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication

from gradexplorer.gui.elided import ElidedLabel


def asked(label):
    """Return the tooltip that is shown under the mouse."""
    event = QHelpEvent(QEvent.Type.ToolTip, QPoint(2, 2), label.mapToGlobal(QPoint(2, 2)))
    QApplication.sendEvent(label, event)
    return label.toolTip()


def test_what_does_not_fit_ends_in_an_ellipsis_and_is_in_the_tooltip(qtbot):
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("after update 319; ① 338; ② 280; K = 50 takes 0.82 ms, 1.5 MB")
    label.resize(label.sizeHint())
    label.show()
    assert label.shown == label.text()
    assert asked(label) == ""
    label.resize(120, label.height())
    assert label.shown.startswith("after update")
    assert label.shown.endswith("…")
    assert asked(label) == label.text()
    assert label.minimumSizeHint().width() == 1
    before = label.grab().toImage()
    label.setText("another")
    assert label.grab().toImage() != before
