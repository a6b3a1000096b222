"""The order of an update, and the head that goes through it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PySide6.QtCore import QObject

from gradexplorer.gui.passes import ELSEWHERE, LOSS, Passes, Place
from gradexplorer.gui.playhead import Playhead


def test_an_update_goes_forward_to_the_loss_back_and_on():
    places = [Passes(3).place(index) for index in range(8)]
    assert places == [
        *(Place("forward", step) for step in (1, 2, 3)),
        Place("loss"),
        *(Place("backward", step) for step in (3, 2, 1)),
        Place("update"),
    ]


def test_a_stack_is_climbed_at_each_step_and_descended_on_the_way_back():
    passes = Passes(2, layers=3)
    found = [passes.place(index) for index in range(passes.update + 1)]
    assert [place.layer for place in found[:6]] == [0, 1, 2, 0, 1, 2]
    assert [place.layer for place in found[7:-1]] == [2, 1, 0, 2, 1, 0]
    assert Counter(place.phase for place in found) == {
        "forward": 6, "loss": 1, "backward": 6, "update": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("steps", "layers"), [(1, 1), (5, 1), (4, 3)])
def test_where_a_thing_is_computed_is_the_place_that_computes_it(steps, layers):
    passes, every = Passes(steps, layers), np.arange(1, steps + 1)
    for layer in range(layers):
        for name, indexes in (
            ("forward", passes.forward(layer, every)),
            ("backward", passes.backward(layer, every)),
        ):
            expected = [Place(name, step, layer) for step in every]
            assert [passes.place(index) for index in indexes] == expected
    assert set(passes.forward(LOSS, every)) == {passes.loss}
    assert set(passes.forward(ELSEWHERE, every)) == set(passes.backward(ELSEWHERE, every)) == {-1}


@pytest.fixture
def owner(qapp):
    owner = QObject()
    yield owner
    owner.deleteLater()


@pytest.fixture
def head(owner):
    head = Playhead(owner)
    head.set_passes(Passes(3))
    head.set_in_sight(in_sight=True)
    return head


def test_it_is_moved_by_hand_within_the_update(head):
    head.move(1)
    assert (head.is_active, head.place) == (True, Place("forward", 1))
    head.move(1)
    head.move(1)
    assert head.place == Place("forward", 3)
    head.move(-1)
    assert head.place == Place("forward", 2)
    head.move(-10)
    assert head.index == 0
    head.move(100)
    assert head.is_at_end
    head.leave()
    head.move(-1)
    assert head.place == Place("update")


def test_it_plays_to_the_end_and_stands_there(head):
    head.toggle()
    assert head.is_playing
    assert head.is_running
    head.advance(1.25)  # two places a second
    assert (head.index, head.on_the_way) == (2, 0.5)
    head.advance(60.0)
    assert head.is_at_end
    assert (head.is_active, head.is_playing, head.is_running) == (True, False, False)
    head.toggle()  # from the start
    assert (head.index, head.is_playing) == (0, True)


def test_speed_is_a_factor_and_long_updates_take_twenty_seconds(head):
    head.speed = 0.5
    head.toggle()
    head.advance(1.0)
    assert head.index == 1
    head.speed = 1.0
    head.set_passes(Passes(1000))
    head.advance(10.0)
    assert head.index == pytest.approx(1001, abs=1)


def test_pausing_between_two_places_goes_to_the_next(head):
    head.toggle()
    head.advance(0.6)
    head.toggle()
    assert (head.index, head.on_the_way, head.is_playing) == (2, 0.0, False)


def test_between_two_places_a_key_goes_to_either(head):
    for by, index in ((1, 2), (-1, 1)):
        head.leave()
        head.toggle()
        head.advance(0.6)
        head.move(by)
        assert (head.index, head.is_playing) == (index, False)


def test_its_clock_runs_only_while_it_plays_in_sight(head):
    assert not head.is_running
    head.toggle()
    head.set_in_sight(in_sight=False)
    assert (head.is_playing, head.is_running) == (True, False)
    head.set_in_sight(in_sight=True)
    assert head.is_running
    head.leave()
    assert not head.is_running
    head.set_in_sight(in_sight=True)
    assert not head.is_running


def test_its_clock_moves_it(head, until):
    head.speed = 8.0
    head.toggle()
    until(lambda: head.is_at_end)
    assert not head.is_running


def test_another_update_begins_at_its_start(head):
    head.move(3)
    head.set_passes(Passes(5))
    assert (head.index, head.is_active) == (0, True)


def test_without_an_update_there_is_nothing_to_play(head):
    head.move(1)
    head.set_passes(Passes(0))
    assert not head.is_active
    head.toggle()
    head.move(1)
    assert (head.is_active, head.is_running) == (False, False)
