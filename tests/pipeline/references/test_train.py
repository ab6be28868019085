"""Reference models on digits: what they are made of, and how training goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import pytest

from sc_deploy import digest
from sc_deploy.errors import IntegrityError, UsageError
from sc_deploy.pipeline.problem import Brought, Problem
from sc_deploy.pipeline.references import train, trained
from sc_deploy.pipeline.references.plan import planned, require_possible
from sc_deploy.pipeline.references.train import Order
from sc_deploy.progress import Silent
from sc_deploy.tasks import roles as role_files
from sc_deploy.workspace import RunFolder

WEIGHTS = "compressed/model.safetensors"


class Ask(Protocol):
    def __call__(self, *attacks: str) -> Problem: ...


class Interrupted:
    """Whoever watches presses Ctrl-C after some notes."""

    def __init__(self, after: int) -> None:
        self.left = after

    def start(self, stage: str, total: int) -> None:
        pass

    def advance(self, done: int = 1, *, note: str = "") -> None:
        self.left -= bool(note)
        if self.left < 0:
            raise KeyboardInterrupt

    def say(self, message: str) -> None:
        pass


def weights(run: RunFolder, numbers: Sequence[int]) -> list[str]:
    return [digest.of_file(run.references / str(number) / WEIGHTS) for number in numbers]


def test_each_is_another_model_and_the_runs_own_stays_as_it_was(
    alone: RunFolder, referred_once: RunFolder
) -> None:
    assert len(set(weights(referred_once, range(4)))) == 4
    assert digest.of_file(alone.root / WEIGHTS) == digest.of_file(referred_once.root / WEIGHTS)
    for name in ("history.jsonl", "roles.npz", "training.json"):
        before, after = (run.compressed / name for run in (alone, referred_once))
        assert before.read_bytes() == after.read_bytes()


def test_it_knows_its_own_members_better_than_what_its_twin_was_given(
    referred_once: RunFolder,
) -> None:
    from sc_deploy import predictions
    from sc_deploy.contracts import MEMBER_ROLES, NON_MEMBER_ROLES, Role
    from sc_deploy.privacy import signals

    def loss(run: RunFolder, roles: tuple[Role, ...]) -> float:
        found = [predictions.read(run.predictions("source", role))[0] for role in roles]
        return float(np.mean([signals.loss(one.logits, one.labels).mean() for one in found]))

    gaps = []
    for number in range(4):
        run = RunFolder(referred_once.references / str(number))
        gaps.append(loss(run, NON_MEMBER_ROLES) - loss(run, MEMBER_ROLES))
    assert np.mean(gaps) > 0


def test_masks_are_secret_and_no_reference_has_a_dense_baseline(referred_once: RunFolder) -> None:
    for number in range(4):
        folder = referred_once.references / str(number)
        assert (folder / "compressed" / "roles.npz").stat().st_mode & 0o777 == 0o600
        assert not (folder / "compressed" / "dense.safetensors").exists()


def test_finished_ones_are_taken_as_they_are(referred: RunFolder, ask: Ask) -> None:
    before = {path: path.stat().st_mtime_ns for path in referred.references.rglob("*.safetensors")}
    train.train(referred, ask(), Order(4), Silent())
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_an_interrupted_one_goes_on_and_comes_to_the_same_bytes(
    alone: RunFolder, referred_once: RunFolder, ask: Ask
) -> None:
    with pytest.raises(KeyboardInterrupt):
        train.train(alone, ask(), Order(2), Interrupted(after=8))
    assert trained.count(alone) == 0
    assert (alone.references / "0" / "state" / "standing.json").is_file()
    train.train(alone, ask(), Order(2), Silent())
    assert weights(alone, range(2)) == weights(referred_once, range(2))
    assert not (alone.references / "0" / "state").exists()


@pytest.mark.slow
def test_several_processes_come_to_the_same_bytes_as_one(
    alone: RunFolder, referred_once: RunFolder, ask: Ask
) -> None:
    train.train(alone, ask(), Order(2, processes=2), Silent())
    assert weights(alone, range(2)) == weights(referred_once, range(2))


def test_what_fails_in_a_process_is_told_as_if_it_had_failed_here(
    alone: RunFolder, ask: Ask
) -> None:
    alone.recipe_lock.write_text("seed: 4\n")
    with pytest.raises(IntegrityError, match="not what was written"):
        train.train(alone, ask(), Order(2, processes=2), Silent())


def test_a_changed_file_is_refused_and_a_removed_folder_trained_anew(
    referred: RunFolder, referred_once: RunFolder, ask: Ask
) -> None:
    import shutil

    path = referred.references / "1" / WEIGHTS
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityError):
        train.train(referred, ask(), Order(4), Silent())
    shutil.rmtree(referred.references / "1")
    train.train(referred, ask(), Order(4), Silent())
    assert weights(referred, [1]) == weights(referred_once, [1])


def test_one_made_from_another_recipe_is_never_written_over(referred: RunFolder, ask: Ask) -> None:
    other = ask()
    other = replace(other, recipe=other.recipe.model_copy(update={"seed": 4}))
    before = weights(referred, range(4))
    with pytest.raises(UsageError, match="another recipe"):
        train.train(referred, other, Order(4), Silent())
    assert weights(referred, range(4)) == before


@pytest.mark.parametrize("count", [0, 1, 3])
def test_only_pairs_are_trained(alone: RunFolder, count: int, ask: Ask) -> None:
    with pytest.raises(UsageError, match="pairs"):
        train.train(alone, ask(), Order(count), Silent())


def unequal(asked: Problem) -> Problem:
    recipe = asked.recipe
    roles = recipe.roles.model_copy(update={"members": 1000, "non_members": 400})
    return replace(asked, recipe=recipe.model_copy(update={"roles": roles}))


def test_samples_that_no_reference_would_miss_are_refused(alone: RunFolder, ask: Ask) -> None:
    asked = unequal(ask())
    drawn = role_files.draw(asked.task, asked.recipe)
    with pytest.raises(UsageError, match="trained on by all 2") as caught:
        require_possible(asked, planned(alone, asked, drawn, 2))
    assert "train 4 of them" in caught.value.remedy


def test_more_members_than_others_are_no_obstacle_to_four(alone: RunFolder, ask: Ask) -> None:
    asked = unequal(ask())
    drawn = role_files.draw(asked.task, asked.recipe)
    four = planned(alone, asked, drawn, 4)
    require_possible(asked, four)
    assert [int(one.inside.sum()) for one in four] == [1000] * 4


def test_four_stay_what_they_are_among_eight_and_are_not_four_of_six(
    alone: RunFolder, ask: Ask
) -> None:
    asked = unequal(ask())
    drawn = role_files.draw(asked.task, asked.recipe)
    four, six, eight = (
        [one.key for one in planned(alone, asked, drawn, count)] for count in (4, 6, 8)
    )
    assert eight[:4] == four
    assert six[:4] != four
    (alone_asked,) = planned(alone, asked, drawn, 8, 3)
    assert alone_asked.key == four[3]


def test_models_begun_with_another_number_are_left_alone_and_the_remedy_told(
    alone: RunFolder, ask: Ask
) -> None:
    asked = ask()
    others = planned(alone, asked, role_files.load(alone.roles), 4)[3].roles
    path = RunFolder(alone.references / "2").roles
    role_files.save(others, path)
    with pytest.raises(UsageError, match="begun with another -n") as caught:
        train.train(alone, asked, Order(4), Silent())
    assert "-n as it was" in caught.value.remedy
    assert [problem.where for problem in caught.value.problems] == ["reference 2"]
    assert role_files.load(path).digest == others.digest
    assert not (alone.references / "0").exists()


def test_a_compression_begun_anew_leaves_no_reference_of_the_old_model(
    referred: RunFolder, ask: Ask
) -> None:
    from sc_deploy.pipeline import compress

    with pytest.raises(KeyboardInterrupt):
        compress.compress(referred, ask(), Interrupted(after=0), resume=False, overwrite=True)
    assert not referred.references.exists()


def test_a_count_that_nobody_wrote_is_refused(referred: RunFolder) -> None:
    referred.finish(trained.STAGE, "many", ())
    with pytest.raises(IntegrityError, match="'many'"):
        trained.count(referred)


def test_weights_that_have_seen_the_members_allow_no_references(alone: RunFolder, ask: Ask) -> None:
    asked = replace(ask(), brought=Brought(weights="0" * 64, declared_members="1" * 64))
    roles = role_files.load(alone.roles)
    with pytest.raises(UsageError, match="have seen its members"):
        require_possible(asked, planned(alone, asked, roles, 2))
