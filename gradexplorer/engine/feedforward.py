"""A deep feedforward network: layers are to it what timesteps are to a recurrent one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from gradexplorer.engine.activations import ACTIVATIONS, Activation
from gradexplorer.engine.layer import State
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.records import GradientNorms, layer_norms, norms_of_own_loss
from gradexplorer.engine.truncation import BackwardPlan


class DenseStack:
    """The hidden layers of a feedforward network, read as the steps of one recurrent layer.

    Forward, with h_0 the input::

        a_l = W_l h_{l-1} + b_l
        h_l = f(a_l)

    and back::

        da_l = dh_l * f'(a_l)
        dh_{l-1} = W_l^T da_l

    Parameters
    ----------
    parameters, gradients : Parameters
        Hold ``layers.0.weight (H_1, D)``, ``layers.0.bias (H_1,)``, ``layers.1.weight (H_2, H_1)``
        and so on.
    depth : int
        How many there are.
    activation : str
        A key of `gradexplorer.engine.activations.ACTIVATIONS`.

    References
    ----------
    Rumelhart, Hinton & Williams (1986), Learning representations by back-propagating errors.
    """

    index = 0
    state_names = ("h",)

    def __init__(
        self, parameters: Parameters, gradients: Parameters, depth: int, activation: str
    ) -> None:
        names = [f"layers.{index}" for index in range(depth)]
        self._weights = [parameters[f"{name}.weight"] for name in names]
        self._biases = [parameters[f"{name}.bias"] for name in names]
        self._d_weights = [gradients[f"{name}.weight"] for name in names]
        self._d_biases = [gradients[f"{name}.bias"] for name in names]
        self._first_weight = np.empty_like(self._weights[0])
        self._activation = ACTIVATIONS[activation]
        self._batch = -1
        self._h: list[Array] = []
        self._a: list[Array] = []
        self._dh: list[Array] = []

    @property
    def depth(self) -> int:
        """The number of hidden layers."""
        return len(self._weights)

    def forward(self, inputs: Array) -> Array:
        """Run the layers on inputs (B, D); return the last one's values (B, H_L)."""
        if len(inputs) != self._batch:
            self._make_buffers(len(inputs), inputs.dtype)
        np.copyto(self._h[0], inputs)
        sign = self._activation.sign
        with np.errstate(over="ignore"):  # exp of a saturated unit's pre-activation
            for index, (weight, bias) in enumerate(zip(self._weights, self._biases, strict=True)):
                a = np.dot(self._h[index], weight.T, out=self._a[index])
                a += bias
                if sign != 1.0:
                    a *= sign
                self._activation.apply(a, self._h[index + 1])
        return self._h[-1]

    def backward(self, d_last: Array) -> None:
        """Set the parameters' gradients from dL/dh of the last layer, (B, H_L)."""
        np.copyto(self._dh[-1], d_last)
        for index in reversed(range(self.depth)):
            da = self._a[index]  # no longer needed for the way forward
            self._activation.slope(self._h[index + 1], da)
            da *= self._dh[index + 1]
            np.dot(da.T, self._h[index], out=self._d_weights[index])
            np.sum(da, axis=0, out=self._d_biases[index])
            if index:
                np.dot(da, self._weights[index], out=self._dh[index])
        np.copyto(
            self._first_weight, self._weights[0]
        )  # `d_inputs` may be asked for after an update

    def states(self, name: str) -> list[Array]:  # noqa: ARG002
        """Return h_0 (the input) to h_L of the last pass, each (B, H_l)."""
        return self._h

    def squashed(self) -> tuple[list[Array], Activation]:
        """Return h_1 to h_L of the last pass, each (B, H_l), and their activation."""
        return self._h[1:], self._activation

    def gate_values(self) -> dict[str, Array]:
        """Return nothing: there are no gates."""
        return {}

    def d_states(self) -> list[Array]:
        """Return dL/dh_1 to dL/dh_L of the last backward pass, each (B, H_l)."""
        return self._dh[1:]

    def d_inputs(self) -> Array:
        """Return dL/dx of the last backward pass, shape (B, D)."""
        d_inputs: Array = self._a[0] @ self._first_weight
        return d_inputs

    def _make_buffers(self, batch: int, dtype: DTypeLike) -> None:
        self._batch = batch
        sizes = [weight.shape[1] for weight in self._weights] + [len(self._weights[-1])]
        self._h = [np.empty((batch, size), dtype) for size in sizes]
        self._dh = [np.empty((batch, size), dtype) for size in sizes]
        self._a = [np.empty((batch, size), dtype) for size in sizes[1:]]


class FeedforwardNetwork:
    """Hidden layers and a linear readout of the last: y = W h_L + b.

    To whoever trains and records it, it is a network unrolled over ``depth`` steps whose input
    enters at the first and whose loss is at the last.

    Parameters
    ----------
    input_size : int
        D.
    widths : sequence of int
        The units of each hidden layer, at least one layer.
    output_size : int
        O.
    dtype : dtype
        ``float32`` or ``float64``.
    parameters : Parameters, optional
        Shared with another network, which then computes with the same weights.
    activation : str
        A key of `gradexplorer.engine.activations.ACTIVATIONS`.

    Attributes
    ----------
    parameters, gradients : Parameters
        The layers', see `DenseStack`, and ``readout.weight (O, H_L)`` and ``readout.bias (O,)``.
    layers : tuple
        The one `DenseStack`.
    """

    def __init__(
        self,
        input_size: int,
        widths: Sequence[int],
        output_size: int,
        dtype: DTypeLike = np.float32,
        parameters: Parameters | None = None,
        *,
        activation: str = "tanh",
    ) -> None:
        self.input_size, self.widths, self.activation = input_size, tuple(widths), activation
        shapes: dict[str, tuple[int, ...]] = {}
        below = input_size
        for index, width in enumerate(self.widths):
            shapes |= {f"layers.{index}.weight": (width, below), f"layers.{index}.bias": (width,)}
            below = width
        shapes |= {"readout.weight": (output_size, below), "readout.bias": (output_size,)}
        self.parameters = parameters or Parameters(shapes, dtype)
        self.gradients = Parameters(shapes, dtype)
        self._stack = DenseStack(self.parameters, self.gradients, len(self.widths), activation)
        self.layers = (self._stack,)
        self._d_outputs = self._d_last = np.empty((0, 0, 0), dtype)

    @property
    def depth(self) -> int:
        """The number of hidden layers: the steps of the depth axis."""
        return self._stack.depth

    @property
    def state_names(self) -> tuple[str, ...]:
        """Nothing is carried from one pass to the next."""
        return ()

    def twin(self) -> FeedforwardNetwork:
        """Return a network with the same weights and buffers of its own."""
        return FeedforwardNetwork(
            self.input_size,
            self.widths,
            len(self.parameters["readout.bias"]),
            self.parameters.flat.dtype,
            self.parameters,
            activation=self.activation,
        )

    def forward(
        self, inputs: Array, _loss_steps: object = None, _state: State | None = None
    ) -> Array:
        """Run the network.

        Parameters
        ----------
        inputs : ndarray, shape (1, B, D)

        Returns
        -------
        ndarray, shape (1, B, O)
        """
        last = self._stack.forward(inputs[0])
        outputs: Array = last @ self.parameters["readout.weight"].T
        outputs += self.parameters["readout.bias"]
        return outputs[None]

    def backward(self, d_outputs: Array, _plan: BackwardPlan | None = None) -> None:
        """Set `gradients` from dL/dy, shape (1, B, O), of the last forward pass."""
        last = self._stack.states("h")[-1]
        np.dot(d_outputs[0].T, last, out=self.gradients["readout.weight"])
        np.sum(d_outputs[0], axis=0, out=self.gradients["readout.bias"])
        self._d_outputs = d_outputs
        self._d_last = d_outputs @ self.parameters["readout.weight"]
        self._stack.backward(self._d_last[0])

    def state_after(self, _steps: int) -> dict[str, Array]:
        """Return nothing: no pass depends on the one before it."""
        return {}

    def signal(self, name: str, _index: int = -1) -> list[Array]:
        """Return a gradient of the last backward pass at every layer, each (B, H_l).

        Parameters
        ----------
        name : str
            ``dh``: dL/dh_l. ``flow_h``: what arrived from layer l + 1; ``from_above``: what
            arrived from the readout.
        """
        return self._signals()[name]

    def _signals(self) -> dict[str, list[Array]]:
        dh = self._stack.d_states()
        none = [np.zeros_like(part) for part in dh]
        return {"dh": dh, "flow_h": [*dh[:-1], none[-1]], "from_above": [*none[:-1], dh[-1]]}

    def gradient_norms(self) -> GradientNorms:
        """Measure the last backward pass."""
        return GradientNorms(
            layers=(layer_norms(self._signals()),),
            dy=norms_of_own_loss(self._d_outputs),
            flow_y=norms_of_own_loss(self._d_last),
            dx=norms_of_own_loss(self._stack.d_inputs()[None]),
        )
