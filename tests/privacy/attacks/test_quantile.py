from __future__ import annotations

from typing import Any

import numpy as np

from sc_deploy.contracts import AuditSet, CalibrationSet, Knowledge, Predictions
from sc_deploy.privacy.attacks.loss import LOSS
from sc_deploy.privacy.attacks.quantile import QuantileAttack
from sc_deploy.privacy.statistics.auc import auc

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def told(n: int, *, leak: float, seed: int) -> tuple[Predictions, Knowledge]:
    """Answers whose ease shows in the first input, and inputs that show nothing else."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 5, n)
    ease = rng.normal(0, 3, n)
    logits = rng.normal(scale=0.3, size=(n, 5))
    logits[np.arange(n), labels] += 3 + ease + leak
    inputs = np.column_stack([ease, rng.normal(size=(n, 4))]).astype(np.float32)
    ids = rng.integers(0, 256, (n, 32), dtype=np.uint8)
    return Predictions(logits.astype(np.float32), labels, ids), Knowledge(inputs=inputs)


def played(leak: float, n: int = 600) -> tuple[CalibrationSet, AuditSet]:
    sides = [told(n, leak=x, seed=seed) for seed, x in enumerate((leak, 0.0, leak, 0.0))]
    (a, ka), (b, kb), (c, kc), (d, kd) = sides
    return CalibrationSet(a, b, (ka, kb)), AuditSet(c, d, (kc, kd))


def test_samples_are_compared_with_others_that_look_as_easy() -> None:
    """A leak that hard and easy samples drown for one threshold."""
    calibration, audit = played(0.6)
    loss = auc(*LOSS.fit(calibration, seed=0).evaluate(audit)).value
    found = auc(*QuantileAttack().fit(calibration, seed=0).evaluate(audit)).value
    assert loss < 0.6
    assert found > 0.75


def test_where_the_inputs_say_nothing_it_is_as_strong_as_the_loss(game: Any) -> None:
    round_ = game(1.0)
    loss = auc(*LOSS.fit(round_.calibration, seed=0).evaluate(round_.audit)).value
    found = auc(*QuantileAttack().fit(round_.calibration, seed=0).evaluate(round_.audit)).value
    assert found > loss - 0.01


def test_members_of_calibration_do_not_teach_what_is_to_be_expected() -> None:
    calibration, audit = played(0.6)
    other = CalibrationSet(
        audit.members, calibration.non_members, (audit.known[0], calibration.known[1])
    )
    first, second = (QuantileAttack().fit(c, seed=0).evaluate(audit) for c in (calibration, other))
    for one, two in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, two)


def test_three_non_members_are_enough_to_fit() -> None:
    calibration, audit = played(1.0, n=3)
    for scores in QuantileAttack().fit(calibration, seed=0).evaluate(audit):
        assert np.isfinite(scores).all()
