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

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

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
def analyze(
    source: str,
    /,
    *,
    out: Path,
    lag: Annotated[bool, Parameter(negative=())] = False,
    matrix: Annotated[bool, Parameter(negative=())] = False,
    truncation: Annotated[bool, Parameter(negative=())] = False,
    lyapunov: Annotated[bool, Parameter(negative=())] = False,
    clipping: Annotated[bool, Parameter(negative=())] = False,
    gates: Annotated[bool, Parameter(negative=())] = False,
    verdict: Annotated[bool, Parameter(negative=())] = False,
    k1: int = 1,
    bias: float = 0.1,
    layer: int = 0,
    set_: Annotated[list[str] | None, Parameter(name="--set", negative=())] = None,
    iterations: int | None = None,
    seed: int | None = None,
    figures: str | None = None,
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative=())] = False,
) -> int:
    """Measure what happens to the gradients of a run, and write tables into a folder.

    Without any of --lag to --verdict, all of them. Exit codes: 0 done, 2 bad input,
    130 interrupted. A run that diverged is measured as it was before.

    Parameters
    ----------
    source
        A folder written by run, or a preset (a bundled name or a TOML file), which is
        trained first.
    out
        The folder to write into; it is made if it is missing.
    lag
        How a loss's gradient falls from lag to lag.
    matrix
        How much of each loss arrives at each step.
    truncation
        What each truncation length leaves of the gradient.
    lyapunov
        Spectra of the recurrent weights, Jacobians and Lyapunov exponents.
    clipping
        What clipping did, and which threshold suits the run.
    gates
        Gates, saturated and dead units, histograms of weights and gradients.
    verdict
        What is the matter, and what may help.
    k1
        Chunk length of --truncation; 0 for one that follows the truncation length.
    bias
        The relative bias for which --truncation looks for the smallest length.
    layer
        The layer that --lyapunov looks at, counted from 1 at the bottom; 0 for the top one.
    set_
        Another value for a setting of a preset, as section.key=value.
    iterations
        Updates that a preset is trained for; without it 300, or as many as it has.
    seed
        The same as --set training.seed=S, for a preset.
    figures
        Formats of the pictures, separated by commas: png, svg, pdf; or none. Without it, png and
        svg where they can be drawn.
    quiet
        Print no sentences and show no progress.
    """
    from gradexplorer.analyze import analyze_headless

    wanted = {"lag": lag, "matrix": matrix, "truncation": truncation, "dynamics": lyapunov}
    wanted |= {"clipping": clipping, "units": gates, "verdict": verdict}
    chosen = [kind for kind, is_wanted in wanted.items() if is_wanted] or list(wanted)
    overrides = [*(set_ or ()), *([] if seed is None else [f"training.seed={seed}"])]
    return analyze_headless(
        source,
        overrides,
        iterations,
        chosen,
        out,
        k1=k1 or None,
        bias=bias,
        layer=layer,
        figures=figures,
        quiet=quiet,
    )


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
def tasks(name: str | None = None, /) -> int:
    """List what can be learned, or say of one task what it is and what to look at.

    Parameters
    ----------
    name
        The task's name, as in task.name.
    """
    from difflib import get_close_matches

    from gradexplorer.config.task import TASKS
    from gradexplorer.lessons import task_page

    if name is None:
        width = max(map(len, TASKS))
        for task, kind in TASKS.items():
            print(f"{task:{width}}  {kind.title}")
    elif name in TASKS:
        print(f"# {TASKS[name].title}\n\n{task_page(name)}", end="")
    else:
        near = get_close_matches(name, TASKS, n=1)
        hint = f"did you mean {near[0]}?" if near else "gradexplorer tasks lists them."
        raise InputError(f"There is no task called {name}; {hint}")
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
        print(f"gradexplorer: {_sentence(error)}", file=sys.stderr)
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


def _sentence(error: Exception) -> str:
    if isinstance(error, UnusedCliTokensError):
        return f"Nothing is known to do with {' '.join(error.unused_tokens or ())}; see --help."
    return str(error)
