"""What a task shows reaches whoever draws it, from any network, in any process, in a folder."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from gradexplorer.export.run_folder import export_run
from gradexplorer.export.summary import Summary
from gradexplorer.tasks.adding import Adding
from gradexplorer.tasks.sunspots import Sunspots
from gradexplorer.tasks.task import EpisodeTask, Report, Runner
from gradexplorer.tasks.views import (
    Confusion,
    DecisionSurface,
    NumberSequences,
    SymbolSequences,
    Utterance,
)
from gradexplorer.training.build import build_network, build_task
from gradexplorer.training.frames import read_frame, write_frame
from gradexplorer.training.trainer import Trainer

CELLS = ["model.cell=feedforward", "model.cell=rnn", "model.cell=lstm", "model.cell=gru"]
KINDS = {"digits": Confusion, "spirals": DecisionSurface, "spoken_digits": Utterance}
SEQUENCES = {
    "adding": NumberSequences,
    "temporal_order": SymbolSequences,
    "copy": SymbolSequences,
    "delayed_recall": NumberSequences,
}
OFTEN = "training.evaluate_every=2"


def evaluation(config, updates: int = 4):
    *_, last = islice(Trainer(config), updates)
    return last.evaluation


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("name", KINDS)
def test_every_network_has_the_tasks_view(small, name: str, cell: str) -> None:
    found = evaluation(small(f"task.name={name}", cell, OFTEN))
    assert type(found.view) is KINDS[name]
    assert list(found.figures) == ["held-out accuracy"]


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_view_of_sequences_has_what_the_network_puts_out(small, name: str) -> None:
    config = small(f"task={{name='{name}'}}", "model.cell=lstm", OFTEN)
    found = evaluation(config)
    view, task = found.view, build_task(config)
    assert type(view) is SEQUENCES[name]
    count, losses = view.targets.shape
    assert losses == len(task.loss_steps)
    whole = (losses, task.held_out_size)
    outputs, truth = (part.reshape(whole)[:, :count].T for part in (found.output, found.truth))
    np.testing.assert_array_equal(view.targets, truth)
    if isinstance(view, NumberSequences):
        np.testing.assert_array_equal(view.outputs, outputs)
    else:
        np.testing.assert_array_equal(view.probabilities.argmax(axis=2), outputs)


def test_a_feedforward_net_is_shown_the_sequence_as_it_was(small) -> None:
    flat, timed = (evaluation(small(cell, OFTEN)).view for cell in CELLS[:2])
    assert flat.inputs.shape == (8, 12)
    np.testing.assert_array_equal(flat.inputs, timed.inputs)
    np.testing.assert_array_equal(flat.marked, timed.marked)


def test_a_task_may_have_none(small, monkeypatch) -> None:
    monkeypatch.setattr(Adding, "report", EpisodeTask.report)
    found = evaluation(small(OFTEN))
    assert found.view is None
    assert found.figures == {}


def test_a_stream_may_have_one_too(small_stream, monkeypatch) -> None:
    """Given the outputs from a known place of the series on."""

    def report(task: Sunspots, first: int, outputs: np.ndarray, _runner: Runner) -> Report:
        start = task.held_out_from - first
        errors = outputs[start:] - task.series.targets[task.held_out_from :]
        return Report(
            surface_of(outputs), {"error": float(np.mean(errors.astype(np.float64) ** 2))}
        )

    monkeypatch.setattr(Sunspots, "report", report)
    found = evaluation(small_stream(OFTEN))
    assert found.figures["error"] == pytest.approx(found.loss, rel=1e-5)
    assert found.view.probabilities.shape == (len(found.times), 1)


def test_a_stream_may_run_the_network_on(small_stream, monkeypatch) -> None:
    """From where the series ended, step by step or at once, or afresh."""
    seen: list[np.ndarray] = []

    def report(task: Sunspots, first: int, outputs: np.ndarray, runner: Runner) -> Report:
        more = task.series.inputs[:5, None]
        whole = runner.run(np.concatenate([more, more]))[5:]
        runner.restart()
        start = runner.run(task.series.inputs[first:, None])
        steps = [runner.run(more), *(runner.run(one[None]) for one in more)]
        seen.extend([outputs, start[:, 0], whole, np.concatenate(steps[1:])])
        return Report()

    monkeypatch.setattr(Sunspots, "report", report)
    evaluation(small_stream(OFTEN))
    outputs, again, whole, single = seen[-4:]
    np.testing.assert_array_equal(again, outputs)
    np.testing.assert_allclose(single, whole, rtol=1e-5, atol=1e-6)


def surface_of(outputs: np.ndarray) -> DecisionSurface:
    return DecisionSurface(outputs, (0.0, 1.0, 0.0, 1.0), np.zeros((0, 2)), np.zeros(0, np.intp))


def test_the_figure_is_that_of_the_outputs(small) -> None:
    digits = evaluation(small("task.name=digits", OFTEN))
    accuracy = digits.figures["held-out accuracy"]
    assert accuracy == np.mean(digits.truth == digits.output)
    assert accuracy == np.trace(digits.view.counts) / digits.view.counts.sum()
    spirals = evaluation(small("task.name=spirals", OFTEN))
    right = np.mean((spirals.output > 0.0) == (spirals.truth == 1.0))
    assert spirals.figures["held-out accuracy"] == right


@pytest.mark.parametrize("cell", CELLS)
def test_the_surface_is_what_the_trained_network_says(small, cell: str) -> None:
    trainer = Trainer(small("task.name=spirals", cell, OFTEN, "training.precision=float64"))
    *_, last = islice(trainer, 4)
    task = build_task(trainer.config)
    network = build_network(trainer.config, task, np.random.default_rng(0))
    for parameter, values in trainer.weights().items():
        network.parameters[parameter][...] = values
    logits = network.forward(task.probe_inputs(), slice(0, 1), None).reshape(64, 64)
    expected = 1.0 / (1.0 + np.exp(-logits))
    np.testing.assert_allclose(last.evaluation.view.probabilities, expected, rtol=1e-9)


@pytest.mark.parametrize("name", [*KINDS, *SEQUENCES])
def test_watching_does_not_disturb_training(small, same, name: str) -> None:
    config = small(f"task.name={name}")
    runs = [
        Trainer(
            config.model_copy(
                update={"training": config.training.model_copy(update={"evaluate_every": every})}
            )
        )
        for every in (1, 1000)
    ]
    often, once = ([s.metrics._replace(held_out_loss=0.0) for s in run] for run in runs)
    assert same(often, once)


@pytest.mark.parametrize("name", [*KINDS, *SEQUENCES])
def test_a_view_travels_between_processes_and_arrives_read_only(small, same, name: str) -> None:
    sent, file = evaluation(small(f"task.name={name}", OFTEN)), io.BytesIO()
    write_frame(file, sent)
    file.seek(0)
    (found,) = read_frame(file)
    assert same(found, sent)
    for view in (sent.view, found.view):
        arrays = [value for value in vars(view).values() if isinstance(value, np.ndarray)]
        assert len(arrays) >= 3
        assert not any(array.flags.writeable for array in arrays)


def test_figures_are_written_into_the_summary(small, tmp_path) -> None:
    config = small("task.name=digits", "training.iterations=6", OFTEN)
    *_, last = Trainer(config)
    export_run(Trainer(config), tmp_path)
    written = json.loads((tmp_path / "summary.json").read_text("utf-8"))
    assert written["figures"] == last.evaluation.figures


def test_a_figure_that_is_not_finite_is_written_as_missing() -> None:
    summary = Summary()
    summary.add_figures({"a": np.nan, "b": 0.5})
    assert summary == replace(Summary(), figures={"a": None, "b": 0.5})
