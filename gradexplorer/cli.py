"""The command line.

What is imported here is what ``--help`` waits for: neither NumPy nor Qt.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

from gradexplorer.blas import limit_threads
from gradexplorer.errors import InputError
from gradexplorer.exits import BAD_INPUT, DONE, INTERRUPTED


def _version() -> str:
    from gradexplorer.export.summary import program_version

    return program_version()


app = App(
    name="gradexplorer",
    help="See how gradients flow while a network learns. Without a command it opens the window.",
    version=_version,
)


@app.default
def window(preset: str | None = None, /) -> int:
    """Open the window.

    Parameters
    ----------
    preset
        A bundled preset's name or a TOML file to begin with.
    """
    from gradexplorer.gui.app import open_window

    return open_window(preset)


@app.command
def run(
    preset: str,
    /,
    *,
    out: Path,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative=())] = None,
    iterations: int | None = None,
    seed: int | None = None,
    figures: str | None = None,
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative=())] = False,
) -> int:
    """Train without a window and write everything about the run into a folder.

    Exit codes: 0 done, 2 bad input, 3 diverged, 130 interrupted. The files are written
    in the last two cases as well.

    Parameters
    ----------
    preset
        A bundled preset's name or a TOML file.
    out
        The folder to write into; it is made if it is missing.
    set_
        Another value for a setting, as section.key=value; may be given several times.
    iterations
        The same as --set training.iterations=N.
    seed
        The same as --set training.seed=S.
    figures
        Which pictures to write: png, svg, pdf, separated by commas, or none. Without
        this option png,svg.
    quiet
        Show no progress.
    """
    from gradexplorer.headless import run_headless

    overrides = list(set_ or ())
    if iterations is not None:
        overrides.append(f"training.iterations={iterations}")
    if seed is not None:
        overrides.append(f"training.seed={seed}")
    return run_headless(preset, overrides, out, figures, quiet=quiet)


@app.command
def presets() -> int:
    """List the bundled presets and what to look at in each."""
    from gradexplorer.config.presets import load_preset, preset_names

    width = min(100, shutil.get_terminal_size().columns)
    for name in preset_names():
        note = textwrap.fill(load_preset(name).note, width - 4)
        print(f"{name}\n{textwrap.indent(note, '    ')}\n")
    return DONE


@app.command
def check(
    file: str,
    /,
    *,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative=())] = None,
) -> int:
    """Say whether a preset is valid, and about how much time and memory it would take.

    Of the user's own data it also says what was understood.

    Parameters
    ----------
    file
        A bundled preset's name or a TOML file.
    set_
        Another value for a setting, as section.key=value; may be given several times.
    """
    from gradexplorer.config.presets import load_preset
    from gradexplorer.training.build import build_task
    from gradexplorer.training.estimate import estimate_run
    from gradexplorer.training.forecast import describe

    config = load_preset(file, set_ or ())
    notes = build_task(config).notes
    updates = config.training.iterations
    takes = describe(estimate_run(config), updates)
    print(f"{file} is valid: {config.title}. Its {updates:,} updates take {takes} on this machine.")
    for note in notes:
        print(f"    {note}")
    return DONE


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit; bad input is one sentence on stderr and exit code 2."""
    limit_threads(os.environ)
    try:
        code = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except (InputError, CycloptsError) as error:
        print(f"gradexplorer: {error}", file=sys.stderr)
        code = BAD_INPUT
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    except OSError as error:  # every other file is named by an `InputError`
        print(f"gradexplorer: cannot write the output: {error.strerror}.", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = BAD_INPUT
    sys.exit(code)
