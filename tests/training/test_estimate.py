"""What a run is said to take, against what it takes."""

from __future__ import annotations

import math
import tracemalloc

import pytest

from gradexplorer.errors import InputError
from gradexplorer.training import estimate
from gradexplorer.training.build import build_task
from gradexplorer.training.estimate import available_bytes, estimate_run, needed_bytes
from gradexplorer.training.shape import window_shape
from gradexplorer.training.trainer import Trainer

LARGE = ("task.length=20000", "model.hidden_size=2048", "training.batch_size=4096")
RUNS = {
    "rnn": ("model.hidden_size=64", "training.batch_size=16", "task.length=300"),
    "lstm": (
        "model.cell=lstm",
        "model.hidden_size=48",
        "training.batch_size=16",
        "task.length=200",
    ),
    "gru": ("model.cell=gru", "model.layers=2", "model.hidden_size=48", "training.batch_size=16"),
    "held out": ("task.length=3000",),
    "passes": ("model.hidden_size=64", "task.length=300", "bptt={k1=5, k2=20}"),
    "layers": (
        "model.cell=feedforward",
        "model.depth=20",
        "model.hidden_size=200",
        "training.batch_size=256",
    ),
    "probes": ("task={name='spirals'}", "model.hidden_size=64"),
    "probes, lstm": ("task={name='spirals'}", "model.cell=lstm", "model.hidden_size=64"),
    "probes, layers": (
        "task={name='spirals'}",
        "model.cell=feedforward",
        "model.depth=6",
        "model.hidden_size=100",
    ),
    "classes": ("task={name='characters'}", "model.hidden_size=64", "bptt.k2=25"),
    "classes, lstm": (
        "task={name='characters'}",
        "model.cell=lstm",
        "model.hidden_size=48",
        "bptt.k2=100",
        "training.batch_size=32",
    ),
    "double": ("model.cell=lstm", "model.hidden_size=64", "training.precision=float64"),
}


def peak(config) -> int:
    """Return the most that a run holds over two updates, one traced, and an evaluation."""
    tracemalloc.start()
    try:
        trainer = Trainer(config)
        trainer.want_trace()
        next(trainer)
        next(trainer)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", RUNS)
def test_memory_is_told_within_a_quarter(small, name: str) -> None:
    config = small("task.length=250", *RUNS[name], "training.evaluate_every=1")
    assert needed_bytes(config, build_task(config)) == pytest.approx(peak(config), rel=0.25)


def test_what_does_not_fit_is_refused_with_the_figures(small) -> None:
    with pytest.raises(
        InputError, match=r"needs about [\d,.]+ GB of memory and [\d,.]+ GB are free"
    ):
        Trainer(small(*LARGE))


def test_what_fits_exactly_is_let_through(small, monkeypatch) -> None:
    config = small()
    needed = needed_bytes(config, build_task(config))
    monkeypatch.setattr(estimate, "available_bytes", lambda: needed)
    next(Trainer(config))
    monkeypatch.setattr(estimate, "available_bytes", lambda: needed - 1)
    with pytest.raises(InputError):
        Trainer(config)


def test_free_memory_is_read_where_the_system_tells_it(monkeypatch, tmp_path) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal:  9 kB\nMemAvailable:   2048 kB\n")
    monkeypatch.setattr(estimate, "_MEMINFO", told)
    assert available_bytes() == 2**21
    told.write_text("nothing of the kind")
    monkeypatch.setattr(estimate.os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096}.get(name, 10))
    assert available_bytes() == 40_960
    monkeypatch.delattr(estimate.os, "sysconf")
    assert available_bytes() is None


def test_a_system_that_tells_nothing_refuses_nothing(small, monkeypatch) -> None:
    monkeypatch.setattr(estimate, "available_bytes", lambda: None)
    next(Trainer(small()))


@pytest.mark.parametrize("bptt", ["none", "{k2=20}", "{k1=2, k2=20}"])
def test_time_is_found_without_running_the_whole_window(small, monkeypatch, bptt: str) -> None:
    monkeypatch.setattr(estimate, "_CALIBRATION_BYTES", 2**18)
    config = small("task.length=5000", f"bptt={bptt}")
    short = estimate._shortened(config, build_task(config))
    assert 32 <= short.task.length < 500
    assert short.bptt == config.bptt
    found = estimate_run(config)
    assert math.isfinite(found.seconds)
    assert found.seconds > 0.0


def test_a_short_window_is_calibrated_as_it_is(small, small_stream) -> None:
    for config in (small(), small_stream("bptt={k1=3, k2=9}")):
        short = estimate._shortened(config, build_task(config))
        assert (short.task, short.bptt) == (config.task, config.bptt)


def test_a_long_window_of_a_stream_is_shortened_with_its_chunk(small_stream, monkeypatch) -> None:
    monkeypatch.setattr(estimate, "_CALIBRATION_BYTES", 1)
    config = small_stream("bptt={k1=50, k2=100}")
    short = estimate._shortened(config, build_task(config))
    assert (short.bptt.k1, short.bptt.k2) == (16, 32)
    assert estimate_run(config).seconds > 0.0


@pytest.mark.parametrize("name", ["adding", "temporal_order", "copy", "delayed_recall", "sunspots"])
def test_what_is_timed_is_short(small, monkeypatch, name: str) -> None:
    """However long the experiment: or the answer would come when nobody waits for it."""
    lengths = {
        "adding": "task.length=20000", "temporal_order": "task.length=20000",
        "copy": "task.delay=19000", "delayed_recall": "task.lag=19000", "sunspots": "bptt.k2=1000",
    }  # fmt: skip
    config = small(f"task={{name='{name}'}}", lengths[name], "training.batch_size=3")
    timed = []
    trainer = Trainer.__init__

    def noted(self, short) -> None:
        timed.append(window_shape(short).steps)
        trainer(self, short)

    monkeypatch.setattr(Trainer, "__init__", noted)
    monkeypatch.setattr(estimate, "_CALIBRATION_BYTES", 2**14)
    assert estimate_run(config).seconds > 0.0
    assert timed
    assert timed[0] <= 60


def test_a_run_that_diverges_at_once_is_not_said_to_take_no_time(small) -> None:
    config = small("model.activation=linear", "model.recurrent_gain=100", "task.length=400")
    assert estimate_run(config).seconds > 1e-4


def test_what_would_be_refused_is_not_estimated(small) -> None:
    with pytest.raises(InputError, match="GB are free"):
        estimate_run(small(*LARGE))
