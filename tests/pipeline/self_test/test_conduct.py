"""The self-test holds here, and would not hold of a tool that judges wrongly."""

from __future__ import annotations

import time
from functools import cached_property

import pytest

from sc_deploy.contracts import Tier
from sc_deploy.pipeline.self_test import (
    broken,
    conduct,
    known_auc,
    leak_free,
    missing_evidence,
    null_run,
    one_class,
    overfitted,
    saturated,
    swapped,
)
from sc_deploy.pipeline.self_test.laboratory import Laboratory
from sc_deploy.pipeline.self_test.specimen import Observation, Specimen, Trial
from sc_deploy.policy import Absolute, Policy, small
from sc_deploy.progress import Silent

CHEAP = (
    known_auc.SPECIMEN,
    broken.SHUFFLED,
    broken.CONSTANT,
    saturated.SPECIMEN,
    swapped.SPECIMEN,
    one_class.SPECIMEN,
    missing_evidence.SPECIMEN,
)


class Lax(Laboratory):
    """Judges by a policy that lets everything through."""

    @cached_property
    def policy(self) -> Policy:
        absolute = Absolute(auc=0.999, tpr=())
        changed = {"absolute": absolute, "low_fpr_tier": Tier.T0, "relative": "none"}
        return super().policy.model_copy(update={**changed, "attacks": ("loss",)})


class Strict(Laboratory):
    """Judges by a policy that no file satisfies."""

    @cached_property
    def policy(self) -> Policy:
        changed = {"min_audit_samples": 10**9, "attacks": ("loss",)}
        return super().policy.model_copy(update=changed)


@pytest.mark.parametrize("seed", [0, 1])
def test_every_specimen_that_takes_no_fitting_comes_out_as_planted(seed: int) -> None:
    trials = conduct.self_test(Silent(), seed=seed, specimens=CHEAP)
    assert [trial.name for trial in trials if not trial.holds] == []
    assert conduct.holds(trials)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_all_of_it_holds_and_takes_less_than_a_minute(seed: int) -> None:
    begun = time.process_time()
    trials = conduct.self_test(Silent(), seed=seed)
    assert [(trial.name, trial.found) for trial in trials if trial.holds is False] == []
    assert time.process_time() - begun < 60


def test_a_gate_that_lets_everything_through_is_found_out() -> None:
    assert not overfitted.SPECIMEN.examine(Lax(0)).holds


def test_a_gate_that_refuses_everything_is_found_out() -> None:
    assert not leak_free.SPECIMEN.examine(Strict(0)).holds


def test_sides_drawn_by_lot_leave_nothing_to_find() -> None:
    class Unmixed(Laboratory):
        @cached_property
        def policy(self) -> Policy:
            return super().policy.model_copy(update={"attacks": ("loss",)})

    assert null_run.SPECIMEN.examine(Unmixed(0)).holds


def test_equal_seeds_give_equal_findings() -> None:
    first, second = (
        conduct.self_test(Silent(), seed=5, specimens=(known_auc.SPECIMEN, swapped.SPECIMEN))
        for _ in range(2)
    )
    assert [trial.found for trial in first] == [trial.found for trial in second]


def test_one_wrong_finding_is_enough_and_nothing_examined_is_no_proof() -> None:
    right = Trial("a", "", "", "", True, 0.0)
    assert conduct.holds([right])
    assert not conduct.holds([right, Trial("b", "", "", "", False, 0.0)])
    assert not conduct.holds([Trial("c", "", "", "", None, 0.0)])


def test_a_specimen_whose_tools_are_not_here_is_skipped_and_said_so() -> None:
    absent = Specimen("x", "p", "e", lambda _: Observation("", holds=False), lambda: ("onnx",))
    (trial,) = conduct.self_test(Silent(), specimens=(absent,))
    assert trial.holds is None
    assert "onnx" in trial.found


def test_specimens_have_names_of_their_own() -> None:
    names = [specimen.name for specimen in conduct.SPECIMENS]
    assert len(set(names)) == len(names)


def test_the_leak_free_model_is_judged_by_the_limits_of_the_default_policy() -> None:
    assert Laboratory(0).policy.absolute == small().absolute
    assert Laboratory(0).policy.relative == small().relative
