from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.clipping import clip_by_norm, clip_by_parameter, clip_by_value, global_norm
from gradexplorer.engine.parameters import Parameters


def draw(dtype=np.float64):
    return np.random.default_rng(0).standard_normal(50).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("exponent", [-30, -25, -20, -10, 0, 10, 20, 25, 30])
def test_norm_holds_where_squares_leave_the_range(dtype, exponent):
    gradient = (draw() * 10.0**exponent).astype(dtype)
    expected = np.linalg.norm(draw())
    tolerance = 1e-6 if dtype is np.float32 else 1e-14
    assert global_norm(gradient) / 10.0**exponent == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize("value", [1e-300, 1e-170, 1e170, 1e300])
def test_norm_holds_in_all_of_double_precision(value):
    assert global_norm(np.array([3.0, -4.0]) * value) / value == pytest.approx(5.0, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_norm_of_zero_and_of_what_is_not_finite(dtype):
    assert global_norm(np.zeros(3, dtype)) == 0.0
    assert global_norm(np.array([1.0, -np.inf], dtype)) == np.inf
    assert np.isnan(global_norm(np.array([1.0, np.nan], dtype)))
    assert np.isnan(global_norm(np.array([np.inf, np.nan], dtype)))


def test_by_norm_scales_to_the_limit_and_keeps_the_direction():
    gradient, before = draw(), draw()
    scale = clip_by_norm(gradient, global_norm(before), 0.5)
    assert global_norm(gradient) == pytest.approx(0.5, rel=1e-6)
    assert scale == pytest.approx(global_norm(gradient) / global_norm(before), rel=1e-12)
    np.testing.assert_allclose(gradient, scale * before, rtol=1e-15)


def test_by_value_cuts_each_component_and_tells_what_is_left_of_the_norm():
    gradient, before = draw(), draw()
    scale = clip_by_value(gradient, global_norm(before), 0.5)
    np.testing.assert_array_equal(gradient, np.clip(before, -0.5, 0.5))
    assert (gradient != before).any()
    assert (gradient == before).any()
    assert scale == pytest.approx(global_norm(gradient) / global_norm(before), rel=1e-12)
    assert 0.0 < scale < 1.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
@pytest.mark.parametrize("share", [1.001, 1e6])
def test_below_the_limit_nothing_changes(clip, share, dtype):
    gradient, before = draw(dtype), draw(dtype)
    norm = global_norm(before)
    assert clip(gradient, norm, share * norm) == 1.0
    np.testing.assert_array_equal(gradient, before)


def test_by_value_changes_nothing_when_only_the_norm_is_above_the_limit():
    gradient, before = draw(), draw()
    limit = 1.001 * np.abs(before).max()
    assert global_norm(before) > limit
    assert clip_by_value(gradient, global_norm(before), limit) == 1.0
    np.testing.assert_array_equal(gradient, before)


def test_by_value_cuts_the_one_component_that_makes_the_norm():
    gradient = np.array([0.0, -1.01, 0.0])
    assert clip_by_value(gradient, 1.01, 1.0) == pytest.approx(1.0 / 1.01, rel=1e-14)
    assert gradient.tolist() == [0.0, -1.0, 0.0]


@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
def test_a_zero_gradient_stays_zero(clip):
    gradient = np.zeros(4)
    assert clip(gradient, 0.0, 1.0) == 1.0
    assert not gradient.any()


@pytest.mark.parametrize("limit", [0.01, 1.0, 100.0])
def test_equals_pytorch(limit):
    torch = pytest.importorskip("torch")
    for clip, theirs in [
        (clip_by_norm, torch.nn.utils.clip_grad_norm_),
        (clip_by_value, torch.nn.utils.clip_grad_value_),
    ]:
        gradient = draw()
        parameter = torch.nn.Parameter(torch.zeros(50, dtype=torch.float64))
        parameter.grad = torch.from_numpy(draw())
        clip(gradient, global_norm(gradient), limit)
        theirs([parameter], limit)
        np.testing.assert_allclose(gradient, parameter.grad.numpy(), rtol=1e-12)


PARTS = {"large": (20, 3), "small": (7,), "zero": (4,)}


def draw_parts(dtype=np.float64):
    generator = np.random.default_rng(1)
    parts = Parameters(PARTS, dtype)
    parts["large"][...] = generator.standard_normal((20, 3))
    parts["small"][...] = 0.01 * generator.standard_normal(7)
    return parts


def test_by_parameter_limits_each_norm_and_keeps_each_direction():
    parts, before = draw_parts(), draw_parts()
    norm, own = global_norm(before.flat), np.linalg.norm(before["large"])
    scale = clip_by_parameter(parts.values(), norm, 0.5)
    np.testing.assert_allclose(parts["large"], before["large"] * 0.5 / own, rtol=1e-5)
    np.testing.assert_array_equal(parts["small"], before["small"])
    assert not parts["zero"].any()
    assert scale == pytest.approx(global_norm(parts.flat) / norm, rel=1e-12)
    assert scale < 1.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("share", [1.001, 1e6])
def test_by_parameter_below_the_limit_nothing_changes(dtype, share):
    parts, before = draw_parts(dtype), draw_parts(dtype)
    norm = global_norm(parts.flat)
    assert clip_by_parameter(parts.values(), norm, share * norm) == 1.0
    np.testing.assert_array_equal(parts.flat, before.flat)


def test_by_parameter_tells_of_a_clipped_parameter_however_small():
    parts = Parameters({"huge": (1,), "tiny": (1,)}, np.float64)
    parts.flat[...] = 1.0, 1e-12
    scale = clip_by_parameter(parts.values(), global_norm(parts.flat), 1e-13)
    assert 0.0 < scale < 1e-12
    tiny = Parameters({"tiny": (1,), "rest": (1,)}, np.float64)
    tiny.flat[...] = 2.0 * (1 + 1e-9), 2.0 * (1 - 1e-5)
    assert clip_by_parameter(tiny.values(), global_norm(tiny.flat), 2.0) < 1.0


def test_by_parameter_leaves_a_zero_gradient():
    parts = Parameters(PARTS, np.float64)
    assert clip_by_parameter(parts.values(), 0.0, 1.0) == 1.0
    assert not parts.flat.any()


@pytest.mark.parametrize("limit", [1e-3, 0.01, 0.5, 100.0])
def test_by_parameter_equals_pytorch(limit):
    torch = pytest.importorskip("torch")
    ours, given = draw_parts(), draw_parts()
    clip_by_parameter(ours.values(), global_norm(ours.flat), limit)
    for name, values in given.items():
        parameter = torch.nn.Parameter(torch.zeros(values.shape, dtype=torch.float64))
        parameter.grad = torch.from_numpy(values.copy())
        torch.nn.utils.clip_grad_norm_([parameter], limit)
        np.testing.assert_allclose(ours[name], parameter.grad.numpy(), rtol=1e-12)
