"""What is inside a trace: gates and units without a slope, where they are wanted, and right."""

from __future__ import annotations

import pickle
from itertools import islice

import numpy as np
import pytest

from gradexplorer.config.presets import load_preset
from gradexplorer.training.control import Control, Turn
from gradexplorer.training.inside import WHOLE, Detail
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.runner import drive
from gradexplorer.training.trainer import Trainer

LSTM, GRU = "model.cell=lstm", "model.cell=gru"


def traced(config, details=WHOLE, updates=3):
    trainer = Trainer(config)
    for _ in range(updates):
        trainer.details = details
        trainer.want_trace()
        snapshot = next(trainer)
    return trainer, snapshot.trace


def test_nothing_is_measured_that_nobody_looks_at(small) -> None:
    for details in (Detail.NONE, Detail.ENDS, Detail.GATES):
        _, trace = traced(small(LSTM), details)
        assert trace.details == details
        assert (trace.layers[0].ends is not None) == (details == Detail.ENDS)
        assert len(trace.layers[0].gates) == (4 if details == Detail.GATES else 0)


def test_the_last_trace_has_everything(small) -> None:
    trace = list(Trainer(small(LSTM, "training.iterations=3")))[-1].trace
    assert trace.details == WHOLE
    assert trace.layers[0].gates


def test_details_change_no_bit_of_the_run(small) -> None:
    plain = [snapshot.metrics for snapshot in islice(Trainer(small(GRU)), 6)]
    trainer, found = Trainer(small(GRU)), []
    for _ in range(6):
        trainer.details = WHOLE
        trainer.want_trace()
        found.append(next(trainer).metrics)
        trainer.trace_again(WHOLE)
    assert np.array(found).tobytes() == np.array(plain).tobytes()


@pytest.mark.parametrize(
    ("overrides", "names"),
    [
        ((LSTM,), "ifgo"),
        ((GRU, "model.layers=2"), "rzn"),
        ((LSTM, "bptt.k2=4", "bptt.k1=2"), "ifgo"),
        ((), ""),
        (("model.cell=feedforward", "model.depth=4"), ""),
    ],
)
def test_gates_are_those_of_every_layer(small, overrides, names) -> None:
    trainer, trace = traced(small(*overrides))
    batch = trainer.config.training.batch_size
    for layer, engine in zip(trace.layers, trainer._network.layers, strict=True):
        assert "".join(gate.name for gate in layer.gates) == names
        for gate in layer.gates:
            values = engine.gate_values()[gate.name]
            first = values[:, 0].astype(np.float64)
            candidate = gate.name in "gn"
            expected = np.sqrt((first**2).mean(axis=1)) if candidate else first.mean(axis=1)
            np.testing.assert_allclose(gate.value, expected)
            low, high = (-0.95, 0.95) if candidate else (0.1, 0.9)
            np.testing.assert_allclose(gate.low, (values < low).mean(axis=(1, 2)))
            np.testing.assert_allclose(gate.high, (values > high).mean(axis=(1, 2)))
            passed = engine.pre_activation_gradients()[gate.name] * batch
            norms = np.linalg.norm(passed.astype(np.float64), axis=2).mean(axis=1)
            np.testing.assert_allclose(gate.passed_on, norms, rtol=1e-5, atol=1e-12)
            np.testing.assert_array_equal(gate.values, values[:, 0])
            assert not gate.value.flags.writeable


def test_what_a_gates_slope_leaves_is_its_gradient_times_the_slope(small) -> None:
    """In a net of one unit and one sequence, norms are the numbers themselves."""
    _, trace = traced(
        small(LSTM, "model.hidden_size=1", "training.batch_size=1", "training.precision=float64")
    )
    for gate in trace.layers[0].gates:
        value = gate.values[:, 0]
        slope = 1.0 - value**2 if gate.is_candidate else value * (1.0 - value)
        np.testing.assert_allclose(gate.passed_on, gate.gradient * slope, rtol=1e-9)
        np.testing.assert_allclose(gate.gradient, np.abs(gate.gradients[:, 0]), rtol=1e-9)


def test_a_gates_pre_activation_gradients_add_up_to_its_biases(small) -> None:
    _, trace = traced(
        small(LSTM, "model.hidden_size=1", "training.batch_size=1", "training.precision=float64")
    )
    bias = np.split(trace.units.gradients["bias_ih_l0"], 4)
    for gate, expected in zip(trace.layers[0].gates, bias, strict=True):
        value = gate.values[:, 0]
        slope = 1.0 - value**2 if gate.is_candidate else value * (1.0 - value)
        assert (gate.gradients[:, 0] * slope).sum() == pytest.approx(float(expected[0]))


def test_saturated_silent_and_dead_units_are_shares(small) -> None:
    trainer, trace = traced(small("model.recurrent_gain=6", "task.length=30"), Detail.ENDS)
    h = trainer._network.layer.states("h")[1:]
    ends = trace.layers[0].ends
    np.testing.assert_allclose(ends.saturated, (np.abs(h) > 0.95).mean(axis=(1, 2)))
    assert ends.saturated.max() > 0.0
    assert ends.silent is ends.dead is None
    trainer, trace = traced(small("model.activation=relu"), Detail.ENDS)
    h, ends = trainer._network.layer.states("h")[1:], trace.layers[0].ends
    np.testing.assert_allclose(ends.silent, (h == 0.0).mean(axis=(1, 2)))
    np.testing.assert_allclose(ends.dead, (h == 0.0).all(axis=1).mean(axis=1))
    assert not ends.saturated.any()


def test_layers_have_shares_too(small) -> None:
    config = small("model.cell=feedforward", "model.activation=relu", "model.widths=5 4 3")
    trainer, trace = traced(config, Detail.ENDS)
    states = trainer._network.layers[0].states("h")[1:]
    assert len(trace.layers[0].ends.silent) == 3
    for index, h in enumerate(states):
        assert trace.layers[0].ends.silent[index] == pytest.approx((h == 0.0).mean())
        assert trace.layers[0].ends.dead[index] == pytest.approx((h == 0.0).all(axis=0).mean())


def test_a_closed_loops_gates_are_measured() -> None:
    config = load_preset("pendulum-swing-up", ["model.cell=lstm", "training.iterations=2"])
    trace = list(Trainer(config))[-1].trace
    assert [gate.name for gate in trace.layers[0].gates] == list("ifgo")
    assert trace.layers[0].ends is not None


def test_it_survives_the_way_between_processes(small, same) -> None:
    _, trace = traced(small(LSTM, "model.layers=2"))
    assert same(pickle.loads(pickle.dumps(trace)), trace)


def test_a_trace_is_made_again_with_more_in_it(small, same) -> None:
    trainer, bare = traced(small(GRU), Detail.NONE)
    again = trainer.trace_again(WHOLE)
    assert (again.iteration, again.details) == (bare.iteration, WHOLE)
    assert again.layers[0].gates
    assert same(again.dh, bare.dh)
    assert same(again.weights, bare.weights)
    assert Trainer(small()).trace_again(WHOLE) is None


def test_a_run_that_waits_makes_its_last_trace_again(small, start) -> None:
    control, mailbox = Control(paused=True), Mailbox()
    thread = start(drive, Trainer(small(LSTM)), control, mailbox)
    control.step()
    while not len(mailbox.fetch().metrics):
        pass
    control.look_into(Detail.GATES)
    while (mail := mailbox.fetch()).trace is None:
        pass
    assert len(mail.metrics) == 0
    assert (mail.trace.iteration, mail.trace.details) == (1, Detail.GATES)
    control.stop()
    thread.join(10)


def test_traces_that_come_unasked_have_no_less_than_is_looked_into(small) -> None:
    control, mailbox, found = Control(), Mailbox(), []
    control.look_into(WHOLE)
    mailbox.put = lambda snapshot: found.append(snapshot.trace)
    drive(
        Trainer(small(LSTM, "training.record_every=2", "training.iterations=9")), control, mailbox
    )
    assert found[5] is not None  # of update 6, which is due, and no power of two
    assert {trace.details for trace in found if trace is not None} == {WHOLE}


def test_the_control_hands_details_on_and_asks_again_only_for_more() -> None:
    control = Control()
    control.look_into(Detail.GATES)
    control.want_trace()
    assert control.turn() == Turn(None, trace=True, details=Detail.GATES)
    control.pause()
    control.look_into(WHOLE)
    assert control.turn() == Turn(None, trace=True, details=WHOLE, again=True)
    control.look_into(Detail.NONE)
    control.step()
    assert control.turn() == Turn(None, trace=True, moment=True)


def test_before_the_first_update_there_is_nothing_to_show_again() -> None:
    control = Control(paused=True)
    control.look_into(WHOLE)
    control.step()
    assert control.turn() == Turn(None, trace=True, moment=True, details=WHOLE)
