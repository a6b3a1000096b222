"""The verdict on a grid of experiments, each made to be in one state."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from statistics import median

import numpy as np
import pytest

from gradexplorer.analysis import rules
from gradexplorer.analysis.carriage import RecentCarriages
from gradexplorer.analysis.remedies import Remedy
from gradexplorer.analysis.verdict import TITLES, Verdict, verdict
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import load_preset
from gradexplorer.errors import InputError
from gradexplorer.tasks.task import Baseline
from gradexplorer.training.shape import window_shape
from gradexplorer.training.snapshot import METRICS_DTYPE, Snapshot
from gradexplorer.training.trainer import Trainer

MEAN = Baseline("always answering 0.5", 1 / 24)
VANISHING, LSTM, EXPLODING = "vanishing-gradient", "lstm-remembers", "exploding-gradient"
DEEP = "deep-feedforward"
SHORT = ["task.length=6", "model.hidden_size=8", "optimizer.name=adam"]
RELU = ["model.activation=relu", "model.depth=4", "model.hidden_size=8", "optimizer.name=adam"]

# State, preset, its changes, updates.
GRID = [
    ("vanishing", VANISHING, [], 60),
    ("vanishing", VANISHING, [], 400),
    ("vanishing", VANISHING, ["model.cell=gru"], 60),
    ("vanishing", VANISHING, ["model.cell=lstm", "model.forget_bias=0.0"], 60),
    ("vanishing", DEEP, [], 300),
    ("vanishing", "sunspots-truncated", ["task.name=copy", "bptt.k2=none", "bptt.k1=none"], 60),
    ("exploding", EXPLODING, [], 20),
    ("diverged", EXPLODING, [], 200),
    ("diverged", VANISHING, ["optimizer.learning_rate=1.5", "task.length=10"], 100),
    ("clipped", "clipped-gradient", ["model.hidden_size=64"], 60),
    ("truncated", VANISHING, ["bptt.k2=10"], 60),
    ("truncated", "sunspots-truncated", ["task.name=copy", "bptt.k2=20"], 60),
    ("saturated", VANISHING, ["model.recurrent_init=orthogonal", "model.recurrent_gain=20"], 40),
    ("saturated", DEEP, ["model.activation=tanh", "model.other_init=gaussian",
                         "model.other_std=3.0"], 40),
    ("dead", DEEP, [*RELU, "optimizer.learning_rate=1.0"], 40),
    ("rate_too_high", VANISHING, [*SHORT, "model.cell=gru", "optimizer.learning_rate=0.5"], 600),
    ("rate_too_high", VANISHING, [*SHORT, "model.cell=gru", "optimizer.learning_rate=4.0"], 800),
    ("rate_too_low", VANISHING, ["task.length=10", "model.cell=lstm",
                                 "optimizer.learning_rate=1e-7"], 300),
    ("learned", VANISHING, [*SHORT, "model.cell=lstm", "optimizer.learning_rate=0.1"], 300),
    ("healthy", LSTM, [], 600),
    ("learned", "digits", [], 250),
    ("healthy", "spoken-digits", [], 210),
    ("unknown", LSTM, [], 350),
    ("healthy", "sunspots-truncated", [], 400),
    ("unknown", VANISHING, [], 15),
    ("unknown", LSTM, [], 60),
    ("unknown", "temporal-order", [], 300),
]  # fmt: skip


def judge(config: ExperimentConfig, snapshots: Iterable[Snapshot]) -> Verdict:
    rows, trace, divergence, shape = [], None, None, window_shape(config)
    carriages = RecentCarriages()
    if config.task.name == "adding" and not shape.baselines:
        shape = replace(shape, baselines=(MEAN,))
    for snapshot in snapshots:
        rows.append(tuple(snapshot.metrics))
        trace, divergence = snapshot.trace or trace, snapshot.divergence
        carriages.add(snapshot.trace)
    metrics = np.array(rows, METRICS_DTYPE)
    return verdict(config, shape, metrics, trace, divergence, carriages=carriages.kept)


@pytest.fixture(scope="module")
def judged():
    """Give a function that runs an experiment once and returns it with its verdict."""
    known: dict[tuple[str, ...], tuple[ExperimentConfig, Verdict]] = {}

    def get(preset: str, changes: list[str], updates: int):
        key = (preset, *changes, str(updates))
        if key not in known:
            config = load_preset(preset, changes)
            known[key] = config, judge(config, islice(Trainer(config), updates))
        return known[key]

    return get


def test_the_grid_has_every_state() -> None:
    assert {state for state, *_ in GRID} == set(TITLES)


@pytest.mark.parametrize(("state", "preset", "changes", "updates"), GRID)
def test_each_experiment_is_seen_for_what_it_is(judged, state, preset, changes, updates) -> None:
    config, found = judged(preset, changes, updates)
    assert (found.state, found.title) == (state, TITLES[state]), found.sentence
    assert found.sentence.endswith(".")
    assert any(character.isdigit() for character in found.sentence)
    if state not in ("healthy", "learned", "unknown"):
        assert found.remedies
    for remedy in found.remedies:
        changed = remedy.apply(config)
        assert changed != config
        assert next(Trainer(changed)).metrics.iteration == 1
    assert pickle.loads(pickle.dumps(found)) == found


def test_the_first_remedy_against_a_vanishing_gradient_cures_it() -> None:
    config = load_preset(VANISHING)
    found = judge(config, islice(Trainer(config), 40))
    assert [remedy.title for remedy in found.remedies][:2] == ["Try LSTM", "Orthogonal, gain 1"]
    for remedy in found.remedies[:2]:
        changed = remedy.apply(config)
        assert judge(changed, islice(Trainer(changed), 40)).state != "vanishing"


def test_clipping_keeps_the_exploding_run_from_diverging() -> None:
    config = load_preset(EXPLODING)
    (clip, *_) = judge(config, islice(Trainer(config), 20)).remedies
    trainer = Trainer(clip.apply(config))
    assert len(list(islice(trainer, 200))) == 200
    assert trainer.divergence is None


def test_the_sentence_says_where_the_gradient_is_lost(judged) -> None:
    _, found = judged(VANISHING, [], 60)
    assert found.sentence == (
        "A step back, 0.53 of the gradient is left, after 22 steps less than 1e-6 of it; the "
        "task needs 49."
    )
    _, found = judged(DEEP, [], 300)
    assert (
        "of the gradient is left, after 7 layers less than 1e-6 of it; there are 11."
        in found.sentence
    )


def test_it_says_nothing_before_it_can() -> None:
    config, shape = load_preset(VANISHING), window_shape(load_preset(VANISHING))
    found = verdict(config, shape, np.empty(0, METRICS_DTYPE), None)
    assert found.state == "unknown"
    assert found.sentence == "0 updates were made; a judgement needs 20 more updates."
    found = verdict(config, shape, np.zeros(30, METRICS_DTYPE), None)
    assert found.sentence == "30 updates were made; a judgement needs a recorded update."


def test_counted_units_speak_where_the_trace_is_silent() -> None:
    config = load_preset(DEEP, [*RELU, "optimizer.learning_rate=1e-4"])
    rows, trace = [], None
    for snapshot in islice(Trainer(config), 40):
        rows.append(tuple(snapshot.metrics))
        trace = snapshot.trace or trace
    metrics, shape = np.array(rows, METRICS_DTYPE), window_shape(config)
    assert verdict(config, shape, metrics, trace).state != "dead"
    found = verdict(config, shape, metrics, trace, dead_units=0.6)
    assert (found.state, found.confidence) == ("dead", "likely")
    assert found.sentence.startswith("60% of the ReLU units")


def test_the_order_of_the_rules_is_that_of_the_titles() -> None:
    assert [rule.__name__ for rule in rules.RULES] == list(TITLES)


def test_remedies_that_change_nothing_or_cannot_be_are_left_out() -> None:
    config = load_preset(VANISHING)
    assert not Remedy("None", "", {"model.cell": "rnn"}).changes_anything(config)
    impossible = Remedy("No", "", {"model.hidden_size": 0})
    assert not impossible.changes_anything(config)
    with pytest.raises(InputError, match="changed by 'No'"):
        impossible.apply(config)


def test_it_takes_less_than_a_millisecond() -> None:
    config = load_preset(VANISHING)
    rows = [snapshot for snapshot in islice(Trainer(config), 400)]  # noqa: C416
    metrics = np.array([tuple(one.metrics) for one in rows], METRICS_DTYPE)
    metrics = np.tile(metrics, 2000)  # 800,000 updates
    trace, shape = rows[-1].trace, window_shape(config)
    times = []
    for _ in range(30):
        start = time.perf_counter()
        verdict(config, shape, metrics, trace)
        times.append(time.perf_counter() - start)
    assert median(times) < 2e-3  # here 0.4 ms; a busy machine must not fail it


def test_one_update_is_told_as_one() -> None:
    config = load_preset(VANISHING)
    found = judge(config, islice(Trainer(config), 1))
    assert found.sentence == "1 update was made; a judgement needs 19 more updates."
