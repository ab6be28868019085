"""Canaries all the way: planted, trained on by their coins, answered for."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy import predictions
from sc_deploy.audit.findings import canaries as canary_checks
from sc_deploy.compress.job import Job
from sc_deploy.compress.training.order import Order
from sc_deploy.contracts import CANARY_ROLES, NetworkSpec, Outcome, Report, Role, Tier
from sc_deploy.errors import IntegrityError
from sc_deploy.pipeline import audit, compress, export, locate
from sc_deploy.progress import Silent
from sc_deploy.recipe import (
    CanariesSection,
    CompressSection,
    ExportSection,
    RolesSection,
    SparseSection,
    TrainSection,
)
from sc_deploy.recipe.data import Fractions
from sc_deploy.tasks import roles as role_files
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from sc_deploy.pipeline.problem import Problem
    from tests.pipeline.conftest import Ask


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return RunFolder(tmp_path_factory.mktemp("canaries"))


@pytest.fixture
def planted(ask: Ask) -> Problem:
    found = ask()
    update = {"canaries": CanariesSection(count=30), "export": ExportSection(targets=("onnx",))}
    return replace(found, recipe=found.recipe.model_copy(update=update))


@pytest.fixture
def made(folder: RunFolder, planted: Problem) -> RunFolder:
    """A finished run with canaries, shared by the tests of this file."""
    compress.compress(folder, planted, Silent(), resume=False, overwrite=False)
    return folder


def test_who_the_canaries_are_is_kept_secret_and_under_the_manifest(made: RunFolder) -> None:
    assert stat.S_IMODE(made.canaries.stat().st_mode) == 0o600
    kept = {file.path for file in made.manifest().stages["compress"].outputs}
    assert "compressed/canaries.npz" in kept
    with np.load(made.canaries, allow_pickle=False) as archive:
        assert len(archive["member"]) == 30


def test_training_sees_the_canaries_whose_coin_said_so_and_no_other(
    made: RunFolder, planted: Problem
) -> None:
    roles = role_files.load(made.roles)
    spec = NetworkSpec("small-cnn", (1, 8, 8), 10)
    job = Job(planted.recipe, planted.task, roles, spec, _never, ())
    order = Order(job)
    seen = {int(row) for step in range(20 * job.steps_per_epoch) for row in order.rows(step)}
    assert seen == set(job.members.tolist())
    assert seen.issuperset(roles.rows(Role.MEMBER_CANARY).tolist())
    assert seen.isdisjoint(roles.rows(Role.NON_MEMBER_CANARY).tolist())
    assert len(job.members) == 750 + len(roles.rows(Role.MEMBER_CANARY))


def test_source_and_artifact_answer_for_every_canary(made: RunFolder, planted: Problem) -> None:
    builds = locate.builds(planted.recipe.export.targets, formats=(), precisions=("fp32",))
    export.export(made, planted, builds, Silent())
    (artifact,) = made.artifacts()
    audit.audit(made, planted, (), "local", Silent())
    for role in CANARY_ROLES:
        ours, _ = predictions.read(made.predictions("source", role))
        theirs, _ = predictions.read(made.predictions(f"{artifact.name}/local", role))
        assert np.array_equal(ours.sample_id, theirs.sample_id)
        assert np.array_equal(ours.labels, theirs.labels)


def chain(ask: Ask, *, epochs: int, density: float, dense: bool) -> Problem:
    """A run with canaries enough for evidence of tier T1, and samples enough for 1 % FPR."""
    found = ask()
    shares = Fractions(search=0.12, reference=0.26, calibration=0.2, audit=0.42)
    every = 18 if epochs < 10 else 180
    update = {
        "roles": RolesSection(
            key="ab" * 32,
            members=550,
            non_members=980,
            validation=120,
            test=140,
            fractions=shares,
        ),
        "train": TrainSection(epochs=epochs, batch_size=32),
        "sparse": SparseSection(density=density),
        "canaries": CanariesSection(count=120),
        "compress": CompressSection(update_every=every, probation=4, dense_baseline=dense),
    }
    return replace(
        found,
        recipe=found.recipe.model_copy(update=update),
        policy=found.policy.model_copy(update={"low_fpr_tier": Tier.T1}),
    )


def verdict_of(run: RunFolder, asked: Problem) -> Report:
    compress.compress(run, asked, Silent(), resume=False, overwrite=False)
    builds = locate.builds(["onnx"], formats=(), precisions=["fp32"])
    export.export(run, asked, builds, Silent())
    (result,) = audit.audit(run, asked, (), "local", Silent())
    assert result.report is not None, result.error
    return result.report


@pytest.mark.slow
def test_a_model_that_forgets_its_canaries_passes_low_rates_too(tmp_path: Path, ask: Ask) -> None:
    report = verdict_of(RunFolder(tmp_path), chain(ask, epochs=4, density=0.2, dense=True))
    assert report.audit is not None
    assert report.audit.canaries is not None
    assert report.verdict.tier is Tier.T1
    assert report.verdict.outcome is Outcome.PASS, report.verdict.reason
    dense, source, artifact = report.audit.canaries.stages
    assert dense.auc.value > source.auc.value
    assert artifact.auc.value == pytest.approx(source.auc.value, abs=0.01)


@pytest.mark.slow
def test_an_overfitted_model_fails_by_its_canaries_where_ordinary_samples_let_it_pass(
    tmp_path: Path, ask: Ask
) -> None:
    report = verdict_of(RunFolder(tmp_path), chain(ask, epochs=40, density=0.9, dense=False))
    failed = [c.name for c in report.verdict.checks if c.outcome is Outcome.FAIL]
    assert failed == [canary_checks.RIGHT]


def test_canaries_that_were_changed_after_training_are_refused(
    made: RunFolder, planted: Problem
) -> None:
    before = made.canaries.read_bytes()
    try:
        made.canaries.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        with pytest.raises(IntegrityError):
            audit.audit(made, planted, (), "local", Silent())
    finally:
        made.canaries.write_bytes(before)


def _never(seed: int) -> nn.Module:
    raise AssertionError(seed)
