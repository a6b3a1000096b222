"""Every kind of network."""

from __future__ import annotations

from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.network import RecurrentNetwork

Network = RecurrentNetwork | FeedforwardNetwork
"""What a trainer trains; to it and to what records it, a feedforward layer is a step."""
