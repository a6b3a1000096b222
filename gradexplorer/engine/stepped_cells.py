"""The cells, and feedforward layers, that are run one step at a time."""

from __future__ import annotations

import numpy as np

from gradexplorer.engine.activations import ACTIVATIONS, Activation
from gradexplorer.engine.layer import State
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.stepped import Flows, Slopes, SteppedCell, SteppedLayer


class SteppedRNN(SteppedCell):
    """The vanilla cell of `gradexplorer.engine.rnn.RNNLayer`."""

    gates = 1

    def __init__(
        self, parameters: Parameters, gradients: Parameters, activation: str = "tanh"
    ) -> None:
        super().__init__(parameters, gradients)
        self._activation = ACTIVATIONS[activation]

    def squashed(self) -> tuple[Array, Activation]:
        """Return h_t, (T, B, H), and its activation."""
        return self._states["h"][1:], self._activation

    def _step(self, t: int, of_inputs: Array, of_hidden: Array) -> None:
        of_inputs += of_hidden
        of_inputs *= self._activation.sign
        self._activation.apply(of_inputs, self._states["h"][t + 1])

    def _step_back(self, t: int, dh: Array, _flows: Flows) -> Slopes:
        slope = np.empty_like(dh)
        self._activation.slope(self._states["h"][t + 1], slope)
        slope *= dh
        return Slopes(slope, slope, {})


class SteppedLSTM(SteppedCell):
    """The LSTM of `gradexplorer.engine.lstm.LSTMLayer`."""

    gates, kept = 4, 5
    state_names = carried_names = ("h", "c")

    def signals(self) -> dict[str, Array]:
        """Return the gradients of the last backward pass by name, each (T, B, H)."""
        found, flow = super().signals(), self._signals["flow_c"]
        o, tanh_c = self._gates[:, 3], self._tanh_c
        from_h = found["dh"] * o * (1.0 - tanh_c * tanh_c)
        return found | {"dc": from_h + flow, "flow_c": flow, "dc_from_h": from_h}

    def squashed(self) -> tuple[Array, Activation]:
        """Return tanh c_t, (T, B, H), and tanh."""
        return self._tanh_c, ACTIVATIONS["tanh"]

    def gate_values(self) -> dict[str, Array]:
        """Return i, f, g and o, each (T, B, H)."""
        return {name: self._gates[:, index] for index, name in enumerate("ifgo")}

    def gate_gradients(self, dh: Array, dc: Array | None) -> dict[str, Array]:
        """Return dL/d(gate) of i, f, g and o, each (T, B, H)."""
        assert dc is not None
        gates, before = self.gate_values(), self._states["c"][:-1]
        return {
            "i": dc * gates["g"],
            "f": dc * before,
            "g": dc * gates["i"],
            "o": dh * self._tanh_c,
        }

    def pre_activation_gradients(self) -> dict[str, Array]:
        """Return dL/da of i, f, g and o, each (T, B, H)."""
        return self._by_gate("ifgo")

    def _allocate(self) -> None:
        super()._allocate()
        self._gates = self._empty(self.steps, 4, self.batch, self.hidden_size)
        self._tanh_c = self._empty(self.steps, self.batch, self.hidden_size)

    def _step(self, t: int, of_inputs: Array, of_hidden: Array) -> None:
        of_inputs += of_hidden
        gates = self._gates[t]
        gates[...] = of_inputs.reshape(self.batch, 4, self.hidden_size).transpose(1, 0, 2)
        i, f, g, o = gates
        for gate in (gates[:2], o):
            _sigmoid(gate)
        np.tanh(g, out=g)
        h, c = self._states["h"], self._states["c"]
        c[t + 1] = f * c[t] + i * g
        np.tanh(c[t + 1], out=self._tanh_c[t])
        np.multiply(o, self._tanh_c[t], out=h[t + 1])

    def _step_back(self, t: int, dh: Array, flows: Flows) -> Slopes:
        (i, f, g, o), tanh_c = self._gates[t], self._tanh_c[t]
        dc = dh * o * (1.0 - tanh_c * tanh_c)
        if flows:
            dc += flows["c"]
        da = self._empty(self.batch, 4, self.hidden_size)
        da[:, 0] = dc * g * i * (1.0 - i)
        da[:, 1] = dc * self._states["c"][t] * f * (1.0 - f)
        da[:, 2] = dc * i * (1.0 - g * g)
        da[:, 3] = dh * tanh_c * o * (1.0 - o)
        rows = da.reshape(self.batch, -1)
        return Slopes(rows, rows, {"c": dc * f})


class SteppedGRU(SteppedCell):
    """The GRU of `gradexplorer.engine.gru.GRULayer`."""

    gates, kept = 3, 4

    def squashed(self) -> tuple[Array, Activation]:
        """Return n_t, (T, B, H), and tanh."""
        return self._n, ACTIVATIONS["tanh"]

    def gate_values(self) -> dict[str, Array]:
        """Return r, z and n, each (T, B, H)."""
        return {"r": self._rz[:, 0], "z": self._rz[:, 1], "n": self._n}

    def gate_gradients(self, dh: Array, dc: Array | None) -> dict[str, Array]:  # noqa: ARG002
        """Return dL/d(gate) of r, z and n, each (T, B, H)."""
        before = self._states["h"][:-1]
        return {
            "r": self.pre_activation_gradients()["n"] * self._of_hidden,
            "z": dh * (before - self._n),
            "n": dh * (1.0 - self._rz[:, 1]),
        }

    def pre_activation_gradients(self) -> dict[str, Array]:
        """Return dL/da of r, z and n, each (T, B, H)."""
        return self._by_gate("rzn")

    def _allocate(self) -> None:
        super()._allocate()
        steps, batch, size = self.steps, self.batch, self.hidden_size
        self._rz = self._empty(steps, 2, batch, size)
        self._n, self._of_hidden = (self._empty(steps, batch, size) for _ in range(2))

    def _step(self, t: int, of_inputs: Array, of_hidden: Array) -> None:
        size, h, rz = self.hidden_size, self._states["h"], self._rz[t]
        sums = of_inputs[:, : 2 * size] + of_hidden[:, : 2 * size]
        rz[...] = sums.reshape(self.batch, 2, size).transpose(1, 0, 2)
        _sigmoid(rz)
        r, z = rz
        self._of_hidden[t] = of_hidden[:, 2 * size :]
        n = self._n[t]
        np.tanh(of_inputs[:, 2 * size :] + r * self._of_hidden[t], out=n)
        h[t + 1] = n + z * (h[t] - n)

    def _step_back(self, t: int, dh: Array, _flows: Flows) -> Slopes:
        (r, z), n = self._rz[t], self._n[t]
        by_inputs = self._empty(self.batch, 3, self.hidden_size)
        da_n = dh * (1.0 - z) * (1.0 - n * n)
        by_inputs[:, 0] = da_n * self._of_hidden[t] * r * (1.0 - r)
        by_inputs[:, 1] = dh * (self._states["h"][t] - n) * z * (1.0 - z)
        by_inputs[:, 2] = da_n
        by_hidden = by_inputs.copy()
        by_hidden[:, 2] *= r
        rows = (self.batch, 3 * self.hidden_size)
        return Slopes(by_inputs.reshape(rows), by_hidden.reshape(rows), {"h": dh * z})


class SteppedDense(SteppedLayer):
    """Feedforward layers without a memory; see `gradexplorer.engine.feedforward.DenseStack`.

    h is the last hidden layer's.

    Attributes
    ----------
    depth : int
        How many layers.
    """

    carried_names = ()

    def __init__(
        self, parameters: Parameters, gradients: Parameters, depth: int, activation: str = "tanh"
    ) -> None:
        self.depth = depth
        self._names = [f"layers.{index}" for index in range(depth)]
        super().__init__(parameters, gradients, len(parameters[f"{self._names[-1]}.bias"]))
        self._activation = ACTIVATIONS[activation]

    @classmethod
    def numbers(cls, inputs: int, widths: tuple[int, ...]) -> int:
        """Return how many numbers are kept for each step and sequence, from the sizes alone."""
        return inputs + 2 * sum(widths) + 2 * widths[-1]

    def squashed(self) -> tuple[Array, Activation]:
        """Return the last hidden layer's values, (T, B, H), and their activation."""
        return self._values[-1], self._activation

    def step(self, t: int, inputs: Array) -> Array:
        """Run step t on inputs (B, D); return h_t, (B, H)."""
        self._values[0][t] = inputs
        for index, name in enumerate(self._names):
            a = self._values[index][t] @ self.parameters[f"{name}.weight"].T
            a += self.parameters[f"{name}.bias"]
            a *= self._activation.sign
            self._activation.apply(a, self._values[index + 1][t])
        h: Array = self._values[-1][t]
        return h

    def step_back(self, t: int, above: Array, _flows: Flows) -> tuple[Array, Flows]:
        """Go back through step t; see `SteppedLayer.step_back`."""
        self._signals["from_above"][t] += above
        for index in reversed(range(len(self._names))):
            da = np.empty_like(above)
            self._activation.slope(self._values[index + 1][t], da)
            da *= above
            self._da[index][t] += da
            above = da @ self.parameters[f"{self._names[index]}.weight"]
        return above, {}

    def begin_backward(self) -> None:
        """Forget the last backward pass."""
        super().begin_backward()
        for da in self._da:
            da.fill(0.0)

    def finish_backward(self, _flows: Flows) -> None:
        """Set the parameters' gradients."""
        rows = self.steps * self.batch
        for name, values, da in zip(self._names, self._values[:-1], self._da, strict=True):
            part = da.reshape(rows, -1)
            weight, bias = (self.gradients[f"{name}.{kind}"] for kind in ("weight", "bias"))
            np.matmul(part.T, values.reshape(rows, -1), out=weight)
            np.sum(part, axis=0, out=bias)

    def values(self) -> list[Array]:
        """Return the inputs, and each layer's values, of the last window, (T, B, H_l) each."""
        return self._values

    def states(self, name: str) -> Array:  # noqa: ARG002
        """Return h of every step after a row of zeros, (T + 1, B, H), as other layers do."""
        last = self._values[-1]
        states: Array = np.concatenate([np.zeros_like(last[:1]), last])
        return states

    def _allocate(self) -> None:
        steps, batch = self.steps, self.batch
        widths = [len(self.parameters[f"{name}.bias"]) for name in self._names]
        inputs = self.parameters[f"{self._names[0]}.weight"].shape[1]
        self._values = [self._empty(steps, batch, width) for width in (inputs, *widths)]
        self._da = [self._empty(steps, batch, width) for width in widths]
        names = ("from_above", "flow_h")
        self._signals = {name: self._zeros(steps, batch, self.hidden_size) for name in names}

    def _begin(self, _state: State | None) -> None:
        """Do nothing: there is no state."""


def _sigmoid(a: Array) -> None:
    """Write 1 / (1 + exp(-a)) in its place."""
    np.negative(a, out=a)
    np.exp(a, out=a)
    a += 1.0
    np.reciprocal(a, out=a)


STEPPED: dict[str, type[SteppedCell]] = {
    "rnn": SteppedRNN,
    "lstm": SteppedLSTM,
    "gru": SteppedGRU,
}
CONTROLLERS: dict[str, type[SteppedLayer]] = {**STEPPED, "feedforward": SteppedDense}
