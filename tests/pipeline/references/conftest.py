"""A finished run on digits with four reference models; a test that changes it gets a copy."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

import pytest

from sc_deploy import registry
from sc_deploy.contracts import Tier
from sc_deploy.pipeline import compress, export, locate
from sc_deploy.pipeline.problem import Brought, Problem
from sc_deploy.pipeline.references import train
from sc_deploy.pipeline.references.train import Order
from sc_deploy.policy import Absolute, Accuracy, AttackName, Policy, Relative, TprLimit
from sc_deploy.progress import Silent
from sc_deploy.recipe import (
    CompressSection,
    ExportSection,
    Recipe,
    RolesSection,
    SparseSection,
    TaskSection,
    TrainSection,
)
from sc_deploy.workspace import RunFolder

COUNT = 4
POLICY = Policy(
    name="references",
    low_fpr_tier=Tier.T2,
    min_audit_samples=100,
    attacks=("loss", "base"),
    absolute=Absolute(auc=0.8, tpr=(TprLimit(fpr=0.01, limit=0.4),)),
    relative=Relative(auc=0.1, tpr=(TprLimit(fpr=0.01, limit=0.3),), quantization_auc=None),
    accuracy=Accuracy(conversion_loss=0.1, compression_loss=None),
)
RECIPE = Recipe(
    seed=3,
    task=TaskSection(name="digits"),
    roles=RolesSection(key="ab" * 32, members=750, non_members=750, validation=140, test=150),
    train=TrainSection(epochs=2, batch_size=32),
    sparse=SparseSection(density=0.2),
    compress=CompressSection(update_every=12, probation=4, dense_baseline=False),
    export=ExportSection(targets=("onnx",), quantization_samples=128),
)


class Ask(Protocol):
    """Makes the problem of these tests, with other gating attacks where a test wants them."""

    def __call__(self, *attacks: AttackName) -> Problem: ...


def problem(*attacks: AttackName) -> Problem:
    policy = POLICY.model_copy(update={"attacks": attacks or POLICY.attacks})
    return Problem(RECIPE, policy, registry.task("digits")(RECIPE.task), Brought())


def exported(run: RunFolder, precision: str = "fp32") -> None:
    builds = locate.builds(["onnx"], formats=(), precisions=[precision])
    for result in export.export(run, problem(), builds, Silent()):
        assert result.error is None, result.error


@pytest.fixture
def ask() -> Ask:
    return problem


@pytest.fixture(scope="session")
def alone_once(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Compressed and exported, without any reference model."""
    run = RunFolder(tmp_path_factory.mktemp("alone") / "run")
    compress.compress(run, problem(), Silent(), resume=False, overwrite=False)
    exported(run)
    return run


@pytest.fixture(scope="session")
def referred_once(alone_once: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The same with four reference models, trained and exported."""
    run = RunFolder(tmp_path_factory.mktemp("referred") / "run")
    shutil.copytree(alone_once.root, run.root)
    train.train(run, problem(), Order(COUNT), Silent())
    return run


@pytest.fixture
def alone(alone_once: RunFolder, tmp_path: Path) -> RunFolder:
    return RunFolder(Path(shutil.copytree(alone_once.root, tmp_path / "run")))


@pytest.fixture
def referred(referred_once: RunFolder, tmp_path: Path) -> RunFolder:
    return RunFolder(Path(shutil.copytree(referred_once.root, tmp_path / "run")))
