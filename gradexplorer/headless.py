"""A whole run at the command line: progress, interruption, files and figures."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from gradexplorer.config.presets import load_preset
from gradexplorer.exits import DIVERGED, DONE, INTERRUPTED
from gradexplorer.export.run_folder import RunFolder
from gradexplorer.figure_formats import figure_formats
from gradexplorer.interrupts import interruptible, uninterrupted
from gradexplorer.training.build import pinned
from gradexplorer.training.history import History
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.snapshot import Snapshot
from gradexplorer.training.trainer import Trainer

_REPORT_SECONDS = 0.1
_FETCH_EVERY = 4096  # snapshots; far fewer than a mailbox holds
_EXITS = {"finished": DONE, "diverged": DIVERGED, "stopped": INTERRUPTED}


def run_headless(
    preset: str, overrides: Sequence[str], out: Path, figures: str | None, *, quiet: bool = False
) -> int:
    """Train a preset and write its files and figures; return the exit code.

    Parameters
    ----------
    preset : str
        A bundled name or a TOML file.
    overrides : sequence of str
        ``section.key=value``.
    out : Path
    figures : str or None
        Formats separated by commas, or ``"none"``; ``None``: PNG and SVG where Qt can draw.
    quiet : bool
        Whether to show no progress.

    Raises
    ------
    InputError
        Before anything is trained, wherever that is possible.
    """
    trainer = Trainer(pinned(load_preset(preset, overrides)))
    formats = figure_formats(figures)
    history = History()
    with RunFolder(trainer.config, out) as record:
        _train(trainer, record, history, quiet=quiet)
        status = record.finish(trainer)
    if formats:
        with uninterrupted():
            from gradexplorer.gui.figures import write_figures

            write_figures(trainer.config, history, out, formats)
    _report(status, record, trainer)
    return _EXITS[status]


def _train(trainer: Trainer, record: RunFolder, history: History, *, quiet: bool) -> None:
    mailbox = Mailbox()
    budget = trainer.config.training.iterations
    with _progress(budget, quiet=quiet) as show, interruptible() as interrupted:
        for snapshot in trainer:
            record.add(snapshot)
            mailbox.put(snapshot)
            show(snapshot)
            if snapshot.metrics.iteration % _FETCH_EVERY == 0:
                history.add(mailbox.fetch())
            if interrupted.is_set():
                break
    history.add(mailbox.fetch())


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Callable[[Snapshot], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True, quiet=quiet)
    with Progress(*columns, console=console, auto_refresh=False) as progress:
        task = progress.add_task("loss", total=total)
        due = 0.0

        def show(snapshot: Snapshot) -> None:
            nonlocal due
            now, metrics = time.monotonic(), snapshot.metrics
            last = metrics.iteration == total or snapshot.divergence is not None
            if now >= due or last:
                due = now + _REPORT_SECONDS
                text = f"loss {metrics.loss:<10.4g}"
                progress.update(task, completed=metrics.iteration, description=text, refresh=True)

        yield show


def _report(status: str, record: RunFolder, trainer: Trainer) -> None:
    summary = record.summary
    parts = [f"{status.capitalize()} after {summary.iterations:,} updates"]
    if summary.final_loss is not None:
        parts.append(f"loss {summary.final_loss:.4g}")
    if summary.held_out_loss is not None:
        parts.append(f"held-out loss {summary.held_out_loss:.4g}")
    print(f"{', '.join(parts)}. Everything about it is in {record.folder}.")
    if trainer.divergence is not None:
        print(f"gradexplorer: diverged. {trainer.divergence}", file=sys.stderr)
