"""What a run will take, before it is started."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.fields import Section
from gradexplorer.config.model import layer_widths
from gradexplorer.config.tasks.task_section import TaskSection
from gradexplorer.engine.footprint import Window, layer_bytes
from gradexplorer.engine.network import CELLS
from gradexplorer.engine.truncation import BackwardPlan
from gradexplorer.errors import InputError
from gradexplorer.tasks.closed_loop import ClosedLoopTask
from gradexplorer.tasks.task import EpisodeTask, StreamTask
from gradexplorer.training.build import build_task
from gradexplorer.training.evaluation import LEAD_STEPS, PIECE
from gradexplorer.training.feed import effective
from gradexplorer.training.full_window import full_window, steps_are_layers
from gradexplorer.training.reach import GROUP
from gradexplorer.training.steering import closed_loop_bytes

AnyTask = EpisodeTask | StreamTask

_MEMINFO = Path("/proc/meminfo")
# A calibration works on at least so many bytes, so that it meets the caches as the run will.
_CALIBRATION_BYTES = 2**25
_FEWEST_STEPS = 32
_TRACED_ARRAYS = 7
_LOSS_ARRAYS = 4  # as large as the outputs, while a loss is computed
_DRAWN_BYTES = 12  # a number in float64, and half as much again while it is drawn
_UPDATES = 4

SMALLER = "the network's units and layers, training.batch_size or the number of steps"


@dataclass(frozen=True)
class Estimate:
    """What a run takes.

    Attributes
    ----------
    bytes : int
        Memory of its arrays.
    seconds : float
        Of an update that is neither recorded nor evaluated.
    """

    bytes: int
    seconds: float


def estimate_run(config: ExperimentConfig) -> Estimate:
    """Estimate memory from the shapes and time from some updates of a shorter window.

    Raises
    ------
    InputError
        As `gradexplorer.training.trainer.Trainer` does.
    """
    task = build_task(config)
    refuse_what_does_not_fit(config, task)
    return Estimate(needed_bytes(config, task), _seconds(config, task))


def needed_bytes(config: ExperimentConfig, task: AnyTask) -> int:
    """Return the memory that a run's arrays take, from the shapes alone."""
    plan = full_window(config, task).plan
    if isinstance(task, ClosedLoopTask):
        return closed_loop_bytes(config, task)
    itemsize = np.dtype(config.training.precision).itemsize
    window = Window(plan.steps, config.training.batch_size, len(plan.passes))
    losses = sum(row >= 0 for row in plan.loss_row)
    total = _network_bytes(config, task, window, itemsize)
    total += _evaluation_bytes(config, task, plan, itemsize)
    total += _data_bytes(task, window, losses, itemsize)
    # A trace has the gradients of one layer, and their sums, side by side.
    arrays = _TRACED_ARRAYS * window.steps + 2 * losses
    if not steps_are_layers(config, task):  # whose layers are measured one by one
        total += arrays * window.batch * config.model.hidden_size * itemsize
    if not isinstance(task, EpisodeTask):
        return total + _fed_bytes(task, window.batch, itemsize)
    held_out_inputs = task.length * _evaluated(task) * task.input_size
    return max(total + held_out_inputs * itemsize, held_out_inputs * (_DRAWN_BYTES + itemsize))


def _evaluation_bytes(
    config: ExperimentConfig, task: AnyTask, plan: BackwardPlan, itemsize: int
) -> int:
    """Return the bytes of an evaluation's buffers, and of a stream's held-out outputs."""
    if isinstance(task, EpisodeTask):
        held_out = Window(min(plan.steps, PIECE), _evaluated(task))
        return _network_bytes(config, task, held_out, itemsize)
    steps = len(task.series.targets) - task.held_out_from + LEAD_STEPS
    outputs = steps * task.output_size * itemsize
    run = _network_bytes(config, task, Window(PIECE, 1), itemsize) + _LOSS_ARRAYS * outputs
    reach = _network_bytes(config, task, Window(task.reach_steps, GROUP), itemsize)
    return outputs + max(run, reach)  # one after the other


def _fed_bytes(task: StreamTask, batch: int, itemsize: int) -> int:
    """Return the bytes of a stream as it is fed; of classes, one stream is fed as it is."""
    return sum(
        part.nbytes * (batch > 1) if part.dtype.kind in "iu" else part.size * itemsize
        for part in (task.series.inputs, task.series.targets)
    )


def _evaluated(task: EpisodeTask) -> int:
    """Return the sequences that an evaluation runs through the network."""
    probes = task.probe_inputs()
    return task.held_out_size + (0 if probes is None else probes.shape[1])


def _network_bytes(config: ExperimentConfig, task: AnyTask, window: Window, itemsize: int) -> int:
    model = config.model
    if model.cell == "feedforward":
        return _layers_bytes((task.input_size, *layer_widths(model)), window.batch, itemsize)
    kind, size = CELLS[model.cell], model.hidden_size
    total = 0
    for index in range(model.layers):
        inputs = size if index else task.input_size
        total += layer_bytes(kind.footprint, inputs, size, window, itemsize)
        # Parameters, gradients, folded copies, and the optimizer's two or three.
        total += 8 * kind.gates * size * (size + inputs + 2) * itemsize
    return total


def _layers_bytes(sizes: tuple[int, ...], batch: int, itemsize: int) -> int:
    """Return the bytes of feedforward layers: values, gradients, and what is kept of weights."""
    numbers = 3 * batch * sum(sizes)
    numbers += sum(3 * size * (below + 1) for below, size in pairwise(sizes))
    return numbers * itemsize


def _data_bytes(task: AnyTask, window: Window, losses: int, itemsize: int) -> int:
    """Return the bytes of inputs and targets, as drawn in float64 and as used, and outputs."""
    steps = task.length if isinstance(task, EpisodeTask) else 0  # a stream's windows are views
    inputs, outputs = steps * task.input_size, losses * task.output_size
    return window.batch * (inputs * (8 + itemsize) + outputs * (8 + 4 * itemsize))


def available_bytes() -> int | None:
    """Return the memory that is free to use, or ``None`` where the system does not tell."""
    try:
        lines = dict(line.split(":", 1) for line in _MEMINFO.read_text().splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def refuse_what_does_not_fit(config: ExperimentConfig, task: AnyTask) -> None:
    """Raise `InputError` with both figures if a run needs more memory than there is."""
    needed, available = needed_bytes(config, task), available_bytes()
    if available is not None and needed > available:
        raise InputError(
            f"The experiment needs about {needed / 1e9:,.1f} GB of memory and "
            f"{available / 1e9:,.1f} GB are free; lower {SMALLER}."
        )


def _seconds(config: ExperimentConfig, task: AnyTask) -> float:
    from gradexplorer.training.trainer import Trainer  # it asks this module whether a run fits

    short = _shortened(config, task)
    trainer, times = Trainer(short), []
    for _ in range(_UPDATES):
        start = time.perf_counter()
        if next(trainer, None) is None:  # diverged: no updates follow
            break
        times.append(time.perf_counter() - start)
    work = _work(full_window(config, task).plan)
    return median(times[1:] or times) * work / _work(full_window(short, build_task(short)).plan)


def _shortened(config: ExperimentConfig, task: AnyTask) -> ExperimentConfig:
    """Return the experiment with a window just long enough to time, and with nothing else to do."""
    plan = full_window(config, task).plan
    steps = max(_FEWEST_STEPS, plan.steps * _CALIBRATION_BYTES // needed_bytes(config, task))
    rare = {"iterations": 100_000_000, "record_every": 1_000_000, "evaluate_every": 1_000_000}
    changes: dict[str, Section] = {"training": config.training.model_copy(update=rare)}
    if steps < plan.steps and not steps_are_layers(config, task):
        k1, k2 = effective(config.bptt, plan.steps)
        if isinstance(task, EpisodeTask):
            changes["task"] = _shortened_task(config.task, steps)
        else:
            truncation = {"k1": max(1, k1 * steps // k2), "k2": steps}
            changes["bptt"] = config.bptt.model_copy(update=truncation)
    return config.model_copy(update=changes)


def _shortened_task(task: TaskSection, steps: int) -> TaskSection:
    """Return a task whose sequences have about so many steps, or as it is if it has no choice."""
    if task.steps is None:
        return task
    return task.model_copy(update={task.steps.setting: max(1, steps - task.steps.beside)})


def _work(plan: BackwardPlan) -> float:
    """Return an update's work in steps, of which a backward one counts twice."""
    backward = sum(span.stop - span.start for spans in plan.passes for span in spans)
    return plan.steps + 2.0 * backward
