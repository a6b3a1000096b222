"""What a run is to whoever watches it, and the run in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from gradexplorer.config.experiment import LiveSettings
from gradexplorer.engine.parameters import Array
from gradexplorer.errors import InputError
from gradexplorer.training.checkpoint import Checkpoint, Start
from gradexplorer.training.control import Control
from gradexplorer.training.inside import Detail
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.moments import Moment
from gradexplorer.training.snapshot import Divergence, Snapshot, WindowTrace
from gradexplorer.training.trainer import Trainer


class AnyTrainer(Protocol):
    """What `drive` needs of a trainer."""

    def __iter__(self) -> Iterator[Snapshot]:
        """Return itself."""

    def __next__(self) -> Snapshot:
        """Make an update."""

    def change(self, live: LiveSettings) -> None:
        """Let other live settings act from the next update on."""

    def want_trace(self, details: Detail, /) -> None:
        """Let the next snapshot carry a trace with these details."""

    def look_into(self, details: Detail, /) -> None:
        """Let the next snapshot's trace have these details, if one is due."""

    def trace_again(self, details: Detail, /) -> WindowTrace | None:
        """Return a trace of the last update with these details, if there is one."""

    @property
    def is_over(self) -> bool:
        """Whether no further update can come."""

    def checkpoint(self, weights: Mapping[str, Array], /) -> Checkpoint:
        """Return the state after the last update, given the weights it has."""


class MakeTrainer(Protocol):
    """A trainer's class, or a function in its stead."""

    def __call__(self, start: Start, /) -> AnyTrainer:
        """Make one."""


class Commands(Protocol):
    """What may be said to a run, at any time and from any thread; no call waits for the run."""

    def pause(self) -> None:
        """Let the run come to rest at a traced update."""

    def resume(self) -> None:
        """Let a paused run go on."""

    def step(self) -> None:
        """Let a paused run make one update, and trace it."""

    def change(self, live: LiveSettings) -> None:
        """Let other live settings act from the next update on."""

    def want_trace(self) -> None:
        """Ask for a trace of the next update."""

    def want_moment(self) -> None:
        """Ask for a moment to be kept of the next update."""

    def look_into(self, details: Detail) -> None:
        """Let traces have these details from now on, and while the run waits, the last one."""


class Inbox(Protocol):
    """Where `drive` leaves what a run yields."""

    def keep(self, moment: Moment) -> None:
        """Take a moment of the update that is put next."""

    def put(self, snapshot: Snapshot) -> None:
        """Take a snapshot; may wait until there is room."""

    def show(self, trace: WindowTrace) -> None:
        """Take another trace of the last update that was put."""

    def rest(self) -> None:
        """Learn that the run waits for leave."""


class Run(Protocol):
    """One run, wherever it is computed."""

    @property
    def control(self) -> Commands:
        """The way up."""

    def drive(self, mailbox: Mailbox) -> None:
        """Fill the mailbox until the run is over or was stopped; raises why it cannot go on."""

    def stop(self) -> None:
        """End the run as soon as can be; safe from any thread, never waits."""


class MakeRun(Protocol):
    """Makes a run that has not begun."""

    def __call__(self, start: Start, /, *, paused: bool) -> Run:
        """Make one."""


class LocalRun:
    """A run in the thread that drives it; it is stopped between two updates.

    Parameters
    ----------
    start : ExperimentConfig or Checkpoint
    paused : bool
        Whether to wait before the first update.
    control : Control, optional
    make_trainer : callable
    """

    def __init__(
        self,
        start: Start,
        *,
        paused: bool = False,
        control: Control | None = None,
        make_trainer: MakeTrainer = Trainer,
    ) -> None:
        self.control = control or Control(paused=paused)
        self._start, self._make_trainer = start, make_trainer

    def drive(self, mailbox: Mailbox) -> None:
        """Train in this thread."""
        drive(self._make_trainer(self._start), self.control, mailbox)

    def stop(self) -> None:
        """End the run after the update it is making."""
        self.control.stop()


def drive(trainer: AnyTrainer, control: Control, inbox: Inbox) -> None:
    """Make updates while the control allows any and the trainer has any.

    Returns when the trainer is done or diverged, or the control said stop. Moments are kept
    where they are wanted, at the end, and after 1, 2, 4, 8 and so on updates: a run that
    diverges at once has some too.
    """
    made = 0
    while (turn := control.turn(inbox.rest)) is not None:
        if turn.again:
            trace = trainer.trace_again(turn.details)
            if trace is not None:
                inbox.show(trace)
            continue
        if turn.live is not None:
            trainer.change(turn.live)
        made += 1
        keeps = turn.moment or made & (made - 1) == 0
        if turn.trace or keeps:
            trainer.want_trace(turn.details)
        else:  # one that is due comes between those asked for, and would show less
            trainer.look_into(turn.details)
        snapshot = next(trainer, None)
        if snapshot is None:
            return
        if (keeps or trainer.is_over) and snapshot.trace is not None:
            inbox.keep(_moment(trainer, snapshot.trace, snapshot.divergence))
        inbox.put(snapshot)


def _moment(trainer: AnyTrainer, trace: WindowTrace, divergence: Divergence | None) -> Moment:
    """Return a moment; one that diverged is nothing to go on from, its data are spent."""
    return Moment(trace, trainer.checkpoint(trace.weights) if divergence is None else None)


def explain(error: Exception) -> str:
    """Say in a sentence why a run could not go on."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for it: make it smaller."
    return f"This is a defect of the program: {error!r}."
