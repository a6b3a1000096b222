"""Measurements as files: tables as CSV, what has more than two axes as npz."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.clipping import ClippingLens
from gradexplorer.analysis.dynamics import Dynamics
from gradexplorer.analysis.flow import FlowMatrix
from gradexplorer.analysis.lag_profile import LagProfile
from gradexplorer.analysis.request import Analysis
from gradexplorer.analysis.truncation import TruncationLens
from gradexplorer.analysis.units import Units
from gradexplorer.export.tables import Table, write_table
from gradexplorer.files import write_bytes, write_text


def write_analysis(analysis: Analysis, folder: Path) -> None:
    """Write what was measured into a folder that exists; raises `InputError`.

    ``lag_profile.csv``, ``flow_matrix.npz`` with ``flow_kept.csv``, ``truncation.csv``,
    ``weight_spectra.csv`` and ``lyapunov.csv`` with ``jacobian_norms.csv``, ``gates.csv``,
    ``units.npz`` and ``histograms.csv``, each where it was asked for.
    """
    if analysis.lag is not None:
        write_table(lag_table(analysis.lag), folder / "lag_profile.csv")
    if analysis.matrix is not None:
        write_arrays(_matrix_arrays(analysis.matrix), folder / "flow_matrix.npz")
        write_table(kept_table(analysis.matrix), folder / "flow_kept.csv")
    if analysis.truncation is not None:
        write_table(truncation_table(analysis.truncation), folder / "truncation.csv")
    if analysis.dynamics is not None:
        _write_dynamics(analysis.dynamics, folder)
    if analysis.units is not None:
        _write_units(analysis.units, folder)


def lag_table(profile: LagProfile) -> Table:
    """Return phi_k, a row a lag."""
    columns: dict[str, Any] = {
        "lag": profile.lags,
        "mean": profile.mean,
        "median": profile.median,
        "low": profile.low,
        "high": profile.high,
        "losses": profile.counts,
    }
    if profile.cell_mean is not None:
        columns["cell_mean"] = profile.cell_mean
    if profile.plant_mean is not None:
        columns["plant_mean"] = profile.plant_mean
    if profile.fit is not None:
        columns["fitted"] = profile.fit.line(profile.lags)
    for index, mean in enumerate(profile.layer_means):
        columns[f"layer_{index + 1}"] = mean
    return Table(columns)


def kept_table(matrix: FlowMatrix) -> Table:
    """Return what share of the flow matrix's norms each truncation length keeps."""
    kept = matrix.shares_kept()
    return Table({"k2": np.arange(1, len(kept) + 1), "kept": kept})


def truncation_table(lens: TruncationLens) -> Table:
    """Return bias, cosine and costs, a row a truncation length."""
    columns: dict[str, Any] = {"k2": lens.lengths, "bias": lens.bias, "cosine": lens.cosine}
    if lens.aicher is not None:
        columns["aicher_bias"] = lens.aicher.bias
    columns |= {"seconds": lens.seconds, "bytes": lens.bytes}
    return Table(columns)


def clipping_table(lens: ClippingLens) -> Table:
    """Return norms before and after clipping, a row an update."""
    return Table(
        {
            "iteration": lens.iterations,
            "before": lens.before,
            "after": lens.after,
            "threshold": lens.threshold,
            "clipped": lens.clipped.astype(np.int64),
            "rolling_share": lens.rolling,
        }
    )


def write_arrays(arrays: Mapping[str, NDArray[Any]], path: Path) -> None:
    """Write named arrays as npz in one atomic replacement; raises `InputError`."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **dict(arrays))
    write_bytes(path, file.getvalue())


def write_summary(summary: Mapping[str, Any], path: Path) -> None:
    """Write figures and sentences as JSON, what is not finite as null; raises `InputError`."""
    text = json.dumps(_plain(summary), indent=2, allow_nan=False, ensure_ascii=False)
    write_text(path, text + "\n")


def figures(analysis: Analysis) -> dict[str, Any]:
    """Return the single numbers that were measured, by kind."""
    found: dict[str, Any] = {}
    lag, lens, dynamics = analysis.lag, analysis.truncation, analysis.dynamics
    if lag is not None:
        predictions = {one.name: one.rate for one in lag.predictions}
        fit = None if lag.fit is None else lag.fit._asdict()
        found["lag"] = {"fit": fit, "predictions": predictions}
    if lens is not None:
        estimate = lens.aicher
        found["truncation"] = {
            "k1": lens.k1,
            "chosen_bias": lens.chosen_bias,
            "smallest_k2": lens.smallest_k,
            "aicher_smallest_k2": None if estimate is None else estimate.smallest_k,
            "full_norm": lens.norm,
            "seconds": {"smallest_k2": lens.seconds[lens.smallest_k - 1], "all": lens.seconds[-1]},
            "bytes": {"smallest_k2": lens.bytes[lens.smallest_k - 1], "all": lens.bytes[-1]},
        }
    if dynamics is not None:
        lyapunov = dynamics.lyapunov
        found["dynamics"] = {
            "spectral_radius": {
                one.gate: one.radius for one in (*dynamics.weights, *filter(None, [dynamics.loop]))
            },
            "largest_exponent": None if lyapunov is None else lyapunov.exponents[0],
            "horizon": None if lyapunov is None else lyapunov.horizon,
        }
    if analysis.units is not None:
        found["units"] = {"saturated": analysis.units.saturated, "dead": analysis.units.dead}
    return found


def _matrix_arrays(matrix: FlowMatrix) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {"loss_steps": matrix.loss_steps}
    for index, norms in enumerate(matrix.layers):
        arrays[f"h_l{index}"] = norms
    for index, norms in enumerate(matrix.cell_layers):
        arrays[f"c_l{index}"] = norms
    if matrix.plant_norms is not None:
        arrays["s"] = matrix.plant_norms
    return arrays


def _write_dynamics(found: Dynamics, folder: Path) -> None:
    rows: list[tuple[str, int, float | None, float | None, float]] = []
    for one in (*found.weights, *filter(None, [found.loop])):
        values = [*one.eigenvalues, *[None] * (len(one.singular_values) - len(one.eigenvalues))]
        for index, (value, singular) in enumerate(zip(values, one.singular_values, strict=True)):
            parts = (None, None) if value is None else (float(value.real), float(value.imag))
            rows.append((one.gate, index + 1, *parts, float(singular)))
    names = ("gate", "index", "eigenvalue_real", "eigenvalue_imaginary", "singular_value")
    _write_rows(names, rows, folder / "weight_spectra.csv")
    norms = found.jacobian_norms
    columns: dict[str, Any] = {"step": np.arange(1, len(norms) + 1)}
    columns |= {f"sequence_{b + 1}": norms[:, b] for b in range(norms.shape[1])}
    write_table(Table(columns), folder / "jacobian_norms.csv")
    if found.lyapunov is not None:
        exponents = found.lyapunov.exponents
        table = {"index": np.arange(1, len(exponents) + 1), "exponent": exponents}
        table["deviation_of_sequences"] = _deviation(found.lyapunov.by_sequence)
        write_table(Table(table), folder / "lyapunov.csv")


def _deviation(by_sequence: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        return np.asarray(by_sequence.std(axis=0))


def _write_units(units: Units, folder: Path) -> None:
    arrays: dict[str, NDArray[Any]] = {}
    gates: list[tuple[int, str, int, float, float, float]] = []
    for index, layer in enumerate(units.layers):
        arrays |= {f"hidden_l{index}": layer.hidden, f"saturated_l{index}": layer.saturated}
        arrays[f"dead_l{index}"] = layer.dead
        if layer.cell is not None:
            arrays[f"cell_l{index}"] = layer.cell
        for gate in layer.gates:
            arrays[f"gate_{gate.name}_l{index}"] = gate.values
            for t, values in enumerate(zip(gate.mean, gate.low, gate.high, strict=True)):
                mean, low, high = map(float, values)
                gates.append((index + 1, gate.name, t + 1, mean, low, high))
    write_arrays(arrays, folder / "units.npz")
    if gates:
        names = ("layer", "gate", "step", "mean", "low", "high")
        _write_rows(names, gates, folder / "gates.csv")
    counts = [
        (name, of, float(left), float(right), int(count))
        for of, found in (("weight", units.weights), ("gradient", units.gradients))
        for name, one in found.items()
        for left, right, count in zip(one.edges[:-1], one.edges[1:], one.counts, strict=True)
    ]
    _write_rows(("parameter", "of", "from", "to", "count"), counts, folder / "histograms.csv")


def _write_rows(names: tuple[str, ...], rows: list[Any], path: Path) -> None:
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    write_table(Table(dict(zip(names, columns, strict=True))), path)


def _plain(value: Any) -> Any:
    """Return what JSON can hold."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
