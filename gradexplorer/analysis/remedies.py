"""What may help: named changes of an experiment, each a run to compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import experiment
from gradexplorer.config.training import MAX_STEPS
from gradexplorer.errors import InputError

_OPEN_FORGET_GATE = 3.0  # sigmoid(3) = 0.95: a fresh cell keeps 95 % at each step


@dataclass(frozen=True)
class Remedy:
    """A change of an experiment.

    Attributes
    ----------
    title : str
        What to do, as a button says it.
    why : str
        In a sentence, with the source.
    changes : mapping of str to value
        ``section.key`` and its new value; ``None`` for an absent one.
    """

    title: str
    why: str
    changes: Mapping[str, Any]

    def apply(self, config: ExperimentConfig) -> ExperimentConfig:
        """Return the changed experiment; raises `InputError` where it would not be valid."""
        data = config.model_dump()
        for path, value in self.changes.items():
            section, key = path.split(".")
            data[section][key] = value
        return experiment(data, f"The experiment changed by '{self.title}'")

    def changes_anything(self, config: ExperimentConfig) -> bool:
        """Tell whether it is possible and not yet so."""
        try:
            return self.apply(config) != config
        except InputError:
            return False


def lstm(config: ExperimentConfig) -> Remedy:
    """Propose an LSTM whose forget gates start open."""
    return Remedy(
        "Try LSTM",
        "Along its cell state a gradient is only multiplied by the forget gates (Hochreiter & "
        "Schmidhuber 1997), which start nearly open with a bias of 3 (Gers 2000).",
        {
            "model.cell": "lstm",
            "model.gate_bias": "constant",
            "model.forget_bias": max(_OPEN_FORGET_GATE, config.model.forget_bias),
            "regularizer.method": "off",
        },
    )


def open_forget_gates(config: ExperimentConfig) -> Remedy:
    """Propose forget gates that start open, or where they do, for times of every length."""
    if config.model.gate_bias == "constant" and config.model.forget_bias < _OPEN_FORGET_GATE:
        return Remedy(
            "Open forget gates",
            "With a bias of 3 a fresh cell keeps 95 % at each step (Gers 2000).",
            {"model.forget_bias": _OPEN_FORGET_GATE},
        )
    return Remedy(
        "Chrono initialization",
        "The gates start open for times up to the window's length (Tallec & Ollivier 2018).",
        {"model.gate_bias": "chrono", "model.chrono_t_max": None},
    )


ORTHOGONAL = Remedy(
    "Orthogonal, gain 1",
    "Recurrent weights that keep every norm at the start (Saxe 2014).",
    {"model.recurrent_init": "orthogonal", "model.recurrent_gain": 1.0},
)
IDENTITY = Remedy(
    "Identity with ReLU",
    "The IRNN: a fresh unit copies itself from step to step (Le 2015).",
    {"model.recurrent_init": "identity", "model.recurrent_gain": 1.0, "model.activation": "relu"},
)
REGULARIZER = Remedy(
    "Add regularizer",
    "It penalizes weights that shrink the gradient on its way back (Pascanu 2013).",
    {"regularizer.method": "pascanu"},
)
GLOROT = Remedy(
    "tanh and Glorot",
    "Weights scaled so that gradients keep their size from layer to layer (Glorot & Bengio 2010).",
    {"model.activation": "tanh", "model.other_init": "glorot"},
)
TANH = Remedy(
    "Use tanh", "A tanh unit has a slope everywhere; none can die.", {"model.activation": "tanh"}
)
FULL_BPTT = Remedy(
    "Full BPTT",
    "Every loss is carried back through the whole window.",
    {"bptt.k1": None, "bptt.k2": None},
)


def fewer_layers(config: ExperimentConfig) -> Remedy:
    """Propose half as many feedforward layers."""
    depth = max(1, config.model.depth // 2)
    return Remedy(f"{depth} layers", "A shorter way back.", {"model.depth": depth})


def longer_truncation(steps: int) -> Remedy:
    """Propose a truncation length that reaches so many steps back."""
    k2 = min(steps, MAX_STEPS)
    why = "Long enough to reach what the task needs."
    return Remedy(f"k2 = {k2}", why, {"bptt.k2": k2})


def clip(threshold: float) -> Remedy:
    """Propose clipping of the norm."""
    return Remedy(
        f"Clip norm at {threshold:g}",
        "A step keeps its direction and cannot be longer (Pascanu 2013).",
        {"clipping.method": "norm", "clipping.threshold": threshold},
    )


def rate(config: ExperimentConfig, factor: float) -> Remedy:
    """Propose another learning rate."""
    value = float(f"{config.optimizer.learning_rate * factor:.3g}")
    return Remedy(
        f"Learning rate {value:g}",
        "The largest rate that does not diverge is within a factor of two of the best "
        "(Bengio 2012).",
        {"optimizer.learning_rate": value},
    )
