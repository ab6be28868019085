from __future__ import annotations

from typing import Protocol

import pytest

from sc_deploy import digest
from sc_deploy.errors import IntegrityError, UsageError
from sc_deploy.pipeline import compress
from sc_deploy.pipeline.problem import Problem
from sc_deploy.progress import Silent
from sc_deploy.workspace import RunFolder


class Ask(Protocol):
    def __call__(self, *, seed: int = ..., min_audit_samples: int = ...) -> Problem: ...


def again(run: RunFolder, asked: Problem, *, overwrite: bool = False) -> str:
    made = compress.compress(run, asked, Silent(), resume=False, overwrite=overwrite)
    return made.digest


def test_a_finished_stage_is_not_done_again(exported: RunFolder, ask: Ask) -> None:
    weights = exported.compressed / "model.safetensors"
    before = weights.stat().st_mtime_ns
    assert again(exported, ask()) == digest.of_file(weights)
    assert weights.stat().st_mtime_ns == before


def test_the_same_seed_gives_the_same_bytes(exported: RunFolder, ask: Ask) -> None:
    before = digest.of_file(exported.compressed / "model.safetensors")
    assert again(exported, ask(), overwrite=True) == before


def test_another_recipe_is_refused_until_told_to_overwrite(exported: RunFolder, ask: Ask) -> None:
    before = digest.of_file(exported.compressed / "model.safetensors")
    with pytest.raises(UsageError, match="fixed for this run"):
        again(exported, ask(seed=4))
    assert again(exported, ask(seed=4), overwrite=True) != before


def test_a_policy_that_was_changed_afterwards_is_refused(exported: RunFolder, ask: Ask) -> None:
    with pytest.raises(UsageError, match=r"policy\.lock\.yaml"):
        again(exported, ask(min_audit_samples=1))


def test_overwriting_removes_artifacts_and_keeps_the_ledger(audited: RunFolder, ask: Ask) -> None:
    ledger = audited.ledger.read_bytes()
    again(audited, ask(seed=4), overwrite=True)
    assert audited.artifacts() == ()
    assert not audited.summary.exists()
    assert audited.ledger.read_bytes() == ledger


@pytest.mark.parametrize(
    "name", ["model.safetensors", "roles.npz", "history.jsonl", "network.json", "models.json"]
)
def test_a_changed_file_of_the_checkpoint_is_noticed(
    exported: RunFolder, name: str, ask: Ask
) -> None:
    path = exported.compressed / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match=r"not what was written"):
        again(exported, ask())


def test_secrets_of_a_run_are_for_their_owner_only(exported: RunFolder) -> None:
    secret = [exported.recipe_lock, exported.roles, *exported.root.glob("predictions/*/*")]
    assert len(secret) > 10
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}
