"""What the weights have been on average."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from sc_deploy.compress.training import average
from sc_deploy.recipe import CompressSection


# Any: settings of the section as a test writes them.
def followed(values: list[float], **compress: Any) -> float:
    """The average that begins at 100 and then sees these values, one a step."""
    section = CompressSection(**compress)
    found = average.begin({"w": torch.tensor([100.0])})
    for step, value in enumerate(values, start=1):
        average.follow(found, {"w": torch.tensor([value])}, average.share(step, section))
    return float(found["w"])


def test_with_the_whole_span_it_is_the_plain_mean_of_all_steps_and_the_beginning() -> None:
    found = followed([1.0, 2.0, 3.0], average="polynomial", average_span=1.0)
    assert found == pytest.approx((2 * 100 + 1 + 2 + 3) / 5)


def test_a_shorter_span_weighs_later_steps_more() -> None:
    steps = [float(n) for n in range(1, 401)]
    means = [followed(steps, average_span=span) for span in (1.0, 0.5, 0.25)]
    # The mean of n under weights n**(1 / span - 1) up to N is about N / (1 + span).
    assert means == pytest.approx([400 / 2, 400 / 1.5, 400 / 1.25], rel=0.02)


def test_ema_forgets_the_beginning_and_ends_with_its_decay() -> None:
    assert followed([0.0] * 200, average="ema", average_decay=0.9) == pytest.approx(0.0, abs=1e-4)
    section = CompressSection(average="ema", average_decay=0.9)
    assert average.share(1000, section) == pytest.approx(0.1)
    assert average.share(1, section) > 0.8


def test_what_does_not_survive_has_no_past() -> None:
    found = average.begin({"w": torch.ones(3), "bias": torch.ones(1)})
    average.impose(found, {"w": torch.tensor([True, False, True])})
    assert found["w"].tolist() == [1.0, 0.0, 1.0]
    assert found["bias"].tolist() == [1.0]
