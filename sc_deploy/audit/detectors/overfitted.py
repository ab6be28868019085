"""Has an attack learned its calibration samples by heart, rather than how members look?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scipy import stats

from sc_deploy.audit.detectors.confidence import shared
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.auc import auc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import Check
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.privacy.statistics.auc import Auc
    from sc_deploy.privacy.statistics.units import Units

TOPIC = Topic("attacks learned nothing by heart", VALIDITY)
# Networks of the audit reach 2.4 / sqrt(n) more on n + n calibration samples than on fresh ones.
EXPLAINED: Final = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Scores float64 [N] of both sides; `units` say whose samples belong together, None where
    each is a draw of its own."""

    members: Float64
    non_members: Float64
    units: Units | None = None

    @property
    def auc(self) -> Auc:
        return auc(self.members, self.non_members, units=self.units)


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """What an attack says of the samples it learned from and of those it is judged on."""

    attack: str
    learned: Ranked
    judged: Ranked


def overfitted(exams: Sequence[Exam]) -> Check:
    """AUC on calibration above AUC on audit by surely more than 3 / sqrt(calibration samples).

    Then the attack memorised, or calibration holds other samples than audit: either way it is
    weaker than it could be, and that it finds little says little. Of samples that come in units
    as many are counted as are surely independent: an attack learns a person's records by heart
    as one.
    """
    tail = (1.0 - shared(len(exams))) / 2
    wrong = []
    for exam in exams:
        learned, judged = exam.learned.auc, exam.judged.auc
        if _surely_more(learned, judged, tail=tail) > EXPLAINED / math.sqrt(learned.pairs):
            wrong.append(
                f"the {exam.attack} attack has AUC {learned.value:.3f} on its calibration samples "
                f"and {judged.value:.3f} on audit samples"
            )
    if wrong:
        return TOPIC.undecided(
            Cause.DETECTOR_FAILED,
            "; ".join(wrong),
            "give the attacks more calibration samples, drawn like the audit samples",
        )
    return TOPIC.passed("no attack does much better on what it learned from than on the audit")


def _surely_more(learned: Auc, judged: Auc, *, tail: float) -> float:
    reach = float(stats.t.isf(tail, min(learned.degrees, judged.degrees)))
    return learned.value - judged.value - reach * math.sqrt(learned.variance + judged.variance)
