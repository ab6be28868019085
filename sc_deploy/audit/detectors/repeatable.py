"""Does the artifact give the same sample the same answer, run after run?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.audit.questions import percent
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import AuditSet, Cause
from sc_deploy.privacy import signals

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sc_deploy.contracts import Check, FittedAttack, Predictions

TOPIC = Topic("answers repeat", VALIDITY)
RUNS: Final = 3
MOST_FLIPPED: Final = 0.01


def repeatable(runs: Sequence[Predictions], attackers: Iterable[FittedAttack]) -> Check:
    """`runs` are answers to the same samples in the same order, each from a run of its own;
    `attackers` read answers alone.

    More than one sample in a hundred whose predicted class, or whose membership to any attacker,
    is another in another run is an alarm: then the verdict is one of several.
    """
    if len(runs) < RUNS:
        return TOPIC.undecided(
            Cause.NOT_EXECUTED,
            f"seen in {len(runs)} runs of the same samples, needed are {RUNS}",
            "audit the artifact on a device",
        )
    margins = np.stack([signals.margin(run.logits, run.labels) for run in runs])
    reach = float(np.ptp(margins, axis=0).max())
    flipped = _differs([run.logits.argmax(axis=1) for run in runs])
    for attacker in attackers:
        flipped |= _differs(
            [attacker.evaluate(AuditSet(run, run))[0] >= attacker.threshold for run in runs]
        )
    share = float(flipped.mean())
    told = (
        f"over {len(runs)} runs of {len(flipped)} samples the margin moves by at most {reach:.3g}, "
        f"and {percent(share)} of them are judged differently"
    )
    if share > MOST_FLIPPED or not np.isfinite(reach):
        return TOPIC.undecided(
            Cause.DETECTOR_FAILED,
            told,
            "make the runtime deterministic (one thread, no autotuning), or export to another",
        )
    return TOPIC.passed(told)


def _differs(runs: Sequence[NDArray[np.generic]]) -> NDArray[np.bool_]:
    found = np.stack(runs)
    different: NDArray[np.bool_] = (found != found[0]).any(axis=0)
    return different
