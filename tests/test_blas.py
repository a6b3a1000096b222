"""Threads of the linear-algebra library: one, on purpose, and the user's word counts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gradexplorer.blas import VARIABLES, limit_threads

ROOT = Path(__file__).resolve().parent.parent
GENERAL = ("OMP_NUM_THREADS", "GOTO_NUM_THREADS")


def python(script: str, **variables: str) -> str:
    environment = {name: text for name, text in os.environ.items() if "NUM_THREADS" not in name}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env=environment | variables, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip


def test_one_thread_is_asked_for() -> None:
    environment = {"HOME": "/"}
    limit_threads(environment)
    assert environment == {"HOME": "/"} | dict.fromkeys(VARIABLES, "1")


@pytest.mark.parametrize("name", VARIABLES)
def test_what_is_said_about_a_library_stays(name: str) -> None:
    environment = {name: "4"}
    limit_threads(environment)
    assert environment == dict.fromkeys(VARIABLES, "1") | {name: "4"}


@pytest.mark.parametrize("name", GENERAL)
def test_what_is_said_about_all_libraries_is_not_overruled(name: str) -> None:
    environment = {name: "2"}
    limit_threads(environment)
    assert environment == {name: "2"}


def test_importing_the_library_leaves_the_environment_alone() -> None:
    script = """if True:
        import os
        before = dict(os.environ)
        import gradexplorer as gx
        for name in gx.__all__:
            getattr(gx, name)
        import gradexplorer.training.remote
        next(gx.Trainer(gx.load_preset("vanishing-gradient")))
        print(before == dict(os.environ))"""
    assert python(script) == "True"


CALL = """if True:
    import sys
    from gradexplorer import cli
    try:
        cli.main(["check", "vanishing-gradient"])
    except SystemExit:
        import numpy, os
        print(os.environ.get("OPENBLAS_NUM_THREADS"), len(os.listdir("/proc/self/task")))"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="/proc")
def test_the_program_asks_in_time() -> None:
    """A library that is loaded makes its threads; there are none beside Python's own."""
    assert python(CALL).splitlines()[-1] == "1 1"
    cores = len(os.sched_getaffinity(0))
    assert python(CALL, OMP_NUM_THREADS="2").splitlines()[-1] == f"None {min(2, cores)}"
    assert python(CALL, OPENBLAS_NUM_THREADS="2").splitlines()[-1] == f"2 {min(2, cores)}"
