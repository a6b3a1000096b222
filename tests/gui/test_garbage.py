"""Garbage is collected in the event loop, and nowhere else."""

from __future__ import annotations

import gc
import threading

import pytest
from PySide6.QtCore import QObject
from shiboken6 import delete

from gradexplorer.gui.garbage import GarbageCollector


@pytest.fixture
def collections(monkeypatch):
    """Give the threads in which garbage is collected, one for each time."""
    threads = []

    def note(phase, _):
        if phase == "start":
            threads.append(threading.current_thread())

    for name in ("freeze", "unfreeze"):  # what they do would outlast the test
        monkeypatch.setattr(gc, name, lambda: None)
    gc.callbacks.append(note)
    yield threads
    gc.callbacks.remove(note)


def make_garbage():
    for _ in range(20_000):
        cycle = []
        cycle.append(cycle)


def test_it_collects_from_the_event_loop_only(qapp, until, collections):
    gc.enable()
    owner = QObject()
    collector = GarbageCollector(owner)
    collections.clear()
    other = threading.Thread(target=make_garbage)
    other.start()
    other.join()
    make_garbage()
    assert collections == []
    until(lambda: len(collections) > 0)
    assert set(collections) == {threading.main_thread()}
    assert gc.get_count()[0] < 10_000
    assert not gc.isenabled()
    collector.close()
    assert gc.isenabled()
    delete(owner)


def test_who_had_it_disabled_keeps_it_so(qapp):
    gc.disable()
    owner = QObject()
    GarbageCollector(owner).close()
    assert not gc.isenabled()
    delete(owner)
