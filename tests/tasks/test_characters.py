"""The character model: its data, its figures, what it writes, and that it learns."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from gradexplorer.config.presets import load_preset
from gradexplorer.engine.losses import softmax_cross_entropy
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.errors import InputError
from gradexplorer.tasks.characters import EXCERPT, WRITTEN, Characters, write
from gradexplorer.tasks.views import GeneratedText
from gradexplorer.training.build import build_task
from gradexplorer.training.evaluation import StreamRunner
from gradexplorer.training.trainer import Trainer

PERIOD = "the cat sat.\n"
QUICK = (
    "model={cell='lstm', hidden_size=24}",
    "bptt={k1=20, k2=20}",
    "optimizer={name='adam', learning_rate=0.02}",
    "training={batch_size=8, iterations=300, evaluate_every=300}",
)


@pytest.fixture
def periodic(tmp_path):
    path = tmp_path / "cat.txt"
    path.write_text(PERIOD * 200)
    return str(path)


def config(periodic: str, *changes: str, task: str = ""):
    name = f"task={{name='characters', file='{periodic}', temperature=0.0{task}}}"
    return load_preset("min-char-rnn", [name, *QUICK, *changes])


def test_each_character_is_predicted_from_the_one_before(periodic) -> None:
    task = Characters(periodic, 300)
    text = "".join(task._text.kinds[place] for place in task.series.inputs)
    assert text == (PERIOD * 200)[:-1]
    np.testing.assert_array_equal(task.series.inputs[1:], task.series.targets[:-1])
    assert task.input_size == task.output_size == len(set(PERIOD)) == 9
    assert len(task.series.targets) - task.held_out_from == 300
    assert task.times[0] == 1


def test_a_short_text_keeps_four_fifths_to_learn_from(periodic) -> None:
    task = Characters(periodic, 5000)
    assert len(task.series.targets) - task.held_out_from == len(PERIOD) * 200 // 5


def test_baselines_know_nothing_of_the_held_out_end(tmp_path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("ab" * 100 + "b" * 50)
    unigram, bigram = Characters(str(path), 50).baselines
    # 200 characters are trained on; after a always b, after b always a, and 50 times b comes.
    assert unigram.loss == pytest.approx(-np.log(101 / 202), rel=1e-12)
    assert bigram.loss == pytest.approx(-np.log(1 / 101), rel=1e-12)
    assert [unigram.name, bigram.name] == ["unigram model", "bigram model"]


def test_a_prompt_of_unknown_characters_is_refused(periodic) -> None:
    with pytest.raises(InputError, match=r"^task\.prompt has the character 'f', which is not in"):
        Characters(periodic, prompt="the fox")


def test_a_periodic_text_is_learned_and_written(periodic) -> None:
    *_, last = Trainer(config(periodic, task=", prompt='the c'"))
    evaluation = last.evaluation
    view = evaluation.view
    assert isinstance(view, GeneratedText)
    assert view.text == (PERIOD * 70)[len("the c") :][:WRITTEN]
    assert view.prompt == "the c"
    bits = evaluation.figures["bits per character"]
    assert bits == pytest.approx(evaluation.loss / np.log(2.0), rel=1e-5)
    assert bits < 0.1
    bigram = build_task(config(periodic)).baselines[1].loss / np.log(2.0)
    assert evaluation.figures["bigram bits per character"] == pytest.approx(bigram, rel=1e-12)
    assert bigram > 0.5
    assert len(view.excerpt) == EXCERPT + 1
    assert view.excerpt in PERIOD * 20
    assert view.losses.shape == (EXCERPT,)
    assert view.reach.shape == (EXCERPT, EXCERPT)


def test_the_excerpts_reach_and_losses_are_those_of_the_running_network(periodic) -> None:
    """Not of one that begins with the excerpt: a change before it changes what it finds."""
    trainer = Trainer(config(periodic, "training.precision='float64'"))
    *_, last = islice(trainer, 300)
    task = build_task(trainer.config)
    net = RecurrentNetwork("lstm", task.input_size, 24, task.output_size, np.float64)
    for name, values in trainer.weights().items():
        net.parameters[name][...] = values
    first, stop = task.held_out_from - 240, task.held_out_from + EXCERPT
    inputs, targets = task.series.inputs[first:stop, None], task.series.targets[first:stop, None]
    losses = softmax_cross_entropy(net.forward(inputs, slice(None)), targets).by_step[240:]
    view = last.evaluation.view
    np.testing.assert_allclose(view.losses, losses, rtol=1e-9)
    whole = StreamRunner(net, softmax_cross_entropy).reach(inputs[:, 0], targets[:, 0])
    np.testing.assert_allclose(view.reach, whole[240:, 240:], rtol=1e-8, atol=1e-300)


class Counting:
    """Stands in for a network whose likeliest class follows on the last one."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []

    def restart(self) -> None:
        self.seen.clear()

    def run(self, inputs: np.ndarray) -> np.ndarray:
        self.seen.append(inputs[:, 0].tolist())
        return 3.0 * np.eye(4, dtype=np.float32)[(inputs + 1) % 4]

    def reach(self, *_: np.ndarray) -> np.ndarray:
        raise AssertionError


def test_writing_feeds_back_what_was_drawn() -> None:
    runner = Counting()
    assert write(runner, [2, 3], 5, 0.0, np.random.default_rng(0)) == [0, 1, 2, 3, 0]
    assert runner.seen == [[2, 3], [0], [1], [2], [3], [0]]


def test_the_same_seed_writes_the_same_and_another_another() -> None:
    one, same, other = (
        write(Counting(), [0], 50, 1.0, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_temperature_divides_the_logits() -> None:
    for temperature in (0.5, 1.0, 3.0):
        drawn = np.array(write(Counting(), [0], 4000, temperature, np.random.default_rng(0)))
        followed = np.mean(drawn[1:] == (drawn[:-1] + 1) % 4)
        odds = np.exp(3.0 / temperature)
        assert followed == pytest.approx(odds / (odds + 3.0), abs=0.03)


def test_outputs_that_are_not_numbers_are_written_too() -> None:
    runner = Counting()
    runner.run = lambda inputs: np.full((len(inputs), 1, 4), np.nan)
    with np.errstate(invalid="ignore"):
        assert set(write(runner, [0], 3, 1.0, np.random.default_rng(0))) <= {0, 1, 2, 3}


def min_char_rnn(task: Characters, weights: dict[str, np.ndarray], updates: int):
    """Yield the losses of the published script: sums over 25 steps, gradients clipped at 5.

    Two things differ: Adagrad's epsilon stands beside the root, as in PyTorch, not under it; and
    the hidden bias is a sum of two, as in PyTorch, so it moves twice as far.
    """
    names = ("weight_ih_l0", "weight_hh_l0", "bias_hh_l0", "readout.weight", "readout.bias")
    parts = [weights[name].copy() for name in names]
    from_input, from_hidden, hidden_bias, readout, readout_bias = parts
    memory = [np.zeros_like(part) for part in parts]
    h, one_hot = np.zeros(len(hidden_bias)), np.eye(task.input_size)
    for start in range(0, 25 * updates, 25):
        inputs, targets = (
            part[start : start + 25] for part in (task.series.inputs, task.series.targets)
        )
        states, likely, loss = [h], [], 0.0
        for x, target in zip(inputs, targets, strict=True):
            a = from_input @ one_hot[x] + from_hidden @ states[-1] + hidden_bias
            states.append(np.tanh(a))
            y = readout @ states[-1] + readout_bias
            likely.append(np.exp(y) / np.exp(y).sum())
            loss -= np.log(likely[-1][target])
        gradients, from_later = [np.zeros_like(part) for part in parts], np.zeros_like(h)
        for t in reversed(range(25)):
            dy = likely[t] - one_hot[targets[t]]
            da = (1.0 - states[t + 1] ** 2) * (readout.T @ dy + from_later)
            from_later = from_hidden.T @ da
            ones = (
                np.outer(da, one_hot[inputs[t]]), np.outer(da, states[t]), da,
                np.outer(dy, states[t + 1]), dy,
            )  # fmt: skip
            for gradient, one in zip(gradients, ones, strict=True):
                gradient += one
        h = states[-1]
        yield loss
        for part, gradient, squares in zip(parts, gradients, memory, strict=True):
            clipped = np.clip(gradient, -5.0, 5.0) / 25.0
            squares += clipped**2
            rate = 0.2 if part is hidden_bias else 0.1
            part -= rate * clipped / (np.sqrt(squares) + 1e-10)


def test_the_preset_trains_as_the_published_script() -> None:
    """From the published initial loss on, 25 ln V, through updates that are clipped.

    Rounding grows some tenfold an update: Adagrad's first steps are as large as they get.
    """
    trainer = Trainer(load_preset("min-char-rnn", ["training.precision=float64"]))
    task = build_task(trainer.config)
    weights = trainer.weights()
    assert all((weights[name] == 0.0).all() for name in weights if "bias" in name)
    published = np.array(list(min_char_rnn(task, weights, 9)))
    metrics = [snapshot.metrics for snapshot in islice(trainer, 9)]
    np.testing.assert_allclose([row.loss for row in metrics], published / 25.0, rtol=1e-8)
    assert published[0] == pytest.approx(25.0 * np.log(task.input_size), rel=1e-3)
    assert sum(row.clip_scale < 1.0 for row in metrics) == 7
