"""The bundled digits, how they are split, and what is shown of them."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from gradexplorer.engine.losses import softmax_cross_entropy
from gradexplorer.paths import resource
from gradexplorer.tasks.digits import Digits
from gradexplorer.tasks.task import Episodes
from gradexplorer.tasks.views import Confusion


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    with resource("data", "digits.npz").open("rb") as file, np.load(file) as archive:
        return dict(archive)


@pytest.fixture(scope="module")
def task() -> Digits:
    return Digits()


def held_out(task: Digits) -> Episodes:
    return task.draw_held_out(np.random.default_rng(0))


def test_the_file_is_the_one_its_readme_tells_of() -> None:
    found = hashlib.sha256(resource("data", "digits.npz").read_bytes()).hexdigest()
    _, section = resource("data", "README.md").read_text("utf-8").split("## digits.npz\n")
    assert f"`{found}`" in section.split("\n## ")[0]


def test_it_is_the_published_set(arrays) -> None:
    """Its size, its range and its numbers of each class, as the repository lists them."""
    assert arrays["images"].shape == (1797, 8, 8)
    assert (arrays["images"].min(), arrays["images"].max()) == (0, 16)
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(arrays["classes"]).tolist() == counts


def test_the_split_is_the_one_its_readme_tells_of(arrays) -> None:
    chosen = np.random.default_rng(0).permutation(1797)[:360]
    assert np.flatnonzero(arrays["held_out"]).tolist() == sorted(chosen)


def test_a_batch_is_of_images_that_are_not_held_out(task) -> None:
    batch = task.draw(np.random.default_rng(1), 5000)
    assert batch.inputs.shape == (1, 5000, 64)
    assert batch.targets.shape == (1, 5000)
    assert (batch.inputs.min(), batch.inputs.max()) == (0.0, 1.0)
    trained_on = {image.tobytes() for image in batch.inputs[0]}
    tested_on = {image.tobytes() for image in held_out(task).inputs[0]}
    assert len(trained_on) > 1350  # of 1,437, in 5,000 draws
    assert len(tested_on) == task.held_out_size == 360
    assert not trained_on & tested_on


def test_the_same_generator_draws_the_same_batch(task) -> None:
    one, other = (task.draw(np.random.default_rng(7), 9) for _ in range(2))
    np.testing.assert_array_equal(one.inputs, other.inputs)
    np.testing.assert_array_equal(one.targets, other.targets)


def test_the_matrix_counts_what_is_taken_for_what(task) -> None:
    episodes = held_out(task)
    truth = episodes.targets[0]
    taken = np.where(truth == 3, 8, truth)
    outputs = np.eye(10)[taken][None]
    report = task.report(episodes, outputs, None)
    view = report.view
    assert isinstance(view, Confusion)
    threes = np.count_nonzero(truth == 3)
    assert view.counts[3, 8] == threes
    assert view.counts.sum() == 360
    assert np.trace(view.counts) == 360 - threes
    assert (view.truth == 3).all()  # mistakes first
    assert (view.predicted == 8).all()
    np.testing.assert_array_equal(
        view.images[0], episodes.inputs[0, np.argmax(truth == 3)].reshape(8, 8)
    )
    assert report.figures == {"held-out accuracy": 1.0 - threes / 360}
    assert not any(array.flags.writeable for array in (view.counts, view.images, view.truth))


def test_guessing_costs_what_the_baseline_says(task) -> None:
    episodes = held_out(task)
    loss = softmax_cross_entropy(np.zeros((1, 360, 10)), episodes.targets)
    assert task.baselines[0].loss == pytest.approx(loss.value, rel=1e-13) == np.log(10)
