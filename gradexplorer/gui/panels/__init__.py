"""One file a view; a panel draws, it computes nothing."""

from __future__ import annotations

from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.panels.clipping_lens import ClippingLensPanel
from gradexplorer.gui.panels.eigenvalues import EigenvaluesPanel
from gradexplorer.gui.panels.flow_matrix import FlowMatrixPanel
from gradexplorer.gui.panels.gradient_heatmap import GradientHeatmapPanel
from gradexplorer.gui.panels.gradient_norm import GradientNormPanel
from gradexplorer.gui.panels.histograms import HistogramsPanel
from gradexplorer.gui.panels.jacobians import JacobiansPanel
from gradexplorer.gui.panels.lag_profile import LagProfilePanel
from gradexplorer.gui.panels.loss import LossPanel
from gradexplorer.gui.panels.lyapunov import LyapunovPanel
from gradexplorer.gui.panels.output import OutputPanel
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.panels.timestep_gradient import TimestepGradientPanel
from gradexplorer.gui.panels.truncation_lens import TruncationLensPanel
from gradexplorer.gui.panels.units import UnitsPanel
from gradexplorer.gui.panels.unrolled_graph import UnrolledGraphPanel
from gradexplorer.gui.reach import Reach


def make_panels(axis: DepthAxis) -> list[Panel]:
    """Make one panel of each kind that follows a run, in the order of reading."""
    return [
        UnrolledGraphPanel(axis),
        TimestepGradientPanel(axis),
        GradientHeatmapPanel(axis),
        LossPanel(),
        GradientNormPanel(),
        OutputPanel(axis),
    ]


def make_instruments(axis: DepthAxis, reach: Reach) -> list[Panel]:
    """Make one panel of each kind that looks deeper, most of them on request."""
    return [
        UnitsPanel(axis),
        FlowMatrixPanel(axis, reach),
        JacobiansPanel(axis),
        ClippingLensPanel(),
        LagProfilePanel(reach),
        TruncationLensPanel(reach),
        EigenvaluesPanel(),
        LyapunovPanel(),
        HistogramsPanel(),
    ]
