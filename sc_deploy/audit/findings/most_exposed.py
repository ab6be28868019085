"""Which audited members an attacker is surest of: figures of single samples, for their owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats

from sc_deploy.audit.evidence import AUDIT
from sc_deploy.audit.scores import score

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from sc_deploy.audit.scores import Attackers, Exposed, Scores
    from sc_deploy.contracts.arrays import Float64, Int64

FALSE_DISCOVERY_RATE: Final = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How exposed each of N audit members is, row by row as their predictions.

    `scores` float64 [K, N] of the K `attacks`, `p` float64 [N], `accused` bool [N], `order` int64
    [N] the rows from the most exposed to the least; `non_members` were the yardstick. `absent`
    are attacks that could not be run, each with what it lacks.
    """

    attacks: tuple[str, ...]
    scores: Float64
    p: Float64
    accused: npt.NDArray[np.bool_]
    order: Int64
    non_members: int
    absent: tuple[tuple[str, str], ...]


def standing(model: Exposed, attacks: Sequence[str], attackers: Attackers) -> Standing:
    """Every audit member under every attack that scores them all; at least one does.

    The p-value of a member under one attack is the rank of its score among the audit's
    non-members, whose role a keyed hash drew as it drew the member's: had the sample not been
    trained on, its rank would be uniform. The smallest over the attacks, times their number
    (Bonferroni), is the member's. Who is accused follows from Benjamini and Hochberg (1995) at
    10 % as in arXiv 2508.07066; ranks among common non-members depend on each other positively,
    which the procedure bears (Benjamini and Yekutieli 2001; Bates et al. 2023).
    """
    absent = tuple((name, why) for name in attacks if (why := model.lacks(name)))
    lacking = {name for name, _ in absent}
    sizes = [len(model.answers[role].labels) for role in AUDIT]
    scored = (
        score(name, model, attackers, quantization=None) for name in attacks if name not in lacking
    )
    found = [one for one in scored if [len(one.members), len(one.non_members)] == sizes]
    ranks = np.stack([_p_values(entry) for entry in found])
    p = np.minimum(1.0, len(found) * ranks.min(axis=0))
    adjusted = stats.false_discovery_control(p, method="bh")
    # Among equally small p-values, who looks like a member to all attacks comes first.
    order = np.lexsort((ranks.mean(axis=0), p)).astype(np.int64)
    return Standing(
        attacks=tuple(entry.attack for entry in found),
        scores=np.stack([entry.members for entry in found]),
        p=p,
        accused=np.asarray(adjusted <= FALSE_DISCOVERY_RATE),
        order=order,
        non_members=len(found[0].non_members),
        absent=absent,
    )


def _p_values(scores: Scores) -> Float64:
    """(1 + non-members at or above the score) / (1 + non-members), float64 [n members]."""
    ascending = np.sort(scores.non_members)
    above = len(ascending) - np.searchsorted(ascending, scores.members, side="left")
    return np.asarray((1 + above) / (1 + len(ascending)), dtype=np.float64)
