"""The anchors fit the layout of CIFAR-10, and their check tells a figure that is off."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from sc_deploy import userfile
from sc_deploy.contracts import Tier
from sc_deploy.pipeline import compress, problem
from sc_deploy.policy import Policy

ANCHORS = Path(__file__).resolve().parents[2] / "examples" / "anchors"
SMALL = (
    "roles.members=40", "roles.non_members=40", "roles.validation=10", "roles.test=10",
    "roles.min_per_class=0", "train.batch_size=10", "train.epochs=2", "compress.device=cpu",
    "compress.update_every=2",
)  # fmt: skip


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("anchors_check", ANCHORS / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def cifar_10(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "batches.meta.txt").write_text("\n".join(f"class {n}" for n in range(10)))
    random = np.random.default_rng(0)
    for file in (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"):
        records = random.integers(0, 256, (30, 3073), dtype=np.uint8)
        records[:, 0] = random.integers(0, 10, 30)
        (folder / file).write_bytes(records.tobytes())


def report(check: ModuleType) -> dict[str, Any]:
    """One in which every figure lies in the middle of its range."""
    subjects: dict[str, dict[str, Any]] = {}
    for anchor in check.anchors():
        attacks = subjects.setdefault(anchor.subject, {})
        attack = attacks.setdefault(anchor.attack, {"attack": anchor.attack, "tpr": []})
        middle = {"value": (anchor.least + anchor.most) / 2}
        if anchor.metric == check.AUC:
            attack["auc"] = middle
        else:
            attack["tpr"].append({"fpr": 0.001, "rate": middle})
    found = [{"name": name, "attacks": [*own.values()]} for name, own in subjects.items()]
    return {"audit": {"subjects": found}}


def test_the_recipe_fits_the_layout_and_cuts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(ANCHORS, tmp_path / "anchors")
    cifar_10(tmp_path / "anchors" / "data" / "cifar-10-batches-bin")
    asked = problem.load(tmp_path / "anchors" / "recipe.yaml", overrides=SMALL)
    assert compress.plan(asked)["density"] == "1 (uniform)"
    assert asked.policy.low_fpr_tier is Tier.T2


def test_every_anchor_is_an_attack_that_the_policy_runs(check: ModuleType) -> None:
    policy = userfile.load(ANCHORS / "policy.yaml", Policy)
    assert {anchor.attack for anchor in check.anchors()} <= set(policy.attacks)
    assert all(anchor.least < anchor.most for anchor in check.anchors())


def test_figures_within_their_ranges_hold(check: ModuleType) -> None:
    assert all(holds for holds, _ in check.compare(report(check), check.anchors()))


def test_a_weak_attack_and_a_missing_one_are_told(check: ModuleType, tmp_path: Path) -> None:
    first, *rest = check.anchors()
    lines = check.compare(report(check), [replace(first, least=0.9, most=0.95), *rest])
    assert [holds for holds, _ in lines].count(False) == 1
    empty = tmp_path / "report.json"
    empty.write_text(json.dumps({"audit": {"subjects": []}}))
    assert check.main([str(empty)]) == 1
    assert check.main([]) == 2
