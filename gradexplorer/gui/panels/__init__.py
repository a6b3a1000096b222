"""One file a view; a panel draws, it computes nothing."""

from __future__ import annotations

from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.panels.gradient_heatmap import GradientHeatmapPanel
from gradexplorer.gui.panels.gradient_norm import GradientNormPanel
from gradexplorer.gui.panels.loss import LossPanel
from gradexplorer.gui.panels.output import OutputPanel
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.panels.timestep_gradient import TimestepGradientPanel
from gradexplorer.gui.panels.unrolled_graph import UnrolledGraphPanel


def make_panels(axis: DepthAxis) -> list[Panel]:
    """Make one panel of each kind, in the order of reading."""
    return [
        UnrolledGraphPanel(axis),
        TimestepGradientPanel(axis),
        GradientHeatmapPanel(axis),
        LossPanel(),
        GradientNormPanel(),
        OutputPanel(),
    ]
