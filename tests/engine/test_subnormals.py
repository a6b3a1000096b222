from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.subnormals import FlushSubnormals, flushes
from gradexplorer.engine.truncation import backward_plan

TINY = np.float32(1e-38)


def test_the_callers_own_arithmetic_is_as_before_after_the_context() -> None:
    with FlushSubnormals():
        pass
    assert TINY * np.float32(0.1) > 0.0


def test_the_mode_is_put_back_when_the_context_ends_badly() -> None:
    with pytest.raises(KeyError), FlushSubnormals():
        raise KeyError
    assert TINY * np.float32(0.1) > 0.0


def test_a_vanishing_gradient_is_the_same_until_it_leaves_the_normal_range() -> None:
    network = RecurrentNetwork("rnn", 1, 8, 1)
    network.parameters.flat[:] = 0.05
    inputs = np.ones((120, 2, 1), np.float32)
    d_outputs, plan = np.ones((1, 2, 1), np.float32), backward_plan(120, [119])

    def backward() -> np.ndarray:
        network.forward(inputs, slice(119, 120))
        network.backward(d_outputs, plan)
        return network.signal("dh")

    plain = backward()
    with FlushSubnormals():
        flushed = backward()
    normal = np.abs(plain) > 1e-36  # whose summands are normal as well
    np.testing.assert_array_equal(flushed[normal], plain[normal])
    subnormal = np.abs(plain) < np.finfo(np.float32).smallest_normal
    assert np.count_nonzero(plain[subnormal])
    if flushes():
        assert not flushed[subnormal].any()
