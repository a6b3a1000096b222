"""Make the stored updates with PyTorch: ``python tests/reference/make_update_reference.py``.

It knows nothing of gradexplorer: PyTorch's own optimizers and schedulers, in float64.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.optim import lr_scheduler

Arrays = dict[str, np.ndarray]

HERE = Path(__file__).parent
UPDATES = 50
SIZE = 6

# name: class in torch.optim, its options beside the learning rate
OPTIMIZERS = {
    "sgd": ("SGD", {}),
    "sgd-decay": ("SGD", {"weight_decay": 0.1}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "dampened": ("SGD", {"momentum": 0.8, "dampening": 0.3, "weight_decay": 0.05}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "nesterov-decay": ("SGD", {"momentum": 0.6, "nesterov": True, "weight_decay": 0.1}),
    "rmsprop": ("RMSprop", {}),
    "rmsprop-set": (
        "RMSprop",
        {"alpha": 0.9, "eps": 1e-3, "momentum": 0.7, "weight_decay": 0.1},
    ),
    "adagrad": ("Adagrad", {}),
    "adagrad-set": (
        "Adagrad",
        {"lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3},
    ),
    "adam": ("Adam", {}),
    "adam-set": ("Adam", {"betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}),
    "adamw": ("AdamW", {}),
    "adamw-set": ("AdamW", {"betas": (0.7, 0.9), "eps": 1e-2, "weight_decay": 0.3}),
}


def optimizer_references() -> Arrays:
    """Return the parameters after each of 50 updates whose learning rate changes."""
    generator = np.random.default_rng(7)
    rates = np.geomspace(0.1, 0.002, UPDATES)
    gradients = generator.standard_normal((UPDATES, SIZE)) * np.geomspace(1e-3, 1e2, SIZE)
    start = generator.standard_normal(SIZE)
    references = {"start": start, "gradients": gradients, "rates": rates}
    for name, (kind, options) in OPTIMIZERS.items():
        parameter = torch.nn.Parameter(torch.tensor(start))
        optimizer = getattr(torch.optim, kind)([parameter], lr=1.0, **options)
        path = []
        for gradient, rate in zip(gradients, rates, strict=True):
            parameter.grad = torch.tensor(gradient)
            optimizer.param_groups[0]["lr"] = float(rate)
            optimizer.step()
            path.append(parameter.detach().numpy().copy())
        references[name] = np.stack(path)
    return references


def _linear(optimizer):
    return lr_scheduler.LinearLR(optimizer, start_factor=0.2, total_iters=8)


def _then(make):
    return lambda optimizer: lr_scheduler.SequentialLR(
        optimizer, [_linear(optimizer), make(optimizer)], milestones=[8]
    )


def _step(optimizer):
    return lr_scheduler.StepLR(optimizer, step_size=7, gamma=0.4)


def _cosine(optimizer):
    return lr_scheduler.CosineAnnealingLR(optimizer, T_max=30, eta_min=0.1)


SCHEDULES = {
    "constant": lambda optimizer: lr_scheduler.ConstantLR(optimizer, factor=1.0),
    "step": _step,
    "cosine": _cosine,
    "warm-up": _linear,
    "warm-up, step": _then(_step),
    "warm-up, cosine": _then(_cosine),
}


def schedule_references() -> Arrays:
    """Return the learning rate of each of 50 updates, where 1 is set."""
    references = {}
    for name, make in SCHEDULES.items():
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        scheduler, rates = make(optimizer), []
        for _ in range(UPDATES):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        references[name] = np.array(rates)
    return references


def main() -> None:
    """Write both files beside this script."""
    np.savez_compressed(HERE / "optimizers.npz", **optimizer_references())
    np.savez_compressed(HERE / "schedules.npz", **schedule_references())


if __name__ == "__main__":
    main()
