"""Truncated BPTT written to be read, one loss, one sequence and one Jacobian at a time.

Shares no line and no idea with the engine: a layer's state s is (h) or (h, c) in one vector, and
each loss is carried back on its own by s_t's Jacobians with respect to W_ih x_t + b_ih, to
W_hh h_{t-1} + b_hh and to s_{t-1}.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tests.engine.helpers import Problem, reach, signal_names


class Step(NamedTuple):
    state: np.ndarray  # s_t
    by_ai: np.ndarray  # ds_t / d(W_ih x_t + b_ih)
    by_ah: np.ndarray  # ds_t / d(W_hh h_{t-1} + b_hh)
    by_before: np.ndarray  # ds_t / ds_{t-1} other than through W_hh
    c_by_h: np.ndarray  # what dL/dh_t adds to dL/dc_t; empty without a cell state


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


ACTIVATIONS = {
    "tanh": lambda a: (np.tanh(a), 1 - np.tanh(a) ** 2),
    "relu": lambda a: (np.maximum(a, 0), np.where(a > 0, 1.0, 0.0)),
    "linear": lambda a: (a, np.ones(len(a))),
    "sigmoid": lambda a: (sigmoid(a), sigmoid(a) * sigmoid(-a)),
}


def rnn_step(ai, ah, _before, activation) -> Step:
    h, slope = ACTIVATIONS[activation](ai + ah)
    return Step(h, np.diag(slope), np.diag(slope), np.zeros((len(h), len(h))), np.zeros(0))


def lstm_step(ai, ah, before, _activation) -> Step:
    a, size = ai + ah, len(ai) // 4
    i, f, o = (sigmoid(a[block * size : (block + 1) * size]) for block in (0, 1, 3))
    g = np.tanh(a[2 * size : 3 * size])
    c_before = before[size:]
    c = f * c_before + i * g
    h_by_c = o * (1 - np.tanh(c) ** 2)
    c_by_a = np.hstack(
        [
            np.diag(g * i * (1 - i)),
            np.diag(c_before * f * (1 - f)),
            np.diag(i * (1 - g**2)),
            np.zeros((size, size)),
        ]
    )
    h_by_a = h_by_c[:, None] * c_by_a
    h_by_a[:, 3 * size :] = np.diag(np.tanh(c) * o * (1 - o))
    nothing, by_a = np.zeros((size, size)), np.vstack([h_by_a, c_by_a])
    by_before = np.block([[nothing, np.diag(h_by_c * f)], [nothing, np.diag(f)]])
    return Step(np.concatenate([o * np.tanh(c), c]), by_a, by_a, by_before, h_by_c)


def gru_step(ai, ah, before, _activation) -> Step:
    size = len(ai) // 3
    r, z = (sigmoid((ai + ah)[gate * size : (gate + 1) * size]) for gate in (0, 1))
    n = np.tanh(ai[2 * size :] + r * ah[2 * size :])
    n_by_an = 1 - n**2
    by_r = np.diag((1 - z) * n_by_an * ah[2 * size :] * r * (1 - r))
    by_z = np.diag((before - n) * z * (1 - z))
    by_n = np.diag((1 - z) * n_by_an)
    h = (1 - z) * n + z * before
    by_ai, by_ah = np.hstack([by_r, by_z, by_n]), np.hstack([by_r, by_z, by_n @ np.diag(r)])
    return Step(h, by_ai, by_ah, np.diag(z), np.zeros(0))


STEPS = {"rnn": rnn_step, "lstm": lstm_step, "gru": gru_step}


def truncated_gradients(problem: Problem) -> dict[str, np.ndarray]:
    """Sum every loss's own truncated gradient, by the names of parameters and signals."""
    case, weights = problem.case, problem.network.parameters
    size = case.hidden
    sums = {name: np.zeros(array.shape) for name, array in weights.items()}
    for index in range(case.depth):
        for name in signal_names(case.cell):
            sums[f"{name}_l{index}"] = np.zeros((case.steps, case.batch, size))
    sums["dx"] = np.zeros(problem.inputs.shape)
    sums["dy"] = np.zeros((len(case.loss_steps), case.batch, case.outputs))
    for b in range(case.batch):
        before, steps = _forward(problem, b)
        for row, s in enumerate(case.loss_steps):
            top = steps[s][-1].state[:size]
            d_output = _d_output(problem, top, row, b)
            sums["dy"][row, b] = d_output
            sums["readout.weight"] += np.outer(d_output, top)
            sums["readout.bias"] += d_output
            flows = [np.zeros(len(state)) for state in before[0]]  # dL_s/ds_t by way of s_{t+1}
            for t in range(s, reach(case, s) - 1, -1):
                above = weights["readout.weight"].T @ d_output if t == s else np.zeros(size)
                for index in reversed(range(case.depth)):
                    above = _back(problem, sums, index, t, b, steps, before, flows, above)
                sums["dx"][t, b] += above
            if case.learned and problem.state is None and reach(case, s) == 0:
                for index, flow in enumerate(flows):
                    for number, name in enumerate(problem.network.layers[index].state_names):
                        part = flow[number * size : (number + 1) * size]
                        sums[f"initial_{name}_l{index}"] += part
    return sums


def _back(problem, sums, index, t, b, steps, before, flows, above) -> np.ndarray:
    """Carry one loss through one step of one layer; return what goes to the layer's input."""
    size, weights, step = problem.case.hidden, problem.network.parameters, steps[t][index]
    flow = flows[index]
    total = flow.copy()
    total[:size] += above
    found = {"from_above": above, "flow_h": flow[:size], "dh": total[:size]}
    if len(step.c_by_h):
        from_h = total[:size] * step.c_by_h
        found |= {"flow_c": flow[size:], "dc_from_h": from_h, "dc": total[size:] + from_h}
    for name, values in found.items():
        sums[f"{name}_l{index}"][t, b] += values
    dai, dah = total @ step.by_ai, total @ step.by_ah
    x = steps[t][index - 1].state[:size] if index else problem.inputs[t, b]
    sums[f"weight_ih_l{index}"] += np.outer(dai, x)
    sums[f"weight_hh_l{index}"] += np.outer(dah, before[t][index][:size])
    sums[f"bias_ih_l{index}"] += dai
    sums[f"bias_hh_l{index}"] += dah
    flows[index] = total @ step.by_before
    flows[index][:size] += dah @ weights[f"weight_hh_l{index}"]
    return dai @ weights[f"weight_ih_l{index}"]


def _forward(problem: Problem, b: int) -> tuple[list[list[np.ndarray]], list[list[Step]]]:
    """Return each layer's states before each step, and its steps, of one sequence."""
    case, weights = problem.case, problem.network.parameters
    before, steps = [[_initial(problem, layer, b) for layer in problem.network.layers]], []
    for x in problem.inputs[:, b]:
        values, now = x, []
        for index in range(case.depth):
            ai = weights[f"weight_ih_l{index}"] @ values + weights[f"bias_ih_l{index}"]
            h = before[-1][index][: case.hidden]
            ah = weights[f"weight_hh_l{index}"] @ h + weights[f"bias_hh_l{index}"]
            now.append(STEPS[case.cell](ai, ah, before[-1][index], case.activation))
            values = now[-1].state[: case.hidden]
        steps.append(now)
        before.append([step.state for step in now])
    return before, steps


def _initial(problem: Problem, layer, b: int) -> np.ndarray:
    names = [f"{name}_l{layer.index}" for name in layer.state_names]
    if problem.state is not None:
        return np.concatenate([problem.state[name][b] for name in names])
    if problem.case.learned:
        return np.concatenate([problem.network.parameters[f"initial_{name}"] for name in names])
    return np.zeros(problem.case.hidden * len(names))


def _d_output(problem: Problem, h: np.ndarray, row: int, b: int) -> np.ndarray:
    weights, target = problem.network.parameters, problem.targets[row, b]
    output = weights["readout.weight"] @ h + weights["readout.bias"]
    if problem.case.loss.endswith("mean_squared_error"):
        return 2 * (output - target) / problem.targets.size
    if problem.case.loss == "binary_cross_entropy":
        return (1.0 / (1.0 + np.exp(-output)) - target) / problem.targets.size
    softmax = np.exp(output) / np.exp(output).sum()
    return (softmax - np.eye(len(output))[target]) / problem.targets.size
