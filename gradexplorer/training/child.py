"""A run in a process of its own: ``python -m gradexplorer.training.child``.

It is told what to run on its standard input and tells what happens on its standard output,
both in frames. When its input ends, whoever started it is gone, and it ends at once.
"""

from __future__ import annotations

import os

from gradexplorer.training.frames import take_pipes, write_frame


def main() -> None:
    """Serve one run, and end without waiting for the thread that reads commands."""
    pipes = take_pipes()
    try:  # imported here, so that an installation that is broken can be told of
        from gradexplorer.training.serving import serve
        from gradexplorer.training.trainer import Trainer
    except ImportError as error:
        write_frame(pipes.frames, "failed", f"The program is not installed properly: {error}.")
    else:
        serve(Trainer, pipes)
    os._exit(0)


if __name__ == "__main__":
    main()
