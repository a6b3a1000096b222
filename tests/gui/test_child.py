"""The window with its run in a child process, as a person has it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from gradexplorer.export.state import write_state
from gradexplorer.gui.session import Session
from gradexplorer.gui.state import State
from gradexplorer.gui.worker import Worker
from gradexplorer.training.remote import RemoteRun, background_run

ROOT = Path(__file__).resolve().parents[2]
ENDLESS = "training.iterations=100000000"
PROMPT = 20.0

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")


@pytest.fixture
def runs():
    """Let windows and sessions have the runs that the program gives them."""
    return background_run


def child_of(session):
    run = session.findChild(Worker)._run
    assert isinstance(run, RemoteRun)
    return run


def is_gone(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def wait_until(condition):
    end = time.monotonic() + PROMPT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_session_trains_in_a_child_unless_told_otherwise(qapp, small, until):
    session = Session(small(ENDLESS))
    session.run()
    until(lambda: session.iteration > 3)
    assert not is_gone(child_of(session).process_id)
    session.close()
    session.deleteLater()


def test_a_run_has_the_bits_of_the_command_line(make_session, experiment, until, headless_rows):
    session = make_session(experiment())
    session.run()
    until(lambda: session.state is State.FINISHED)
    assert session.view.history.metrics.tobytes() == headless_rows(experiment()).tobytes()


def test_it_is_steered_from_the_window(make_window, small, until):
    window = make_window(small(ENDLESS))
    session = window.session
    window.step()
    until(lambda: session.rest.reached)
    assert (session.iteration, session.view.history.trace.iteration) == (1, 1)
    window.run()
    until(lambda: session.iteration > 20)
    window.session.pause()
    until(lambda: session.rest.reached)
    assert session.view.history.trace.iteration == session.iteration
    assert ", paused" in window.progress.iteration.text()
    window.grab()


def test_a_death_leaves_the_plots_and_what_can_be_saved(make_window, small, until, tmp_path):
    window = make_window(small(ENDLESS))
    session = window.session
    window.run()
    until(lambda: session.iteration > 20)
    os.kill(child_of(session).process_id, signal.SIGKILL)
    until(lambda: session.state is State.FAILED)
    assert "it was killed, perhaps because the memory ran out" in (
        window.message.label.accessibleName()
    )
    history, updates = session.view.history, session.iteration
    assert np.array_equal(history.metrics["iteration"], np.arange(1, updates + 1))
    write_state(session.config, history, history.trace, tmp_path)
    assert len((tmp_path / "metrics.csv").read_text().splitlines()) == updates + 1
    assert np.isfinite(load_file(tmp_path / "weights.safetensors")["weight_hh_l0"]).all()
    window.grab()
    window.run()
    until(lambda: session.iteration > 5)
    assert session.state is State.RUNNING
    assert session.view.history.metrics["iteration"][0] == 1


@pytest.mark.parametrize("end", ["reset", "new_seed", "close"])
@pytest.mark.parametrize("stuck", [False, True])
def test_what_gives_up_a_run_ends_its_process(make_window, small, until, end, stuck):
    """Also when it is stuck, as in an update of minutes."""
    window = make_window(small(ENDLESS))
    window.step()
    until(lambda: window.session.iteration == 1)
    process = child_of(window.session).process_id
    if stuck:
        os.kill(process, signal.SIGSTOP)
    window.documents.take(window.form.config, None)  # so that closing asks nothing
    getattr(window, end)()
    assert is_gone(process)
    assert not [t.name for t in threading.enumerate() if t.name.startswith("gradexplorer")]


def test_a_run_that_is_starting_is_given_up_at_once(make_window, small):
    window = make_window(small(ENDLESS))
    for _ in range(3):
        window.run()
        run = child_of(window.session)
        window.reset()
        assert run.process_id is None or is_gone(run.process_id)
    assert window.session.state is State.READY


def test_a_long_update_shows_what_a_pause_waits_for(make_window, small, until):
    window = make_window(small(ENDLESS))
    window.run()
    until(lambda: window.session.iteration > 2)
    process = child_of(window.session).process_id
    os.kill(process, signal.SIGSTOP)
    window.session.pause()
    assert window.session.state is State.PAUSED
    until(lambda: ", finishing an update" in window.progress.iteration.text())
    os.kill(process, signal.SIGCONT)
    until(lambda: ", paused" in window.progress.iteration.text())


WINDOW = """
import os, sys
from PySide6.QtCore import QTimer
from gradexplorer.config.presets import load_preset
from gradexplorer.gui import app, main_window

class Window(main_window.MainWindow):
    def show(self):
        super().show()
        self.run()
        self.session.refreshed.connect(self.tell)

    def tell(self):
        from gradexplorer.gui.worker import Worker
        worker = self.session.findChild(Worker)
        if self.session.iteration and worker is not None:
            print(worker._run.process_id, flush=True)

main_window.MainWindow = Window
app.load_preset = lambda name: load_preset(name, ["training.iterations=100000000"])
sys.exit(app.open_window("sunspots-truncated"))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_window_that_is_killed_leaves_no_orphan(number):
    window = subprocess.Popen(
        [sys.executable, "-c", WINDOW],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with window:
        try:
            child = int(window.stdout.readline())
            assert not is_gone(child)
            window.send_signal(number)
            _, err = window.communicate(timeout=PROMPT)
            wait_until(lambda: is_gone(child))
        finally:
            window.kill()  # whatever failed: leaving the block waits for its end
    assert "Traceback" not in err
    if number == signal.SIGINT:
        assert window.returncode == 0
