"""A run in a child process: the same run, and nothing left of it however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradexplorer.config.experiment import LiveSettings
from gradexplorer.config.training import BPTTConfig, ClippingConfig
from gradexplorer.errors import InputError
from gradexplorer.training.children import child_environment
from gradexplorer.training.mailbox import Mail, Mailbox
from gradexplorer.training.remote import RemoteRun, background_run
from gradexplorer.training.runner import LocalRun
from gradexplorer.training.snapshot import METRICS_DTYPE
from gradexplorer.training.trainer import Trainer

ROOT = Path(__file__).resolve().parents[2]
ENDLESS = "training.iterations=100000000"
PROMPT = 20.0  # seconds in which what should happen has happened
ENOUGH = 65536  # bytes that a pipe holds

posix = pytest.mark.skipif(os.name != "posix", reason="signals")


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + PROMPT
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


def is_alive(process: int) -> bool:
    """Whether a process is there and no zombie that its new parent has yet to notice."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


class Driven:
    """A run that a thread drives, and what came of it."""

    def __init__(self, run: RemoteRun | LocalRun) -> None:
        self.run, self.mailbox = run, Mailbox()
        self.mails: list[Mail] = []
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._drive, daemon=True)
        self.thread.start()

    def _drive(self) -> None:
        try:
            self.run.drive(self.mailbox)
        except Exception as error:
            self.error = error

    def rows(self) -> np.ndarray:
        self.mails.append(self.mailbox.fetch())
        return np.concatenate([mail.metrics for mail in self.mails])

    def join(self) -> np.ndarray:
        self.thread.join(PROMPT)
        assert not self.thread.is_alive()
        return self.rows()

    def wait_for_rest(self, updates: int) -> None:
        until(lambda: len(self.rows()) >= updates and any(mail.resting for mail in self.mails))
        assert len(self.rows()) == updates


@pytest.fixture
def drive() -> Iterator[Callable[..., Driven]]:
    """Give a function that drives a run; afterwards neither thread nor process is left."""
    made: list[Driven] = []

    def begin(config: Any, **options: Any) -> Driven:
        made.append(Driven(RemoteRun(config, **options)))
        return made[-1]

    yield begin
    for driven in made:
        driven.run.stop()
        driven.mailbox.close()
        driven.thread.join(PROMPT)
        assert not driven.thread.is_alive()
        assert driven.run.process_id is None or not is_alive(driven.run.process_id)


def test_it_gives_the_same_bits_as_a_trainer_here(experiment, drive, same) -> None:
    config = experiment("training.record_every=40")
    driven = drive(config)
    rows = driven.join()
    snapshots = list(Trainer(config))
    assert driven.error is None
    assert (
        rows.tobytes() == np.array([tuple(s.metrics) for s in snapshots], METRICS_DTYPE).tobytes()
    )
    traces = [mail.trace for mail in driven.mails if mail.trace is not None]
    assert same(traces[-1], snapshots[-1].trace)
    evaluations = [mail.evaluation for mail in driven.mails if mail.evaluation is not None]
    assert same(evaluations[-1], snapshots[-1].evaluation)


def test_its_arrays_are_read_only(small, drive) -> None:
    driven = drive(small("model.cell=lstm"))
    driven.join()
    trace = next(mail.trace for mail in driven.mails if mail.trace is not None)
    parts = [getattr(trace, field.name) for field in fields(trace)]
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    arrays += [*trace.dh, *trace.dc, *trace.weights.values()]
    assert len(arrays) > 15
    assert not any(array.flags.writeable for array in arrays)


def test_it_goes_on_from_a_moment_that_it_kept(experiment, drive, same) -> None:
    config = experiment("optimizer.name=adam", "bptt.k2=6", "training.record_every=40")
    whole = drive(config)
    rows = whole.join()
    moments = [moment for mail in whole.mails for moment in mail.moments]
    assert [moment.iteration for moment in moments][:5] == [1, 2, 4, 8, 16]
    resumed = drive(moments[4].checkpoint)
    assert resumed.join().tobytes() == rows[16:].tobytes()
    one, other = (driven.mails[-1].trace for driven in (whole, resumed))
    assert same(one, other)


def test_a_divergence_is_told(small, drive, same) -> None:
    config = small("optimizer.learning_rate=1000", "training.iterations=1000")
    driven = drive(config)
    rows = driven.join()
    *_, last = Trainer(config)
    assert same(driven.mails[-1].divergence, last.divergence)
    assert rows["iteration"][-1] == last.metrics.iteration


def test_it_obeys(small, drive) -> None:
    """A step, a live change, going on and a pause arrive in the order in which they were said."""
    live = LiveSettings(learning_rate=0.5, clipping=ClippingConfig(), bptt=BPTTConfig())
    driven = drive(small(ENDLESS), paused=True)
    driven.run.control.step()
    driven.run.control.step()
    driven.wait_for_rest(2)
    assert driven.mails[-1].trace is not None or any(mail.trace for mail in driven.mails)
    driven.run.control.change(live)
    driven.run.control.resume()
    until(lambda: len(driven.rows()) > 50)
    driven.mails = [Mail(driven.rows())]
    driven.run.control.pause()
    until(lambda: driven.rows() is not None and any(mail.resting for mail in driven.mails))
    rows = driven.rows()
    assert rows["learning_rate"][:2].tolist() == [0.01, 0.01]
    assert set(rows["learning_rate"][2:]) == {0.5}
    assert driven.thread.is_alive()
    traces = [mail.trace for mail in driven.mails if mail.trace is not None]
    assert traces[-1].iteration == len(rows)


def test_bad_input_is_told_as_it_is(small_stream, drive) -> None:
    driven = drive(small_stream("training.batch_size=4096"))
    driven.join()
    assert isinstance(driven.error, InputError)
    assert str(driven.error).startswith("training.batch_size is 4,096")


STAND_IN = """
from gradexplorer.training.frames import take_pipes
from gradexplorer.training.serving import serve
from gradexplorer.training.trainer import Trainer

class StandIn(Trainer):
    def __next__(self):
        {body}
        return super().__next__()

serve(StandIn, take_pipes())
"""


def stand_in(body: str) -> tuple[str, ...]:
    return ("-c", STAND_IN.format(body=body))


def test_a_defect_is_told(small, drive) -> None:
    driven = drive(small(), command=stand_in("if self.iteration == 3: raise KeyError('odd')"))
    assert len(driven.join()) == 3
    assert str(driven.error) == "This is a defect of the program: KeyError('odd')."


def test_memory_that_runs_out_is_told(small, drive) -> None:
    driven = drive(small(), command=stand_in("if self.iteration == 3: raise MemoryError"))
    assert len(driven.join()) == 3
    assert str(driven.error).startswith("There is not enough memory")


def test_what_a_trainer_prints_does_no_harm(small, drive, capfd) -> None:
    driven = drive(small(), command=stand_in("print('hello', flush=True)"))
    assert len(driven.join()) == 40
    assert driven.error is None
    out, err = capfd.readouterr()
    assert (out, err.count("hello")) == ("", 41)


@posix
@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGKILL, "it was killed, perhaps because the memory ran out"),
        (signal.SIGSEGV, "it was ended by signal 11 (SIGSEGV)"),
    ],
)
@pytest.mark.parametrize("paused", [False, True])
def test_a_death_is_told_and_what_came_before_is_kept(small, drive, paused, number, words) -> None:
    driven = drive(small(ENDLESS), paused=paused)
    driven.run.control.step()
    until(lambda: len(driven.rows()) > 0)
    os.kill(driven.run.process_id, number)
    rows = driven.join()
    assert f"The process that trained is gone: {words}." in str(driven.error)
    assert np.array_equal(rows["iteration"], np.arange(1, len(rows) + 1))


def test_an_end_without_a_word_is_told(small, drive) -> None:
    driven = drive(small(), command=("-c", "raise SystemExit(7)"))
    driven.join()
    assert "it ended by itself, with exit code 7" in str(driven.error)


def test_a_broken_installation_is_told(small, drive, tmp_path, monkeypatch) -> None:
    (tmp_path / "numpy.py").write_text("raise ImportError('libblas is missing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    driven = drive(small())
    driven.join()
    assert str(driven.error) == "The program is not installed properly: libblas is missing."


def test_a_start_that_fails_is_told(small, drive, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    driven = drive(small())
    driven.join()
    assert "could not be started: No such file or directory." in str(driven.error)


def test_stopping_before_the_start_starts_nothing_that_stays(small, drive) -> None:
    run = RemoteRun(small(ENDLESS))
    run.stop()
    run.drive(Mailbox())
    assert not is_alive(run.process_id)


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.05, 0.1, 0.2])
def test_stopping_at_any_moment_of_the_start(small, drive, delay) -> None:
    driven = drive(small(ENDLESS))
    time.sleep(delay)
    driven.run.stop()
    driven.join()
    assert driven.error is None


@posix
def test_a_child_that_is_stuck_is_stopped_all_the_same(small, drive) -> None:
    """As in an update of minutes: nobody obeys, nobody reads, and the pipe is full."""
    driven = drive(small(ENDLESS))
    until(lambda: len(driven.rows()) > 0)
    os.kill(driven.run.process_id, signal.SIGSTOP)
    for _ in range(ENOUGH):
        driven.run.control.step()
    for _ in range(1000):
        driven.run.control.want_trace()
    assert len(driven.run.control._waiting) <= ENOUGH + 1
    driven.run.stop()
    driven.join()
    assert driven.error is None


def test_a_full_mailbox_holds_up_neither_commands_nor_the_stop(small, drive, monkeypatch) -> None:
    monkeypatch.setattr(Mailbox.__init__, "__defaults__", (1,))
    driven = drive(small(ENDLESS))
    until(lambda: driven.mailbox._rows)
    driven.run.control.pause()
    driven.run.stop()
    driven.mailbox.close()
    driven.join()
    assert driven.error is None


PARENT = """
import signal, sys, threading, time
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # it may be ignored where the tests were started
from gradexplorer.config.presets import load_preset
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.remote import RemoteRun

config = load_preset("vanishing-gradient", ["training.iterations=100000000"])
run, mailbox = RemoteRun(config, paused={paused}), Mailbox()
threading.Thread(target=run.drive, args=(mailbox,), daemon=True).start()
run.control.step()
while not len(mailbox.fetch().metrics):
    time.sleep(0.01)
print(run.process_id, flush=True)
sys.stdin.read()
"""


@posix
@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_no_orphan_is_left(paused, number) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(paused=paused)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with parent:
        try:
            child = int(parent.stdout.readline())
            assert is_alive(child)
            parent.send_signal(number)
            until(lambda: not is_alive(child))
        finally:
            parent.kill()  # whatever failed: leaving the block waits for its end


def test_a_child_ends_with_its_input(small) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gradexplorer.training.child"],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROMPT, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_module_of_the_users_does_not_stand_in_for_ours(small, drive, tmp_path, monkeypatch):
    (tmp_path / "struct.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    driven = drive(small())
    assert len(driven.join()) == 40
    assert driven.error is None


def test_where_no_child_can_be_had_a_thread_trains(small, monkeypatch) -> None:
    assert isinstance(background_run(small(), paused=False), RemoteRun)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert isinstance(background_run(small(), paused=False), LocalRun)


def test_a_child_keeps_freed_memory_unless_the_user_says_otherwise(monkeypatch) -> None:
    names = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    assert {child_environment()[name] for name in names} == {str(1 << 26)}
    monkeypatch.setenv(names[0], "1000")
    assert child_environment()[names[0]] == "1000"
