"""What the unrolled graph's legend says of values, gates and units."""

from __future__ import annotations

from PySide6.QtCore import Qt

from gradexplorer.gui.items.unrolled import Unrolled
from gradexplorer.gui.items.unrolled_ends import LEAST
from gradexplorer.gui.items.value_scale import ValueScale, value_colors
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.scale import BINS
from gradexplorer.gui.theme import Colors


def value_entries(colors: Colors, scale: ValueScale) -> list[Entry]:
    """Return the ends of the map of values, and what its values are."""
    shades = value_colors(colors)
    return [
        Entry("text", colors.text, "value, of several units their root mean square"),
        Entry("dot", shades[0].name(), f"−{scale.limit:g}"),
        Entry("ring", colors.muted, "0"),
        Entry("dot", shades[BINS - 1].name(), f"{scale.limit:g}"),
    ]


def inside_entries(colors: Colors, data: Unrolled) -> list[Entry]:
    """Return what marks saturated and dead units, and that gates were not recorded."""
    entries = []
    saturated = [row.saturated for row in data.rows if row.saturated is not None]
    if any((share >= LEAST).any() for share in saturated):
        entries.append(Entry("line", colors.text, "share saturated", 2.4))
    dead = [row.dead for row in data.rows if row.dead is not None]
    if any((share >= LEAST).any() for share in dead):
        entries.append(Entry("line", colors.text, "share dead", 2.4, True, Qt.PenStyle.DotLine))
    gates = [row for row in data.rows if row.is_gate]
    if gates and all(row.nodes is None for row in gates):
        entries.append(Entry("text", colors.limit, "gates were not recorded at this update"))
    return entries
