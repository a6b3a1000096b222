"""What a run has shown so far, and the smoothed loss."""

from __future__ import annotations

import errno
import gc
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.training.buckets import Buckets
from gradexplorer.training.history import History
from gradexplorer.training.mailbox import Mail, Mailbox
from gradexplorer.training.snapshot import METRICS_DTYPE, Divergence
from gradexplorer.training.spill import Spill


def rows(losses: list[float]) -> np.ndarray:
    found = np.zeros(len(losses), METRICS_DTYPE)
    found["iteration"] = np.arange(1, len(losses) + 1)
    found["loss"] = losses
    return found


def test_a_new_history_is_empty() -> None:
    history = History()
    assert len(history) == len(history.metrics) == len(history.smoothed_loss) == 0
    assert (history.trace, history.evaluation, history.divergence) == (None, None, None)


@given(sizes=st.lists(st.sampled_from([0, 1, 700, 1023, 1024, 1025, 5000]), max_size=4))
def test_it_grows_and_keeps_every_row(sizes: list[int]) -> None:
    history, total = History(), sum(sizes)
    everything = rows(np.linspace(1.0, 2.0, total).tolist())
    start = 0
    for size in sizes:
        history.add(Mail(everything[start : start + size]))
        start += size
    assert len(history) == total
    assert np.array_equal(history.metrics, everything)
    at_once = History()
    at_once.add(Mail(everything))
    assert np.array_equal(history.smoothed_loss, at_once.smoothed_loss)


def test_of_the_rest_the_latest_is_kept() -> None:
    trace: Any = object()
    evaluation: Any = object()
    history, divergence = History(), Divergence(2, "loss", None, "x")
    history.add(Mail(rows([1.0]), trace, evaluation))
    history.add(Mail(rows([1.0]), divergence=divergence))
    history.add(Mail(rows([])))
    assert (history.trace, history.evaluation) == (trace, evaluation)
    assert history.divergence is divergence


def long(count: int = 20_000) -> np.ndarray:
    found = rows(np.random.default_rng(5).lognormal(size=count).tolist())
    found["clip_scale"] = np.where(np.random.default_rng(6).random(count) < 0.25, 0.5, 1.0)
    return found


def filled(everything: np.ndarray, capacity: int = 1024) -> History:
    history = History(capacity)
    for part in np.array_split(everything, 13):
        history.add(Mail(part))
    return history


def test_rows_are_read_only() -> None:
    history = filled(long(100))
    assert not history.metrics.flags.writeable
    assert not history.smoothed_loss.flags.writeable


def test_what_was_looked_at_stays_as_it_was_while_the_history_grows() -> None:
    everything = long(3000)
    history = History()
    history.add(Mail(everything[:1000]))
    seen, smoothed = history.metrics, history.smoothed_loss
    before = smoothed.copy()
    history.add(Mail(everything[1000:]))
    del history
    gc.collect()
    assert np.array_equal(seen, everything[:1000])
    assert np.array_equal(smoothed, before)


@pytest.mark.parametrize("columns", [1, 37, 600, 3000])
@pytest.mark.parametrize(
    ("start", "stop"), [(0, 20_000), (0, 7), (9000, 9011), (123, 15_001), (19_999, 25_000), (5, 5)]
)
def test_a_range_for_a_plot(start: int, stop: int, columns: int) -> None:
    everything = long()
    history = filled(everything)
    found = history.buckets(slice(start, stop), columns)
    assert len(found.first) <= 2 * columns + 2
    if start == stop:
        assert found.updates.sum() <= 32
        return
    first, last = int(found.first[0]) - 1, int(found.last[-1])
    assert first <= start
    assert last >= min(stop, 20_000)
    covered = everything[first:last]
    assert found.updates.sum() == len(covered)
    assert found.loss_low.min() == covered["loss"].min()
    assert found.loss_high.max() == covered["loss"].max()
    assert found.clipped.sum() == np.count_nonzero(covered["clip_scale"] < 1.0)
    assert start - first < max(1, *found.updates)


def test_what_is_looked_at_closely_is_exact() -> None:
    everything = long()
    history = filled(everything)
    found = history.buckets(slice(9000, 9300), 600)
    assert set(found.updates) == {1.0}
    np.testing.assert_array_equal(found.loss_high, everything["loss"][9000:9300])
    np.testing.assert_array_equal(found.smoothed_loss, history.smoothed_loss[9000:9300])


def test_a_growing_series_does_not_shimmer() -> None:
    """The buckets of what was there before stay as they were, or double."""
    history, everything = History(), long(4000)
    history.add(Mail(everything[:3000]))
    before = history.buckets(slice(0, 3000), 500)
    history.add(Mail(everything[3000:3500]))
    after = history.buckets(slice(0, 3500), 500)
    complete = len(before.first) - 1
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old[:complete], new[:complete])


def test_one_update() -> None:
    everything = long(2000)
    history = filled(everything)
    for index in (0, 1234, 1999):
        row, smoothed = history.row(index)
        assert row == everything[index]
        assert smoothed["loss"] == history.smoothed_loss[index]
    assert history.row(-1) is history.row(2000) is None


def test_memory_is_bounded() -> None:
    """Whatever comes, a history holds its buckets and what the average has open."""
    history = filled(long(200_000), capacity=1024)
    digest = history._digest
    assert digest._columns.nbytes == len(Buckets._fields) * 8 * 1024
    assert len(digest) <= 1024
    assert all(len(average._open) < 512 for average in history._averages.values())


def test_a_window_that_was_away_for_seconds_has_everything_at_once() -> None:
    """50,000 updates a second for 5 s, in the parts in which a child sends them."""
    everything = long(250_000)
    mailbox, history = Mailbox(), History()
    for part in np.array_split(everything, 333):
        mailbox.deliver(Mail(part))
    history.add(mailbox.fetch())
    assert np.array_equal(history.metrics, everything)
    shown = history.buckets(slice(0, len(history)), 600)
    assert len(shown.first) <= 1201
    assert shown.loss_high.max() == everything["loss"].max()


@pytest.mark.parametrize("room", [0, 1, 500, 5000])
def test_a_full_disk_is_told_and_the_plots_go_on(monkeypatch, room: int) -> None:
    everything, left = long(3000), room * METRICS_DTYPE.itemsize + 17

    def write(file: Any, data: bytes) -> None:
        nonlocal left
        if len(data) > left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left -= len(data)
        file.write(data)

    monkeypatch.setattr("gradexplorer.training.spill._write_all", write)
    history = filled(everything)
    kept = history.kept
    assert kept < 3000 if room < 4000 else kept == 3000
    assert history.metrics.tobytes() == everything[:kept].tobytes()
    assert len(history.smoothed_loss) == kept
    assert len(history) == 3000
    assert history.buckets(slice(0, 3000), 10).loss_high.max() == everything["loss"].max()
    close = history.buckets(slice(2900, 3000), 600)
    assert close.last[-1] == 3000.0
    assert history.row(2999) is None or kept == 3000
    if kept < 3000:
        assert history.problem.startswith(
            f"Metrics cannot be kept on disk from update {kept + 1:,}"
        )
        assert "No space left on device" in history.problem
    else:
        assert history.problem == ""


def test_no_folder_for_temporary_files_is_told(monkeypatch) -> None:
    def refuse(**_: Any) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    history = filled(long(100))
    assert len(history.metrics) == 0
    assert history.buckets(slice(0, 100), 50).updates.sum() == 100
    assert "from update 1 on: No usable temporary directory found" in history.problem


def test_a_disk_that_takes_a_part_of_a_write_gets_the_rest(monkeypatch) -> None:
    spill = Spill(np.float64)
    spill.append(np.arange(3.0))
    write = spill._file.write

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(file, name)

        def write(self, data: Any) -> int:
            return write(data[:5])

    file, spill._file = spill._file, Slow()
    spill.append(np.arange(3.0, 9.0))
    assert spill.mapped().tolist() == list(range(9))
    assert spill.read(2, 5).tolist() == [2.0, 3.0, 4.0]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="/proc")
def test_its_files_have_no_name_and_are_closed_with_it() -> None:
    history = filled(long(2000))
    opened = [str(Path(f"/proc/self/fd/{file._file.fileno()}").readlink()) for file in
              (history._rows, history._smoothed)]  # fmt: skip
    assert all(name.endswith("(deleted)") for name in opened)
    gc.collect()  # of what other tests left
    before = len(list(Path("/proc/self/fd").iterdir()))
    del history
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) == before - 2
