"""What is trained: the recurrent network."""

from __future__ import annotations

from typing import Literal

from gradexplorer.config.fields import Section, Ui, setting


class ModelConfig(Section):
    """A recurrent cell with a linear readout."""

    cell: Literal["rnn", "lstm"] = setting(
        "rnn",
        "Cell",
        "Vanilla RNN: one tanh layer. LSTM: gates guard a cell state, along which a gradient can "
        "travel far.",
        ui=Ui(labels={"rnn": "Vanilla", "lstm": "LSTM"}),
    )
    hidden_size: int = setting(
        32, "Hidden units", "Size H of the hidden state.", ui=Ui(unit="units"), ge=1, le=2048
    )
    recurrent_init: Literal["uniform", "orthogonal"] = setting(
        "uniform",
        "Recurrent weights",
        "How weight_hh starts. Uniform: within ±1/√H, as in PyTorch. Orthogonal: every singular "
        "value is the gain (Saxe 2014).",
        ui=Ui(labels={"uniform": "Uniform", "orthogonal": "Orthogonal"}),
    )
    recurrent_gain: float = setting(
        1.0,
        "Recurrent gain",
        "Factor on the initial recurrent weights: well below 1 gradients vanish, well above they "
        "can explode.",
        ge=0.0,
        le=100.0,
    )
    forget_bias: float = setting(
        0.0,
        "Forget-gate bias",
        "Added to the LSTM's initial forget-gate bias (Gers 2000). At 0 a fresh cell forgets about "
        "half at each step; at 3 about 5 %.",
        ui=Ui(when={"cell": ["lstm"]}),
        ge=-20.0,
        le=20.0,
    )
