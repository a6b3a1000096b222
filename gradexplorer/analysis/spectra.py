"""Eigenvalues and singular values of weights and Jacobians."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.watch import Values, frozen
from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.stepped_cells import SteppedDense

_GATES = {"rnn": ("h",), "lstm": ("i", "f", "g", "o"), "gru": ("r", "z", "n")}


@dataclass(frozen=True, eq=False)
class WeightSpectrum:
    """Eigenvalues and singular values of one gate's recurrent weights, (H, H), read-only.

    Attributes
    ----------
    gate : str
        PyTorch's name of the block; ``"h"`` for the vanilla cell, ``"l"`` and a number for a
        feedforward layer, ``"loop"`` for the Jacobian of a closed loop.
    eigenvalues : ndarray of complex, shape (H,)
        The largest first. Empty for a layer whose weights are not square.
    singular_values : ndarray, shape (H,)
        Descending.
    """

    gate: str
    eigenvalues: NDArray[np.complex128]
    singular_values: Values

    @property
    def radius(self) -> float:
        """The spectral radius: the largest absolute eigenvalue."""
        return float(np.abs(self.eigenvalues).max()) if len(self.eigenvalues) else np.nan


def weight_spectra(
    network: RecurrentNetwork | ClosedLoopNetwork, layer: int = -1
) -> tuple[WeightSpectrum, ...]:
    """Return the spectrum of every gate's recurrent weights, or of a feedforward controller's."""
    one = network.layers[layer]
    if isinstance(one, SteppedDense):
        return layer_spectra(one.parameters, one.depth)
    blocks = one.parameters[f"weight_hh_l{one.index}"].reshape(-1, one.hidden_size, one.hidden_size)
    names = _GATES[network.cell]
    return tuple(spectrum(name, block) for name, block in zip(names, blocks, strict=True))


def layer_spectra(parameters: Parameters, depth: int) -> tuple[WeightSpectrum, ...]:
    """Return the spectra of feedforward layers."""
    weights = (parameters[f"layers.{index}.weight"] for index in range(depth))
    return tuple(spectrum(f"l{index + 1}", weight) for index, weight in enumerate(weights))


def spectrum(name: str, weight: Array) -> WeightSpectrum:
    """Return the spectrum of a matrix, an empty one if that is not finite."""
    if not np.isfinite(weight).all():
        return WeightSpectrum(name, frozen(np.empty(0, np.complex128)), frozen(np.empty(0)))
    square = weight.shape[0] == weight.shape[1]
    values = np.linalg.eigvals(weight) if square else np.empty(0)
    ordered = values[np.argsort(-np.abs(values), kind="stable")].astype(np.complex128)
    return WeightSpectrum(name, frozen(ordered), frozen(np.linalg.svd(weight, compute_uv=False)))
