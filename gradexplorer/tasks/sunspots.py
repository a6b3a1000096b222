"""Monthly mean sunspot numbers."""

from __future__ import annotations

import csv
import io

import numpy as np

from gradexplorer.paths import resource
from gradexplorer.tasks.series import Record, SeriesTask


class Sunspots(SeriesTask):
    """Forecast the next month's sunspot number from this month's and the carried state.

    The numbers are standardized with mean and deviation of the part trained on. A season is 11
    years, the mean length of a cycle.

    Parameters
    ----------
    held_out : float
        Share of the months, the latest, that is not trained on.
    horizon : int
        Months of the free run.

    References
    ----------
    Source and licence of the numbers: ``resources/data/README.md``.
    """

    quantity = "sunspot number"
    time = "year"
    season = 132

    def __init__(self, held_out: float = 0.2, horizon: int = 132) -> None:
        super().__init__(_read(), held_out, horizon)


def _read() -> Record:
    """Return the middle of each month in years, and its mean sunspot number."""
    text = resource("data", "sunspots-monthly.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    months = [int(row["year"]) + (int(row["month"]) - 0.5) / 12 for row in rows]
    return Record(np.array(months), np.array([float(row["sunspot_number"]) for row in rows]))


TASK = Sunspots
