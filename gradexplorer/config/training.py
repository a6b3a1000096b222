"""How it is trained: truncation, clipping, regularizer, optimizer, schedule, budget."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from gradexplorer.config.fields import Section, Ui, setting
from gradexplorer.config.model import RECURRENT

MAX_STEPS = 20_000
MAX_SEED = 2**32 - 1


class BPTTConfig(Section):
    """Truncated backpropagation through time (Williams & Peng 1990)."""

    k2: int | None = setting(
        None,
        "Truncation length k2",
        "Steps that a loss is carried back. Full: through the whole sequence.",
        ui=Ui(unit="steps", live=True, none="full", when={"model.cell": RECURRENT}),
        ge=1,
        le=MAX_STEPS,
    )
    k1: int | None = setting(
        None,
        "Chunk length k1",
        "Steps whose losses are carried back together; on a stream, steps between updates. At most "
        "k2.",
        ui=Ui(unit="steps", live=True, none="as k2", when={"model.cell": RECURRENT}),
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


class OptimizerConfig(Section):
    """The update rule; names, meanings and defaults are those of ``torch.optim``."""

    name: Literal["sgd", "nesterov", "rmsprop", "adagrad", "adam", "adamw"] = setting(
        "sgd",
        "Optimizer",
        "SGD: down the gradient, with momentum where it is set; Nesterov looks ahead along the "
        "momentum. RMSprop, Adagrad (Duchi 2011), Adam (Kingma & Ba 2015) and AdamW (Loshchilov & "
        "Hutter 2019) divide by the size of past gradients.",
        ui=Ui(
            labels={
                "sgd": "SGD",
                "nesterov": "SGD, Nesterov",
                "rmsprop": "RMSprop",
                "adagrad": "Adagrad",
                "adam": "Adam",
                "adamw": "AdamW",
            }
        ),
    )
    learning_rate: float = setting(
        0.01,
        "Learning rate",
        "Factor on the gradient in each update; the schedule multiplies it.",
        ui=Ui(live=True),
        gt=0.0,
        le=1000.0,
    )
    momentum: float = setting(
        0.0,
        "Momentum",
        "Share of the last update that is kept (0: none, and then Nesterov is plain SGD).",
        ui=Ui(when={"name": ["sgd", "nesterov", "rmsprop"]}),
        ge=0.0,
        le=0.9999,
    )
    dampening: float = setting(
        0.0,
        "Dampening",
        "With momentum, only 1 minus this share of each new gradient is added.",
        ui=Ui(when={"name": ["sgd"]}),
        ge=0.0,
        le=1.0,
    )
    alpha: float = setting(
        0.99,
        "Smoothing alpha",
        "Share of the moving average of squared gradients that is kept in each update.",
        ui=Ui(when={"name": ["rmsprop"]}),
        ge=0.0,
        le=0.999999,
    )
    beta1: float = setting(
        0.9,
        "Beta 1",
        "Share of the moving average of gradients that is kept in each update.",
        ui=Ui(when={"name": ["adam", "adamw"]}),
        ge=0.0,
        le=0.9999,
    )
    beta2: float = setting(
        0.999,
        "Beta 2",
        "Share of the moving average of squared gradients that is kept in each update.",
        ui=Ui(when={"name": ["adam", "adamw"]}),
        ge=0.0,
        le=0.999999,
    )
    lr_decay: float = setting(
        0.0,
        "Rate decay",
        "Update n has the learning rate divided by 1 + (n - 1) times this.",
        ui=Ui(when={"name": ["adagrad"]}),
        ge=0.0,
        le=1000.0,
    )
    initial_accumulator_value: float = setting(
        0.0,
        "Initial sum",
        "Where the sum of squared gradients begins.",
        ui=Ui(when={"name": ["adagrad"]}),
        ge=0.0,
        le=1e9,
    )
    eps: float | None = setting(
        None,
        "Epsilon",
        "Added to what is divided by. PyTorch's is 1e-8, and 1e-10 for Adagrad.",
        ui=Ui(when={"name": ["rmsprop", "adagrad", "adam", "adamw"]}, none="default"),
        ge=1e-30,
        le=1.0,
    )
    weight_decay: float | None = setting(
        None,
        "Weight decay",
        "Pulls the parameters to zero: as an L2 penalty, for AdamW apart from the gradient. "
        "PyTorch's is 0, and 0.01 for AdamW.",
        ui=Ui(none="default"),
        ge=0.0,
        le=1000.0,
    )


class ScheduleConfig(Section):
    """How the learning rate changes: a factor on it, as in ``torch.optim.lr_scheduler``."""

    name: Literal["constant", "step", "cosine"] = setting(
        "constant",
        "Schedule",
        "Step: a factor after every so many updates. Cosine: falls along half a cosine wave.",
        ui=Ui(labels={"constant": "Flat", "step": "Step", "cosine": "Cosine"}),
    )
    step_size: int = setting(
        1000,
        "Step length",
        "Updates between two steps.",
        ui=Ui(unit="updates", when={"name": ["step"]}),
        ge=1,
        le=100_000_000,
    )
    gamma: float = setting(
        0.1,
        "Step factor gamma",
        "What the learning rate is multiplied by at each step.",
        ui=Ui(when={"name": ["step"]}),
        ge=0.0,
        le=1.0,
    )
    t_max: int | None = setting(
        None,
        "Cosine length",
        "Updates of the fall; beyond them it rises again, as in PyTorch. Whole run: what is left "
        "after the warm-up.",
        ui=Ui(unit="updates", none="whole run", when={"name": ["cosine"]}),
        ge=1,
        le=100_000_000,
    )
    min_factor: float = setting(
        0.0,
        "Cosine floor",
        "Share of the learning rate that is left at the end of the fall.",
        ui=Ui(when={"name": ["cosine"]}),
        ge=0.0,
        le=1.0,
    )
    warmup: Literal["off", "linear"] = setting(
        "off",
        "Warm-up",
        "Linear: the learning rate rises in a line first; then the schedule begins.",
        ui=Ui(labels={"off": "Off", "linear": "Linear"}),
    )
    warmup_iters: int = setting(
        100,
        "Warm-up length",
        "Updates of the rise.",
        ui=Ui(unit="updates", when={"warmup": ["linear"]}),
        ge=1,
        le=100_000_000,
    )
    start_factor: float = setting(
        1.0 / 3.0,
        "Warm-up start",
        "Share of the learning rate at the first update.",
        ui=Ui(when={"warmup": ["linear"]}),
        ge=0.0,
        le=1.0,
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
