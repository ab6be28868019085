"""How long does adversarial-robustness-toolbox take for the same answers, and what does it find?"""

from __future__ import annotations

import importlib.util
from itertools import pairwise
from typing import TYPE_CHECKING

from benchmarks.timed.made_up import CLASSES, answers
from benchmarks.timed.watch import Part, Watch

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from sc_deploy.contracts import AuditSet, CalibrationSet, Predictions
    from sc_deploy.contracts.arrays import Float64


def art(options: argparse.Namespace) -> Part:
    """Attack by attack, the same answers: what ART finds in how long, and what ours does."""
    if importlib.util.find_spec("art") is None:
        return {}
    from sc_deploy.privacy.attacks import ATTACKS
    from sc_deploy.privacy.statistics.auc import auc

    calibration, audit = answers(options.samples)
    ours = {attack.name: attack for attack in ATTACKS}
    part = {}
    for name, (counterpart, attack) in their_attacks(calibration, audit).items():
        watch = Watch.start()
        theirs = attack()
        part[name] = {f"their_{key}": value for key, value in watch.read().items()}
        part[name]["their_auc"] = auc(*theirs).value
        if counterpart in ours:
            watch = Watch.start()
            scores = ours[counterpart].fit(calibration, seed=0).evaluate(audit)
            part[name] |= watch.read(auc=auc(*scores).value)
    return part


def their_attacks(
    calibration: CalibrationSet, audit: AuditSet
) -> dict[str, tuple[str, Callable[[], tuple[Float64, Float64]]]]:
    """ART's attacks on answers by name, each with the attack of ours that asks the same."""
    import numpy as np
    from art.attacks.inference.membership_inference import (
        MembershipInferenceBlackBox,
        MembershipInferenceBlackBoxRuleBased,
    )

    sides = (calibration.members, calibration.non_members, audit.members, audit.non_members)
    target = looked_up(sides)
    ends = np.cumsum([0, *(len(side.labels) for side in sides)])
    rows = [np.arange(*span, dtype=np.float32)[:, None] for span in pairwise(ends)]
    labels = [side.labels for side in sides]

    def learner(kind: str, reads: str) -> Callable[[], tuple[Float64, Float64]]:
        def run() -> tuple[Float64, Float64]:
            attack = MembershipInferenceBlackBox(target, input_type=reads, attack_model_type=kind)
            attack.fit(rows[0], labels[0], rows[1], labels[1])
            inside, outside = (
                attack.infer(rows[side], labels[side], probabilities=True) for side in (2, 3)
            )
            return member_column(inside), member_column(outside)

        return run

    def rule() -> tuple[Float64, Float64]:
        attack = MembershipInferenceBlackBoxRuleBased(target)
        inside, outside = (attack.infer(rows[side], labels[side]) for side in (2, 3))
        return inside.astype(np.float64), outside.astype(np.float64)

    found = {
        "rule-based": ("gap", rule),
        "lr on losses": ("loss", learner("lr", "loss")),
        "lr": ("modified-entropy", learner("lr", "prediction")),
        "rf": ("neural", learner("rf", "prediction")),
        "gb": ("neural", learner("gb", "prediction")),
    }
    if importlib.util.find_spec("torch") is not None:
        found["nn"] = ("neural", learner("nn", "prediction"))
    return found


def member_column(probabilities: Float64) -> Float64:
    """ART's classifiers give a column for each class, its network one in all."""
    return probabilities.reshape(len(probabilities), -1)[:, -1].astype("f8")


def looked_up(sides: tuple[Predictions, ...]) -> object:
    """ART's classifier whose inputs float32 [N, 1] are row numbers of the answers of all sides.

    It gives posteriors, which is what ART's documentation attacks.
    """
    import numpy as np
    from art.estimators.classification import BlackBoxClassifier

    from sc_deploy.privacy import signals

    posteriors = signals.posteriors(np.concatenate([side.logits for side in sides]))
    posteriors = posteriors.astype(np.float32)

    class Table(BlackBoxClassifier):
        def compute_loss(self, x: Float64, y: Float64, **_: object) -> Float64:
            own = self.predict(x)[np.arange(len(x)), y.argmax(axis=1)]
            return -np.log(np.maximum(own, 1e-30))

    return Table(lambda x: posteriors[x[:, 0].astype(np.int64)], (1,), CLASSES)
