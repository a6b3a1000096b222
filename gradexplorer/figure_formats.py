"""Which pictures the command line is to draw."""

from __future__ import annotations

import sys

from gradexplorer.errors import InputError

FORMATS = ("png", "svg", "pdf")


def figure_formats(figures: str | None) -> tuple[str, ...]:
    """Return the formats to draw, having made sure that Qt can draw them.

    Parameters
    ----------
    figures : str or None
        As it was given; ``None``: the usual ones, or none where Qt cannot draw.

    Raises
    ------
    InputError
    """
    if figures == "none":
        return ()
    formats = ("png", "svg") if figures is None else tuple(figures.replace(" ", "").split(","))
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise InputError(
            f"--figures {figures}: there is no format {unknown[0]!r}; "
            f"choose from {', '.join(FORMATS)}, or none."
        )
    from gradexplorer.gui.platform import missing_libraries

    missing = missing_libraries()
    if missing and figures is not None:
        raise InputError(f"--figures {figures}: {missing}")
    if missing:
        print(f"gradexplorer: no figures will be drawn. {missing}", file=sys.stderr)
        return ()
    return formats
