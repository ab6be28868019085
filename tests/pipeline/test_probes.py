from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import pytest

from sc_deploy.contracts import Cause, Outcome, Role
from sc_deploy.pipeline import audit, compress, export, locate, probes
from sc_deploy.pipeline.problem import Problem
from sc_deploy.progress import Silent
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from sc_deploy.contracts import Check


class Ask(Protocol):
    def __call__(self, *, seed: int = ..., min_audit_samples: int = ...) -> Problem: ...


def asking(problem: Problem, shown: tuple[str, ...] = ()) -> Problem:
    """The tests' problem, whose policy also names attacks that ask about altered samples."""
    policy = problem.policy.model_copy(update={"attacks": ("loss", "label-only"), "shown": shown})
    return Problem(problem.recipe, policy, problem.task, problem.brought)


def checks(result: audit.Audited, attack: str) -> list[Check]:
    assert result.report is not None, result.error
    return [c for c in result.report.verdict.checks if f"{attack} attack" in c.name]


@pytest.mark.slow
def test_a_run_whose_policy_asks_for_it_is_attacked_by_labels_alone(
    ask: Ask, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run, problem = (
        RunFolder(tmp_path_factory.mktemp("asked") / "run"),
        asking(ask(), ("boundary", "quantile")),
    )
    compress.compress(run, problem, Silent(), resume=False, overwrite=False)
    builds = locate.builds(["onnx"], formats=(), precisions=["fp32"])
    export.export(run, problem, builds, Silent())
    (result,) = audit.audit(run, problem, [], "local", Silent())
    found = checks(result, "label-only")
    assert len(found) == 2
    assert all(check.measured is not None for check in found), found
    (change,) = [check for check in found if check.kind == "relative"]
    assert change.outcome is Outcome.PASS
    assert result.report is not None
    assert result.report.audit is not None
    artifact, source = result.report.audit.subjects
    for subject in (artifact, source):
        assert [a.attack for a in subject.attacks] == ["loss", "label-only", "boundary", "quantile"]
        (boundary,) = [a for a in subject.attacks if a.attack == "boundary"]
        assert boundary.auc.n == 200
    stored = probes.of_stored(run, "source")[Role.MEMBER_AUDIT]
    assert stored.votes is not None
    assert stored.votes.mean() > 0.3
    assert stored.distance is not None
    assert np.isnan(stored.distance).sum() == len(stored.distance) - 100


@pytest.mark.slow
def test_a_run_that_was_not_made_for_it_says_what_is_missing(exported: RunFolder, ask: Ask) -> None:
    """Only the file was asked: without the source's answers there is no change to judge."""
    (result,) = audit.audit(exported, asking(ask()), [], "local", Silent())
    (absolute,) = [c for c in checks(result, "label-only") if c.kind == "absolute"]
    (change,) = [c for c in checks(result, "label-only") if c.kind == "relative"]
    assert absolute.measured is not None
    assert (change.outcome, change.cause) == (Outcome.INCONCLUSIVE, Cause.EVIDENCE_MISSING)
    assert "on the source" in change.reason
