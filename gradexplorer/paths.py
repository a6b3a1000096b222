"""Where the program's own files are."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path


def resource(*parts: str) -> Traversable:
    """Return a bundled file or folder, e.g. ``resource("presets")``.

    The same call serves a wheel, an editable install and ``python -m
    gradexplorer`` in a checkout, where the package ``gradexplorer.resources``
    is not mapped and the folder stands beside ours.
    """
    try:
        root: Traversable = resources.files("gradexplorer.resources")
    except ModuleNotFoundError:
        root = Path(__file__).resolve().parent.parent / "resources"
    return root.joinpath(*parts)
