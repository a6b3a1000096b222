"""An estimate in a process of its own: ``python -m gradexplorer.training.forecast``.

It reads an experiment's TOML on its standard input and writes the estimate's bytes of memory
and seconds an update on its standard output.
"""

from __future__ import annotations

import sys

from gradexplorer.config.presets import parse_preset
from gradexplorer.errors import InputError
from gradexplorer.exits import BAD_INPUT, DONE
from gradexplorer.training.estimate import Estimate, estimate_run


def describe(estimate: Estimate, updates: int) -> str:
    """Return what a whole run takes, for a person."""
    return f"about {_duration(updates * estimate.seconds)} and {_size(estimate.bytes)}"


def main() -> int:
    """Answer one question; return the exit code."""
    try:
        estimate = estimate_run(parse_preset(sys.stdin.read(), "experiment"))
    except InputError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    print(estimate.bytes, estimate.seconds)
    return DONE


def _duration(seconds: float) -> str:
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 1.5 * size:
            return f"{_two_digits(seconds / size)} {unit}"
    return f"{_two_digits(max(seconds, 1.0))} s"


def _size(count: int) -> str:
    return f"{_two_digits(count / 1e9)} GB" if count >= 1e9 else f"{max(count, 1e6) / 1e6:.0f} MB"


def _two_digits(value: float) -> str:
    return f"{value:.2g}" if value < 9.95 else f"{float(f'{value:.2g}'):,.0f}"


if __name__ == "__main__":
    sys.exit(main())
