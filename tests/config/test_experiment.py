"""What may change while a run trains, and what needs a new run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.config.experiment import ExperimentConfig, LiveSettings, differences
from gradexplorer.config.model import ModelConfig
from gradexplorer.config.optimizer import OptimizerConfig
from gradexplorer.config.tasks.memory import AddingTask
from gradexplorer.config.tasks.series import SunspotsTask
from gradexplorer.config.training import BPTTConfig, ClippingConfig, TrainingConfig

LIVE = LiveSettings(
    learning_rate=0.5,
    clipping=ClippingConfig(method="value", threshold=2.0),
    bptt=BPTTConfig(k1=3, k2=5),
)


def test_live_settings_replace_only_themselves() -> None:
    old = ExperimentConfig(title="Old", optimizer=OptimizerConfig(name="adam", momentum=0.5))
    new = old.with_live(LIVE)
    assert new.live() == LIVE
    assert new.optimizer == OptimizerConfig(name="adam", momentum=0.5, learning_rate=0.5)
    assert new.model_dump(exclude={"optimizer", "clipping", "bptt"}) == old.model_dump(
        exclude={"optimizer", "clipping", "bptt"}
    )
    assert old.optimizer.learning_rate == 0.01


@given(data=st.data())
def test_taking_over_the_live_part_leaves_only_what_needs_a_new_run(
    data: st.DataObject, experiments
) -> None:
    old, new = data.draw(experiments), data.draw(experiments)
    assert old.with_live(old.live()) == old
    assert differences(old, old.with_live(new.live())) == []
    same = new.with_live(old.live()).model_copy(update={"title": old.title, "note": old.note})
    assert bool(differences(old, new)) == (same != old)


def test_differences_are_told_by_title_with_both_values() -> None:
    old = ExperimentConfig(task=AddingTask(length=50))
    new = ExperimentConfig(
        title="Another",
        note="Another",
        task=AddingTask(length=60),
        model=ModelConfig(cell="lstm"),
        training=TrainingConfig(seed=3, batch_size=8),
    )
    assert differences(old, new.with_live(LIVE)) == [
        ("Sequence length", "50", "60"),
        ("Cell", "Vanilla", "LSTM"),
        ("Batch", "16", "8"),
        ("Seed", "0", "3"),
    ]


def test_another_task_is_one_difference() -> None:
    new = ExperimentConfig(task=SunspotsTask(held_out=0.3))
    assert differences(ExperimentConfig(), new) == [("Task", "Adding problem", "Sunspots, monthly")]
