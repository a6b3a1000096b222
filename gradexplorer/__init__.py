"""See how gradients flow while a network learns.

>>> import gradexplorer as gx
>>> trainer = gx.Trainer(gx.load_preset("vanishing-gradient"))
>>> gx.export_run(trainer, "vanishing")
'finished'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradexplorer.config.experiment import ExperimentConfig
    from gradexplorer.config.presets import load_preset, preset_names, save_preset
    from gradexplorer.errors import InputError
    from gradexplorer.export.run_folder import RunFolder, export_run
    from gradexplorer.training.checkpoint import Checkpoint
    from gradexplorer.training.trainer import Trainer

# Loaded on first use, so that the command line answers before NumPy is there.
_HOMES = {
    "Checkpoint": "training.checkpoint",
    "ExperimentConfig": "config.experiment",
    "InputError": "errors",
    "RunFolder": "export.run_folder",
    "Trainer": "training.trainer",
    "export_run": "export.run_folder",
    "load_preset": "config.presets",
    "preset_names": "config.presets",
    "save_preset": "config.presets",
}

__all__ = [
    "Checkpoint",
    "ExperimentConfig",
    "InputError",
    "RunFolder",
    "Trainer",
    "export_run",
    "load_preset",
    "preset_names",
    "save_preset",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
