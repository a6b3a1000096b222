"""Weekly atmospheric carbon dioxide at Mauna Loa."""

from __future__ import annotations

import csv
import io
from datetime import date

import numpy as np

from gradexplorer.paths import resource
from gradexplorer.tasks.series import Record, SeriesTask


class Co2(SeriesTask):
    """Forecast the next week's CO2 from this week's and the carried state.

    The concentration keeps rising, so what the network reads and puts out is the distance from
    the mean of the past 52 weeks, standardized; shown are ppm. 59 of the 2,284 weeks were not
    measured: they bear no loss, and a second input marks them. A season is 52 weeks.

    Parameters
    ----------
    held_out : float
        Share of the weeks, the latest, that is not trained on.
    horizon : int
        Weeks of the free run.

    References
    ----------
    Keeling & Whorf (2004), Atmospheric CO2 concentrations derived from flask air samples at
    sites in the SIO network. Source and licence of the numbers: ``resources/data/README.md``.
    """

    quantity = "CO₂"
    unit = "ppm"
    time = "year"
    season = past = 52

    def __init__(self, held_out: float = 0.42, horizon: int = 208) -> None:
        super().__init__(_read(), held_out, horizon)


def _read() -> Record:
    text = resource("data", "co2-weekly.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    times = [_years(date.fromisoformat(row["date"])) for row in rows]
    values = [float(row["co2"] or "nan") for row in rows]
    return Record(np.array(times), np.array(values))


def _years(day: date) -> float:
    first, following = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day.year + (day - first) / (following - first)


TASK = Co2
