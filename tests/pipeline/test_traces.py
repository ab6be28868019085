"""Training losses and features of a run on digits, as the audit finds them."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy import predictions
from sc_deploy.contracts import Knowledge, Role
from sc_deploy.errors import IntegrityError
from sc_deploy.pipeline import audit, compress, export, features, locate, traces
from sc_deploy.privacy.statistics.auc import auc
from sc_deploy.progress import Silent
from sc_deploy.recipe import CompressSection, TrainSection
from sc_deploy.tasks import roles as role_files
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.pipeline.problem import Problem
    from tests.pipeline.conftest import Ask


@pytest.fixture
def asked(ask: Ask) -> Problem:
    found = ask()
    settings = CompressSection(update_every=60, probation=4, dense_baseline=False, loss_traces=True)
    task = found.recipe.task.model_copy(update={"label_noise": 0.1})
    update = {"compress": settings, "task": task, "train": TrainSection(epochs=10, batch_size=32)}
    return replace(
        found,
        recipe=found.recipe.model_copy(update=update),
        policy=found.policy.model_copy(update={"shown": ("white-box",)}),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return RunFolder(tmp_path_factory.mktemp("traces") / "run")


@pytest.fixture
def made(folder: RunFolder, asked: Problem) -> RunFolder:
    if not folder.root.exists():
        compress.compress(folder, asked, Silent(), resume=False, overwrite=False)
        builds = locate.builds(["onnx"], formats=(), precisions=["fp32"])
        export.export(folder, asked, builds, Silent())
    return folder


def test_members_with_a_wrong_label_are_among_the_most_exposed(made: RunFolder) -> None:
    found = traces.most_exposed(made)
    assert found is not None
    roles = role_files.load(made.roles)
    rows = predictions.rows_of(roles.sample_id, found.sample_id)
    wrong = roles.flipped[rows]
    assert (np.diff(found.score) <= 0).all()
    assert auc(found.score[wrong], found.score[~wrong]).rate(0.9).low > 0.7


def test_the_audit_shows_source_and_file_seen_from_inside(made: RunFolder, asked: Problem) -> None:
    (result,) = audit.audit(made, asked, (), "local", Silent())
    assert result.report is not None, result.error
    measured = result.report.audit
    assert measured is not None
    by_name = {s.name: {a.attack for a in s.attacks} for s in measured.subjects}
    assert "white-box" in by_name["source"]
    assert "white-box" in by_name["artifact"]
    # 281 audit members: 5 % are too few to show.
    assert measured.traces is None


def test_features_are_a_secret_under_the_manifest_and_in_the_order_of_the_answers(
    made: RunFolder,
) -> None:
    kept = {file.path for file in made.manifest().stages["compress"].outputs}
    for role in features.ROLES:
        path = made.predictions("source", role).with_suffix(".features.npz")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.relative_to(made.root).as_posix() in kept


def test_losses_that_were_changed_are_refused(made: RunFolder, tmp_path: Path) -> None:
    before = made.loss_traces.read_bytes()
    try:
        made.loss_traces.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        with pytest.raises(IntegrityError):
            traces.most_exposed(made)
    finally:
        made.loss_traces.write_bytes(before)
    assert traces.most_exposed(RunFolder(tmp_path)) is None


def test_features_come_in_the_order_of_the_audited_answers(made: RunFolder) -> None:
    role = Role.MEMBER_AUDIT
    own, _ = predictions.read(made.predictions("source", role))
    turn = np.random.default_rng(0).permutation(len(own.labels))
    shuffled = predictions.select(own, own.sample_id[turn])
    known = {name: {role: Knowledge()} for name in ("artifact", "source")}
    straight = features.beside(known, {role: own}, made)["source"][role].features
    other = features.beside(known, {role: shuffled}, made)
    assert straight is not None
    found = other["source"][role].features
    assert found is not None
    assert np.array_equal(found, straight[turn])
    assert other["artifact"][role].features is None
