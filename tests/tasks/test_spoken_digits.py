"""The bundled words: what they are, how they are drawn and split, and what is shown of them."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from gradexplorer.config.presets import load_preset
from gradexplorer.errors import InputError
from gradexplorer.paths import resource
from gradexplorer.tasks.log_mel import BANDS, as_decibels, band_edges
from gradexplorer.tasks.spoken_digits import WORDS, SpokenDigits
from gradexplorer.tasks.utterances import softmax
from gradexplorer.tasks.views import Utterance
from gradexplorer.training.trainer import Trainer

MAKER = Path(__file__).parents[1] / "data_makers" / "make_spoken_digits.py"


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    with resource("data", "spoken-digits.npz").open("rb") as file, np.load(file) as archive:
        return dict(archive)


@pytest.fixture(scope="module")
def task() -> SpokenDigits:
    return SpokenDigits(vary="off", shown=8)


def test_the_file_is_the_one_its_readme_tells_of() -> None:
    data = resource("data", "spoken-digits.npz").read_bytes()
    _, section = resource("data", "README.md").read_text("utf-8").split("## spoken-digits.npz\n")
    assert f"`{hashlib.sha256(data).hexdigest()}`" in section.split("\n## ")[0]
    assert len(data) < 1_000_000


def test_it_is_what_its_readme_tells(arrays) -> None:
    assert arrays["levels"].shape == (1160, 48, BANDS)
    assert (arrays["levels"].min(), arrays["levels"].max()) == (0, 60)
    assert (arrays["levels"].max(axis=(1, 2)) == 60).all()  # each word's own loudest
    for voice in range(58):
        assert np.bincount(arrays["classes"][arrays["voices"] == voice]).tolist() == [2] * 10
    assert (arrays["held_out"] == (arrays["voices"] >= 48)).all()
    assert arrays["held_out"].sum() == 200


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="no espeak-ng to say the words")
def test_the_script_makes_the_same_words_again(arrays) -> None:
    version = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True)
    if "1.51 " not in version.stdout:
        pytest.skip("another espeak-ng")
    spec = importlib.util.spec_from_file_location("maker", MAKER)
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    found = maker.make(maker.TRAINED_ON.split()[:1], np.random.default_rng(maker.SEED))
    np.testing.assert_array_equal(found["levels"], arrays["levels"][:20])


def test_a_batch_is_of_voices_that_are_not_held_out(task, arrays) -> None:
    batch = task.draw(np.random.default_rng(1), 4000)
    assert batch.inputs.shape == (48, 4000, 20)
    assert batch.targets.shape == (1, 4000)
    held_out = task.draw_held_out(np.random.default_rng(1))
    drawn = {word.tobytes() for word in batch.inputs.swapaxes(0, 1)}
    tested_on = {word.tobytes() for word in held_out.inputs.swapaxes(0, 1)}
    assert len(drawn) > 900  # of 960, in 4,000 draws
    assert len(tested_on) == task.held_out_size == 200
    assert not drawn & tested_on
    np.testing.assert_array_equal(held_out.targets[0], arrays["classes"][arrays["held_out"]])


def test_bands_are_standardized_with_what_is_trained_on(task, arrays) -> None:
    trained_on = arrays["levels"][~arrays["held_out"]].astype(np.float64)
    shown = arrays["levels"][arrays["held_out"]][7]
    expected = (shown - trained_on.mean(axis=(0, 1))) / trained_on.std(axis=(0, 1))
    np.testing.assert_allclose(task.probe_inputs()[:, 0], expected)
    np.testing.assert_allclose(task.draw_held_out(None).inputs[:, 7], expected)


def test_varied_voices_are_moved_by_a_band_at_most_and_noisy(task) -> None:
    plain = task.draw(np.random.default_rng(5), 300)
    varied = SpokenDigits(vary="on").draw(np.random.default_rng(5), 300)
    np.testing.assert_array_equal(varied.targets, plain.targets)
    moves = []
    for one, other in zip(varied.inputs.swapaxes(0, 1), plain.inputs.swapaxes(0, 1), strict=True):
        noise = [
            np.std(one - other[:, np.clip(np.arange(BANDS) + move, 0, BANDS - 1)])
            for move in (-1, 0, 1)
        ]
        moves.append(int(np.argmin(noise)) - 1)
        assert min(noise) == pytest.approx(0.5, abs=0.06)
    assert np.bincount(np.array(moves) + 1).min() > 70


def test_held_out_words_are_never_varied() -> None:
    plain, varied = (SpokenDigits(vary=vary).draw_held_out(None).inputs for vary in ("off", "on"))
    np.testing.assert_array_equal(plain, varied)


def test_the_loss_is_at_the_last_frame_or_at_every_one() -> None:
    assert list(SpokenDigits().loss_steps) == [47]
    task = SpokenDigits(loss_at="every")
    assert list(task.loss_steps) == list(range(48))
    batch = task.draw(np.random.default_rng(0), 6)
    assert batch.targets.shape == (48, 6)
    assert (batch.targets == batch.targets[0]).all()


def test_guessing_costs_the_logarithm_of_ten(task) -> None:
    (baseline,) = task.baselines
    assert baseline.loss == pytest.approx(np.log(10.0))


def test_the_report_is_of_the_word_that_is_shown(task, arrays) -> None:
    episodes = task.draw_held_out(None)
    truth = episodes.targets[0]
    outputs = np.eye(10)[np.where(truth == 6, 7, truth)][None]
    probed = np.zeros((48, 1, 10))
    probed[24:, 0, 7] = np.log(9.0)  # half of it and half of all others together
    report = task.report(episodes, outputs, probed)
    view = report.view
    assert isinstance(view, Utterance)
    assert (view.words, view.words[view.truth]) == (WORDS, "seven")
    np.testing.assert_allclose(view.probabilities[[0, 47], 7], [0.1, 0.5])
    np.testing.assert_allclose(view.probabilities.sum(axis=1), 1.0)
    shown = arrays["levels"][arrays["held_out"]][7]
    np.testing.assert_array_equal(view.decibels, as_decibels(shown))
    np.testing.assert_array_equal(view.frequencies, band_edges()[:, 1])
    assert view.milliseconds == 15.0
    assert view.counts[6].tolist() == [0] * 7 + [20, 0, 0]
    assert view.counts.sum() == 200
    assert report.figures == {"held-out accuracy": 0.9}


def test_probabilities_of_huge_logits_are_finite() -> None:
    np.testing.assert_array_equal(softmax(np.array([1e30, -1e30, 0.0])), [1.0, 0.0, 0.0])


def test_a_word_that_is_not_there_cannot_be_shown() -> None:
    assert SpokenDigits(shown=200).probe_inputs().shape == (48, 1, 20)
    with pytest.raises(InputError, match=r"task\.shown is 201, but only 200"):
        SpokenDigits(shown=201)


def test_what_is_shown_is_what_the_network_says_at_each_frame() -> None:
    """And its last frame is the answer that counts."""
    config = load_preset("spoken-digits", ["training.evaluate_every=2", "task.shown=5"])
    *_, last = islice(Trainer(config), 2)
    view = last.evaluation.view
    assert view.probabilities.shape == (48, 10)
    assert view.probabilities[-1].argmax() == last.evaluation.output[4]
    every = config.model_copy(update={"task": config.task.model_copy(update={"loss_at": "every"})})
    *_, last = islice(Trainer(every), 2)
    answers = last.evaluation.output.reshape(48, 200)
    np.testing.assert_array_equal(last.evaluation.view.probabilities.argmax(axis=1), answers[:, 4])


def test_a_network_without_time_answers_once() -> None:
    changes = ["model.cell=feedforward", "training.evaluate_every=2"]
    *_, last = islice(Trainer(load_preset("spoken-digits", changes)), 2)
    assert last.evaluation.view.probabilities.shape == (1, 10)
    every = load_preset("spoken-digits", [*changes, "task.loss_at=every"])
    with pytest.raises(InputError, match="a network without time"):
        Trainer(every)


def test_it_is_learned() -> None:
    changes = ["training.iterations=300", "training.evaluate_every=300", "model.hidden_size=32"]
    first, *_, last = Trainer(load_preset("spoken-digits", changes))
    assert first.metrics.loss == pytest.approx(np.log(10.0), rel=0.1)
    assert last.evaluation.figures["held-out accuracy"] > 0.6
