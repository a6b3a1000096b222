"""Plants: one to be told from outside, one to be steered."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradexplorer.config.fields import Ui, setting
from gradexplorer.config.tasks.task_section import Steps, TaskSection


class PlantIdentificationTask(TaskSection):
    """Identification of a nonlinear plant (Narendra & Parthasarathy 1990)."""

    title: ClassVar[str] = "Plant identification"

    name: Literal["plant_identification"] = "plant_identification"
    plant: Literal["model_2", "model_3", "model_4"] = setting(
        "model_3",
        "Plant",
        "y' the next output, y₁ and y₂ the outputs one and two steps ago, u the input, u₁ that one "
        "step ago. II: y' = y y₁ (y + 2.5) / (1 + y² + y₁²) + u. III: y' = y / (1 + y²) + u³. "
        "IV: y' = (y y₁ y₂ u₁ (y₂ − 1) + u) / (1 + y₁² + y₂²).",
        ui=Ui(
            labels={
                "model_2": "Model II",
                "model_3": "Model III",
                "model_4": "Model IV",
            }
        ),
    )
    training_steps: int = setting(
        20_000,
        "Training steps",
        "Steps under a random input that are trained on. The test signal, of sines, comes after "
        "them and is held out.",
        ui=Ui(unit="steps"),
        ge=100,
        le=100_000,
    )


class PendulumTask(TaskSection):
    """Swing a pendulum up and hold it (Gymnasium's Pendulum-v1), by gradients through it."""

    title: ClassVar[str] = "Pendulum swing-up"
    steps: ClassVar[Steps | None] = Steps("length")

    name: Literal["pendulum"] = "pendulum"
    length: int = setting(
        100,
        "Training steps",
        "Steps, of 0.05 s, of a training trial; the gradient goes back through all of them. A "
        "held-out trial always has 200.",
        ui=Ui(unit="steps"),
        ge=2,
        le=2000,
    )
    most_speed: float = setting(
        1.0,
        "Starting speed",
        "Training trials start at any angle, turning at up to this speed either way. Held-out "
        "ones always at up to 1.",
        ui=Ui(unit="rad/s"),
        ge=0.0,
        le=8.0,
    )
