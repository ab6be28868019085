from __future__ import annotations

import re

import pytest

from sc_deploy.contracts import Rate
from sc_deploy.report.charts.forest import LEFT, RIGHT, Block, forest

BLOCKS = (
    Block("source", "source", (("loss", Rate(0.52, 0.50, 0.54, 5000)),)),
    Block("file", "artifact", (("loss", Rate(0.60, 0.58, 0.62, 5000)),)),
)


def dots(drawn: str) -> list[float]:
    return [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', drawn)]


def marker(drawn: str, style: str) -> float:
    found = re.search(rf'<line x1="([\d.]+)"[^>]* class="{style}"', drawn)
    assert found is not None
    return float(found[1])


def test_a_larger_auc_lies_further_right() -> None:
    source, artifact = dots(forest("t", BLOCKS, limit=None))
    assert LEFT < source < artifact < RIGHT


def test_a_dot_on_the_limit_lies_on_the_line() -> None:
    drawn = forest("t", BLOCKS, limit=0.60)
    assert dots(drawn)[1] == pytest.approx(marker(drawn, "limit"))


def test_chance_is_half_way_between_equal_neighbours() -> None:
    block = Block("m", "source", (("a", Rate(0.4, 0.4, 0.4, 9)), ("b", Rate(0.6, 0.6, 0.6, 9))))
    drawn = forest("t", [block], limit=None)
    assert marker(drawn, "chance") == pytest.approx(sum(dots(drawn)) / 2, abs=0.01)


def test_without_a_limit_none_is_drawn() -> None:
    assert 'class="limit"' not in forest("t", BLOCKS, limit=None)


def test_a_dot_tells_its_whole_rate() -> None:
    assert "file, loss: 0.600 [0.580, 0.620], n\u00a0=\u00a05,000" in forest(
        "t", BLOCKS, limit=None
    )


def test_names_are_escaped() -> None:
    block = Block("<script>", "artifact", (("<i>", Rate(0.5, 0.4, 0.6, 9)),))
    drawn = forest("t", [block], limit=None)
    assert "<script>" not in drawn
    assert "<i>" not in drawn
