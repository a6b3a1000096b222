"""How it is trained: truncation, clipping, optimizer, budget."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from gradexplorer.config.fields import Section, Ui, setting

MAX_STEPS = 20_000


class BPTTConfig(Section):
    """Truncated backpropagation through time (Williams & Peng 1990)."""

    k2: int | None = setting(
        None,
        "Truncation length k2",
        "Steps that a loss is carried back. Full: through the whole sequence.",
        ui=Ui(unit="steps", live=True, none="full"),
        ge=1,
        le=MAX_STEPS,
    )
    k1: int | None = setting(
        None,
        "Chunk length k1",
        "Steps whose losses are carried back together; on a stream, steps between updates. At most "
        "k2.",
        ui=Ui(unit="steps", live=True, none="as k2"),
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

    method: Literal["off", "norm", "value"] = setting(
        "off",
        "Clipping",
        "Norm: the whole gradient is shrunk to the threshold, its direction kept. Value: each "
        "component is cut at ± the threshold.",
        ui=Ui(live=True, labels={"off": "Off", "norm": "Norm", "value": "Value"}),
    )
    threshold: float = setting(
        1.0,
        "Threshold",
        "Largest global norm, or largest component, that is let through.",
        ui=Ui(live=True, when={"method": ["norm", "value"]}),
        gt=0.0,
        le=1e9,
    )


class OptimizerConfig(Section):
    """The update rule."""

    name: Literal["sgd", "adam"] = setting(
        "sgd",
        "Optimizer",
        "SGD with momentum, or Adam (Kingma & Ba 2015; beta 0.9 and 0.999, epsilon 1e-8).",
        ui=Ui(labels={"sgd": "SGD", "adam": "Adam"}),
    )
    learning_rate: float = setting(
        0.01,
        "Learning rate",
        "Factor on the gradient in each update.",
        ui=Ui(live=True),
        gt=0.0,
        le=1000.0,
    )
    momentum: float = setting(
        0.0,
        "Momentum",
        "Share of the last update that is kept (0: none), as in torch.optim.SGD.",
        ui=Ui(when={"name": ["sgd"]}),
        ge=0.0,
        le=0.9999,
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
        le=2**32 - 1,
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
