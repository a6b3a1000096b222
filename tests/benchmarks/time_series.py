"""The presets on time series against forecasts that need no network, with several seeds.

RMSE in the unit that is shown: one step ahead over the whole part held out, and of free runs
over the horizon, from up to 32 starts. Medians over the seeds, and in brackets the worst::

    python -m tests.benchmarks.time_series --seeds 5
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import time
from collections.abc import Sequence

import numpy as np

from gradexplorer.config.presets import load_preset
from gradexplorer.tasks import make_task
from gradexplorer.tasks.co2 import Co2
from gradexplorer.tasks.task import Report
from gradexplorer.tasks.views import Score
from gradexplorer.training.trainer import Trainer

PRESETS = ("sunspots-truncated", "co2", "mackey-glass")


def train(preset: str, seed: int) -> tuple[Report, float]:
    """Return what the trained network does on the part held out, and the seconds it took."""
    overrides = [f"training.seed={seed}", "training.evaluate_every=1000000"]
    started = time.perf_counter()
    *_, last = Trainer(load_preset(preset, overrides))
    assert last.evaluation is not None
    seconds = time.perf_counter() - started
    return Report(last.evaluation.view, last.evaluation.figures), seconds


def growing(preset: str) -> tuple[Score, ...]:
    """Return, for CO2, what a seasonal naive forecast with a yearly rise reaches.

    The rise is that of the part trained on, or of the last ten years before each start.
    """
    task = make_task(**load_preset(preset).task.model_dump())
    if not isinstance(task, Co2):
        return ()
    values, starts = task.record.carried(), task.starts()
    first = len(values) - len(task.times) + task.held_out_from
    held_out = np.arange(first, len(values))
    trained = float(np.mean(values[52:first] - values[: first - 52]))
    ahead = np.arange(task.horizon)[:, None]
    begin = starts + len(values) - len(task.times)
    naive = values[begin - 52 + ahead % 52]
    truth = task.record.values[begin + ahead]

    def decade(ends: np.ndarray) -> np.ndarray:
        means = np.convolve(values, np.full(52, 1 / 52), "valid")  # of the 52 that end at i + 51
        return (means[ends - 52] - means[ends - 572]) / 10

    return tuple(
        Score(
            f"seasonal naive, rising as {name}",
            rmse(values[held_out - 52] + at(held_out) - task.record.values[held_out]),
            rmse(naive + at(begin) * (1 + ahead // 52) - truth),
        )
        for name, at in (
            ("when trained on", lambda ends: np.full(len(ends), trained)),
            ("in the last ten years", decade),
        )
    )


def rmse(errors: np.ndarray) -> float:
    """Return the root mean square where there was a truth."""
    return float(np.sqrt(np.nanmean(errors**2)))


def cell(values: Sequence[float]) -> str:
    """Return the median, and the worst where they differ."""
    median, worst = f"{statistics.median(values):.3g}", f"{max(values):.3g}"
    return median if median == worst else f"{median} ({worst})"


def rows(preset: str, seeds: int) -> list[str]:
    """Return the table's lines of a preset."""
    found = [train(preset, seed) for seed in range(seeds)]
    scores = [report.view.scores for report, _ in found]
    seconds = statistics.median(seconds for _, seconds in found)
    lines = [f"| {preset}, {seconds:.0f} s | network | {_cells([each[0] for each in scores])} |"]
    lines += [f"| | {score.name} | {_cells([score])} |" for score in scores[0][1:]]
    lines += [f"| | {score.name} | {_cells([score])} |" for score in growing(preset)]
    if "NRMSE84" in found[0][0].figures:
        figures = cell([report.figures["NRMSE84"] for report, _ in found])
        lines.append(f"| | network, NRMSE84 | | {figures} |")
    return lines


def _cells(scores: Sequence[Score]) -> str:
    one_step = cell([score.one_step for score in scores])
    return f"{one_step} | {cell([score.free_running for score in scores])}"


def main() -> None:
    """Train every preset with every seed and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    print("| preset, time of a run | forecast | one step | free run |")
    print("|---|---|--:|--:|")
    for preset in PRESETS:
        print("\n".join(rows(preset, asked.seeds)), flush=True)


if __name__ == "__main__":
    main()
