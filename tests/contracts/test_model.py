from __future__ import annotations

from sc_deploy.contracts import ModelSummary, TensorStat, density_of

MASKED = TensorStat("masked", (10,), nonzero=3, size=10, kept=4)
PLAIN = TensorStat("plain", (10,), nonzero=2, size=10)


def test_density_is_the_masks_where_one_is_known_and_else_the_share_that_is_not_zero() -> None:
    assert (MASKED.density, PLAIN.density) == (0.4, 0.2)
    assert density_of([MASKED, PLAIN]) == 0.3
    assert density_of([]) == 0.0


def test_kept_weights_that_are_zero_are_counted() -> None:
    summary = ModelSummary("m", "n", "d", 20, 80, 0.3, (MASKED, PLAIN))
    assert summary.kept_zeros == 1
