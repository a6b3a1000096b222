"""Every kind of network."""

from __future__ import annotations

from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.feedforward import DenseStack, FeedforwardNetwork
from gradexplorer.engine.layer import RecurrentLayer
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.stepped import SteppedLayer

OpenNetwork = RecurrentNetwork | FeedforwardNetwork
Network = OpenNetwork | ClosedLoopNetwork
"""What a trainer trains; to it and to what records it, a feedforward layer is a step."""

Layer = RecurrentLayer | DenseStack | SteppedLayer
