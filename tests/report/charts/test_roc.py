from __future__ import annotations

import re

import pytest

from sc_deploy.contracts import Curve, OperatingPoint, Rate
from sc_deploy.report.charts.roc import BOTTOM, LEFT, RIGHT, TOP, Line, roc

CURVE = Curve((0.001, 0.01, 1.0), (0.001, 0.1, 1.0))


def points(drawn: str, style: str) -> list[tuple[float, float]]:
    found = re.search(rf'<path d="M([^"]*)" class="curve {style}"', drawn)
    assert found is not None
    pairs = (step.split() for step in found[1].split("L"))
    return [(float(x), float(y)) for x, y in pairs]


def test_a_rate_of_one_per_cent_lies_one_of_three_decades_in() -> None:
    drawn = roc("t", [Line("artifact", "artifact", CURVE, ())])
    x, y = points(drawn, "artifact")[1]
    assert x == pytest.approx(LEFT + (RIGHT - LEFT) / 3, abs=0.01)
    assert y == pytest.approx(BOTTOM - (BOTTOM - TOP) * 2 / 3, abs=0.01)


def test_a_curve_ends_in_the_upper_right_corner() -> None:
    assert points(roc("t", [Line("a", "artifact", CURVE, ())]), "artifact")[-1] == (RIGHT, TOP)


def test_a_curve_that_finds_nobody_lies_on_the_floor() -> None:
    nobody = Curve((0.0, 0.01, 0.1), (0.0, 0.0, 0.0))
    drawn = points(roc("t", [Line("a", "artifact", nobody, ())]), "artifact")
    assert {y for _, y in drawn} == {BOTTOM}


def test_the_axis_begins_at_the_smallest_decade_measured() -> None:
    fine = Curve((0.0001, 1.0), (0.0001, 1.0))
    assert ">0.01\u00a0%<" in roc("t", [Line("a", "artifact", fine, ())])
    assert ">0.01\u00a0%<" not in roc("t", [Line("a", "artifact", CURVE, ())])


def test_an_operating_point_carries_its_interval() -> None:
    point = OperatingPoint(0.01, Rate(0.04, 0.03, 0.05, 2500), 0.0096, "")
    drawn = roc("t", [Line("file", "artifact", CURVE, (point,))])
    assert drawn.count('class="whisker artifact"') == 1
    assert "TPR at 1\u00a0% FPR: 4.0\u00a0% [3.0, 5.0], n\u00a0=\u00a02,500" in drawn


def test_an_unresolved_point_is_not_drawn() -> None:
    point = OperatingPoint(0.001, None, None, "too few")
    assert "whisker" not in roc("t", [Line("file", "artifact", CURVE, (point,))])


def test_no_line_at_all_still_draws_chance() -> None:
    assert 'class="chance"' in roc("t", [])
