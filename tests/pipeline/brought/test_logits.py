"""Predictions made elsewhere: everything is measured, and nothing passes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sc_deploy.cli.main import invoke
from sc_deploy.contracts import Cause, Outcome, Report
from sc_deploy.errors import DataError
from sc_deploy.pipeline.brought import audit as brought
from sc_deploy.pipeline.brought.order import Order
from sc_deploy.progress import Silent
from tests.pipeline.brought.conftest import CLASSES, POLICY, check


def answers(n: int, *, leak: float, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, n)
    logits = rng.normal(size=(n, CLASSES))
    logits[np.arange(n), labels] += 3.0 + leak * rng.random(n)
    return {"logits": logits.astype(np.float32), "labels": labels}


def order(folder: Path, *, leak: float = 0.0, more: Mapping[str, Any] | None = None) -> Order:
    """The files of an audit of logits; `more` changes members, non-members or calibration."""
    inside, outside = answers(400, leak=leak, seed=3), answers(400, leak=0.0, seed=4)
    told = {name: np.concatenate([inside[name], outside[name]]) for name in inside}
    files = {
        "members": answers(1200, leak=leak, seed=1),
        "non-members": answers(1200, leak=0.0, seed=2),
        "calibration": told | {"member": np.arange(800) < 400},
    }
    for name, arrays in files.items():
        np.savez(folder / f"{name}.npz", **(arrays | (more or {}).get(name, {})))
    (folder / "policy.yaml").write_text(POLICY)
    paths = [folder / f"{name}.npz" for name in files]
    return Order(None, paths[0], paths[1], folder / "out", paths[2], policy=folder / "policy.yaml")


def audit(asked: Order) -> Report:
    found = brought.audit(asked, Silent()).audited.report
    assert found is not None
    return found


def test_logits_that_would_pass_are_undecided_in_words(tmp_path: Path) -> None:
    report = audit(order(tmp_path))
    assert report.verdict.outcome is Outcome.INCONCLUSIVE
    limits = [c for c in report.verdict.checks if c.kind == "absolute" and c.required]
    assert limits
    assert {check.outcome for check in limits} == {Outcome.PASS}
    origin = check(report, "the file itself was asked")
    assert origin.cause is Cause.NOT_EXECUTED
    assert "handed in" in origin.reason
    assert report.runtime is None


def test_they_exit_with_5(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = order(tmp_path)
    options = [part for name, path in asked.given.items() for part in (f"--{name}", str(path))]
    assert invoke(["audit", "--logits", *options, "-o", str(tmp_path / "o"), "--json"]) == 5
    document = json.loads(capsys.readouterr().out)
    assert document["audits"][0]["verdict"] == "INCONCLUSIVE"


def test_logits_that_leak_fail(tmp_path: Path) -> None:
    assert audit(order(tmp_path, leak=3.0)).verdict.outcome is Outcome.FAIL


def test_probabilities_are_read_as_their_logarithms(tmp_path: Path) -> None:
    asked = order(tmp_path)
    raw = audit(asked)
    for name in ("members", "non-members", "calibration"):
        with np.load(tmp_path / f"{name}.npz") as held:
            powers = np.exp(held["logits"])
            arrays: dict[str, Any] = dict(held)
        arrays["logits"] = powers / powers.sum(axis=1, keepdims=True)
        np.savez(tmp_path / f"{name}.npz", **arrays)
    asked = replace(asked, output=tmp_path / "soft")
    soft_report = audit(asked)
    assert raw.audit is not None
    assert soft_report.audit is not None
    first, second = (a.subjects[0].attacks[0].auc.value for a in (raw.audit, soft_report.audit))
    assert first == pytest.approx(second, abs=1e-4)
    assert soft_report.brought is not None
    assert soft_report.brought.reads.startswith("probabilities")


def test_a_source_is_paired_by_sample_id_never_by_order(tmp_path: Path) -> None:
    names = ("members", "non-members", "calibration")
    ids, start = {}, 0
    for name, n in zip(names, (1200, 1200, 800), strict=True):
        ids[name] = np.arange(start, start + n)
        start += n
    asked = order(tmp_path, more={name: {"sample_id": ids[name]} for name in names})
    held = [dict(np.load(tmp_path / f"{name}.npz")) for name in names]
    source: dict[str, Any] = {
        key: np.concatenate([arrays[key] for arrays in held])[::-1]
        for key in ("logits", "labels", "sample_id")
    }
    np.savez(tmp_path / "source.npz", **source)
    report = audit(replace(asked, source=tmp_path / "source.npz"))
    assert report.audit is not None
    assert report.audit.parity_error == pytest.approx(0.0)
    assert [subject.name for subject in report.audit.subjects] == ["artifact", "source"]
    assert "source" in (asked.output / "report.html").read_text()
    shorter: dict[str, Any] = {key: value[10:] for key, value in source.items()}
    np.savez(tmp_path / "source.npz", **shorter)
    with pytest.raises(DataError, match="cannot be paired"):
        audit(replace(asked, source=tmp_path / "source.npz"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"logits": np.full((1200, CLASSES), np.inf, np.float32)}, "NaN or infinite"),
        ({"logits": np.zeros((1200, CLASSES, 2), np.float32)}, "has shape"),
        ({"logits": np.zeros((1200, CLASSES), np.int64)}, "is int64"),
        ({"labels": np.arange(1200) % 11}, "holds the label 10 for 10 classes"),
        ({"x": np.zeros(1200)}, "is not read"),
    ],
)
def test_wrong_logits_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        audit(order(tmp_path, more={"members": change}))


def test_negated_logits_are_refused(tmp_path: Path) -> None:
    asked = order(tmp_path)
    for name in ("members", "non-members", "calibration"):
        with np.load(tmp_path / f"{name}.npz") as held:
            arrays: dict[str, Any] = dict(held) | {"logits": -held["logits"]}
        np.savez(tmp_path / f"{name}.npz", **arrays)
    with pytest.raises(DataError, match="negate the values"):
        audit(asked)


def test_equal_logits_on_both_sides_are_refused(tmp_path: Path) -> None:
    same = answers(1200, leak=0.0, seed=1)
    with pytest.raises(DataError, match=r"is the file given as --members|in common"):
        audit(order(tmp_path, more={"non-members": same}))


def test_equal_answers_of_a_rounded_model_are_not_taken_for_equal_samples(tmp_path: Path) -> None:
    rounded = {
        name: {"logits": np.eye(CLASSES, dtype=np.float32)[answers(n, leak=0.0, seed=s)["labels"]]}
        for name, n, s in (("members", 1200, 1), ("non-members", 1200, 2))
    }
    report = audit(order(tmp_path, more=rounded))
    assert dict(report.samples)["member-audit"] == 1200
    assert report.verdict.outcome is Outcome.INCONCLUSIVE
