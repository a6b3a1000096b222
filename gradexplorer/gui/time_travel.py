"""Which moment of a run the views show: the present one, or one that was kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.training.full_window import WindowShape
from gradexplorer.training.history import History
from gradexplorer.training.moments import Moment
from gradexplorer.training.shape import window_shape

if TYPE_CHECKING:
    from gradexplorer.gui.session import Session

_SECONDS_A_MOMENT = 0.25
_BYTES_A_SECOND = 8e6  # of moments; the pipe takes a hundred times that


class TimeTravel(QObject):
    """Holds the views of a session at a moment, whatever its run does meanwhile.

    ::

        live --hold, move--> held --hold, move--> held
        held --release, or a run that is given up--> live
        held --Session.continue_from--> live, in a run that begins there

    Attributes
    ----------
    moment : Moment or None
        The one that is held; ``None``: the views are live.
    asked : int
        The update that was asked for, to which the moment is the nearest kept.
    """

    changed = Signal(object)
    """Another moment is shown; with the `ExperimentConfig` that was shown before."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.moment: Moment | None = None
        self.asked = 0
        self._shape: WindowShape | None = None
        self._asked_for_moment = 0.0

    @property
    def config(self) -> ExperimentConfig:
        """The experiment that is shown, with the settings in force then."""
        return self._config_of(self.moment)

    @property
    def shape(self) -> WindowShape | None:
        """What the windows looked like, where that is not as at present."""
        return self._shape

    @property
    def start(self) -> Moment | None:
        """The latest moment up to the one held from which a run can go on."""
        if self.moment is None:
            return None
        earlier = self._session.history.moments.until(self.moment.iteration).items
        fitting = (one for one in (self.moment, *reversed(earlier)) if one.checkpoint is not None)
        return next(fitting, None)

    def hold(self, update: int) -> None:
        """Show the kept moment nearest to an update; without any nothing happens."""
        moment = self._session.history.moments.nearest(update)
        if moment is not None:
            self._show(moment, update)

    def move(self, by: int) -> None:
        """Show the kept moment so many further on; after the last one live."""
        kept = self._session.history.moments.items
        if self.moment is None:
            trace = self._session.history.trace
            now = 0 if trace is None else trace.iteration
            place = sum(moment.iteration < now for moment in kept)
        else:
            place = kept.index(self.moment) if self.moment in kept else len(kept)
        place = max(0, place + by)
        if place < len(kept):
            self._show(kept[place], kept[place].iteration)
        elif by > 0:
            self.release()

    def release(self) -> None:
        """Let the views be live."""
        if self.moment is not None:
            self._show(None, 0)

    def forget(self) -> None:
        """Be live in another run."""
        self.moment, self._shape = None, None

    def wants_moment(self, history: History) -> bool:
        """Whether it is time to keep another; seldom where moments are large."""
        kept, now = history.moments, time.monotonic()
        size = kept.bytes / max(1, len(kept))
        due = self._asked_for_moment + max(_SECONDS_A_MOMENT, size / _BYTES_A_SECOND)
        if now < due or not kept.wants(len(history)):
            return False
        self._asked_for_moment = now
        return True

    def _show(self, moment: Moment | None, asked: int) -> None:
        before = self.config
        config = self._config_of(moment)
        is_as_now = config.bptt == self._session.config.bptt  # the only thing that may differ
        self._shape = None if is_as_now else window_shape(config)
        self.moment, self.asked = moment, asked
        self.changed.emit(before)

    def _config_of(self, moment: Moment | None) -> ExperimentConfig:
        if moment is None or moment.checkpoint is None:
            return self._session.config
        return moment.checkpoint.config
