"""How the parameters are updated: the optimizer and the schedule of its learning rate."""

from __future__ import annotations

from typing import Literal

from gradexplorer.config.fields import Section, Ui, setting


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
