"""Driving a trainer as a control allows, in whatever thread this is called."""

from __future__ import annotations

from gradexplorer.training.control import Control
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.trainer import Trainer


def drive(trainer: Trainer, control: Control, mailbox: Mailbox) -> None:
    """Make updates while the control allows any and the trainer has any.

    Returns when the trainer is done or diverged, or the control said stop.
    """
    while (turn := control.turn()) is not None:
        if turn.live is not None:
            trainer.change(turn.live)
        if turn.trace:
            trainer.want_trace()
        snapshot = next(trainer, None)
        if snapshot is None:
            return
        mailbox.put(snapshot)
