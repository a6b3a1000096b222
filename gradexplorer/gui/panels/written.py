"""What a network writes, and which characters a character's loss depends on."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

from gradexplorer.export.tables import Table
from gradexplorer.gui.items.pictured import Frame
from gradexplorer.gui.items.written import WrittenItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.drawing import Drawing, Extent
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import Colors
from gradexplorer.tasks.views import GeneratedText

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class WrittenDrawing(Drawing):
    """An excerpt of held-out text, shaded for the character that is boxed, and written text.

    A click boxes another character, and so do the arrow keys.
    """

    labels: ClassVar[tuple[str, str]] = ("", "")
    title: ClassVar[str] = "Text"

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.item = WrittenItem(plot.font_small)
        plot.view.addItem(self.item, ignoreBounds=True)
        self._shown: GeneratedText | None = None
        plot.scene().sigMouseClicked.connect(self._click)
        self._keys = [self._key(key, step) for key, step in _STEPS.items()]

    def recolor(self, colors: Colors) -> None:
        """Draw in these colours."""
        self.item.set_colors(colors)

    def show(self, view: GeneratedText) -> tuple[Entry, ...]:
        """Draw a text; return what its marks mean."""
        self.item.show_value(view)
        self._set_page(view)
        return ()

    def clear(self) -> None:
        """Draw nothing, and leave the plot as it was found."""
        if self._shown is not None:
            self.item.show_value(None)
            self._set_page(None)

    def _set_page(self, view: GeneratedText | None) -> None:
        """Make the plot a page, without axes or anything to move along, or a plot again."""
        self._shown, plot, is_plot = view, self.plot, view is None
        for part in (plot.left, plot.bottom, plot.grid):
            part.show() if is_plot else part.hide()
        plot.plot.layout.activate()  # a picture may be taken at once
        plot.view.setMouseEnabled(x=is_plot, y=is_plot)
        plot.has_cursor = is_plot
        for key in self._keys:
            key.setEnabled(not is_plot)

    def extent(self, view: GeneratedText) -> Extent:  # noqa: ARG002
        """Return a page's, whose places are in pixels."""
        return 0.0, 1.0, 0.0, 1.0

    def table(self, view: GeneratedText) -> Table:
        """Return for every two characters of the excerpt the gradient of the one's loss."""
        later, earlier = np.tril_indices(len(view.losses))
        return Table(
            {
                "character": later + 1,
                "target": [view.excerpt[place + 1] for place in later],
                "loss": view.losses[later],
                "earlier_character": earlier,
                "input": [view.excerpt[place] for place in earlier],
                "gradient": view.reach[later, earlier],
            }
        )

    def describe(self, view: GeneratedText, x: float, y: float) -> str:
        """Return what reaches the boxed character from the one under the mouse."""
        index = self._index_at(view, x, y)
        if index is None:
            return ""
        chosen, lines = self.item.chosen(view), [f"{view.excerpt[index]!r}"]
        if index < chosen:
            lines[0] += f", {chosen - index:,} before the boxed {view.excerpt[chosen]!r}"
            lines.append(f"‖gradient‖ {magnitude(view.reach[chosen - 1, index])}")
        elif index == chosen:
            lines[0] += ", boxed"
        else:
            lines[0] += ", after the boxed one"
        if index:
            lines.append(f"its own loss {magnitude(view.losses[index - 1] / np.log(2.0))} bits")
        if index and index != chosen:
            lines.append("click to box it")
        return "\n".join(lines)

    def _index_at(self, view: GeneratedText, x: float, y: float) -> int | None:
        frame = Frame.of(self.plot.view)
        return self.item.page(view, frame).index_at(frame.x(x), frame.y(y))

    def _click(self, event: Any) -> None:
        view = self._shown
        if view is None or event.button() != Qt.MouseButton.LeftButton:
            return
        place = self.plot.view.mapSceneToView(event.scenePos())
        index = self._index_at(view, place.x(), place.y())
        if index is not None:
            self.item.choose(index)

    def _key(self, key: Qt.Key, step: int) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), self.plot)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.setEnabled(False)
        shortcut.activated.connect(lambda: self._step(step))
        return shortcut

    def _step(self, step: int) -> None:
        if self._shown is not None:
            self.item.choose(self.item.chosen(self._shown) + step)
