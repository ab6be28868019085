"""Several published versions of one model: of one run, and of a release before it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy import predictions
from sc_deploy.contracts import Knowledge, Predictions, Role
from sc_deploy.errors import IntegrityError, UsageError
from sc_deploy.pipeline import audit, compress, export, locate, versions
from sc_deploy.pipeline.versions import Version
from sc_deploy.progress import Silent
from sc_deploy.recipe import RolesSection
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from sc_deploy.pipeline.audit import Audited
    from sc_deploy.pipeline.problem import Problem
    from tests.pipeline.conftest import Ask

SHOWN = ("version-difference",)


@pytest.fixture
def asked(ask: Ask) -> Problem:
    found = ask()
    return replace(found, policy=found.policy.model_copy(update={"shown": SHOWN}))


def exported(root: Path, asked: Problem, *, precisions: tuple[str, ...]) -> RunFolder:
    run = RunFolder(root)
    compress.compress(run, asked, Silent(), resume=False, overwrite=False)
    builds = locate.builds(["onnx"], formats=(), precisions=precisions)
    for result in export.export(run, asked, builds, Silent()):
        assert result.error is None, result.error
    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("versions") / "run"


@pytest.fixture
def made(folder: Path, asked: Problem, tmp_path: Path) -> RunFolder:
    """A run with two artifacts that was not audited yet."""
    if not folder.exists():
        exported(folder, asked, precisions=("fp32", "int8"))
    return RunFolder(Path(shutil.copytree(folder, tmp_path / "run")))


def attacks(found: Audited) -> set[str]:
    assert found.report is not None, found.error
    assert found.report.audit is not None
    artifact = next(s for s in found.report.audit.subjects if s.name == "artifact")
    return {result.attack for result in artifact.attacks}


def test_artifacts_that_ship_together_are_versions_of_each_other(
    made: RunFolder, asked: Problem
) -> None:
    for found in audit.audit(made, asked, (), "local", Silent()):
        assert "version-difference" in attacks(found)


def test_a_release_before_is_a_version_too(
    made: RunFolder, asked: Problem, exported_once: RunFolder
) -> None:
    (_, other) = made.artifacts()
    shutil.rmtree(other)
    (alone,) = audit.audit(made, asked, (), "local", Silent())
    assert "version-difference" not in attacks(alone)
    assert alone.report is not None
    assert alone.report.audit is not None
    assert dict(alone.report.audit.absent)["version-difference"]
    (found,) = audit.audit(made, asked, (), "local", Silent(), previous=exported_once.root)
    assert "version-difference" in attacks(found)


def test_a_release_of_other_preprocessing_or_key_is_refused(
    made: RunFolder, asked: Problem, tmp_path: Path
) -> None:
    roles = RolesSection(key="cd" * 32, members=750, non_members=750, validation=140, test=150)
    other = replace(asked, recipe=asked.recipe.model_copy(update={"roles": roles}))
    run = exported(tmp_path / "other", other, precisions=("fp32",))
    with pytest.raises(IntegrityError, match=r"another roles\.key"):
        audit.audit(made, asked, (), "local", Silent(), previous=run.root)


def test_an_earlier_release_that_no_attack_would_look_at_is_refused(
    made: RunFolder, ask: Ask, exported_once: RunFolder
) -> None:
    with pytest.raises(UsageError, match="version-difference"):
        audit.audit(made, ask(), (), "local", Silent(), previous=exported_once.root)


def test_a_folder_that_is_no_run_is_refused(
    made: RunFolder, asked: Problem, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match="not a run folder"):
        audit.audit(made, asked, (), "local", Silent(), previous=empty)


def test_answers_of_a_version_that_were_changed_are_refused(
    made: RunFolder, asked: Problem
) -> None:
    audit.audit(made, asked, (), "local", Silent())
    (first, second) = made.artifacts()
    path = made.predictions(f"{second.name}/local", Role.MEMBER_AUDIT)
    found, origin = predictions.read(path)
    spoilt = replace(found, logits=np.zeros_like(found.logits))
    predictions.write(path, spoilt, origin)
    made.report(first.name, "local").unlink()
    results = {r.name: r for r in audit.audit(made, asked, (), "local", Silent())}
    assert isinstance(results[first.name].error, IntegrityError)


def answers(n: int, seed: int) -> Predictions:
    rng = np.random.default_rng(seed)
    ids = np.arange(n, dtype=np.uint8)[:, None].repeat(32, axis=1)
    logits = rng.normal(size=(n, 3)).astype(np.float32)
    return Predictions(logits, np.arange(n) % 3, ids)


def test_what_versions_answer_is_put_in_the_order_of_the_file_under_audit() -> None:
    own, other = answers(6, 0), answers(6, 1)
    turn = np.array([3, 1, 5, 0, 2, 4])
    shuffled = Predictions(other.logits[turn], other.labels[turn], other.sample_id[turn])
    known = {"artifact": {Role.MEMBER_AUDIT: Knowledge()}}
    version = Version("d", {Role.MEMBER_AUDIT: shuffled})
    found = versions.beside(known, {Role.MEMBER_AUDIT: own}, (version,))
    stacked = found["artifact"][Role.MEMBER_AUDIT].versions
    assert stacked is not None
    assert np.array_equal(stacked, other.logits[None])


def test_a_role_that_one_version_did_not_answer_for_stays_unknown() -> None:
    own = answers(6, 0)
    known = {"artifact": {Role.MEMBER_AUDIT: Knowledge()}}
    some = Version("a", {Role.MEMBER_AUDIT: own})
    none = Version("b", {})
    found = versions.beside(known, {Role.MEMBER_AUDIT: own}, (some, none))
    assert found["artifact"][Role.MEMBER_AUDIT].versions is None
