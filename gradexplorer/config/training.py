"""How it is trained: truncation, clipping, regularizer, budget."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from gradexplorer.config.fields import Section, Ui, setting
from gradexplorer.config.model import RECURRENT

MAX_STEPS = 20_000
MAX_SEED = 2**32 - 1
STEERED = {"task.name": ["pendulum"]}  # where even a network without time has steps


class BPTTConfig(Section):
    """Truncated backpropagation through time (Williams & Peng 1990)."""

    k2: int | None = setting(
        None,
        "Truncation length k2",
        "Steps that a loss is carried back. Full: through the whole sequence.",
        ui=Ui(unit="steps", live=True, none="full", when={"model.cell": RECURRENT}, also=STEERED),
        ge=1,
        le=MAX_STEPS,
    )
    k1: int | None = setting(
        None,
        "Chunk length k1",
        "Steps whose losses are carried back together; on a stream, steps between updates. At most "
        "k2.",
        ui=Ui(unit="steps", live=True, none="as k2", when={"model.cell": RECURRENT}, also=STEERED),
        ge=1,
        le=MAX_STEPS,
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.k1 is not None and self.k2 is not None and self.k1 > self.k2:
            raise ValueError(f"k1 is {self.k1} and k2 is {self.k2}; k1 must be at most k2")
        return self


class ClippingConfig(Section):
    """Gradient clipping (Pascanu 2013 for the norm, Mikolov 2012 for the value)."""

    method: Literal["off", "norm", "parameter", "value"] = setting(
        "off",
        "Clipping",
        "Norm: the whole gradient is shrunk to the threshold, its direction kept. Norm per "
        "parameter: every weight matrix and bias by itself. Value: each component is cut at ± the "
        "threshold.",
        ui=Ui(
            live=True,
            labels={
                "off": "Off",
                "norm": "Norm",
                "parameter": "Norm per parameter",
                "value": "Value",
            },
        ),
    )
    threshold: float = setting(
        1.0,
        "Threshold",
        "Largest norm, of all or of each parameter, or largest component, that is let through.",
        ui=Ui(live=True, when={"method": ["norm", "parameter", "value"]}),
        gt=0.0,
        le=1e9,
    )


class RegularizerConfig(Section):
    """A term beside the loss that keeps gradients alive (Pascanu 2013)."""

    method: Literal["off", "pascanu"] = setting(
        "off",
        "Regularizer",
        "Pascanu 2013, for the vanilla cell: recurrent weights that shrink or stretch the gradient "
        "on its way back from one step to the one before are penalized.",
        ui=Ui(labels={"off": "Off", "pascanu": "Pascanu"}, when={"model.cell": ["rnn"]}),
    )
    weight: float = setting(
        1.0,
        "Regularizer weight",
        "Factor on the regularizer's gradient; published runs have 0.5 to 4.",
        ui=Ui(when={"model.cell": ["rnn"], "method": ["pascanu"]}),
        ge=0.0,
        le=1e6,
    )


class TrainingConfig(Section):
    """The budget and everything that makes a run repeatable."""

    batch_size: int = setting(
        16,
        "Batch",
        "Sequences that are averaged in an update; on a stream, the parts of the series read in "
        "parallel.",
        ge=1,
        le=4096,
    )
    iterations: int = setting(
        2000, "Iterations", "Updates of a whole run.", ui=Ui(unit="updates"), ge=1, le=100_000_000
    )
    seed: int = setting(
        0,
        "Seed",
        "The same experiment and seed give the same numbers, in the window and at the command "
        "line.",
        ui=Ui(random=True),
        ge=0,
        le=MAX_SEED,
    )
    precision: Literal["float32", "float64"] = setting(
        "float32",
        "Precision",
        "float32 is fast; float64 shows gradients that float32 rounds away.",
    )
    record_every: int = setting(
        10,
        "Record every",
        "A row of gradients.csv is written once in so many updates.",
        ui=Ui(unit="updates"),
        ge=1,
        le=1_000_000,
    )
    evaluate_every: int = setting(
        100,
        "Evaluate every",
        "The held-out loss is measured once in so many updates.",
        ui=Ui(unit="updates"),
        ge=1,
        le=1_000_000,
    )
