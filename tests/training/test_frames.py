"""Frames: whole messages or none."""

from __future__ import annotations

import io

import numpy as np
import pytest

from gradexplorer.training.frames import read_frame, write_frame


def written(*messages: tuple) -> bytes:
    file = io.BytesIO()
    for message in messages:
        write_frame(file, *message)
    return file.getvalue()


def test_messages_come_out_as_they_went_in(same) -> None:
    array = np.arange(12.0).reshape(3, 4)
    messages = [("a", 1, None), (), ("b", {"x": array, "y": array.T, "z": array[:, 1]})]
    file = io.BytesIO(written(*messages))
    for message in messages:
        assert same(read_frame(file), message)
    assert read_frame(file) is None


def test_arrays_travel_beside_the_pickle_and_arrive_read_only() -> None:
    array = np.arange(1000.0)
    data = written((array,))
    assert array.tobytes() in data
    assert len(data) < array.nbytes + 300
    (found,) = read_frame(io.BytesIO(data))
    assert not found.flags.writeable


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.99])
def test_a_message_that_is_cut_short_is_the_end(share: float) -> None:
    data = written(("a", np.arange(100.0)))
    assert read_frame(io.BytesIO(data[: int(share * len(data))])) is None
