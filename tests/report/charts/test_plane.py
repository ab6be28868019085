"""The plane puts what is better further up and further left."""

from __future__ import annotations

import re

from sc_deploy.contracts import Rate
from sc_deploy.report.charts.plane import Spot, axes, plane


def spot(number: int, name: str, *, auc: float, accuracy: float) -> Spot:
    leakage = Rate(auc, auc - 0.01, auc + 0.01, 5)
    return Spot(number, name, "artifact", leakage, Rate(accuracy, accuracy - 0.02, accuracy, 5))


SPOTS = (
    spot(1, "safe & good", auc=0.52, accuracy=0.83),
    spot(2, "leaky", auc=0.66, accuracy=0.81),
)


def test_leakage_goes_right_and_accuracy_goes_up() -> None:
    x, y = axes(SPOTS)
    assert x(0.5) < x(0.52) < x(0.66)
    assert y(0.83) < y(0.81)


def test_every_arm_is_a_numbered_dot_that_tells_its_intervals() -> None:
    drawn = plane("two arms", SPOTS)
    assert drawn.count("<circle") == 2
    assert re.findall(r'class="number"[^>]*>(\d)<', drawn) == ["2", "1"]
    assert "safe &amp; good: accuracy 0.830 [0.810, 0.830], AUC 0.520 [0.510, 0.530]" in drawn


def test_chance_is_always_in_sight() -> None:
    x, _ = axes((spot(1, "leaky", auc=0.9, accuracy=0.5),))
    assert x.low < 0.5 < x.high


def test_the_interval_of_two_seeds_is_not_drawn() -> None:
    wide = Rate(0.6, 0.0, 1.0, 2)
    two = Spot(3, "two seeds", "source", wide, wide)
    assert plane("one", [two]).count("whisker") == 0
    assert plane("three", [*SPOTS, two]).count("whisker") == 4
