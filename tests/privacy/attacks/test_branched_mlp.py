from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.privacy.attacks import adam
from sc_deploy.privacy.attacks.branched_mlp import BranchedMlp, initial_parameters

CLASSES = 3


def batch() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    answers = rng.dirichlet(np.ones(CLASSES), 6)
    one_hot = 2 * np.eye(CLASSES)[rng.integers(0, CLASSES, 6)] - 1
    return answers, one_hot, rng.integers(0, 2, 6).astype(np.float64)


def cross_entropy(flat: np.ndarray) -> float:
    answers, one_hot, target = batch()
    log_odds = BranchedMlp.of(flat, CLASSES).log_odds(answers, one_hot)
    return float(np.logaddexp(0, (1 - 2 * target) * log_odds).mean())


def test_the_layers_are_the_papers() -> None:
    network = BranchedMlp.of(initial_parameters(10, np.random.default_rng(0)), 10)
    shapes = [
        [layer.weight.shape for layer in branch]
        for branch in (network.answer, network.label, network.fusion, (network.head,))
    ]
    assert shapes == [
        [(10, 1024), (1024, 512), (512, 64)],
        [(10, 512), (512, 64)],
        [(128, 256), (256, 64)],
        [(64, 1)],
    ]


def test_initial_weights_have_a_deviation_of_one_hundredth() -> None:
    network = BranchedMlp.of(initial_parameters(10, np.random.default_rng(0)), 10)
    assert network.answer[1].weight.std() == pytest.approx(0.01, rel=0.01)
    assert not network.answer[1].bias.any()


def test_the_gradient_equals_finite_differences() -> None:
    rng = np.random.default_rng(1)
    # Larger than the paper's weights, so that no gradient is lost in rounding.
    flat = 10 * initial_parameters(CLASSES, rng).astype(np.float64)
    slope = np.empty_like(flat)
    BranchedMlp.of(flat, CLASSES).descend(*batch(), BranchedMlp.of(slope, CLASSES))
    steepest = np.argsort(-np.abs(slope))[:20]
    for place in np.concatenate([steepest, rng.integers(0, len(flat), 40)]):
        moved = flat.copy()
        moved[place] += 1e-5
        above = cross_entropy(moved)
        moved[place] -= 2e-5
        assert slope[place] == pytest.approx((above - cross_entropy(moved)) / 2e-5, abs=1e-7)


def test_a_step_of_adam_is_the_papers() -> None:
    """In its first step Adam moves every parameter by the learning rate against the gradient."""
    parameters = np.zeros(3, dtype=np.float32)
    moments = adam.Moments.zeros(3)
    adam.step(parameters, np.array([2.0, -0.5, 0.0], dtype=np.float32), moments, 1)
    np.testing.assert_allclose(parameters, [-1e-3, 1e-3, 0.0], rtol=1e-4)


def test_two_steps_of_adam_equal_the_slow_way() -> None:
    gradients = [np.array([0.3, -2.0]), np.array([-0.1, -1.0])]
    first = second = expected = np.zeros(2)
    for number, g in enumerate(gradients, start=1):
        first, second = 0.9 * first + 0.1 * g, 0.999 * second + 0.001 * g**2
        ratio = (first / (1 - 0.9**number)) / (np.sqrt(second / (1 - 0.999**number)) + 1e-8)
        expected = expected - 1e-3 * ratio
    parameters, moments = np.zeros(2, dtype=np.float32), adam.Moments.zeros(2)
    for number, g in enumerate(gradients, start=1):
        adam.step(parameters, g.astype(np.float32), moments, number)
    np.testing.assert_allclose(parameters, expected, rtol=1e-4)
