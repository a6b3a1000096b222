"""Measurements at the command line: of a run's folder, or of a preset that is trained first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from gradexplorer.analysis.carriage import MOST, RecentCarriages
from gradexplorer.analysis.clipping import clipping_lens
from gradexplorer.analysis.request import KINDS, Analysis, Request, analyze
from gradexplorer.analysis.sentences import of_clipping, sentences
from gradexplorer.analysis.verdict import Verdict, verdict
from gradexplorer.analysis.watch import Tell, ignore
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.model import stacked_layers
from gradexplorer.config.presets import load_preset, save_preset
from gradexplorer.errors import InputError
from gradexplorer.exits import DONE
from gradexplorer.export.analysis_files import (
    clipping_table,
    write_analysis,
    write_summary,
)
from gradexplorer.export.analysis_files import (
    figures as figures_of,
)
from gradexplorer.export.finished_run import Finished, read_run
from gradexplorer.export.tables import write_table
from gradexplorer.figure_formats import figure_formats
from gradexplorer.files import make_folder
from gradexplorer.interrupts import uninterrupted
from gradexplorer.training.history import History
from gradexplorer.training.mailbox import Mail
from gradexplorer.training.shape import window_shape
from gradexplorer.training.snapshot import METRICS_DTYPE
from gradexplorer.training.trainer import Trainer

UPDATES = 300


def analyze_headless(
    source: str,
    overrides: Sequence[str],
    iterations: int | None,
    kinds: Sequence[str],
    out: Path,
    *,
    k1: int | None = 1,
    bias: float = 0.1,
    layer: int = 0,
    figures: str | None = None,
    quiet: bool = False,
) -> int:
    """Measure a run and write what was found; return the exit code.

    Parameters
    ----------
    source : str
        A folder that ``gradexplorer run`` wrote, or a preset.
    overrides : sequence of str
        ``section.key=value``, for a preset.
    iterations : int or None
        Updates to train a preset for.
    kinds : sequence of str
        Of `gradexplorer.analysis.request.KINDS`, ``"clipping"`` and ``"verdict"``.
    out : Path
    k1, bias
        Of the truncation lens, see `gradexplorer.analysis.request.Request`.
    layer : int
        Of the dynamics, counted from 1, from the bottom; 0: the top one.
    figures : str or None
        Formats of the pictures, see `gradexplorer.figure_formats`.
    quiet : bool
        Whether to print no sentences and to show no progress.

    Raises
    ------
    InputError
    """
    if k1 is not None and k1 < 1:
        raise InputError(f"--k1 {k1}: give 1 or more steps, or 0 for as many as k2.")
    if not bias > 0.0:
        raise InputError(f"--bias {bias:g}: give a relative bias above 0, such as 0.1.")
    formats = figure_formats(figures)
    folder = Path(source)
    with _progress(quiet=quiet) as show:
        if folder.is_dir():
            if overrides or iterations is not None:
                raise InputError(
                    f"{source} is a finished run; --set, --seed and --iterations are for presets."
                )
            if out.resolve() == folder.resolve():
                raise InputError(
                    f"--out {out} is the run's own folder, whose summary would be overwritten; "
                    "give another, or one in it."
                )
            run = read_run(folder)
            _check_layer(run.config, layer)
            make_folder(out)
        else:
            config = load_preset(source, overrides)
            _check_layer(config, layer)
            trainer = Trainer(config)
            count = _updates(config, iterations)
            make_folder(out)  # or say that it cannot be made now, not when all is trained
            run = train(trainer, count, partial(show, "training"))
        measured = analyze(
            Request(
                run.config,
                run.weights,
                [kind for kind in KINDS if kind in kinds],
                run.updates,
                k1=k1,
                chosen_bias=bias,
                layer=layer - 1,
            ),
            partial(show, "measuring"),
        )
    said = _write(run, measured, kinds, out)
    if formats:
        with uninterrupted():
            _draw(run, measured, kinds, out, formats)
    if not quiet:
        for sentence in said.values():
            print(sentence)
        print(f"Measured on {measured.batch}; the tables are in {out}.")
    return DONE


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """Show bars where a person can see them; give a function that takes a name and a fraction."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        tasks: dict[str, TaskID] = {}

        def show(name: str, fraction: float) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=1.0)
            progress.update(tasks[name], completed=fraction)

        yield show


def _check_layer(config: ExperimentConfig, layer: int) -> None:
    layers = stacked_layers(config.model)
    if not 0 <= layer <= layers:
        raise InputError(
            f"--layer {layer}: this network's dynamics can be measured in "
            f"{f'layers 1 to {layers}' if layers > 1 else 'layer 1 alone'}; 0 is the top one."
        )


def _updates(config: ExperimentConfig, iterations: int | None) -> int:
    """Return how many updates to train for."""
    if iterations is not None and iterations < 1:
        raise InputError(f"--iterations {iterations}: give at least 1.")
    return min(iterations or UPDATES, config.training.iterations)


def train(trainer: Trainer, count: int, tell: Tell = ignore) -> Finished:
    """Train for some updates, and trace the last ones."""
    rows, carriages = [], RecentCarriages()
    trace, divergence = None, None
    for left in range(count, 0, -1):
        if left <= MOST:
            trainer.want_trace()
        snapshot = next(trainer, None)
        if snapshot is None:
            break
        rows.append(tuple(snapshot.metrics))
        trace, divergence = snapshot.trace or trace, snapshot.divergence
        carriages.add(snapshot.trace)
        tell(snapshot.metrics.iteration / count)
    metrics = np.array(rows, METRICS_DTYPE)
    return Finished(trainer.config, trainer.weights(), metrics, trace, divergence, carriages.kept)


def _write(run: Finished, measured: Analysis, kinds: Sequence[str], out: Path) -> dict[str, str]:
    """Write everything; return a sentence for each kind."""
    save_preset(run.config, out / "experiment.toml")
    write_analysis(measured, out)
    said = sentences(measured)
    found: dict[str, Any] = figures_of(measured)
    if "clipping" in kinds:
        lens = clipping_lens(run.metrics)
        write_table(clipping_table(lens), out / "clipping.csv")
        said["clipping"] = of_clipping(lens)
        found["clipping"] = {
            "share": lens.share,
            "scale": lens.scale,
            "percentiles": lens.percentiles,
            "suggestion": lens.suggestion,
        }
    if "verdict" in kinds:
        judged = _judge(run, measured)
        said["verdict"] = f"{judged.title}. {judged.sentence}{_advice(judged)}"
        found["verdict"] = {
            "state": judged.state,
            "confidence": judged.confidence,
            "remedies": {one.title: dict(one.changes) for one in judged.remedies},
        }
    summary = {
        "title": run.config.title,
        "updates": run.updates,
        "batch": str(measured.batch),
        "loss_of_batch": measured.loss,
        "sentences": said,
        **found,
    }
    write_summary(summary, out / "summary.json")
    return said


def _draw(
    run: Finished, measured: Analysis, kinds: Sequence[str], out: Path, formats: Sequence[str]
) -> None:
    from gradexplorer.gui.figures import write_instruments

    history = History()
    history.add(Mail(run.metrics))
    names = None if "clipping" in kinds else "clipping-lens"
    write_instruments(run.config, history, measured, out, formats, leave_out=names)


def _judge(run: Finished, measured: Analysis) -> Verdict:
    units = measured.units
    return verdict(
        run.config,
        window_shape(run.config),
        run.metrics,
        run.trace,
        run.divergence,
        dead_units=None if units is None else units.dead,
        saturated_units=None if units is None else units.saturated,
        carriages=run.carriages,
    )


def _advice(judged: Verdict) -> str:
    titles = [one.title for one in judged.remedies]
    return f" To try: {', '.join(titles)}." if titles else ""
