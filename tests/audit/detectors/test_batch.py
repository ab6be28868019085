from __future__ import annotations

import pytest

from sc_deploy.audit.detectors.batch import batch
from sc_deploy.contracts import Cause, Outcome


@pytest.mark.parametrize(
    ("sizes", "outcome", "cause"),
    [
        ((1, 3, 64), Outcome.PASS, None),
        ((1, 1, 1, 2), Outcome.INVALID, None),
        ((1,), Outcome.INVALID, None),
        ((), Outcome.INCONCLUSIVE, Cause.NOT_EXECUTED),
    ],
)
def test_three_batch_sizes_must_have_run(
    sizes: tuple[int, ...], outcome: Outcome, cause: Cause | None
) -> None:
    check = batch(sizes)
    assert (check.outcome, check.cause) == (outcome, cause)


def test_a_model_whose_answers_depend_on_the_batch_is_invalid_whatever_it_served() -> None:
    for unsteady in ((1, 7), (1, 7, 64)):
        check = batch((1, 7, 64), unsteady)
        assert check.outcome is Outcome.INVALID
        assert "batches of 1, 7" in check.reason
