from __future__ import annotations

import pytest

from sc_deploy.errors import UsageError
from sc_deploy.networks.options import resolved


def test_defaults_are_written_out_and_the_task_says_its_tokens() -> None:
    found = dict(resolved("transformer", {"layers": 3}, {"vocabulary": 50, "padding": 7}))
    assert found == {
        "layers": 3, "width": 64, "heads": 4, "dropout": 0.1, "vocabulary": 50, "padding": 7,
    }  # fmt: skip


def test_a_network_without_options_takes_none() -> None:
    assert resolved("custom", {}, {"vocabulary": 50}) == ()
    with pytest.raises(UsageError, match="vgg-16-bn") as caught:
        resolved("vgg-16-bn", {"depth": 19}, {})
    assert [problem.where for problem in caught.value.problems] == ["depth"]


def test_every_wrong_option_is_named_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        resolved("transformer", {"layers": 0, "dropout": 1.0, "depth": 2, "vocabulary": 9}, {})
    wheres = {problem.where for problem in caught.value.problems}
    assert wheres == {"layers", "dropout", "depth"}


def test_a_vocabulary_that_nobody_names_is_missing() -> None:
    with pytest.raises(UsageError) as caught:
        resolved("transformer", {}, {})
    assert [problem.where for problem in caught.value.problems] == ["vocabulary"]


@pytest.mark.parametrize("given", [{"width": 10, "heads": 4}, {"padding": 9}])
def test_options_that_contradict_each_other_are_refused(given: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="problem"):
        resolved("transformer", given, {"vocabulary": 9})
