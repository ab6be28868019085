"""Which questions about leakage a policy asks, settled before anything is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.audit.topic import ABSOLUTE, RELATIVE, Topic
from sc_deploy.contracts.verdict import leakage_check
from sc_deploy.privacy.attacks import COARSE

if TYPE_CHECKING:
    from sc_deploy.policy import Policy, TprLimit

AUC = "AUC"
QUANTIZATION_AUC = "AUC on quantization samples"


@dataclass(frozen=True, slots=True)
class Question:
    """One attack, one metric, one limit; `fpr` where the metric is a TPR."""

    attack: str
    metric: str
    kind: str
    limit: float | None
    fpr: float | None = None

    @property
    def name(self) -> str:
        return leakage_check(self.attack, self.metric, change=self.kind == RELATIVE)

    @property
    def topic(self) -> Topic:
        return Topic(self.name, self.kind, self.limit, required=self.limit is not None)


def tpr_metric(fpr: float) -> str:
    return f"TPR at {percent(fpr)} FPR"


def percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def about(n: int) -> str:
    """A count rounded up to two figures, as `88,000`; it is never known better."""
    unit = 10 ** max(0, len(str(n)) - 2)
    return f"{-(-n // unit) * unit:,}"


def rates_asked(policy: Policy) -> tuple[float, ...]:
    """Every false-positive rate of the policy, the highest first."""
    limits = policy.absolute.tpr
    if not isinstance(policy.relative, str):
        limits += policy.relative.tpr
    return tuple(sorted({limit.fpr for limit in limits}, reverse=True))


def asked(policy: Policy, *, quantized: bool) -> tuple[Question, ...]:
    """Every question, those that are only shown included.

    `quantized` says whether samples chose integer ranges, which makes them members.
    """
    questions = []
    for attack in policy.attacks:
        questions += _absolute(policy, attack)
        questions += _relative(policy, attack)
        if quantized and not isinstance(policy.relative, str):
            limit = policy.relative.quantization_auc
            questions.append(Question(attack, QUANTIZATION_AUC, RELATIVE, limit))
    return tuple(questions)


def unasked(policy: Policy) -> tuple[Topic, ...]:
    """Limits at low false-positive rates that no attack of the policy can be held to."""
    if any(attack not in COARSE for attack in policy.attacks):
        return ()
    relative = () if isinstance(policy.relative, str) else policy.relative.tpr
    return tuple(
        Topic(f"{change}{tpr_metric(tpr.fpr)}", kind, tpr.limit)
        for kind, change, limits in (
            (ABSOLUTE, "", policy.absolute.tpr),
            (RELATIVE, "change of ", relative),
        )
        for tpr in limits
        if tpr.limit is not None
    )


def _absolute(policy: Policy, attack: str) -> list[Question]:
    rates = [
        Question(attack, tpr_metric(tpr.fpr), ABSOLUTE, tpr.limit, tpr.fpr)
        for tpr in _resolvable(attack, policy.absolute.tpr)
    ]
    return [Question(attack, AUC, ABSOLUTE, policy.absolute.auc), *rates]


def _relative(policy: Policy, attack: str) -> list[Question]:
    if isinstance(policy.relative, str):
        return []
    rates = [
        Question(attack, tpr_metric(tpr.fpr), RELATIVE, tpr.limit, tpr.fpr)
        for tpr in _resolvable(attack, policy.relative.tpr)
    ]
    return [Question(attack, AUC, RELATIVE, policy.relative.auc), *rates]


def _resolvable(attack: str, limits: tuple[TprLimit, ...]) -> tuple[TprLimit, ...]:
    """The rates that can be asked of this attack: none where its scores are few by nature."""
    return () if attack in COARSE else limits


def two_sided(policy: Policy) -> float:
    """Confidence of the intervals whose two bounds, each alone, have the policy's confidence."""
    return 2.0 * policy.confidence - 1.0
