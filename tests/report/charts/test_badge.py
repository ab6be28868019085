from __future__ import annotations

import re

from sc_deploy.contracts import Outcome
from sc_deploy.report.charts.badge import badge


def test_verdicts_differ_in_shape_and_not_only_in_colour() -> None:
    shapes = {tuple(re.findall(r' d="([^"]*)"', badge(outcome))) for outcome in Outcome}
    assert len(shapes) == len(Outcome)


def test_a_badge_says_its_verdict() -> None:
    for outcome in Outcome:
        assert f'aria-label="{outcome}"' in badge(outcome)
