"""What is trained: the recurrent network."""

from __future__ import annotations

from typing import Literal

from gradexplorer.config.fields import Section, Ui, setting


class ModelConfig(Section):
    """Stacked recurrent layers with a linear readout."""

    cell: Literal["rnn", "lstm", "gru"] = setting(
        "rnn",
        "Cell",
        "Vanilla RNN: one activation. LSTM: gates guard a cell state, along which a gradient can "
        "travel far. GRU: gates mix the old hidden state with a new one.",
        ui=Ui(labels={"rnn": "Vanilla", "lstm": "LSTM", "gru": "GRU"}),
    )
    activation: Literal["tanh", "relu", "linear", "sigmoid"] = setting(
        "tanh",
        "Activation",
        "Function of the vanilla cell. Its slope is a factor on the gradient at each step: at most "
        "1, for a sigmoid 1/4.",
        ui=Ui(
            labels={"tanh": "tanh", "relu": "ReLU", "linear": "Linear", "sigmoid": "Sigmoid"},
            when={"cell": ["rnn"]},
        ),
    )
    layers: int = setting(
        1,
        "Layers",
        "Recurrent layers on top of each other; each reads the hidden states of the one below.",
        ge=1,
        le=4,
    )
    hidden_size: int = setting(
        32, "Hidden units", "Size H of the hidden state.", ui=Ui(unit="units"), ge=1, le=2048
    )
    initial_state: Literal["zero", "learned"] = setting(
        "zero",
        "Initial state",
        "The state before the first step. Learned: parameters, which start at zero.",
        ui=Ui(labels={"zero": "Zero", "learned": "Learned"}),
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
