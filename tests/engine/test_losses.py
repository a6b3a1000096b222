from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.gradient_check import check_components
from gradexplorer.engine.losses import (
    LOSSES,
    binary_cross_entropy,
    masked_mean_squared_error,
    mean_squared_error,
    softmax_cross_entropy,
)

SHAPE = (4, 3, 5)
every_loss = pytest.mark.parametrize("name", sorted(LOSSES))


def draw(name, dtype=np.float64):
    generator = np.random.default_rng(0)
    outputs = generator.standard_normal(SHAPE).astype(dtype)
    if name.endswith("mean_squared_error"):
        return outputs, generator.standard_normal(SHAPE).astype(dtype)
    if name == "binary_cross_entropy":
        targets = generator.uniform(0.0, 1.0, SHAPE)
        targets[::2] = targets[::2] > 0.5
        return outputs, targets.astype(dtype)
    return outputs, generator.integers(0, SHAPE[2], SHAPE[:2])


@every_loss
def test_value_is_the_mean_of_what_each_step_lost(name):
    outputs, targets = draw(name)
    loss = LOSSES[name](outputs, targets)
    assert loss.by_step.shape == (4,)
    assert loss.value == pytest.approx(loss.by_step.mean(), rel=1e-15)
    for step in range(4):
        alone = LOSSES[name](outputs[[step]], targets[[step]])
        assert loss.by_step[step] == pytest.approx(alone.value, rel=1e-14)


@every_loss
def test_gradient_equals_central_differences(name):
    outputs, targets = draw(name)
    gradient = LOSSES[name](outputs, targets).d_outputs
    check_components(lambda values: LOSSES[name](values, targets).value, outputs, gradient, 1e-9)


@every_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arguments_stay_as_they_are_and_the_gradient_has_their_precision(name, dtype):
    outputs, targets = draw(name, dtype)
    before = outputs.copy(), targets.copy()
    loss = LOSSES[name](outputs, targets)
    np.testing.assert_array_equal(outputs, before[0])
    np.testing.assert_array_equal(targets, before[1])
    assert loss.d_outputs.dtype == dtype
    assert loss.d_outputs.shape == SHAPE
    assert loss.by_step.dtype == np.float64


@every_loss
def test_equals_pytorch(name):
    torch = pytest.importorskip("torch")
    outputs, targets = draw(name)
    loss = LOSSES[name](outputs, targets)
    theirs = torch.from_numpy(outputs).requires_grad_()
    if name.endswith("mean_squared_error"):
        value = torch.nn.MSELoss()(theirs, torch.from_numpy(targets))
    elif name == "binary_cross_entropy":
        value = torch.nn.BCEWithLogitsLoss()(theirs, torch.from_numpy(targets))
    else:
        value = torch.nn.CrossEntropyLoss()(
            theirs.flatten(0, 1), torch.from_numpy(targets).flatten()
        )
    value.backward()
    assert loss.value == pytest.approx(value.item(), rel=1e-14)
    np.testing.assert_allclose(loss.d_outputs, theirs.grad.numpy(), rtol=1e-12, atol=1e-16)


def test_mean_squared_error_by_hand():
    outputs = np.array([[[1.0, 2.0]], [[0.0, 0.0]]])
    loss = mean_squared_error(outputs, np.array([[[0.0, 0.0]], [[2.0, 0.0]]]))
    assert loss.by_step.tolist() == [2.5, 2.0]
    assert loss.d_outputs.tolist() == [[[0.5, 1.0]], [[-1.0, 0.0]]]


def with_gaps():
    outputs, targets = draw("masked_mean_squared_error")
    missing = np.random.default_rng(1).uniform(size=SHAPE) < 0.4
    missing[2] = True  # a whole step
    return outputs, np.where(missing, np.nan, targets), missing


def test_a_missing_target_bears_no_loss_and_gets_no_gradient():
    outputs, targets, missing = with_gaps()
    loss = masked_mean_squared_error(outputs, targets)
    there = outputs[~missing] - targets[~missing]
    assert loss.value == pytest.approx(np.mean(there**2), rel=1e-15)
    assert loss.by_step.mean() == pytest.approx(loss.value, rel=1e-15)
    assert loss.by_step[2] == 0.0
    np.testing.assert_array_equal(loss.d_outputs[missing], 0.0)
    np.testing.assert_allclose(loss.d_outputs[~missing], 2.0 * there / there.size, rtol=1e-14)
    check_components(
        lambda values: masked_mean_squared_error(values, targets).value,
        outputs,
        loss.d_outputs,
        1e-9,
    )


def test_what_is_put_out_for_a_missing_target_does_not_matter():
    outputs, targets, missing = with_gaps()
    loss = masked_mean_squared_error(outputs, targets)
    other = masked_mean_squared_error(np.where(missing, 1e6, outputs), targets)
    assert other.value == loss.value
    np.testing.assert_array_equal(other.d_outputs, loss.d_outputs)


def test_with_all_targets_there_it_is_the_plain_mean_bit_for_bit():
    outputs, targets = draw("mean_squared_error", np.float32)
    plain, masked = (LOSSES[name](outputs, targets) for name in sorted(LOSSES) if "mean" in name)
    assert plain.value == masked.value
    np.testing.assert_array_equal(plain.d_outputs, masked.d_outputs)


def test_a_window_without_any_target_has_no_loss():
    loss = masked_mean_squared_error(np.ones((2, 1, 1)), np.full((2, 1, 1), np.nan))
    assert loss.value == 0.0
    np.testing.assert_array_equal(loss.d_outputs, 0.0)


def test_an_output_that_is_not_finite_is_not_hidden():
    outputs = np.array([[[np.nan]], [[1.0]]])
    assert np.isnan(masked_mean_squared_error(outputs, np.zeros((2, 1, 1))).value)


def test_cross_entropy_of_equal_logits_is_the_logarithm_of_their_number():
    loss = softmax_cross_entropy(np.zeros((2, 3, 7)), np.zeros((2, 3), int))
    assert loss.value == pytest.approx(np.log(7), rel=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_holds_at_huge_logits(dtype):
    outputs = np.array([[[1e4, -1e4, 0.0], [1e4, 1e4, -1e4]]], dtype)
    loss = softmax_cross_entropy(outputs, np.array([[1, 0]]))
    assert loss.value == pytest.approx((2e4 + np.log(2)) / 2, rel=1e-6)
    np.testing.assert_allclose(loss.d_outputs, [[[0.5, -0.5, 0.0], [-0.25, 0.25, 0.0]]], atol=1e-7)


def test_cross_entropy_does_not_care_about_a_common_shift():
    outputs, targets = draw("softmax_cross_entropy")
    near, far = (softmax_cross_entropy(outputs + shift, targets) for shift in (0.0, 1e4))
    assert near.value == pytest.approx(far.value, rel=1e-10)
    np.testing.assert_allclose(near.d_outputs, far.d_outputs, rtol=1e-9)


def test_binary_cross_entropy_of_a_zero_logit_is_one_bit():
    loss = binary_cross_entropy(np.zeros((2, 3, 2)), np.ones((2, 3, 2)))
    assert loss.value == pytest.approx(np.log(2), rel=1e-15)
    np.testing.assert_allclose(loss.d_outputs, -0.5 / 12, rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_cross_entropy_holds_at_huge_logits(dtype):
    outputs = np.array([[[1e4, -1e4, 1e4, -1e4]]], dtype)
    loss = binary_cross_entropy(outputs, np.array([[[1.0, 0.0, 0.0, 1.0]]], dtype))
    assert loss.value == pytest.approx(5e3, rel=1e-6)
    np.testing.assert_array_equal(loss.d_outputs, [[[0.0, 0.0, 0.25, -0.25]]])


def test_binary_cross_entropy_of_a_right_answer_keeps_its_digits():
    loss = binary_cross_entropy(np.array([[[60.0]]]), np.array([[[1.0]]]))
    assert loss.value == pytest.approx(np.exp(-60.0), rel=1e-12)
