"""Colours and pens of the unrolled graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPen

from gradexplorer.gui.items.value_scale import ValueScale, value_colors
from gradexplorer.gui.scale import BINS, KINDS, ZERO, MagnitudeScale, kind_colors
from gradexplorer.gui.theme import Colors, mix

UNKNOWN, NEUTRAL = KINDS, KINDS + 1  # nodes without a magnitude: not yet, and never
_HATCH_OPACITY = 60


@dataclass(frozen=True)
class Widths:
    """Pixels of the thinnest and the thickest edge, over the scale's range."""

    thinnest: float
    thickest: float

    def of(self, kind: int) -> float:
        """Return the width of an edge of a kind."""
        if kind == ZERO:
            return 1.2
        share = min(kind, BINS - 1) / (BINS - 1)
        return self.thinnest + share * (self.thickest - self.thinnest)


class Style:
    """How each kind of magnitude looks.

    Attributes
    ----------
    edges : sequence of QColor
        By kind.
    fills, rims : sequences of QColor and of QPen
        Of nodes, by kind, `UNKNOWN` and `NEUTRAL` after the scale's own.
    """

    def __init__(self, colors: Colors, font: QFont, *, of_values: bool = False) -> None:
        self.colors = colors
        self.edges = value_colors(colors) if of_values else kind_colors(colors)
        base, neutral = QColor(colors.base), QColor(mix(colors.muted, colors.base, 0.45))
        outline = QColor(mix(colors.text, colors.base, 0.6))
        self.fills = [*self.edges, base, neutral]
        self.fills[ZERO] = base
        self.rims = [QPen(outline, 1.0)] * len(self.fills)
        self.rims[ZERO] = QPen(QColor(colors.zero), 1.5)
        self.rims[UNKNOWN] = QPen(QColor(colors.zero), 1.0, Qt.PenStyle.DotLine)
        if of_values:  # zero is as good a value as any
            self.fills[ZERO], self.rims[ZERO] = self.edges[ZERO], self.rims[0]
        self.forward = QColor(mix(colors.muted, colors.base, 0.95 if of_values else 0.65))
        self.forward_width = 1.6 if of_values else 1.0
        self.casing = QColor(mix(colors.muted, colors.base, 0.45))
        self.font = QFont(font)

    def head(self, kind: int) -> QColor:
        """Return the colour of an edge's arrow head, which stands out from the edge."""
        return QColor(mix(self.colors.text, self.edges[kind].name(), 0.45))

    def name_color(self, kind: int) -> QColor:
        """Return black or white, whichever stands out from a node of this kind."""
        fill = self.fills[kind]
        light = 0.299 * fill.red() + 0.587 * fill.green() + 0.114 * fill.blue() > 140
        return QColor("#000000" if light else "#ffffff")


def node_kinds(
    scale: MagnitudeScale | ValueScale,
    nodes: NDArray[np.floating] | None,
    count: int,
    *,
    has_gradient: bool,
) -> NDArray[np.intp]:
    """Return the kinds of a row's nodes."""
    if nodes is None:
        return np.full(count, UNKNOWN if has_gradient else NEUTRAL, np.intp)
    return scale.kinds(nodes)


def hatch(colors: Colors) -> QBrush:
    """Return the pattern over steps that truncation keeps the gradient from."""
    color = QColor(colors.limit)
    color.setAlpha(_HATCH_OPACITY)
    return QBrush(color, Qt.BrushStyle.BDiagPattern)
