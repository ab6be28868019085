from __future__ import annotations

import pytest

from sc_deploy.report.charts.scale import Linear, Log, around, ticks


def test_linear_places_the_middle_in_the_middle() -> None:
    assert Linear(0.5, 0.7, 100, 300)(0.6) == pytest.approx(200)


def test_linear_keeps_what_lies_outside_on_the_edge() -> None:
    scale = Linear(0, 1, 10, 20)
    assert (scale(-5), scale(5)) == (10, 20)


def test_linear_may_run_downwards() -> None:
    assert Linear(0, 1, 200, 100)(0.25) == pytest.approx(175)


def test_every_decade_is_equally_wide() -> None:
    scale = Log(1e-3, 1.0, 0, 300)
    assert [scale(x) for x in (1e-3, 1e-2, 1e-1, 1.0)] == pytest.approx([0, 100, 200, 300])


def test_zero_lands_on_the_low_end_of_a_log_axis() -> None:
    assert Log(1e-3, 1.0, 50, 300)(0.0) == 50


def test_decades_are_listed_with_both_ends() -> None:
    assert Log(1e-3, 1.0, 0, 1).decades() == pytest.approx((1e-3, 1e-2, 1e-1, 1.0))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.48, 0.7, (0.5, 0.55, 0.6, 0.65, 0.7)),
        (0.0, 10.0, (0, 2, 4, 6, 8, 10)),
        (1.0, 1.0, (1.0,)),
        (0.501, 0.502, (0.501, 0.5012, 0.5014, 0.5016, 0.5018, 0.502)),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def test_a_lone_value_gets_a_domain_of_its_own() -> None:
    low, high = around([0.5])
    assert low < 0.5 < high
