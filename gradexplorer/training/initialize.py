"""The initial weights that an experiment asks for."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from gradexplorer.config.model import ModelConfig
from gradexplorer.engine.initializers import (
    Matrix,
    chrono_forget_bias,
    gaussian,
    glorot,
    orthogonal,
    sparse,
    spectral,
    uniform,
)
from gradexplorer.engine.parameters import Array, Parameters


def initialize(
    parameters: Parameters, model: ModelConfig, steps: int, generator: Generator
) -> None:
    """Set the initial weights.

    Everything is drawn as in PyTorch first, so that one choice leaves the other numbers alone.

    Parameters
    ----------
    parameters : Parameters
    model : ModelConfig
    steps : int
        Of a window; the longest dependency that chrono initialization expects unless it is set.
    generator : Generator
    """
    bound = 1.0 / np.sqrt(model.hidden_size)
    for name, parameter in parameters.items():
        if model.cell == "feedforward" and parameter.ndim == 2:  # a bias has its weight's bound
            bound = 1.0 / np.sqrt(parameter.shape[1])
        if not name.startswith("initial_"):  # a learned initial state starts at zero
            parameter[...] = uniform(generator, parameter.shape, bound)
    for name, parameter in parameters.items():
        if name.startswith("weight_hh"):
            _set_recurrent(parameter, model, generator)
    if model.other_init != "uniform":
        _set_others(parameters, model, generator)
    if model.cell == "lstm":
        _set_gate_biases(parameters, model, steps, generator)


def _set_recurrent(weight: Array, model: ModelConfig, generator: Generator) -> None:
    """Set (G*H, H), each gate's square block by itself."""
    size = model.hidden_size
    if model.recurrent_init != "uniform":
        for start in range(0, len(weight), size):
            weight[start : start + size] = _recurrent_block(model, generator)
    if model.recurrent_init in ("uniform", "orthogonal", "glorot", "identity"):
        weight *= model.recurrent_gain


def _recurrent_block(model: ModelConfig, generator: Generator) -> Matrix:
    size, radius = model.hidden_size, model.spectral_radius
    match model.recurrent_init:
        case "glorot":
            return glorot(generator, (size, size))
        case "identity":
            return np.eye(size)
        case "spectral":
            return spectral(generator, size, radius)
        case "sparse":
            return sparse(generator, size, model.connections, radius)
        case "gaussian":
            return gaussian(generator, (size, size), model.recurrent_std)
        case _:
            return orthogonal(generator, size)


def _set_others(parameters: Parameters, model: ModelConfig, generator: Generator) -> None:
    """Set the weights from below and to the readout, and their biases to zero."""
    for name, parameter in parameters.items():
        if "bias" in name:
            parameter[...] = 0.0
        elif name.startswith("weight_hh") or parameter.ndim != 2:
            continue
        elif model.other_init == "gaussian":
            parameter[...] = gaussian(generator, parameter.shape, model.other_std)
        else:
            is_gated = name.startswith("weight_ih")
            rows = model.hidden_size if is_gated else len(parameter)
            for start in range(0, len(parameter), rows):
                shape = (rows, parameter.shape[1])
                parameter[start : start + rows] = glorot(generator, shape)


def _set_gate_biases(
    parameters: Parameters, model: ModelConfig, steps: int, generator: Generator
) -> None:
    """Set the biases of an LSTM's input and forget gates, in PyTorch's order i, f, g, o."""
    size = model.hidden_size
    for name in [name for name in parameters if name.startswith("bias_ih")]:
        bias = parameters[name]
        if model.gate_bias == "constant":
            bias[size : 2 * size] += model.forget_bias
            continue
        forget = chrono_forget_bias(generator, size, model.chrono_t_max or steps)
        bias[:size], bias[size : 2 * size] = -forget, forget
        parameters[name.replace("bias_ih", "bias_hh")][: 2 * size] = 0.0
