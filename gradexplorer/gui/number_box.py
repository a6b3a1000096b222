"""A number field that accepts any text, so that what is wrong can be said rather than swallowed."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox

from gradexplorer.config.fields import Setting

_SERIES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
_LARGEST = 1e300  # from beyond it there are no steps
_SMALLEST = -300  # decade
_FIRST_STEP = 20  # where stepping begins from an absent whole number


class NumberBox(QAbstractSpinBox):
    """Edits an integer, a float or, where the setting allows, the absence of one.

    Arrow keys and buttons step: whole numbers by one, positive scales along 1, 2, 5, other
    floats by a tenth of their decade.

    Parameters
    ----------
    setting : Setting
    """

    committed = Signal()
    """The text was entered: with Enter, by leaving the field, or by stepping."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._setting = setting
        self._shown = ""
        self._given: tuple[str, int | float | None] = ("", None)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(60)
        self.editingFinished.connect(self._commit)

    def value(self) -> int | float | str | None:
        """Return what the text means; the text itself where it means no number."""
        if self._given[0] and self.text() == self._given[0]:
            return self._given[1]  # the text may have fewer digits
        text = self.text().strip().replace("−", "-")
        if self._setting.optional and text.lower() in ("", "none", self._setting.ui.none):
            return None
        try:
            return int(text)
        except ValueError:
            pass
        try:
            return float(text)
        except ValueError:
            return text

    def set_value(self, value: int | float | None) -> None:
        """Show a value."""
        self._shown = self._setting.ui.none if value is None else _text(value)
        self._given = (self._shown, value)
        self.lineEdit().setText(self._shown)

    def stepBy(self, steps: int) -> None:  # noqa: N802
        """Step up or down within the limits."""
        value = self.value()
        if isinstance(value, str) or (value is not None and not abs(value) < _LARGEST):
            return
        if value is None:
            value = _FIRST_STEP
        elif self._setting.kind is int:
            value = round(value) + steps
        else:
            value = _stepped(float(value), steps, scale=self._setting.lower_open)
        self.set_value(self._limited(value))
        self._given = ("", None)  # a step means what it shows, without rounding noise
        self.selectAll()
        self._commit()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:  # noqa: N802
        """Allow steps in both directions."""
        flag = QAbstractSpinBox.StepEnabledFlag
        return flag.StepUpEnabled | flag.StepDownEnabled

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept any text; the form says what is wrong with it."""
        return QValidator.State.Acceptable, text, position

    def event(self, event: QEvent) -> bool:
        """Leave the space key to Run, unless a word that may stand here has a space."""
        if event.type() == QEvent.Type.ShortcutOverride and " " not in self._setting.ui.none:
            assert isinstance(event, QKeyEvent)
            if event.key() == Qt.Key.Key_Space:
                return False
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Step only with the focus, so that scrolling the form changes nothing."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _limited(self, value: int | float) -> int | float:
        lower, upper = self._setting.lower, self._setting.upper
        if lower is not None and value < lower:
            value = self._setting.kind(lower)
        if upper is not None and value > upper:
            value = self._setting.kind(upper)
        return value

    def _commit(self) -> None:
        if self.text() != self._shown:
            self._shown = self.text()
        self.committed.emit()


def _text(value: int | float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.12g}"


def _stepped(value: float, steps: int, *, scale: bool) -> float:
    if not scale or value <= 0.0:
        tick = _decade(value) / 10.0
        return round((value + steps * tick) / tick) * tick
    for _ in range(abs(steps)):
        decade = _decade(value)
        leading = value / decade
        if steps > 0:
            value = next(entry for entry in _SERIES if entry > leading * 1.001) * decade
        else:
            smaller = [entry for entry in _SERIES if entry < leading * 0.999]
            value = (smaller or [leading])[-1] * decade
    return float(f"{value:.3g}")


def _decade(value: float) -> float:
    """Return the power of ten at or below a magnitude; 1 for zero."""
    return 10.0 ** max(_SMALLEST, math.floor(math.log10(abs(value)) + 1e-9)) if value else 1.0
