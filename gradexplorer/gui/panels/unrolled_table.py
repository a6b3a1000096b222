"""The unrolled graph as a table."""

from __future__ import annotations

import numpy as np

from gradexplorer.engine.truncation import Cut
from gradexplorer.export.tables import Table
from gradexplorer.gui.items.unrolled import Row, Unrolled


def table_of(data: Unrolled, axis: str) -> Table:
    """Return a row a step; empty where there is no node or nothing known."""
    columns: dict[str, list[float | None]] = {}
    for row in data.rows:
        for name, values in _columns(row).items():
            columns[name] = _spread(row.steps, values, data.steps)
    cuts = [Cut(cut).name.lower() for cut in data.cuts]
    cuts += [""] * (data.steps - len(cuts))
    return Table({axis: range(1, data.steps + 1), **columns, "cut_before": cuts})


def _columns(row: Row) -> dict[str, np.ndarray | None]:
    """Return what is known of a row by name: gradients always, the rest where it is there."""
    name = row.name + (f"_l{row.stage}" if row.mark else "") + row.run
    gradients = {f"d{name}": row.nodes}
    if row.is_road:
        gradients[f"d{name}_from_next_step"] = row.arriving
    more = {
        "value": row.shown,
        "passed_on": row.passed_on,
        "saturated": row.saturated,
        "dead": row.dead,
        "silent": row.silent,
    }
    return gradients | {
        f"{name}_{what}": values for what, values in more.items() if values is not None
    }


def _spread(steps: np.ndarray, values: np.ndarray | None, length: int) -> list[float | None]:
    spread: list[float | None] = [None] * length
    if values is not None:
        for step, value in zip(steps.tolist(), values.tolist(), strict=True):
            spread[step - 1] = value
    return spread
