"""Monthly mean sunspot numbers."""

from __future__ import annotations

import csv
import io

import numpy as np
from numpy.typing import NDArray

from gradexplorer.paths import resource
from gradexplorer.tasks.task import Display, Stream, StreamTask


class Sunspots(StreamTask):
    """Forecast the next month's sunspot number from this month's and the carried state.

    The numbers are standardized with mean and deviation of the part trained on.

    Parameters
    ----------
    held_out : float
        Share of the months, the latest, that is not trained on.

    References
    ----------
    Source and licence of the numbers: ``resources/data/README.md``.
    """

    input_size = 1
    output_size = 1
    loss = "mean_squared_error"

    def __init__(self, held_out: float = 0.2) -> None:
        months, numbers = _read()
        self.held_out_from = round((len(numbers) - 1) * (1.0 - held_out))
        trained_on = numbers[: self.held_out_from + 1]
        mean, deviation = float(trained_on.mean()), float(trained_on.std())
        standardized = ((numbers - mean) / deviation)[:, None]
        self.series = Stream(standardized[:-1], standardized[1:])
        self.times = months[1:]
        self.display = Display("sunspot number", "year", deviation, mean)


def _read() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middle of each month in years, and its mean sunspot number."""
    text = resource("data", "sunspots-monthly.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    months = [int(row["year"]) + (int(row["month"]) - 0.5) / 12 for row in rows]
    return np.array(months), np.array([float(row["sunspot_number"]) for row in rows])


TASK = Sunspots
