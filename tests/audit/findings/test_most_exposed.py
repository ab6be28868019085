"""Who is named a member, how surely, and how seldom wrongly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.findings.most_exposed import FALSE_DISCOVERY_RATE, Standing, standing
from sc_deploy.audit.scores import Attackers, Exposed, score
from sc_deploy.contracts import Predictions, Role

# Any: the types of fixtures live in conftest.py, which tests cannot import.
INSIDE = Role.MEMBER_AUDIT


def found(answers: Any, *attacks: str) -> Standing:
    return standing(Exposed(answers), attacks or ("loss",), Attackers(0))


def remembering(answers: Any, remembered: int) -> Any:
    """The first so many audit members are known by heart."""
    given: Predictions = answers[INSIDE]
    logits = given.logits.copy()
    logits[np.arange(remembered), given.labels[:remembered]] += 30
    return {**answers, INSIDE: replace(given, logits=logits)}


def test_a_p_value_counts_the_non_members_that_look_at_least_as_much_like_a_member(
    plant: Any, world: Any
) -> None:
    answers = plant(replace(world, audit=200)).artifact
    seen = found(answers)
    scores = score("loss", Exposed(answers), Attackers(0), quantization=None)
    for row in range(0, 200, 17):
        above = sum(other >= scores.members[row] for other in scores.non_members)
        assert seen.p[row] == pytest.approx((1 + above) / 201)


def test_several_attacks_pay_for_their_number(plant: Any, world: Any) -> None:
    answers = plant(replace(world, audit=200)).artifact
    alone = [found(answers, name).p for name in ("loss", "modified-entropy")]
    both = found(answers, "loss", "modified-entropy").p
    assert both == pytest.approx(np.minimum(1, 2 * np.minimum(*alone)))


def test_samples_that_are_remembered_lead_the_list_and_are_accused(plant: Any, world: Any) -> None:
    seen = found(remembering(plant(replace(world, audit=1000)).artifact, 60))
    assert set(seen.order[:60].tolist()) == set(range(60))
    assert seen.accused[:60].all()
    assert seen.accused.sum() <= 60 / (1 - 2 * FALSE_DISCOVERY_RATE)


def test_where_nothing_leaks_hardly_anybody_is_ever_accused(plant: Any, world: Any) -> None:
    """Without a leak every accusation is false, so that the rate bounds how often one is made."""
    draws = [
        found(plant(replace(world, seed=seed, audit=400, calibration=50, test=50)).artifact)
        for seed in range(60)
    ]
    # A tenth of 60 is 6; more than 14 has a chance below .001.
    assert sum(seen.accused.any() for seen in draws) <= 14


def test_p_values_of_a_model_without_a_leak_are_as_uniform_as_they_must_be(
    plant: Any, world: Any
) -> None:
    p = np.concatenate(
        [found(plant(replace(world, seed=s, audit=500, test=50)).artifact).p for s in range(8)]
    )
    for level in (0.01, 0.05, 0.2, 0.5):
        assert (p <= level).mean() <= level + 4 * np.sqrt(2 * level * (1 - level) / 4000)


def test_an_attack_that_cannot_be_run_is_named_with_what_it_lacks(plant: Any, world: Any) -> None:
    seen = found(plant(replace(world, audit=100)).artifact, "loss", "label-only")
    assert seen.attacks == ("loss",)
    assert [name for name, _ in seen.absent] == ["label-only"]
    assert "altered views" in seen.absent[0][1]
