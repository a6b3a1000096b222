"""A network as a dynamical system: spectra, Jacobians and Lyapunov exponents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradexplorer.analysis.loop_steps import LoopSteps
from gradexplorer.analysis.spectra import WeightSpectrum, layer_spectra, spectrum, weight_spectra
from gradexplorer.analysis.steps import Linearized, Steps, layer_steps
from gradexplorer.analysis.watch import Tell, Values, frozen, ignore
from gradexplorer.analysis.window import MeasuredWindow
from gradexplorer.engine.activations import ACTIVATIONS
from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.parameters import Array

SETTLE = 0.1  # share of the steps after which exponents are first counted
SEQUENCES = 4  # whose Jacobians are measured
# A frame is made orthonormal again before its directions differ so much in length: of a float64's
# 16 digits, 5 are then left for the shortest, and more for all others.
_MOST_SPREAD, _MOST_STEPS = np.log(1e11), 8


@dataclass(frozen=True, eq=False)
class Lyapunov:
    """Lyapunov exponents along a window, natural log per step, the largest first.

    Attributes
    ----------
    exponents : ndarray, shape (M,)
        The mean over the sequences.
    by_sequence : ndarray, shape (B, M)
    steps : int
        Over which they were averaged, the first ones left out.
    horizon : float
        ln 2 / lambda_max, the steps after which a small error has doubled; infinite where
        lambda_max is not above 0.

    References
    ----------
    Engelken, Wolf & Abbott (2023), Lyapunov spectra of chaotic recurrent neural networks; Vogt et
    al. (2022), On Lyapunov exponents for RNNs; Mikhaeil, Monfared & Durstewitz (2022), On the
    difficulty of learning chaotic dynamics with RNNs, for the horizon.
    """

    exponents: Values
    by_sequence: Values
    steps: int
    horizon: float


@dataclass(frozen=True, eq=False)
class Dynamics:
    """The dynamics of one layer, or of a closed loop, along a window; arrays are read-only.

    The state is h, or h and c side by side for an LSTM, whose Jacobian has the four blocks
    dh/dh, dh/dc, dc/dh and dc/dc. Of a closed loop it is that of plant and controller together: the
    plant's s first, then h and c so far as the controller carries them on. Its numbers have the
    units of the states: Jacobian norms depend on them, eigenvalues and Lyapunov exponents do not.

    Attributes
    ----------
    layer : int
        Counted from 0, from the bottom.
    state : tuple of str
        The parts of the state: ``("h",)``, ``("h", "c")``, or of a closed loop ``("s", "h")`` and
        the like.
    weights : tuple of WeightSpectrum
        Of each gate, or of each feedforward layer; of a closed loop, those of its controller.
    loop : WeightSpectrum or None
        Of a closed loop, the spectrum of its Jacobian at the window's last step, of the first
        sequence: where that comes to rest, the poles of the loop about this point.
    jacobian_norms : ndarray, shape (T, min(B, SEQUENCES))
        The largest singular value of d(state after t)/d(state before t): how much the step can
        stretch a gradient. Of the batch's first sequences.
    lyapunov : Lyapunov or None
        ``None`` for a feedforward network, which has no state; as a controller it is part of one.
    axis : str
    """

    layer: int
    state: tuple[str, ...]
    weights: tuple[WeightSpectrum, ...]
    loop: WeightSpectrum | None
    jacobian_norms: Values
    lyapunov: Lyapunov | None
    axis: str


def dynamics(measured: MeasuredWindow, layer: int = -1, tell: Tell = ignore) -> Dynamics:
    """Measure a layer's dynamics along the window; see `Dynamics`.

    Parameters
    ----------
    measured : MeasuredWindow
    layer : int
        The top one unless given. Stacked layers feed only upwards, so that the exponents of all
        of them together are those of each by itself.
    tell : callable
        Told of progress.
    """
    network = measured.network
    if isinstance(network, FeedforwardNetwork):
        return _of_layers(network)
    steps: Linearized
    loop = None
    if isinstance(network, ClosedLoopNetwork):
        layer, steps = 0, LoopSteps(network)
        loop = spectrum("loop", steps.jacobian(steps.count - 1)[0])
    else:
        steps = layer_steps(network, measured.window.inputs)[layer]
    norms = jacobian_norms(steps, lambda part: tell(0.5 * part))
    return Dynamics(
        layer=network.layers[layer].index,
        state=steps.state_names,
        weights=weight_spectra(network, layer),
        loop=loop,
        jacobian_norms=norms,
        lyapunov=lyapunov_spectrum(steps, tell=lambda part: tell(0.5 + 0.5 * part)),
        axis=measured.axis,
    )


def jacobian_norms(
    steps: Linearized, tell: Tell = ignore, at: Sequence[int] | None = None
) -> Values:
    """Return the largest singular value of every step's Jacobian, (T, min(B, SEQUENCES)).

    Values that are not finite, of an overflowing network, give NaN.

    Parameters
    ----------
    steps : Linearized
        Of `gradexplorer.analysis.steps.layer_steps`, or `gradexplorer.analysis.loop_steps`.
    tell : callable
        Told of progress.
    at : sequence of int, optional
        The T steps that are looked at; all unless given.
    """
    chosen = range(steps.count) if at is None else at
    norms = np.full((len(chosen), min(steps.batch, SEQUENCES)), np.nan)
    for row, t in enumerate(chosen):
        jacobian = steps.jacobian(t)[:SEQUENCES]
        if np.isfinite(jacobian).all():
            norms[row] = np.linalg.svd(jacobian, compute_uv=False)[:, 0]
        tell((row + 1) / len(chosen))
    return frozen(norms)


def lyapunov_spectrum(
    steps: Linearized, count: int | None = None, settle: int | None = None, tell: Tell = ignore
) -> Lyapunov:
    """Measure Lyapunov exponents by QR of the product of Jacobians.

    An orthonormal frame is carried along each sequence by the Jacobians and made orthonormal again
    every few steps, before its directions differ too much in length; the exponents are the mean
    logarithms of what that takes. Directions that a layer annihilates have an exponent of minus
    infinity.

    Parameters
    ----------
    steps : Linearized
        As of `jacobian_norms`.
    count : int, optional
        M, how many, from the largest on; all unless given.
    settle : int, optional
        Steps at the start that align the frame and are not counted; a tenth unless given.
    tell : callable
        Told of progress.
    """
    skipped = int(SETTLE * steps.count) if settle is None else settle
    wanted = steps.width if count is None else min(count, steps.width)
    frame: Array = np.broadcast_to(
        np.eye(steps.width)[:, :wanted], (steps.batch, steps.width, wanted)
    )
    if wanted < steps.width:  # a frame along axes might miss what grows
        draw = np.random.default_rng(0).standard_normal((steps.width, wanted))
        frame = np.broadcast_to(np.linalg.qr(draw)[0], frame.shape)
    sums, due = np.zeros((steps.batch, wanted)), 1
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        t = 0
        while t < steps.count:
            stop = min(t + due, skipped if t < skipped else steps.count)
            turned, logs = _carried(steps, frame, range(t, stop))
            due = _next_due(logs / (stop - t))
            if stop - t > 1 and not _spread(logs) < _MOST_SPREAD:
                due = (stop - t) // 2
                continue  # from where the frame was last orthonormal, in shorter strides
            if t >= skipped:
                sums += logs
            frame, t = turned, stop
            tell(t / steps.count)
    counted = max(1, steps.count - skipped)
    by_sequence = -np.sort(-sums / counted, axis=1)
    exponents = by_sequence.mean(axis=0)
    largest = float(exponents[0])
    return Lyapunov(
        exponents=frozen(exponents),
        by_sequence=frozen(by_sequence),
        steps=counted,
        horizon=float(np.log(2.0)) / largest if largest > 0.0 else np.inf,
    )


def _carried(steps: Linearized, frame: Array, through: range) -> tuple[Array, Values]:
    """Carry a frame through steps; return it orthonormal, and the logarithms of the lengths."""
    for t in through:
        frame = steps.push(frame, t)
    frame, stretched = np.linalg.qr(frame)
    return frame, np.log(np.abs(np.diagonal(stretched, axis1=1, axis2=2)))


def _spread(logs: Values) -> float:
    return float((logs.max(axis=1) - logs.min(axis=1)).max())


def _next_due(logs: Values) -> int:
    """Return for how many steps a frame may be carried that was stretched so much a step."""
    spread = _spread(logs)
    if not spread < _MOST_SPREAD:
        return 1
    return min(_MOST_STEPS, max(1, int(_MOST_SPREAD / max(spread, 1e-3))))


def autonomous(network: RecurrentNetwork, steps: int, batch: int = 1, seed: int = 0) -> Steps:
    """Let a network run on by itself, its input zero, and return its top layer's steps.

    Parameters
    ----------
    network : RecurrentNetwork
        Whose last window is overwritten.
    steps, batch : int
        T and B.
    seed : int
        Of the initial states, standard normal.
    """
    generator = np.random.default_rng(seed)
    dtype, size = network.parameters.flat.dtype, network.layer.hidden_size
    state = {
        name: generator.standard_normal((batch, size)).astype(dtype) for name in network.state_names
    }
    inputs = np.zeros((steps, batch, network.layers[0].input_size), dtype)
    network.forward(inputs, slice(steps - 1, steps), state)
    return layer_steps(network, inputs)[-1]


def _of_layers(network: FeedforwardNetwork) -> Dynamics:
    """Measure dh_l/dh_{l-1} of every layer; the first's is with respect to the input."""
    h, norms = network.layers[0].states("h"), []
    weights = [network.parameters[f"layers.{index}.weight"] for index in range(network.depth)]
    for weight, values in zip(weights, h[1:], strict=True):
        slope = np.empty_like(values)
        ACTIVATIONS[network.activation].slope(values, slope)
        jacobian = slope[..., None] * weight
        norms.append(np.linalg.svd(jacobian[:SEQUENCES], compute_uv=False)[:, 0])
    return Dynamics(
        layer=0,
        state=("h",),
        weights=layer_spectra(network.parameters, network.depth),
        loop=None,
        jacobian_norms=frozen(np.array(norms)),
        lyapunov=None,
        axis="layer",
    )
