from __future__ import annotations

import pytest

from sc_deploy import digest
from sc_deploy.errors import IntegrityError, UsageError
from sc_deploy.pipeline import compress
from sc_deploy.pipeline.problem import Problem
from sc_deploy.progress import Silent
from sc_deploy.recipe import Recipe
from sc_deploy.workspace import RunFolder
from tests.pipeline.conftest import LENIENT, RECIPE, problem


def again(run: RunFolder, asked: Problem, *, overwrite: bool = False) -> str:
    made = compress.compress(run, asked, Silent(), resume=False, overwrite=overwrite)
    return made.digest


def seeded(seed: int) -> Recipe:
    return RECIPE.model_copy(update={"seed": seed})


def test_a_finished_stage_is_not_done_again(exported: RunFolder) -> None:
    weights = exported.compressed / "model.safetensors"
    before = weights.stat().st_mtime_ns
    assert again(exported, problem()) == digest.of_file(weights)
    assert weights.stat().st_mtime_ns == before


def test_the_same_seed_gives_the_same_bytes(exported: RunFolder) -> None:
    before = digest.of_file(exported.compressed / "model.safetensors")
    assert again(exported, problem(), overwrite=True) == before


def test_another_recipe_is_refused_until_told_to_overwrite(exported: RunFolder) -> None:
    before = digest.of_file(exported.compressed / "model.safetensors")
    with pytest.raises(UsageError, match="fixed for this run"):
        again(exported, problem(seeded(4)))
    assert again(exported, problem(seeded(4)), overwrite=True) != before


def test_a_policy_that_was_changed_afterwards_is_refused(exported: RunFolder) -> None:
    weaker = LENIENT.model_copy(update={"min_audit_samples": 1})
    with pytest.raises(UsageError, match=r"policy\.lock\.yaml"):
        again(exported, problem(policy=weaker))


def test_overwriting_removes_artifacts_and_keeps_the_ledger(audited: RunFolder) -> None:
    ledger = audited.ledger.read_bytes()
    again(audited, problem(seeded(4)), overwrite=True)
    assert audited.artifacts() == ()
    assert not audited.summary.exists()
    assert audited.ledger.read_bytes() == ledger


@pytest.mark.parametrize(
    "name", ["model.safetensors", "roles.npz", "history.jsonl", "network.json", "models.json"]
)
def test_a_changed_file_of_the_checkpoint_is_noticed(exported: RunFolder, name: str) -> None:
    path = exported.compressed / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match="not what was exported|changed|sha256"):
        again(exported, problem())


def test_secrets_of_a_run_are_for_their_owner_only(exported: RunFolder) -> None:
    secret = [exported.recipe_lock, exported.roles, *exported.root.glob("predictions/*/*")]
    assert len(secret) > 10
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}
