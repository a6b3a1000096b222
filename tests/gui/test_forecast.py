"""What a run would take is told before it begins, and no process is left over."""

from __future__ import annotations

import re

import pytest

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.gui.forecast import Forecast
from gradexplorer.training.estimate import Estimate
from gradexplorer.training.forecast import describe

pytestmark = pytest.mark.forecasts
TAKES = r"about [\d.e+]+ (s|min|h|d) and [\d.]+ (MB|GB)"


def test_the_window_tells_what_a_run_would_take(make_window, small, qtbot):
    window = make_window(small())
    qtbot.waitUntil(lambda: re.fullmatch(TAKES, window.progress.times.text()), timeout=20_000)
    window.step()
    assert "about" not in window.progress.times.text()
    assert window.forecast._process is None


def test_only_the_latest_is_answered(qapp, qtbot, small):
    forecast, heard = Forecast(qapp), []
    forecast.told.connect(heard.append)
    try:
        for iterations in (10, 100_000_000):
            forecast.ask(small(f"training.iterations={iterations}"))
            forecast._start()
        qtbot.waitUntil(lambda: any(heard), timeout=20_000)
        assert [" h " in text or " d " in text for text in heard if text] == [True]
    finally:
        forecast.stop()
        forecast.deleteLater()


def test_what_cannot_be_run_is_not_told_of(qapp, qtbot, small_stream):
    forecast = Forecast(qapp)
    impossible: ExperimentConfig = small_stream("training.batch_size=4096")
    forecast.ask(impossible)
    forecast._start()
    process = forecast._process
    try:
        with qtbot.assertNotEmitted(forecast.told):
            qtbot.waitUntil(lambda: forecast._process is None, timeout=20_000)
        assert process is not None
    finally:
        forecast.stop()
        forecast.deleteLater()


@pytest.mark.parametrize(
    ("size", "seconds", "updates", "text"),
    [
        (10, 1e-9, 1, "about 1 s and 1 MB"),
        (4_460_896, 4e-4, 5000, "about 2 s and 4 MB"),
        (2_500_000_000, 0.5, 3600, "about 30 min and 2.5 GB"),
        (1_000_000, 1.0, 36_000, "about 10 h and 1 MB"),
        (1_000_000, 1.0, 864_000, "about 10 d and 1 MB"),
    ],
)
def test_figures_are_for_a_person(size, seconds, updates, text):
    assert describe(Estimate(size, seconds), updates) == text
