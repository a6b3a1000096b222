"""The bar under the panels that goes back and forth in a run's history."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from gradexplorer.gui.actions import Actions
from gradexplorer.gui.keys import keep_space
from gradexplorer.gui.seldom import Seldom
from gradexplorer.gui.session import Session
from gradexplorer.gui.theme import Colors
from gradexplorer.gui.timeline import Timeline

_MILLISECONDS = 100  # from one look at a run to the next
_HELP = (
    "The run's history. Drag, or go from moment to moment with the arrow keys; every panel shows "
    "the update that you stop at. The ticks are the moments that are kept."
)


class Scrubber(QFrame):
    """A timeline, where on it the views are, and the ways back to the run.

    Parameters
    ----------
    session : Session
    actions : Actions
        Of which it has ``"live"`` and ``"continue"`` as buttons.
    """

    def __init__(self, session: Session, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("message")
        self._session = session
        self.timeline = Timeline()
        self.timeline.setAccessibleName("History of the run")
        self.timeline.setToolTip(f"<p>{_HELP}</p>")
        self.place = QLabel()
        self.place.setObjectName("muted")
        self.place.setMinimumWidth(self.place.fontMetrics().horizontalAdvance("0") * 40)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 3, 8, 3)
        layout.setSpacing(10)
        layout.addWidget(QLabel("History"))
        layout.addWidget(self.timeline, 1)
        layout.addWidget(self.place)
        for name in ("live", "continue"):
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setAccessibleName(actions[name].text().replace("&", ""))
            keep_space(button)
            layout.addWidget(button)
        self.timeline.chosen.connect(session.travel.hold)
        self.timeline.moved.connect(session.travel.move)
        self.timeline.released.connect(session.travel.release)
        self._seldom = Seldom(self._show, _MILLISECONDS, self)
        session.refreshed.connect(self._seldom.ask)
        session.state_changed.connect(self._seldom.now)
        self._show()

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self.timeline.set_colors(colors)

    def _show(self) -> None:
        history, travel = self._session.history, self._session.travel
        kept, updates = history.moments, len(history)
        failed_at = 0 if history.divergence is None else history.divergence.iteration
        self.timeline.setEnabled(len(kept) > 0)
        self.timeline.show_run(
            updates,
            max(1, updates) if travel.moment is None else travel.asked,
            held=travel.moment is not None,
            ticks=kept.iterations,
            failed_at=failed_at,
        )
        self.place.setText(self._told())

    def _told(self) -> str:
        travel, kept = self._session.travel, self._session.history.moments
        if travel.moment is None:
            if not len(kept):
                return "No moments yet"
            used, room = kept.bytes / 1e6, kept.most_bytes / 1e6
            moments = "moment" if len(kept) == 1 else "moments"
            return f"Live  ·  {len(kept):,} {moments} kept, {used:,.1f} of {room:,.0f} MB"
        told = f"Update {travel.asked:,} of {len(self._session.history):,}"
        if travel.asked != travel.moment.iteration:
            told += f", nearest kept {travel.moment.iteration:,}"
        return told
