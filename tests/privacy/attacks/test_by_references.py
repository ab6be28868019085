from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sc_deploy.contracts import (
    AuditSet,
    CalibrationSet,
    Channel,
    Knowledge,
    Predictions,
    References,
)
from sc_deploy.errors import AttackError
from sc_deploy.privacy.attacks import ATTACKS, by_name
from sc_deploy.privacy.statistics.auc import auc

if TYPE_CHECKING:
    from sc_deploy.privacy.statistics.auc import Auc

OFFLINE = ["lira-offline", "lira-fixed", "rmia", "base", "student-t"]
ONLINE = [*OFFLINE, "lira-online", "rmia-online"]


@dataclass(frozen=True)
class World:
    """Training on a sample raises its log-odds by `leak`; each reference trained on a share
    `inside` of the samples. Members are harder by `harder` before anybody trains: where that
    equals the leak, the loss sees no difference."""

    models: int
    leak: float
    harder: float = 0.0
    inside: float = 0.5
    n: int = 600

    def side(self, n: int, *, member: bool, seed: int) -> tuple[Predictions, Knowledge]:
        """Samples that differ (deviation 2) more than models do."""
        rng = np.random.default_rng([seed, member])
        labels = rng.integers(0, 10, n)
        ease = rng.normal(1.0, 2.0, n) - self.harder * member
        trained = rng.random((self.models, n)) < self.inside
        logits = 0.7 * rng.normal(size=(self.models + 1, n, 10))
        logits[:, np.arange(n), labels] += ease + self.leak * np.vstack([[member] * n, trained])
        own = Predictions(logits[0].astype(np.float32), labels, np.zeros((n, 32), np.uint8))
        return own, Knowledge(references=References(logits[1:].astype(np.float32), trained))

    def sets(self, seed: int = 0) -> tuple[CalibrationSet, AuditSet]:
        drawn = [
            self.side(size, member=member, seed=2 * seed + part)
            for part, size in enumerate((self.n, 2 * self.n))
            for member in (True, False)
        ]
        answers, known = zip(*drawn, strict=True)
        return (
            CalibrationSet(answers[0], answers[1], (known[0], known[1])),
            AuditSet(answers[2], answers[3], (known[2], known[3])),
        )


def measured(name: str, told: CalibrationSet, audit: AuditSet) -> Auc:
    return auc(*by_name(name).fit(told, seed=0).evaluate(audit))


def test_they_are_the_attacks_that_need_references() -> None:
    found = {attack.name for attack in ATTACKS if attack.needs == {Channel.REFERENCES}}
    assert found == set(ONLINE)


@pytest.mark.parametrize("name", ONLINE)
def test_a_leak_that_the_loss_cannot_see_is_found(name: str) -> None:
    told, audit = World(12, leak=0.8, harder=0.8).sets()
    assert measured("loss", told, audit).rate(0.99).low < 0.5
    assert measured(name, told, audit).rate(0.99).low > 0.55


@pytest.mark.parametrize("name", OFFLINE)
def test_references_that_trained_on_no_sample_find_more_than_the_loss(name: str) -> None:
    told, audit = World(4, leak=0.8, inside=0.0).sets()
    assert measured(name, told, audit).value > measured("loss", told, audit).value + 0.04


@pytest.mark.parametrize("name", ONLINE)
def test_without_a_leak_nothing_is_found(name: str) -> None:
    found = [measured(name, *World(8, leak=0.0, n=300).sets(seed)).value for seed in range(12)]
    assert abs(np.mean(found) - 0.5) < 3 * 0.0167 / np.sqrt(12)


@pytest.mark.parametrize("name", ONLINE)
def test_the_frozen_threshold_holds_on_audit_samples(name: str) -> None:
    told, audit = World(12, leak=1.0).sets()
    fitted = by_name(name).fit(told, seed=0)
    members, others = fitted.evaluate(audit)
    right = (members >= fitted.threshold).mean() + (others < fitted.threshold).mean()
    assert right / 2 > 0.55


@pytest.mark.parametrize("name", ONLINE)
def test_nothing_depends_on_the_seed_or_on_chance(name: str) -> None:
    told, audit = World(6, leak=0.5, n=100).sets()
    first, second = (by_name(name).fit(told, seed=seed) for seed in (0, 1))
    assert not by_name(name).chance
    assert first.threshold == second.threshold
    for one, other in zip(first.evaluate(audit), second.evaluate(audit), strict=True):
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("name", ONLINE)
def test_the_order_of_the_references_does_not_matter(name: str) -> None:
    told, audit = World(6, leak=0.5, n=100).sets()
    turned = replace(told, known=_reversed(told.known))
    asked = replace(audit, known=_reversed(audit.known))
    assert measured(name, turned, asked).value == pytest.approx(
        measured(name, told, audit).value, abs=1e-9
    )


@pytest.mark.parametrize("name", ["lira-offline", "lira-online", "lira-fixed", "base", "student-t"])
def test_more_references_find_more(name: str) -> None:
    few, some, many = (
        np.mean([measured(name, *World(k, leak=0.8).sets(seed)).value for seed in range(3)])
        for k in (6, 16, 48)
    )
    assert few - 0.003 < some < many + 0.003
    assert many > few + 0.004


@pytest.mark.parametrize("name", ["lira-online", "rmia-online"])
def test_online_attacks_refuse_references_of_one_side(name: str) -> None:
    told, _ = World(8, leak=0.5, inside=0.0, n=50).sets()
    with pytest.raises(AttackError, match=r"trained on it for most samples \(0% have them\)"):
        by_name(name).fit(told, seed=0)


@pytest.mark.parametrize("name", ["lira-offline", "lira-fixed", "student-t", "lira-online"])
def test_one_reference_tells_no_spread(name: str) -> None:
    told, _ = World(1, leak=0.5, inside=0.0, n=50).sets()
    with pytest.raises(AttackError, match="2 reference models not trained on a sample"):
        by_name(name).fit(told, seed=0)


@pytest.mark.parametrize("name", ["rmia", "base"])
def test_one_reference_is_enough_for_a_ratio(name: str) -> None:
    told, audit = World(1, leak=0.8, inside=0.0).sets()
    assert measured(name, told, audit).value > measured("loss", told, audit).value + 0.03


def test_references_that_trained_on_the_members_alone_are_refused() -> None:
    told, _ = World(8, leak=0.0, n=50).sets()
    fair = told.known[0].references
    assert fair is not None
    sides = [
        Knowledge(references=References(fair.logits, np.full((8, 50), member)))
        for member in (True, False)
    ]
    unfair = replace(told, known=(sides[0], sides[1]))
    with pytest.raises(AttackError):
        by_name("base").fit(unfair, seed=0)


def test_sides_without_references_lack_them() -> None:
    told, _ = World(4, leak=0.5, n=50).sets()
    attack: Any = by_name("base")
    assert attack.lacks(told.known) == ""
    assert attack.lacks((told.known[0], Knowledge())) == "reference models"


def _reversed(known: tuple[Knowledge, Knowledge]) -> tuple[Knowledge, Knowledge]:
    """The same with the last reference first."""
    given = [side.references for side in known if side.references is not None]
    inside, outside = (
        Knowledge(references=References(found.logits[::-1], found.inside[::-1])) for found in given
    )
    return inside, outside
