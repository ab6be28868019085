from __future__ import annotations

import re

from sc_deploy.contracts import TensorStat
from sc_deploy.report.charts.layers import LEFT, RIGHT, layers


def bars(drawn: str) -> list[float]:
    return [float(width) for width in re.findall(r'width="([\d.]+)"[^>]* class="bar"', drawn)]


def test_a_bar_is_as_long_as_its_layer_is_dense() -> None:
    tensors = [TensorStat("a", (10,), 10, 10), TensorStat("b", (10,), 1, 10)]
    assert bars(layers("t", tensors)) == [RIGHT - LEFT, (RIGHT - LEFT) / 10]


def test_the_count_behind_the_share_is_told() -> None:
    drawn = layers("t", [TensorStat("a", (100, 200), 2000, 20_000)])
    assert "10\u00a0% of 20,000" in drawn


def test_a_long_name_keeps_its_telling_end() -> None:
    name = "backbone.encoder.layers.11.attention.weight"
    drawn = layers("t", [TensorStat(name, (1,), 1, 1)])
    shown = re.findall(r">(…[^<]*)<", drawn)
    assert len(shown) == 1
    assert name.endswith(shown[0].removeprefix("…"))
    assert shown[0].endswith("11.attention.weight")


def test_an_empty_layer_has_no_length() -> None:
    assert bars(layers("t", [TensorStat("a", (0,), 0, 0)])) == [0]
