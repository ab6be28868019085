"""Whether a leakage figure would mean anything: the checks that must hold first."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.audit.evidence import AUDIT, CALIBRATION
from sc_deploy.audit.pairing import are_finite
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause, Role
from sc_deploy.privacy.statistics.auc import auc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sc_deploy.audit.pairing import Paired
    from sc_deploy.audit.scores import Scores
    from sc_deploy.contracts import Check, Predictions, Rate
    from sc_deploy.contracts.arrays import Float64, Int64, UInt8

COMPLETE = Topic("evidence is complete", VALIDITY)
FINITE = Topic("answers are finite", VALIDITY)
LABELS = Topic("labels are in range", VALIDITY)
BATCH = Topic("batch size is free", VALIDITY)
APART = Topic("samples are kept apart", VALIDITY)
ENOUGH = Topic("audit samples are enough", VALIDITY)
ORIENTATION = Topic("attacks point the right way", VALIDITY)
STRENGTH = Topic("attacks reach the gap attack", VALIDITY)
MEMBERS = Topic("all members are known", VALIDITY)

ALL = (COMPLETE, FINITE, LABELS, BATCH, APART, ENOUGH, MEMBERS, ORIENTATION, STRENGTH)
# Without these there is no honest leakage figure at all, and none is computed.
MUST_HOLD = (FINITE, LABELS, APART)

BATCH_SIZES = 3
# Detectors look at every attack of every audit, so one alarm in a thousand is false, not in twenty.
DETECTOR_CONFIDENCE = 0.998


def complete(paired: Paired) -> Check:
    if not paired.gaps:
        return COMPLETE.passed("every needed role has answers")
    return COMPLETE.undecided(
        Cause.EVIDENCE_MISSING,
        f"missing or too short: {'; '.join(paired.gaps)}",
        "run the models on every role again",
    )


def members(*, brought_weights: bool, declared: bool) -> Check:
    if not brought_weights:
        return MEMBERS.passed("training began from random weights, so the roles name every member")
    if declared:
        return MEMBERS.passed(
            "members were drawn from what the brought weights are declared to have been trained "
            "on, everyone else from what they never saw"
        )
    return MEMBERS.undecided(
        Cause.EVIDENCE_MISSING,
        "training began from brought weights, and whoever made them may have trained on samples "
        "that pose as non-members here, which would hide a leak",
        "declare what they were trained on in roles.declared_members, or train from random "
        "weights: remove network.weights from the recipe",
    )


def finite(answers: Mapping[Role, Predictions]) -> Check:
    if are_finite(answers):
        return FINITE.passed("every answer is a finite number")
    bad = sum(int((~np.isfinite(given.logits)).any(axis=1).sum()) for given in answers.values())
    n = sum(len(given.labels) for given in answers.values())
    return FINITE.invalid(
        f"the artifact answers {bad} of {n} samples with values that are not finite",
        "export it again in a wider precision, and look at the conversion's log",
    )


def labels(answers: Mapping[Role, Predictions]) -> Check:
    if any(given.logits.shape[1] < 2 for given in answers.values()):
        return LABELS.invalid(
            "the artifact knows fewer than two classes, so its answers say nothing",
            "adapt a single logit z to the two logits -z/2 and z/2",
        )
    bad = sum(
        int(((given.labels < 0) | (given.labels >= given.logits.shape[1])).sum())
        for given in answers.values()
    )
    if not bad:
        return LABELS.passed("every label names one of the artifact's classes")
    return LABELS.invalid(
        f"{bad} labels name a class that the artifact does not have",
        "audit with the task that the model was made for",
    )


def batch(sizes: Sequence[int], unsteady: Sequence[int] = ()) -> Check:
    """The artifact takes batches of any size, and answers a sample without its neighbours."""
    seen = sorted(set(sizes))
    if unsteady:
        return BATCH.invalid(
            f"the same samples get other answers in batches of {', '.join(map(str, unsteady))}, "
            "so an answer is not the sample's own",
            "export in evaluation mode, without batch statistics or dynamic quantization",
        )
    if len(seen) >= BATCH_SIZES:
        return BATCH.passed(f"it ran with batches of {', '.join(map(str, seen))}")
    if not seen:
        return BATCH.undecided(
            Cause.NOT_EXECUTED,
            "nobody saw with which batch sizes it runs",
            "audit the artifact on a device",
        )
    return BATCH.invalid(
        f"it ran only with batches of {', '.join(map(str, seen))}, although its batch is dynamic",
        "export it again with a dynamic batch dimension",
    )


def apart(answers: Mapping[Role, Predictions], quantization: UInt8 | None) -> Check:
    """No sample serves two roles, occurs twice, or both chose integer ranges and is audited."""
    ids = {role: _ids(answers[role].sample_id) for role in answers}
    wrong = [
        f"{role} holds a sample twice"
        for role in answers
        if len(ids[role]) != len(answers[role].sample_id)
    ]
    wrong += [
        f"{len(ids[first] & ids[second])} samples are both {first} and {second}"
        for first, second in combinations(answers, 2)
        if ids[first] & ids[second]
    ]
    chosen = _ids(quantization) if quantization is not None else frozenset()
    wrong += [
        f"{len(chosen & ids[role])} {role} samples chose the integer ranges"
        for role in (*AUDIT, *CALIBRATION, Role.NON_MEMBER_REFERENCE, Role.TEST)
        if role in ids and chosen & ids[role]
    ]
    if not wrong:
        return APART.passed("no sample serves two purposes")
    return APART.undecided(
        Cause.DETECTOR_FAILED, "; ".join(wrong), "draw the roles anew before training"
    )


def enough(
    answers: Mapping[Role, Predictions], least: int, units: Mapping[Role, Int64] | None = None
) -> Check:
    """Where samples come in `units`, those count: a thousand records of one person are one draw."""
    by_unit = {role: np.unique(unit) for role, unit in (units or {}).items()}
    drawn = {role: by_unit.get(role, answers[role].labels) for role in answers}
    counts = [len(drawn.get(role, ())) for role in AUDIT]
    found = f"{counts[0]} audit members and {counts[1]} audit non-members"
    if by_unit:
        found = f"samples of {counts[0]} units as audit members, of {counts[1]} as non-members"
    if min(counts) >= least:
        return ENOUGH.passed(found)
    return ENOUGH.undecided(
        Cause.TOO_FEW_SAMPLES,
        f"{found}; the policy asks for {least} of each",
        f"give audit roles {least} members and {least} non-members",
    )


def orientation(scores: Mapping[str, Sequence[Scores]]) -> Check:
    """An attack that is surely worse than a coin has its sign wrong, or its samples swapped.

    `scores` by subject.
    """
    wrong = [
        f"the {found.attack} attack on the {subject} has AUC {rate.value:.3f} "
        f"(at most {rate.high:.3f})"
        for subject, results in scores.items()
        for found in results
        if (rate := _auc(found)).high < 0.5
    ]
    if not wrong:
        return ORIENTATION.passed("no attack is surely worse than guessing")
    return ORIENTATION.undecided(
        Cause.DETECTOR_FAILED,
        f"{'; '.join(wrong)}: worse than guessing",
        "see whether members and non-members were swapped or prepared differently",
    )


def strength(answers: Mapping[Role, Predictions], scores: Sequence[Scores]) -> Check:
    """The strongest attack must reach what "right answer means member" reaches.

    Yeom et al. (1709.01604): the gap attack needs only the label, so that an attack which stays
    below it is broken rather than the model private. The gap attack itself proves nothing here.
    """
    inside, outside = (_right(answers[role]) for role in AUDIT)
    reached = [_auc(found) for found in scores if found.attack != "gap"]
    if not reached:
        return STRENGTH.undecided(
            Cause.EVIDENCE_MISSING,
            "no attack of the policy could be run that reads more than right and wrong",
            "add the loss attack to the policy",
        )
    gap = auc(inside, outside, units=scores[0].units).rate(DETECTOR_CONFIDENCE)
    best = max(reached, key=lambda rate: rate.high)
    if best.high >= gap.low:
        return STRENGTH.passed("no attack of the policy is weaker than the accuracy gap alone")
    return STRENGTH.undecided(
        Cause.DETECTOR_FAILED,
        f"the strongest attack has AUC {best.value:.3f}, the accuracy gap alone {gap.value:.3f}",
        "add the loss attack to the policy, and give the attackers more calibration samples",
    )


def _ids(sample_id: UInt8) -> frozenset[bytes]:
    return frozenset(row.tobytes() for row in sample_id)


def _auc(found: Scores) -> Rate:
    """So wide that one alarm in a thousand is false."""
    estimate = auc(found.members, found.non_members, units=found.units)
    return estimate.rate(DETECTOR_CONFIDENCE)


def _right(given: Predictions) -> Float64:
    right: Float64 = (given.logits.argmax(axis=1) == given.labels).astype(np.float64)
    return right
