"""The audit of an artifact and the answer of the gate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sc_deploy.contracts.attribute import AttributeInference
from sc_deploy.contracts.canaries import CanaryAudit
from sc_deploy.contracts.clustering import Clustering
from sc_deploy.contracts.measurement import Rate
from sc_deploy.contracts.published import Published
from sc_deploy.contracts.references import ReferenceEvidence
from sc_deploy.contracts.slices import Slice
from sc_deploy.contracts.traces import TraceLeakage


class Outcome(StrEnum):
    """The answer of a check, and of all of them together."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    INVALID = "INVALID"


class Tier(StrEnum):
    """What the evidence rests on: T0 attacks on outputs, T1 canaries, T2 reference models."""

    T0 = "T0"
    T1 = "T1"
    T2 = "T2"


class Cause(StrEnum):
    """Why a check is INCONCLUSIVE."""

    TOO_FEW_SAMPLES = "too-few-samples"
    NOT_EXECUTED = "not-executed"
    BEYOND_MARGIN = "beyond-margin"
    DETECTOR_FAILED = "detector-failed"
    EVIDENCE_MISSING = "evidence-missing"
    EVIDENCE_STALE = "evidence-stale"
    TIER_TOO_LOW = "tier-too-low"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """TPR at one FPR. `rate` is None where the samples cannot resolve it; `note` says why.

    `realised_fpr` is the share of non-members at or above the threshold used for the value.
    """

    fpr: float
    rate: Rate | None
    realised_fpr: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Curve:
    """An ROC curve on a fixed grid of false-positive rates, so that no sample shows in it."""

    fpr: tuple[float, ...]
    tpr: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AttackResult:
    """What one attack found on one model.

    `accuracy` is balanced, at the threshold frozen on calibration samples; `tie_mass` is the
    largest share of samples with one and the same score; `tm_score` is test accuracy over
    attack accuracy, its interval the conservative quotient of theirs.
    """

    attack: str
    auc: Rate
    tpr: tuple[OperatingPoint, ...]
    accuracy: Rate
    tm_score: Rate
    tie_mass: float
    curve: Curve


@dataclass(frozen=True, slots=True)
class Subject:
    """One audited model: its accuracy on test samples and on members, and every attack on it.

    `clean_auc` is the loss attack's AUC on samples whose label no noise changed, where the
    recipe injected label noise.
    """

    name: str
    accuracy: Rate
    member_accuracy: Rate
    attacks: tuple[AttackResult, ...]
    clean_auc: Rate | None


@dataclass(frozen=True, slots=True)
class Change:
    """Artifact minus source for one attack and metric, on the same samples."""

    attack: str
    metric: str
    rate: Rate | None
    note: str


@dataclass(frozen=True, slots=True)
class Excess:
    """The p-value of what was measured if the truth were at the limit of the named check.

    It is one-sided: small where the measured value lies surprisingly far above `limit`.
    """

    check: str
    limit: float
    p: float


@dataclass(frozen=True, slots=True)
class Check:
    """One question put to the evidence, and its answer.

    A check that is not `required` is shown and never gates.
    """

    name: str
    kind: str
    outcome: Outcome
    reason: str
    measured: Rate | None
    limit: float | None
    required: bool
    cause: Cause | None
    remedy: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "may this file ship under this policy?" with the reason of every check."""

    outcome: Outcome
    reason: str
    tier: Tier
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything measured on one artifact and its source; no value belongs to one sample.

    `validity` are the checks that must hold before any leakage figure means something;
    `parity_error` is max |Δlogit| over the standard deviation of the source's logits;
    `audit_looks` counts how often these audit samples were scored, this time included.
    `accuracy_change` is artifact minus source, `compression_change` source minus dense; the
    `excesses` are what a multiplicity-corrected FAIL rests on, one for each limit of the policy.
    `absent` are attacks that could not be run on the artifact, each with what it lacks;
    `slices` are classes and groups of the audit samples, for each attack that gates.
    `clustering` is None where every sample is a draw of its own;
    `published` are figures by the papers' own protocols, which are no evidence. `references` are
    the reference models behind it; None where no attack of the policy needs any. `canaries` is
    None where none were planted, `traces` where no losses were recorded, and `attributes` are
    empty where the task names no attribute.
    """

    subjects: tuple[Subject, ...]
    changes: tuple[Change, ...]
    accuracy_change: Rate | None
    parity_error: float | None
    agreement: Rate | None
    tier: Tier
    validity: tuple[Check, ...]
    audit_looks: int
    compression_change: Rate | None = None
    excesses: tuple[Excess, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()
    slices: tuple[Slice, ...] = ()
    clustering: Clustering | None = None
    published: tuple[Published, ...] = ()
    references: ReferenceEvidence | None = None
    canaries: CanaryAudit | None = None
    traces: TraceLeakage | None = None
    attributes: tuple[AttributeInference, ...] = ()


def leakage_check(attack: str, metric: str, *, change: bool) -> str:
    """The name of the check that holds this figure, or its change, against the policy."""
    return f"{'change of ' if change else ''}{metric}, {attack} attack"
