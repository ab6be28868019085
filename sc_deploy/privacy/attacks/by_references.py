"""A scorer over reference models, as an attack that learns on calibration samples alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sc_deploy.contracts import Channel
from sc_deploy.errors import AttackError
from sc_deploy.privacy.attacks.threshold import best_threshold
from sc_deploy.privacy.references.dealt import unlike
from sc_deploy.privacy.references.log_odds import LogOdds, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import AuditSet, CalibrationSet, Knowledge
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.references.enough import Least

Scorer: TypeAlias = "Callable[[LogOdds], Float64]"
"""How member-like each sample looks beside its references, float64 [N]; larger is more."""

Learner: TypeAlias = Callable[[LogOdds, LogOdds], Scorer]
"""Makes a scorer from (members, non-members) of the calibration samples."""


@dataclass(frozen=True, slots=True)
class ReferenceAttack:
    """One scorer with a threshold frozen on calibration samples. Nothing in it is drawn."""

    name: str
    learn: Learner
    least: Least
    chance: bool = False
    needs: frozenset[Channel] = frozenset({Channel.REFERENCES})

    def lacks(self, known: Sequence[Knowledge]) -> str:
        """Which references are missing, in words; empty if there are enough.

        `known` of members and of non-members in turn.
        """
        tables = [side.references.inside for side in known if side.references is not None]
        if len(tables) < len(known):
            return "reference models"
        return self.least.lacking(tables) or unlike(tables)

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedReferenceAttack:  # noqa: ARG002
        """Raises AttackError where references are too few, or dealt unfairly."""
        if lacking := self.lacks(calibration.known):
            raise AttackError(
                f"the {self.name} attack needs {lacking}",
                remedy="train more reference models, or name another attack",
            )
        members, non_members = _seen(calibration)
        scorer = self.learn(members, non_members)
        threshold = best_threshold(scorer(members), scorer(non_members))
        return FittedReferenceAttack(threshold, scorer)


@dataclass(frozen=True, slots=True)
class FittedReferenceAttack:
    threshold: float
    scorer: Scorer

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        members, non_members = _seen(audit)
        return self.scorer(members), self.scorer(non_members)


def _seen(samples: CalibrationSet | AuditSet) -> tuple[LogOdds, LogOdds]:
    inside, outside = (side.references for side in samples.known)
    # Whoever lacks references is not run: `needs` says so.
    assert inside is not None
    assert outside is not None
    return read(samples.members, inside), read(samples.non_members, outside)
