"""Every view that a task may show has a drawing."""

from __future__ import annotations

from collections.abc import Iterator

from gradexplorer.gui.panels.drawings import DRAWINGS
from gradexplorer.tasks.views import View


def shown(kind: type[View]) -> Iterator[type[View]]:
    """Give the views that nothing derives from, those of the tests left out."""
    kinds = [one for one in kind.__subclasses__() if one.__module__.startswith("gradexplorer.")]
    for one in kinds:
        yield from shown(one)
    if not kinds:
        yield kind


def test_every_view_has_a_drawing() -> None:
    assert set(DRAWINGS) == set(shown(View))


def test_no_two_views_share_a_drawing() -> None:
    assert len(set(DRAWINGS.values())) == len(DRAWINGS)
