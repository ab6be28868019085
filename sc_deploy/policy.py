"""What a release must satisfy: the limits that the gate holds an audited artifact against."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sc_deploy.contracts import Tier
from sc_deploy.userfile import Strict

# A limit of 0 can never be kept and one of 1 never be broken: neither asks anything of a file.
Margin = Annotated[float, Field(gt=0.0, lt=1.0)]
AucLimit = Annotated[float, Field(gt=0.5, lt=1.0)]
AttackName = Literal[
    "loss",
    "confidence",
    "entropy",
    "modified-entropy",
    "modified-entropy-global",
    "loss-per-class",
    "gap",
    "risk-score",
    "neural",
    "neural-paper",
    "label-only",
    "boundary",
    "quantile",
    "lira-online",
    "lira-offline",
    "lira-fixed",
    "rmia",
    "rmia-online",
    "base",
    "student-t",
    "version-difference",
    "white-box",
]


class TprLimit(Strict):
    """A limit on the true-positive rate at one false-positive rate."""

    fpr: Annotated[float, Field(gt=0.0, le=0.1)] = Field(
        description="False-positive rate of the attacker."
    )
    limit: Margin | None = Field(
        description="Upper bound that the measured upper confidence bound must stay below; "
        "null shows the figure without gating on it."
    )


class Absolute(Strict):
    """How much the artifact itself may leak."""

    auc: AucLimit = Field(0.55, description="Limit of the AUC of every attack.")
    tpr: tuple[TprLimit, ...] = Field(
        (TprLimit(fpr=0.01, limit=0.04), TprLimit(fpr=0.001, limit=None)),
        description="Limits of the true-positive rate at low false-positive rates.",
    )

    @model_validator(mode="after")
    def _attainable(self) -> Absolute:
        for tpr in self.tpr:
            if tpr.limit is not None and tpr.limit <= tpr.fpr:
                raise ValueError(
                    f"guessing finds {tpr.fpr:g} of the members at a false-positive rate of "
                    f"{tpr.fpr:g}, so a limit of {tpr.limit:g} can never be kept"
                )
        return self


class Relative(Strict):
    """How much more than its source the artifact may leak, on the same samples."""

    auc: Margin = Field(0.015, description="Margin of the paired AUC change of every attack.")
    tpr: tuple[TprLimit, ...] = Field(
        (TprLimit(fpr=0.01, limit=0.02),),
        description="Margins of the paired change of the true-positive rate.",
    )
    quantization_auc: Margin | None = Field(
        0.05,
        description="Margin of the paired AUC change on the samples that chose the integer "
        "ranges, against fresh non-members; null shows it only.",
    )


class Accuracy(Strict):
    """How much accuracy may be lost on the way, as a share of test samples."""

    conversion_loss: Margin = Field(0.01, description="Lost between source and artifact.")
    compression_loss: Margin | None = Field(
        0.02,
        description="Lost between the dense baseline and the compressed source; "
        "null shows it only.",
    )


class Canaries(Strict):
    """What planted canaries may show of the artifact, where a run planted some.

    The default lets an attacker be right in four of five guesses (epsilon ln 4 = 1.39), the odds
    that 4 % of the members found at a false-positive rate of 1 % give.
    """

    epsilon: Annotated[float, Field(gt=0.0, le=10.0)] | None = Field(
        1.4,
        description="Limit of epsilon as far as guesses about canaries show it: the file fails "
        "where its lower bound lies above (Steinke et al., 2305.08846), and passes where so many "
        "right guesses are surely fewer than it allows; null shows it only.",
    )
    auc: AucLimit | None = Field(
        None, description="Limit of the AUC on canaries; null shows it only."
    )
    guesses: Annotated[float, Field(gt=0.0, le=1.0)] = Field(
        0.5,
        description="Share of the canaries that are guessed, those with the highest and the "
        "lowest scores; the attacker abstains on the rest.",
    )
    least: Annotated[int, Field(ge=50)] = Field(
        100,
        description="Canaries that must be measured on the artifact, and held to a limit here, "
        "for evidence of tier T1.",
    )


class Slices(Strict):
    """How much the artifact may leak about any one class or group (docs/slices.md)."""

    auc: AucLimit | None = Field(
        None,
        description="Limit of the AUC within every class and every group. A slice that lies "
        "above it, corrected for the number of slices (Holm), is a FAIL; null shows slices only.",
    )
    required: bool = Field(
        False,
        description="Whether a PASS needs the upper bound of every slice below that limit, and "
        "enough samples in each. It takes some hundreds of each side in every slice.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Slices:
        if self.required and self.auc is None:
            raise ValueError("slices.required needs a limit in slices.auc")
        return self


class Policy(Strict):
    """The pre-registered checks of a release. A run is locked to it before its model is trained."""

    schema_version: Literal[1] = Field(1, description="Version of this file's layout.")
    name: str = Field(min_length=1, max_length=80, description="How reports call this policy.")
    confidence: Annotated[float, Field(ge=0.8, lt=1.0)] = Field(
        0.95, description="Confidence of each one-sided bound."
    )
    low_fpr_tier: Tier = Field(
        Tier.T1,
        description="Evidence tier that checks at a false-positive rate of 1 % or less need: "
        "T0 thresholds and attack classifiers, T1 planted canaries, T2 reference models.",
    )
    attacks: tuple[AttackName, ...] = Field(
        ("loss", "modified-entropy", "neural"),
        min_length=1,
        description="Attacks that every artifact must withstand.",
    )
    shown: tuple[AttackName, ...] = Field(
        (),
        description="Further attacks, whose figures are shown and never gate.",
    )
    min_audit_samples: Annotated[int, Field(ge=1)] = Field(
        2500, description="Least number of audit members, and of audit non-members."
    )
    most_looks: Annotated[int, Field(ge=1)] = Field(
        100,
        description="How often the same audit samples may be scored, over all files and devices of "
        "a run; beyond it nothing passes until the roles are drawn anew.",
    )
    without_inputs: Literal["inconclusive", "accepted"] = Field(
        "inconclusive",
        description="What an audit is worth to which only answers were given, so that nobody could "
        "compare the samples of members with those of non-members: `inconclusive`, or `accepted` "
        "where they are known to be drawn from one pool by lot.",
    )
    absolute: Absolute = Field(Absolute(), description="Limits on the artifact itself.")
    relative: Relative | Literal["none"] = Field(
        Relative(),
        description="Limits against the source on the same samples; "
        "`none` for a model whose source nobody has.",
    )
    accuracy: Accuracy = Field(Accuracy(), description="Limits on lost accuracy.")
    attribute: Margin | None = Field(
        None,
        description="How much better than from the label alone answers may let an attacker guess "
        "the task's sensitive attribute, as balanced accuracy; null shows it only.",
    )
    canaries: Canaries = Field(Canaries(), description="Limits on what canaries show.")
    slices: Slices = Field(Slices(), description="Limits on single classes and groups.")

    @model_validator(mode="after")
    def _consistent(self) -> Policy:
        named = (*self.attacks, *self.shown)
        if len(set(named)) != len(named):
            raise ValueError("name every attack once, in `attacks` or in `shown`")
        for limits in (self.absolute, self.relative):
            if not isinstance(limits, str):
                rates = [limit.fpr for limit in limits.tpr]
                if len(set(rates)) != len(rates):
                    raise ValueError("name every false-positive rate once")
        return self


def small() -> Policy:
    """Defaults for a model trained on about 5,000 members (ARCHITECTURE, the verdict)."""
    return Policy(schema_version=1, name="small")


def medium() -> Policy:
    """Defaults for a model trained on about 50,000 members (ARCHITECTURE, the verdict)."""
    return Policy(
        schema_version=1,
        name="medium",
        min_audit_samples=10_000,
        absolute=Absolute(
            auc=0.53,
            tpr=(TprLimit(fpr=0.01, limit=0.025), TprLimit(fpr=0.001, limit=0.005)),
        ),
        relative=Relative(
            auc=0.005,
            tpr=(TprLimit(fpr=0.01, limit=0.01), TprLimit(fpr=0.001, limit=0.005)),
        ),
        accuracy=Accuracy(conversion_loss=0.005, compression_loss=0.01),
    )


def plain(*, has_source: bool = False) -> Policy:
    """Default of an audit without a run: the limits of `small` as far as its files can carry them.

    There is no dense baseline and, unless one is given, no source. Low false-positive rates are
    held against their limit on attacks that read answers alone (tier T0), which is weaker than
    canaries or reference models; the tier stands beside the verdict.
    """
    return Policy(
        schema_version=1,
        name="plain, with source" if has_source else "plain",
        low_fpr_tier=Tier.T0,
        relative=Relative(quantization_auc=None) if has_source else "none",
        accuracy=Accuracy(compression_loss=None),
    )
