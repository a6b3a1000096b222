"""How large a closed loop is, from its sizes alone."""

from __future__ import annotations

from collections.abc import Sequence

from gradexplorer.engine.network import CELLS
from gradexplorer.engine.plants import PLANTS
from gradexplorer.engine.stepped_cells import CONTROLLERS


def loop_numbers(plant: str, cell: str, widths: Sequence[int]) -> int:
    """Return how many numbers a loop keeps for each step and sequence, from the sizes alone.

    Parameters
    ----------
    plant, cell, widths
        As of `gradexplorer.engine.closed_loop.ClosedLoopNetwork`.
    """
    kind = PLANTS[plant]
    own = kind.state_size * (kind.state_size + kind.command_size)
    own += kind.measured_size * (kind.state_size + kind.command_size)
    own += 5 * kind.state_size + 2 * kind.command_size
    return own + CONTROLLERS[cell].numbers(kind.seen_size, tuple(widths))


def loop_shapes(
    cell: str, inputs: int, widths: tuple[int, ...], *, learns_initial_state: bool
) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of a controller's parameters, without its readout's."""
    if cell != "feedforward":
        (hidden,) = widths
        return CELLS[cell].shapes(inputs, hidden, learns_initial_state=learns_initial_state)
    shapes: dict[str, tuple[int, ...]] = {}
    for index, (below, width) in enumerate(zip((inputs, *widths), widths, strict=False)):
        shapes |= {f"layers.{index}.weight": (width, below), f"layers.{index}.bias": (width,)}
    return shapes
