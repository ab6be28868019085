"""A hand-made run with real-looking figures: one file of each verdict from one source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist

import pytest

from sc_deploy.contracts import (
    Artifact,
    AttackResult,
    Audit,
    Candidate,
    Cause,
    Change,
    Check,
    Curve,
    FileDigest,
    ModelSummary,
    OperatingPoint,
    Outcome,
    Quantization,
    Rate,
    Report,
    Role,
    RuntimeSummary,
    Strategy,
    Subject,
    Summary,
    TensorSpec,
    TensorStat,
    Tier,
    Verdict,
)
from sc_deploy.report import document

CREATED = "2026-03-14T09:26:53+00:00"
AUDIT = 2500
TEST = 2000
NORMAL = NormalDist()
GRID = (*(round(10 ** (-3 + step / 10), 6) for step in range(30)), 1.0)


def rate(value: float, half: float, n: int) -> Rate:
    low, high = value - half, value + half
    return Rate(value, round(low, 6), round(high, 6), n, 0.9)


def curve(auc: float) -> Curve:
    """Two normals of equal spread whose distance gives this AUC."""
    apart = 2**0.5 * NORMAL.inv_cdf(auc)
    found = [NORMAL.cdf(apart + NORMAL.inv_cdf(fpr)) for fpr in GRID[:-1]]
    return Curve(GRID, (*(round(tpr, 6) for tpr in found), 1.0))


def attack(name: str, auc: float, accuracy: float) -> AttackResult:
    drawn = curve(auc)
    tpr = drawn.tpr[GRID.index(0.01)]
    points = (
        OperatingPoint(0.01, rate(round(tpr, 4), round(0.3 * tpr, 4), AUDIT), 0.0096, ""),
        OperatingPoint(0.001, None, None, "needs 3,688 non-members, there are 2,500"),
    )
    guess = 0.5 + 0.7 * (auc - 0.5)
    return AttackResult(
        attack=name,
        auc=rate(auc, 0.0157, 2 * AUDIT),
        tpr=points,
        accuracy=rate(round(guess, 4), 0.0138, 2 * AUDIT),
        tm_score=rate(round(accuracy / guess, 4), 0.041, TEST),
        tie_mass=0.002,
        curve=drawn,
    )


def subject(name: str, aucs: tuple[float, float, float], accuracy: float) -> Subject:
    names = ("loss", "modified-entropy", "neural")
    return Subject(
        name=name,
        accuracy=rate(accuracy, 0.0131, TEST),
        member_accuracy=rate(min(0.995, accuracy + 2 * (aucs[0] - 0.5)), 0.0049, AUDIT),
        attacks=tuple(attack(n, auc, accuracy) for n, auc in zip(names, aucs, strict=True)),
        clean_auc=None,
    )


DENSE = subject("dense", (0.6472, 0.6611, 0.6538), 0.9085)
SOURCE = subject("source", (0.5218, 0.5264, 0.5231), 0.9010)


def tensors(density: float) -> tuple[TensorStat, ...]:
    shapes = {
        "features.0.weight": ((32, 1, 3, 3), 3.4),
        "features.3.weight": ((64, 32, 3, 3), 1.3),
        "features.6.weight": ((128, 64, 3, 3), 0.8),
        "classifier.weight": ((10, 1152), 1.1),
    }
    found = []
    for name, (shape, share) in shapes.items():
        size = 1
        for length in shape:
            size *= length
        found.append(TensorStat(name, shape, round(min(1.0, share * density) * size), size))
    return tuple(found)


def model(name: str, density: float, size: int) -> ModelSummary:
    digest = name.encode().hex().ljust(64, "0")
    return ModelSummary(name, "small-cnn", digest, 104_202, size, density, tensors(density))


def candidates() -> tuple[Candidate, ...]:
    """Six rounds of four strategies and the incumbent; the best TM-score of each is chosen, and
    what round 5 chose is returned."""
    ways = [Strategy(d, g) for d in ("magnitude", "threshold") for g in ("gradient", "random")]
    found = []
    for number in range(1, 7):
        tried = []
        for place, strategy in enumerate([None, *ways]):
            wave = ((7 * number * number + 3 * place) % 11 - 5) / 600
            other = ((5 * number + 7 * place * place) % 13 - 6) / 600
            validation = rate(round(0.91 - 0.07 / number + wave, 4), 0.014, TEST)
            safety = rate(round(0.518 + 0.034 / number + other, 4), 0.02, 750)
            tests = (("class-wise-threshold", safety),)
            tried.append(
                Candidate(number, 200 * number, strategy, 0.1, validation, tests, chosen=False)
            )
        best = max(tried, key=lambda candidate: candidate.tm_score)
        found += [
            replace(candidate, chosen=candidate is best, kept=candidate is best and number == 5)
            for candidate in tried
        ]
    return tuple(found)


def artifact(name: str, size: int) -> Artifact:
    target, kind, precision, encoding = name.split(".")
    suffix = {"executorch": "pte", "onnx": "onnx"}[kind]
    quantized = Quantization(Role.MEMBER_REFERENCE, 256, "9a" * 32)
    return Artifact(
        target=target,
        format=kind,
        precision=precision,
        encoding=encoding,
        files=(FileDigest(f"model.{suffix}", f"{size:064x}", size),),
        parent="5c" * 32,
        roles_digest="b4" * 32,
        preprocessing_digest="c7" * 32,
        toolchain=(("torch", "2.14.1"), (kind, "1.5.1")),
        input=TensorSpec("input", (1, 28, 28), "float32"),
        output=TensorSpec("logits", (10,), "float32"),
        tensors=tensors(0.1),
        quantization=quantized if precision == "int8" else None,
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """What differs between the files of the sample run."""

    name: str
    bytes: int
    aucs: tuple[float, float, float]
    accuracy: float
    runtime: tuple[str, str]
    latency: float
    tier: Tier = Tier.T0

    @property
    def origin(self) -> Subject:
        """A file as leaky as the dense model was made from it."""
        return SOURCE if self.aucs[0] < 0.6 else replace(DENSE, name="source")


def validity(found: Measured, *, works: bool) -> tuple[Check, ...]:
    agreement = rate(0.9985, 0.0012, TEST) if works else rate(0.1035, 0.0134, TEST)
    agrees = Check(
        name="top-1 answers agree with the source",
        kind="parity",
        outcome=Outcome.PASS if works else Outcome.FAIL,
        reason="the file answers as its source does"
        if works
        else "the file gives another answer than its source on 89.7 % of real samples",
        measured=agreement,
        limit=0.99,
        required=True,
        cause=None,
        remedy="" if works else "export again; compare the outputs layer by layer",
    )
    loads = Check(
        "answers are finite",
        "validity",
        Outcome.PASS,
        f"loaded by {found.runtime[0]} {found.runtime[1]}; ran batches of 1, 2 and 7",
        None,
        None,
        True,
        None,
        "",
    )
    return loads, agrees


def auc_check(result: AttackResult, limit: float) -> Check:
    outcome = Outcome.INCONCLUSIVE
    if result.auc.high < limit:
        outcome = Outcome.PASS
    elif result.auc.low > limit:
        outcome = Outcome.FAIL
    undecided = outcome is Outcome.INCONCLUSIVE
    return Check(
        name=f"AUC, {result.attack} attack",
        kind="absolute",
        outcome=outcome,
        reason={
            Outcome.PASS: "the upper bound lies below the limit",
            Outcome.FAIL: "the lower bound lies above the limit",
        }.get(outcome, "the interval holds the limit"),
        measured=result.auc,
        limit=limit,
        required=True,
        cause=Cause.TOO_FEW_SAMPLES if undecided else None,
        remedy="audit with 6,400 members and as many non-members" if undecided else "",
    )


def low_fpr_check(result: AttackResult) -> Check:
    return Check(
        name=f"TPR at 0.1 % FPR, {result.attack} attack",
        kind="absolute",
        outcome=Outcome.INCONCLUSIVE,
        reason="these samples cannot resolve it",
        measured=None,
        limit=None,
        required=False,
        cause=Cause.UNRESOLVED,
        remedy="needs 3,688 non-members",
    )


def margin_check(change: Change) -> Check:
    assert change.rate is not None
    inside = change.rate.high < 0.015
    return Check(
        name=f"change of AUC, {change.attack} attack",
        kind="relative",
        outcome=Outcome.PASS if inside else Outcome.INCONCLUSIVE,
        reason=f"the upper bound lies {'below' if inside else 'above'} the margin",
        measured=change.rate,
        limit=0.015,
        required=True,
        cause=None if inside else Cause.TOO_FEW_SAMPLES,
        remedy="" if inside else "audit with 9,000 members and as many non-members",
    )


def changed(now: AttackResult, then: AttackResult) -> tuple[Change, ...]:
    def found(result: AttackResult) -> float:
        shown = result.tpr[0].rate
        assert shown is not None
        return shown.value

    auc = rate(round(now.auc.value - then.auc.value, 4), 0.0061, 2 * AUDIT)
    tpr = rate(round(found(now) - found(then), 4), 0.0092, AUDIT)
    return (
        Change(now.attack, "AUC", auc, ""),
        Change(now.attack, "TPR at 1 % FPR", tpr, ""),
        Change(now.attack, "TPR at 0.1 % FPR", None, "needs 3,688 non-members"),
    )


def audited(found: Measured, *, works: bool = True) -> Audit:
    shown = subject("artifact", found.aucs, found.accuracy)
    changes = tuple(
        change
        for now, then in zip(shown.attacks, found.origin.attacks, strict=True)
        for change in changed(now, then)
    )
    checks = validity(found, works=works)
    return Audit(
        subjects=(found.origin, shown) if found.origin is not SOURCE else (DENSE, SOURCE, shown),
        changes=changes,
        accuracy_change=rate(round(found.accuracy - found.origin.accuracy.value, 4), 0.0038, TEST),
        parity_error=0.0021 if works else 3.41,
        agreement=checks[1].measured,
        tier=found.tier,
        validity=checks,
        audit_looks=1,
    )


def report(found: Measured, *, works: bool, outcome: Outcome, reason: str) -> Report:
    audit = audited(found, works=works)
    shown = audit.subjects[-1]
    gated = (
        *(auc_check(a, 0.55) for a in shown.attacks),
        low_fpr_check(shown.attacks[0]),
        *(margin_check(c) for c in audit.changes if c.metric == "AUC"),
    )
    half = round(0.08 * found.latency, 4)
    return Report(
        schema_version=1,
        tool_version="0.1.0",
        run="fmnist",
        created=CREATED,
        artifact=artifact(found.name, found.bytes),
        artifact_digest="e1" * 32,
        runtime=RuntimeSummary("local", *found.runtime, "cpu", rate(found.latency, half, 50)),
        audit=audit,
        verdict=Verdict(outcome, reason, found.tier, gated if works else audit.validity),
        policy="fashion-mnist example",
        policy_digest="a0" * 32,
        recipe_digest="a1" * 32,
        roles_digest="b4" * 32,
        seed=7,
        label_noise=0.0,
        samples=(
            ("member-search", 750),
            ("member-calibration", 1250),
            ("member-audit", AUDIT),
            ("non-member-calibration", 1250),
            ("non-member-audit", AUDIT),
            ("validation", 2000),
            ("test", TEST),
        ),
        dense=model("dense", 1.0, 419_880),
        source=model("source", 0.1, 43_116),
        history=candidates(),
        environment=(("python", "3.11.7"), ("numpy", "2.3.1"), ("platform", "Linux x86_64")),
    )


@pytest.fixture
def passing() -> Report:
    found = Measured(
        "android.executorch.fp32.dense",
        431_264,
        (0.5219, 0.5266, 0.5229),
        0.9010,
        ("executorch", "1.5.1"),
        0.214,
    )
    reason = (
        "No leakage above AUC 0.55 was found by the attacks loss, modified-entropy and neural "
        "on 5000 samples (evidence tier T0)."
    )
    return report(found, works=True, outcome=Outcome.PASS, reason=reason)


@pytest.fixture
def undecided() -> Report:
    found = Measured(
        "onnx.onnx.int8.dense",
        118_310,
        (0.5302, 0.5391, 0.5347),
        0.8985,
        ("onnxruntime", "1.27.0"),
        0.131,
    )
    reason = (
        "Undecided, so it may not ship: AUC, modified-entropy attack: AUC 0.5391 "
        "[0.5234, 0.5548], not surely below the limit 0.55 (and 3 more checks)."
    )
    return report(found, works=True, outcome=Outcome.INCONCLUSIVE, reason=reason)


@pytest.fixture
def failing() -> Report:
    found = Measured(
        "onnx.onnx.fp32.dense",
        424_087,
        (0.6470, 0.6613, 0.6540),
        0.9080,
        ("onnxruntime", "1.27.0"),
        0.187,
    )
    reason = (
        "The file leaks more than the policy allows: loss attack: AUC 0.6470 "
        "[0.6313, 0.6627] is above the limit 0.55, corrected for the number of checks "
        "(and 2 more checks)."
    )
    made = report(found, works=True, outcome=Outcome.FAIL, reason=reason)
    return replace(made, source=model("dense-net", 1.0, 419_880), dense=None, history=())


@pytest.fixture
def broken() -> Report:
    found = Measured(
        "onnx.onnx.fp32.packed",
        61_902,
        (0.5006, 0.5011, 0.4989),
        0.1015,
        ("onnxruntime", "1.27.0"),
        0.160,
    )
    reason = (
        "The file is broken, so its leakage figures mean nothing: top-1 answers agree with the "
        "source: 10.3 % of 2000 answers are the same, 99 % must be."
    )
    return report(found, works=False, outcome=Outcome.FAIL, reason=reason)


@pytest.fixture
def unexecuted(passing: Report) -> Report:
    """Built, not executed; made from a model that nobody compressed here."""
    check = Check(
        name="executed",
        kind="validity",
        outcome=Outcome.INCONCLUSIVE,
        reason="no runtime for this file is on this machine",
        measured=None,
        limit=None,
        required=True,
        cause=Cause.NOT_EXECUTED,
        remedy="scdeploy audit runs/fmnist --target tensorrt on a host that has one",
    )
    return replace(
        passing,
        artifact=replace(passing.artifact, target="tensorrt"),
        runtime=None,
        audit=None,
        dense=None,
        history=(),
        source=replace(model("imported", 1.0, 0), tensors=()),
        verdict=Verdict(Outcome.INCONCLUSIVE, "built, not executed", Tier.T0, (check,)),
    )


@pytest.fixture
def summary(failing: Report, undecided: Report, passing: Report, broken: Report) -> Summary:
    return document.summarise((failing, undecided, passing, broken), "fmnist", CREATED)
