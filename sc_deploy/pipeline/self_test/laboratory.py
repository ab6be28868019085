"""The models that specimens are made of: one that memorised its members, one that never met them.

Both are trained here on scikit-learn's digits, and converted to float16. Evidence about them has
the form in which a run's audit gets it, and is judged by the same auditor and gate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy.audit import auditor, gate
from sc_deploy.audit.detectors.repeatable import RUNS
from sc_deploy.audit.evidence import ARTIFACT, Evidence
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import Knowledge, Predictions, Role, Tier, Tolerance
from sc_deploy.pipeline.self_test import perceptron
from sc_deploy.policy import Absolute, Policy, small
from sc_deploy.progress import Silent
from sc_deploy.recipe import TaskSection
from sc_deploy.tasks import digits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Audit, Verdict
    from sc_deploy.contracts.arrays import Float32, Int64
    from sc_deploy.pipeline.self_test.perceptron import Perceptron

SIDES: Final = (
    (Role.MEMBER_CALIBRATION, Role.MEMBER_AUDIT),
    (Role.NON_MEMBER_CALIBRATION, Role.NON_MEMBER_AUDIT),
)
MEMBERS, CALIBRATION, TEST = 880, 280, 200
# What a model that leaks nothing needs to be passed by the default limits in all but freak draws.
ADEQUATE, ADEQUATE_CALIBRATION, ADEQUATE_TEST = 4000, 800, 3000
WRONG_LABELS: Final = 0.3


@dataclass(frozen=True)
class Laboratory:
    """Everything follows from `seed`. What is made once serves every specimen."""

    seed: int

    @cached_property
    def policy(self) -> Policy:
        """The small default where threshold attacks are evidence enough, on these few samples."""
        default = small()
        changed = {
            "low_fpr_tier": Tier.T0,
            "min_audit_samples": 400,
            "accuracy": default.accuracy.model_copy(update={"compression_loss": None}),
        }
        return default.model_copy(update=changed)

    @cached_property
    def quick(self) -> Policy:
        """The same with the two attacks that need no fitting."""
        return self.policy.model_copy(update={"attacks": ("loss", "modified-entropy")})

    def policy_with_limit(self, auc: float) -> Policy:
        """The same with another AUC limit, and the rates at few false alarms only shown."""
        changed = {"absolute": Absolute(auc=auc, tpr=()), "relative": "none"}
        return self.quick.model_copy(update=changed)

    def judge(self, evidence: Evidence, policy: Policy | None = None) -> tuple[Audit, Verdict]:
        """What the auditor measures and the gate decides."""
        asked = policy or self.policy
        audit = auditor.audit(evidence, asked, self.attackers, progress=Silent())
        return audit, gate.judge(audit, asked)

    @cached_property
    def attackers(self) -> Attackers:
        return Attackers(self.seed)

    def generator(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, purpose])

    @cached_property
    def memoriser(self) -> Perceptron:
        """Trained on its members, three in ten of whose labels are wrong, until it knows them."""
        x, y = self._digits
        return perceptron.train(x[:MEMBERS], y[:MEMBERS], passes=60, seed=self.seed)

    @cached_property
    def stranger(self) -> Perceptron:
        """Trained on the same digits, which are neither members nor non-members of its audit."""
        x, y = self._digits
        return perceptron.train(x[:MEMBERS], y[:MEMBERS], passes=12, seed=self.seed)

    @cached_property
    def leaky(self) -> Evidence:
        """Of the memoriser: real members against digits that it never saw."""
        x, y = self._digits
        inside = np.arange(MEMBERS)
        outside, test = np.split(np.arange(MEMBERS, len(y)), [len(y) - MEMBERS - TEST])
        rows = {Role.TEST: test}
        for (calibration, audit), side in zip(SIDES, (inside, outside), strict=True):
            rows |= {calibration: side[:CALIBRATION], audit: side[CALIBRATION:]}
        samples = {role: (x[at], y[at]) for role, at in rows.items()}
        return self._evidence(self.memoriser, samples)

    @cached_property
    def private(self) -> Evidence:
        """Of the stranger: noisy copies of unseen digits, called members or not by lot."""
        x, y = self._digits
        rng = self.generator(2)
        sizes = {Role.TEST: ADEQUATE_TEST}
        for calibration, audit in SIDES:
            sizes |= {calibration: ADEQUATE_CALIBRATION, audit: ADEQUATE}
        samples = {}
        for role, size in sizes.items():
            at = rng.integers(MEMBERS, len(y), size)
            noise = 0.15 * rng.standard_normal((size, x.shape[1]))
            samples[role] = ((x[at] + noise).astype(np.float32), y[at])
        return self._evidence(self.stranger, samples)

    @cached_property
    def _digits(self) -> tuple[Float32, Int64]:
        """All digits in an order drawn by lot, some labels wrong: float32 [N, 64], int64 [N]."""
        task = digits.load(TaskSection(name="digits"))
        rng = self.generator(1)
        order = rng.permutation(len(task.y))
        y = task.y[order].copy()
        wrong = rng.random(len(y)) < WRONG_LABELS
        y[wrong] = rng.integers(0, len(task.classes), int(wrong.sum()))
        x = np.asarray(task.preprocess(task.x[order]), dtype=np.float32)
        return x.reshape(len(y), -1), y

    def _evidence(
        self, model: Perceptron, samples: Mapping[Role, tuple[Float32, Int64]]
    ) -> Evidence:
        rng = self.generator(3)
        ids = {
            role: rng.integers(0, 256, (len(y), 32), dtype=np.uint8)
            for role, (_, y) in samples.items()
        }
        source, artifact = (
            {role: Predictions(found.logits(x), y, ids[role]) for role, (x, y) in samples.items()}
            for found in (model, model.halved())
        )
        shipped = model.halved()
        again = tuple(
            replace(artifact[Role.TEST], logits=shipped.logits(samples[Role.TEST][0]))
            for _ in range(RUNS)
        )
        return Evidence(
            artifact=artifact,
            source=source,
            dense=None,
            tensors_found=model.halved().tensors(),
            tensors_expected=model.halved().tensors(),
            tolerance=Tolerance(max_error=0.2, agreement=0.98),
            batch_sizes=(1, 7, 64),
            quantization=None,
            clean=None,
            looks=1,
            repeats=again,
            known={ARTIFACT: {role: Knowledge(inputs=x) for role, (x, _) in samples.items()}},
        )


def answering(evidence: Evidence, logits: Mapping[Role, Float32]) -> Evidence:
    """The same file with these logits float32 [N, C] by role; other roles keep theirs."""
    artifact = {
        role: replace(given, logits=logits[role]) if role in logits else given
        for role, given in evidence.artifact.items()
    }
    return replace(evidence, artifact=artifact)
