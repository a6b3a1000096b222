"""What all panels share."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from gradexplorer.export.tables import Table
from gradexplorer.gui.pinned import PinnedRun
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.run_switch import RunSwitch
from gradexplorer.gui.theme import LIGHT, Colors
from gradexplorer.gui.view import RunView, view_of
from gradexplorer.training.inside import Detail

PRESS_RUN = "Press Run (Space) to train"
FIRST_UPDATE = "The first update is being made"


def begin_hint(view: RunView) -> str:
    """Return why there is no update yet."""
    return FIRST_UPDATE if view.is_running else PRESS_RUN


class Panel(QWidget):
    """A view of a run. It draws what it is given and computes nothing.

    Attributes
    ----------
    name : str
        What its files are called.
    title : str
    tab : str
        A shorter title, for a tab; empty: the title.
    help : str
        What it shows, in a sentence or two.
    shows_magnitudes : bool
        Whether it draws on the scale that all views of gradient magnitudes share.
    controls : QWidget or None
        What belongs into the header around it.
    switch : RunSwitch or None
        Chooses which run is shown, where several have no room.
    """

    headline_changed = Signal(str, str)
    """The heading, or what belongs behind it, is now another."""

    details_changed = Signal()
    """It wants other details of traces, or none any more."""

    name: ClassVar[str]
    title: ClassVar[str]
    tab: ClassVar[str] = ""
    help: ClassVar[str]
    shows_magnitudes: ClassVar[bool] = False

    def __init__(self, plot: Plot) -> None:
        super().__init__()
        self.plot = plot
        self.colors = LIGHT
        self.view: RunView | None = None
        self.controls: QWidget | None = None
        self.switch: RunSwitch | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(plot)
        for widget in (self, plot):
            widget.setAccessibleName(self.title)
            widget.setAccessibleDescription(self.help)
        self.setMinimumSize(160, 64)
        self._stale = self._in_front = True
        self._seen: tuple[object, ...] = ()
        self._headline = self.title, ""
        plot.describe = self.describe
        plot.followed.connect(self._redraw)

    def show_view(self, view: RunView) -> None:
        """Draw a run as it stands, at once if visible and else when it becomes so."""
        self.view = view
        self._stale = not self.is_in_sight
        if self._stale or self._is_drawn(view):
            return
        self._refresh(view)
        self.plot.refresh_readout()

    def _is_drawn(self, view: RunView) -> bool:
        seen = self.drawn_of(view)
        return bool(seen) and seen == self._seen

    @property
    def is_in_sight(self) -> bool:
        """Whether the panel can be seen: Qt takes one behind another tab for visible."""
        return self._in_front and self.isVisible()

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self.colors = colors
        self.plot.set_colors(colors)
        self.recolor()
        self._redraw()

    @Slot(bool)
    def set_in_sight(self, in_sight: bool) -> None:
        """Learn whether a tab is in front of it: Qt takes what is behind for visible."""
        self._in_front = in_sight
        self._draw_what_came()

    def showEvent(self, event: object) -> None:  # noqa: N802
        """Draw what came while the panel was hidden."""
        super().showEvent(event)  # type: ignore[arg-type]
        self._draw_what_came()

    def _draw_what_came(self) -> None:
        if self._stale and self.is_in_sight and self.view is not None:
            self._stale = False
            self._refresh(self.view)

    @Slot()
    def _redraw(self) -> None:
        if self.view is not None:
            self._refresh(self.view)

    def _refresh(self, view: RunView) -> None:
        self._seen = self.drawn_of(view)
        if self.switch is not None:
            self.switch.offer(self.choosable(view), view.config)
        self.plot.set_hint(self.hint(view))
        self.draw(view)
        self._tell_headline(view)

    def _tell_headline(self, view: RunView) -> None:
        heading, note = self.heading(view), self.note(view)
        if (heading, note) != self._headline:
            self._headline = heading, note
            self.headline_changed.emit(heading, note)

    @property
    def details(self) -> Detail:
        """What of a trace it wants measured, because it shows it now."""
        return Detail.NONE

    def let_choose_run(self) -> None:
        """Let one of the pinned runs be shown in place of the present one."""
        self.switch = self.controls = RunSwitch(self, self.title)
        self.switch.changed.connect(self._show_chosen)

    def choosable(self, view: RunView) -> tuple[PinnedRun, ...]:
        """Return the pinned runs that can be shown in place of the present one."""
        return view.pinned

    def chosen_run(self, view: RunView) -> PinnedRun | None:
        """Return the pinned run that is shown in place of the present one, if one is."""
        return None if self.switch is None else self.switch.chosen(self.choosable(view))

    def shown(self, view: RunView) -> RunView:
        """Return the view of the run that is shown."""
        run = self.chosen_run(view)
        return view if run is None else view_of(run, view)

    @Slot()
    def _show_chosen(self) -> None:
        self.plot.following = True
        self._redraw()

    def bring_up_to_date(self) -> None:
        """Draw now what came while the panel was hidden, at the size it has."""
        self.ensurePolished()
        self._layout.activate()
        if self._stale and self.view is not None:
            self._refresh(self.view)

    def hint(self, view: RunView) -> str:
        """Return why there is nothing to see, for as long as there is not."""
        return "" if len(view.history) else begin_hint(view)

    def drawn_of(self, _view: RunView) -> tuple[object, ...]:
        """Return all that the picture depends on, if it need not be drawn anew each time."""
        return ()

    def note(self, _view: RunView) -> str:
        """Return what belongs behind the title."""
        return ""

    def heading(self, _view: RunView) -> str:
        """Return the title, where it depends on the run."""
        return self.title

    def extend_menu(self, _menu: QMenu) -> None:
        """Add to the menu around the panel what is its own."""

    def recolor(self) -> None:
        """Give the panel's own items `colors`."""
        raise NotImplementedError

    def draw(self, view: RunView) -> None:
        """Draw a run."""
        raise NotImplementedError

    def table(self) -> Table:
        """Return the data that is drawn."""
        raise NotImplementedError

    def describe(self, x: float, y: float) -> str:
        """Return what is at a place of the plot, for the read-out."""
        raise NotImplementedError
