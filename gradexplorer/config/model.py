"""What is trained: a recurrent network, or a feedforward one."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from gradexplorer.config.fields import Section, Ui, setting

MAX_WIDTH, MAX_DEPTH = 2048, 200
RECURRENT = ["rnn", "lstm", "gru"]


class ModelConfig(Section):
    """Stacked recurrent layers, or feedforward ones, with a linear readout."""

    cell: Literal["rnn", "lstm", "gru", "feedforward"] = setting(
        "rnn",
        "Cell",
        "Vanilla RNN: one activation. LSTM: gates guard a cell state, along which a gradient can "
        "travel far. GRU: gates mix the old hidden state with a new one. Feedforward: no time at "
        "all; the whole sequence is one input, and layers are what steps are to the others.",
        ui=Ui(
            labels={"rnn": "Vanilla", "lstm": "LSTM", "gru": "GRU", "feedforward": "Feedforward"}
        ),
    )
    activation: Literal["tanh", "relu", "linear", "sigmoid"] = setting(
        "tanh",
        "Activation",
        "Function of the vanilla cell, or of feedforward layers. Its slope is a factor on the "
        "gradient at each step: at most 1, for a sigmoid 1/4.",
        ui=Ui(
            labels={"tanh": "tanh", "relu": "ReLU", "linear": "Linear", "sigmoid": "Sigmoid"},
            when={"cell": ["rnn", "feedforward"]},
        ),
    )
    depth: int = setting(
        8,
        "Hidden layers",
        "Hidden layers of a feedforward network, all of Hidden units.",
        ui=Ui(when={"cell": ["feedforward"]}),
        ge=1,
        le=MAX_DEPTH,
    )
    widths: str = setting(
        "",
        "Layer widths",
        "Units of each hidden layer from the input on, such as 64 32 16, instead of Hidden layers "
        "of Hidden units. Empty: all alike.",
        ui=Ui(when={"cell": ["feedforward"]}),
        max_length=100,
    )
    layers: int = setting(
        1,
        "Layers",
        "Recurrent layers on top of each other; each reads the hidden states of the one below.",
        ui=Ui(when={"cell": RECURRENT}),
        ge=1,
        le=4,
    )
    hidden_size: int = setting(
        32,
        "Hidden units",
        "Size H of the hidden state, or of a layer.",
        ui=Ui(unit="units"),
        ge=1,
        le=MAX_WIDTH,
    )
    initial_state: Literal["zero", "learned"] = setting(
        "zero",
        "Initial state",
        "The state before the first step. Learned: parameters, which start at zero.",
        ui=Ui(labels={"zero": "Zero", "learned": "Learned"}, when={"cell": RECURRENT}),
    )
    recurrent_init: Literal[
        "uniform", "orthogonal", "glorot", "identity", "spectral", "sparse", "gaussian"
    ] = setting(
        "uniform",
        "Recurrent weights",
        "How weight_hh starts. Uniform: within ±1/√H, as in PyTorch. Orthogonal: every singular "
        "value is the gain (Saxe 2014). Glorot: uniform within ±√(3/H). Identity: with ReLU the "
        "IRNN (Le 2015). Spectral radius: Gaussian, then scaled. Sparse: a few connections to "
        "each unit, then scaled (Pascanu 2013).",
        ui=Ui(
            labels={
                "uniform": "Uniform",
                "orthogonal": "Orthogonal",
                "glorot": "Glorot",
                "identity": "Identity",
                "spectral": "Spectral radius",
                "sparse": "Sparse",
                "gaussian": "Gaussian",
            },
            when={"cell": RECURRENT},
        ),
    )
    recurrent_gain: float = setting(
        1.0,
        "Recurrent gain",
        "Factor on the initial recurrent weights: well below 1 gradients vanish, well above they "
        "can explode.",
        ui=Ui(
            when={
                "cell": RECURRENT,
                "recurrent_init": ["uniform", "orthogonal", "glorot", "identity"],
            }
        ),
        ge=0.0,
        le=100.0,
    )
    spectral_radius: float = setting(
        0.95,
        "Spectral radius",
        "Largest absolute eigenvalue of the initial recurrent weights.",
        ui=Ui(when={"cell": RECURRENT, "recurrent_init": ["spectral", "sparse"]}),
        ge=0.0,
        le=100.0,
    )
    connections: int = setting(
        15,
        "Connections",
        "Recurrent connections into each unit; all where there are fewer units.",
        ui=Ui(unit="a unit", when={"cell": RECURRENT, "recurrent_init": ["sparse"]}),
        ge=1,
        le=MAX_WIDTH,
    )
    recurrent_std: float = setting(
        0.1,
        "Recurrent deviation",
        "Standard deviation of the initial recurrent weights.",
        ui=Ui(when={"cell": RECURRENT, "recurrent_init": ["gaussian"]}),
        ge=0.0,
        le=100.0,
    )
    other_init: Literal["uniform", "glorot", "gaussian"] = setting(
        "uniform",
        "Other weights",
        "How the input's, the feedforward layers' and the readout's weights start. Uniform: within "
        "±1/√H (feedforward: of the layer's inputs), as in PyTorch, biases too. Glorot and "
        "Gaussian: biases start at zero.",
        ui=Ui(labels={"uniform": "Uniform", "glorot": "Glorot", "gaussian": "Gaussian"}),
    )
    other_std: float = setting(
        0.1,
        "Deviation of others",
        "Standard deviation of the input's, the feedforward layers' and the readout's weights.",
        ui=Ui(when={"other_init": ["gaussian"]}),
        ge=0.0,
        le=100.0,
    )
    gate_bias: Literal["constant", "chrono"] = setting(
        "constant",
        "Gate biases",
        "Add: a value is added to the forget gate's. Chrono: the log of a time between 1 and the "
        "longest dependency, and its negative for the input gate (Tallec & Ollivier 2018).",
        ui=Ui(when={"cell": ["lstm"]}, labels={"constant": "Add", "chrono": "Chrono"}),
    )
    forget_bias: float = setting(
        0.0,
        "Forget-gate bias",
        "Added to the LSTM's initial forget-gate bias (Gers 2000). At 0 a fresh cell forgets about "
        "half at each step; at 3 about 5 %.",
        ui=Ui(when={"cell": ["lstm"], "gate_bias": ["constant"]}),
        ge=-20.0,
        le=20.0,
    )
    chrono_t_max: int | None = setting(
        None,
        "Longest dependency",
        "Steps over which a cell may have to remember. Window: the window's length.",
        ui=Ui(unit="steps", none="window", when={"cell": ["lstm"], "gate_bias": ["chrono"]}),
        ge=2,
        le=1_000_000,
    )
    weights_file: str = setting(
        "",
        "Start from file",
        "A safetensors file to take the initial weights from: of an earlier run, or a state_dict "
        "of torch.nn.RNN, LSTM or GRU with a Linear readout. Empty: they are drawn.",
        ui=Ui(files="Weights (*.safetensors)"),
        max_length=1000,
    )

    @field_validator("widths")
    @classmethod
    def _is_list_of_widths(cls, text: str) -> str:
        words = text.replace(",", " ").split()
        if len(words) > MAX_DEPTH or not all(map(_is_width, words)):
            raise ValueError(
                f"{text!r} is given; it must be at most {MAX_DEPTH} whole numbers from 1 to "
                f"{MAX_WIDTH:,}, such as 64 32 16"
            )
        return " ".join(words)


def stacked_layers(model: ModelConfig) -> int:
    """Return how many layers with a state are stacked; 1 of a feedforward network."""
    return model.layers if model.cell in RECURRENT else 1


def layer_widths(model: ModelConfig) -> tuple[int, ...]:
    """Return the units of each hidden layer of a feedforward network."""
    if model.widths:
        return tuple(map(int, model.widths.split()))
    return (model.hidden_size,) * model.depth


def _is_width(word: str) -> bool:
    return word.isascii() and word.isdigit() and 1 <= int(word) <= MAX_WIDTH
