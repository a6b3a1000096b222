"""Truncated BPTT written to be read, one loss, one sequence and one Jacobian at a time.

Shares no line and no idea with the engine: the state s is (h) or (h, c) in one vector, and
each loss is carried back on its own by s_t's Jacobians with respect to a_t and s_{t-1}.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tests.engine.helpers import Problem, reach


class Step(NamedTuple):
    state: np.ndarray  # s_t
    by_a: np.ndarray  # ds_t / da_t
    by_before: np.ndarray  # ds_t / ds_{t-1} other than through a_t
    c_by_h: np.ndarray  # what dL/dh_t adds to dL/dc_t; empty without a cell state


def rnn_step(a, _before) -> Step:
    h = np.tanh(a)
    return Step(h, np.diag(1 - h**2), np.zeros((len(h), len(h))), np.zeros(0))


def lstm_step(a, before) -> Step:
    size = len(a) // 4
    i, f, o = (1 / (1 + np.exp(-a[block * size : (block + 1) * size])) for block in (0, 1, 3))
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
    nothing = np.zeros((size, size))
    by_before = np.block([[nothing, np.diag(h_by_c * f)], [nothing, np.diag(f)]])
    return Step(np.concatenate([o * np.tanh(c), c]), np.vstack([h_by_a, c_by_a]), by_before, h_by_c)


STEPS = {"rnn": rnn_step, "lstm": lstm_step}


def truncated_gradients(problem: Problem) -> dict[str, np.ndarray]:
    """Sum every loss's own truncated gradient, by the names of parameters and gradient norms."""
    case, weights = problem.case, problem.network.parameters
    size, has_cell_state = case.hidden, case.cell == "lstm"
    sums = {name: np.zeros(array.shape) for name, array in weights.items()}
    for name in ("dh", "flow_h", "dc", "flow_c", "dc_from_h"):
        sums[name] = np.zeros((case.steps, case.batch, size))
    sums["dx"] = np.zeros(problem.inputs.shape)
    sums["dy"] = np.zeros((len(case.loss_steps), case.batch, case.outputs))
    for b in range(case.batch):
        before, steps = _forward(problem, b)
        for row, s in enumerate(case.loss_steps):
            d_output = _d_output(problem, steps[s].state[:size], row, b)
            sums["dy"][row, b] = d_output
            sums["readout.weight"] += np.outer(d_output, steps[s].state[:size])
            sums["readout.bias"] += d_output
            flow = np.zeros(len(before[0]))  # dL_s/ds_t by way of s_{t+1}
            for t in range(s, reach(case, s) - 1, -1):
                total = flow.copy()
                if t == s:
                    total[:size] += weights["readout.weight"].T @ d_output
                sums["flow_h"][t, b] += flow[:size]
                sums["dh"][t, b] += total[:size]
                if has_cell_state:
                    sums["flow_c"][t, b] += flow[size:]
                    sums["dc_from_h"][t, b] += total[:size] * steps[t].c_by_h
                    sums["dc"][t, b] += total[size:] + total[:size] * steps[t].c_by_h
                da = total @ steps[t].by_a
                sums["weight_ih_l0"] += np.outer(da, problem.inputs[t, b])
                sums["weight_hh_l0"] += np.outer(da, before[t][:size])
                sums["bias_ih_l0"] += da
                sums["bias_hh_l0"] += da
                sums["dx"][t, b] += da @ weights["weight_ih_l0"]
                flow = total @ steps[t].by_before
                flow[:size] += da @ weights["weight_hh_l0"]
    return sums


def _forward(problem: Problem, b: int) -> tuple[list[np.ndarray], list[Step]]:
    """Return the states before each step, and the steps, of one sequence."""
    weights, names = problem.network.parameters, problem.network.layer.state_names
    given = problem.state or {name: np.zeros((b + 1, problem.case.hidden)) for name in names}
    before, steps = [np.concatenate([given[name][b] for name in names])], []
    for x in problem.inputs[:, b]:
        a = weights["weight_ih_l0"] @ x + weights["bias_ih_l0"] + weights["bias_hh_l0"]
        a = a + weights["weight_hh_l0"] @ before[-1][: problem.case.hidden]
        steps.append(STEPS[problem.case.cell](a, before[-1]))
        before.append(steps[-1].state)
    return before, steps


def _d_output(problem: Problem, h: np.ndarray, row: int, b: int) -> np.ndarray:
    weights, target = problem.network.parameters, problem.targets[row, b]
    output = weights["readout.weight"] @ h + weights["readout.bias"]
    if problem.case.loss == "mean_squared_error":
        return 2 * (output - target) / problem.targets.size
    if problem.case.loss == "binary_cross_entropy":
        return (1.0 / (1.0 + np.exp(-output)) - target) / problem.targets.size
    softmax = np.exp(output) / np.exp(output).sum()
    return (softmax - np.eye(len(output))[target]) / problem.targets.size
