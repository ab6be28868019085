"""How large a move is, and until when."""

from __future__ import annotations

import pytest

from sc_deploy.sparse.schedule import drop_fraction, may_move


@pytest.mark.parametrize(("step", "fraction"), [(0, 0.5), (50, 0.25), (100, 0.0), (150, 0.0)])
def test_the_drop_fraction_falls_by_cosine_to_zero(step: int, fraction: float) -> None:
    assert drop_fraction(step, initial=0.5, end=100) == pytest.approx(fraction)


def test_the_topology_settles_at_the_end_step() -> None:
    assert may_move(99, end=100)
    assert not may_move(100, end=100)
