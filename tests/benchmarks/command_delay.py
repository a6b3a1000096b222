"""How soon commands act while a run trains: python -m tests.benchmarks.command_delay.

Targets: pause, step and a live change within 100 ms where updates are short; where one takes
seconds, the window answers within 100 ms and Reset ends the run within 2 s.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import parse_preset
from gradexplorer.gui.main_window import MainWindow
from gradexplorer.gui.state import State
from gradexplorer.gui.worker import Worker
from tests.benchmarks.windows import ADDING, adding, opened, percentiles, spin, spin_until

TIMES = 20
LONG = ["task.length=20000", "model.cell=lstm", "model.hidden_size=128", "training.batch_size=32"]


def seconds(act: Callable[[], object], done: Callable[[], bool]) -> float:
    """Return how long it takes from an act until something holds, seen from the event loop."""
    start = time.perf_counter()
    act()
    end = start + 60.0
    while not done() and time.perf_counter() < end:
        spin(0.002)
    return time.perf_counter() - start


def short_updates(window: MainWindow) -> dict[str, list[float]]:
    session, found = window.session, {"pause": [], "step": [], "live change": []}
    window.run()
    spin_until(lambda: session.iteration > 200, 60.0)
    for number in range(TIMES):
        optimizer = session.config.optimizer
        rate = optimizer.learning_rate * (0.5 if number % 2 else 2.0)
        config = session.config.model_copy(
            update={"optimizer": optimizer.model_copy(update={"learning_rate": rate})}
        )
        found["live change"].append(
            seconds(
                lambda config=config: session.change(config),
                lambda rate=rate: session.view.history.metrics["learning_rate"][-1] == rate,
            )
        )
        found["pause"].append(seconds(session.pause, lambda: session.rest.reached))
        before = session.iteration
        found["step"].append(
            seconds(session.step, lambda before=before: session.iteration == before + 1)
        )
        session.run()
        spin(0.1)
    return found


def long_updates(window: MainWindow) -> tuple[float, float, float]:
    """Return the seconds of an update, of the answer to Pause, and until Reset has ended it."""
    session = window.session
    update = seconds(window.run, lambda: session.iteration > 1) / 2.0
    answer = seconds(session.pause, lambda: session.state is State.PAUSED)
    session.run()
    spin(0.3)
    process = session.findChild(Worker)._run.process_id
    end = seconds(session.reset, lambda: not Path(f"/proc/{process}").exists())
    return update, answer, end


def long_experiment() -> ExperimentConfig:
    return parse_preset(ADDING, "benchmark", LONG)


def main() -> None:
    with opened(adding("rnn")) as window:
        for name, values in short_updates(window).items():
            print(f"{name}: {percentiles(values)}", flush=True)
    with opened(long_experiment()) as window:
        update, answer, end = long_updates(window)
    print(
        f"an update of {update:.1f} s: Pause is answered after {1000 * answer:.0f} ms, "
        f"Reset has ended the run after {1000 * end:.0f} ms"
    )


if __name__ == "__main__":
    main()
