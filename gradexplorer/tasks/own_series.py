"""The user's own series: forecast the next row of one column from this row of any."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gradexplorer.errors import InputError
from gradexplorer.tasks.tables.load import known_table, load_table
from gradexplorer.tasks.tables.roles import find_roles
from gradexplorer.tasks.tables.series import Series, make_series
from gradexplorer.tasks.tables.table import Layout, Table, Watch, shown, unwatched
from gradexplorer.tasks.task import Baseline, Display, Numbers, Report, Runner, Stream, StreamTask

Values = NDArray[np.float64]


class ChangedError(InputError):
    """The file is not what it was when the experiment was saved."""


class OwnSeries(StreamTask):
    """Forecast the next value of a column from this row's inputs and the carried state.

    Every column is standardized with mean and deviation of the rows trained on.

    Parameters
    ----------
    file : str
        Text with delimiters, npy or npz.
    sha256 : str
        Of the file as it was understood; empty: it is not checked.
    target, inputs, time : str
        Columns, as `find_roles` takes them.
    missing : str
        What to do about missing values, as `make_series` takes it.
    held_out : float
        Share of the rows, the last, that is not trained on.
    delimiter, decimal, header : str
        As in `Layout`.

    Attributes
    ----------
    understood : Understood

    Raises
    ------
    InputError
        The sentence begins with the setting to be mended.
    """

    output_size = 1
    loss = "mean_squared_error"

    def __init__(
        self,
        file: str = "",
        sha256: str = "",
        target: str = "",
        inputs: str = "",
        time: str = "",
        missing: str = "refuse",
        held_out: float = 0.2,
        delimiter: str = "auto",
        decimal: str = "auto",
        header: str = "auto",
    ) -> None:
        table = read_own(file, sha256, Layout(delimiter, decimal, header))
        self.understood = found = understand(table, target, inputs, time, missing, held_out)
        self.input_size = found.stream.inputs.shape[1]
        self.series, self.held_out_from = found.stream, found.held_out_from
        self.times = found.series.times[1:]
        self.display = Display(
            found.series.roles.target.name, found.series.time_name, found.deviation, found.mean
        )
        self.baselines = (Baseline("persistence", found.persistence),)
        self.notes = found.notes
        self.pinned = {"sha256": table.sha256}

    def report(self, first: int, outputs: Numbers, _runner: Runner) -> Report:
        """Return the root mean squared errors of network and persistence, in the column's unit."""
        lead = self.held_out_from - first
        error = outputs[lead:, 0] - self.series.targets[self.held_out_from :, 0]
        scale = self.understood.deviation
        own = scale * float(np.sqrt(np.mean(error * error)))
        return Report(
            figures={"RMSE": own, "of persistence": scale * self.understood.persistence**0.5}
        )


def read_own(file: str, sha256: str, layout: Layout, watch: Watch = unwatched) -> Table:
    """Read the user's file, unless this content of it is at hand.

    Raises
    ------
    ChangedError
        The file's hash is another.
    InputError
        There is no file, or it cannot be understood.
    """
    if not file:
        raise InputError("task.file is empty; choose a file of your own, such as data.csv.")
    table = known_table(Path(file), layout, sha256)
    if table is None:
        try:
            table = load_table(Path(file), layout, watch)
        except InputError as error:
            raise InputError(f"task.file cannot be used. {error}") from error
    if sha256 and sha256 != table.sha256:
        raise ChangedError(
            f"task.file has changed: {file} is not what it was when the experiment was saved. To "
            "take it as it is now open it in the window, or set task.sha256 to none."
        )
    return table


@dataclass(frozen=True, eq=False)
class Understood:
    """A table as a task.

    Attributes
    ----------
    series : Series
    stream : Stream
        Standardized.
    held_out_from : int
        The index of the first held-out target.
    mean, deviation : float
        Of the target in the rows trained on.
    persistence : float
        The loss, on what is held out, of saying that the next value is this one.
    notes : tuple of str
        What was understood, a line each, for a person.
    """

    series: Series
    stream: Stream
    held_out_from: int
    mean: float
    deviation: float
    persistence: float
    notes: tuple[str, ...]


@lru_cache(maxsize=1)
def understand(
    table: Table, target: str, inputs: str, time: str, missing: str, held_out: float
) -> Understood:
    """Make a stream of a table; raises `InputError`."""
    series = make_series(table, find_roles(table, target, inputs, time), missing)
    steps = len(series.target) - 1
    held_out_from = min(max(round(steps * (1.0 - held_out)), 2), steps - 1)
    name = series.roles.target.name
    mean, deviation = _moments(series.target[: held_out_from + 1], name, "target")
    targets = _standardized(series.target, mean, deviation, name)
    columns, known = [], {name: (mean, deviation)}
    for values, column in zip(series.inputs.T, series.roles.inputs, strict=True):
        if column.name not in known:
            known[column.name] = _moments(values[: held_out_from + 1], column.name, "inputs")
        columns.append(_standardized(values, *known[column.name], column.name))
    step = np.diff(targets)[held_out_from:]
    return Understood(
        series=series,
        stream=Stream(np.stack(columns, axis=1)[:-1], targets[1:, None]),
        held_out_from=held_out_from,
        mean=mean,
        deviation=deviation,
        persistence=float(np.mean(step * step)),
        notes=_notes(table, series, held_out_from, known),
    )


def _moments(trained_on: Values, name: str, setting: str) -> tuple[float, float]:
    """Return mean and deviation; refuse a column that does not vary."""
    if trained_on.min() == trained_on.max():
        raise InputError(
            f"task.{setting} names {shown(name)}, which is {trained_on[0]:g} in every row trained "
            "on: there is nothing to learn from it. Choose another column."
        )
    with np.errstate(over="ignore", invalid="ignore"):
        return float(trained_on.mean()), float(trained_on.std())


def _standardized(values: Values, mean: float, deviation: float, name: str) -> Values:
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found: Values = (values - mean) / deviation
        usable = np.isfinite(deviation) and np.isfinite(found.astype(np.float32)).all()
    if not usable:
        raise InputError(
            f"task.file cannot be used. The values of {shown(name)} are too far apart to compute "
            f"with (mean {mean:g}, deviation {deviation:g} in the rows trained on)."
        )
    return found


def _notes(
    table: Table, series: Series, held_out_from: int, known: dict[str, tuple[float, float]]
) -> tuple[str, ...]:
    roles, last = series.roles, len(series.target)
    inputs = ", ".join(column.name for column in roles.inputs)
    over = "the rows are counted" if roles.time is None else f"time is {roles.time.name}"
    moments = "; ".join(
        f"{name} {mean:.4g} ± {deviation:.4g}" for name, (mean, deviation) in known.items()
    )
    first, split, end = (table.place(int(series.rows[at])) for at in (0, held_out_from, last - 1))
    return (
        f"{table.path.name}: {table.size}; {table.format}.",
        f"The next {roles.target.name} is forecast from {inputs}; {over}.",
        f"Trained on {held_out_from + 1:,} rows, {first} to {split}; the last "
        f"{last - held_out_from - 1:,} are held out, to {end}.",
        f"Standardized by mean ± deviation of the rows trained on: {moments}.",
        *series.notes,
        *table.warnings,
    )


TASK = OwnSeries
