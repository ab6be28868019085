"""That an audit is made anew whenever anything that its verdict depends on is another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from typing import Protocol

import pytest

from sc_deploy import registry, workspace
from sc_deploy.contracts import Artifact
from sc_deploy.devices.local import LocalDevice
from sc_deploy.pipeline import audit, locate
from sc_deploy.pipeline.problem import Problem
from sc_deploy.pipeline.staleness import STATISTICS, Question
from sc_deploy.progress import Silent
from sc_deploy.tasks import roles as role_files
from sc_deploy.workspace import RunFolder


class Ask(Protocol):
    def __call__(self, *, seed: int = ..., min_audit_samples: int = ...) -> Problem: ...


@pytest.fixture
def asked(exported: RunFolder, ask: Ask) -> Question:
    (folder,) = exported.artifacts()
    artifact = workspace.read_document(folder / "artifact.json", Artifact)
    fmt = locate.format_of(artifact.target, artifact.format)
    roles = role_files.load(exported.roles)
    return Question(folder, fmt, ask(), roles, registry.device("local"), "")


def other_artifact(asked: Question) -> Question:
    path = asked.folder / "artifact.json"
    artifact = workspace.read_document(path, Artifact)
    workspace.write_document(path, replace(artifact, files=artifact.files[:0]))
    return asked


def newer_runtime(asked: Question) -> Question:
    class Newer(type(asked.fmt)):  # type: ignore[misc]  # the class of whatever format it is
        def toolchain(self) -> tuple[tuple[str, str], ...]:
            return (*asked.fmt.toolchain()[:-1], ("onnxruntime", "99.0"))

    return replace(asked, fmt=Newer())


def other_policy(asked: Question) -> Question:
    policy = asked.problem.policy.model_copy(update={"most_looks": 7})
    return replace(asked, problem=replace(asked.problem, policy=policy))


def other_recipe(asked: Question) -> Question:
    recipe = asked.problem.recipe.model_copy(update={"seed": 99})
    return replace(asked, problem=replace(asked.problem, recipe=recipe))


@pytest.mark.parametrize(
    "change",
    [
        other_artifact,
        newer_runtime,
        other_policy,
        other_recipe,
        lambda asked: replace(asked, roles=replace(asked.roles, digest="0" * 64)),
        lambda asked: replace(asked, device=LocalDevice("elsewhere")),
        lambda asked: replace(asked, references="0" * 64),
    ],
    ids=["artifact", "runtime", "policy", "recipe", "roles", "device", "references"],
)
def test_whatever_the_verdict_depends_on_makes_another_key(
    asked: Question, change: Callable[[Question], Question]
) -> None:
    before = asked.key
    assert change(asked).key != before


@pytest.mark.parametrize("package", [*STATISTICS, "scdeploy"])
def test_another_version_of_what_computes_makes_another_key(
    asked: Question, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, version = asked.key, metadata.version
    monkeypatch.setattr(
        metadata, "version", lambda name: "99.0" if name == package else version(name)
    )
    assert asked.key != before


def test_nothing_changed_is_the_same_key(asked: Question, ask: Ask) -> None:
    assert replace(asked, problem=ask()).key == asked.key


def test_a_stored_verdict_does_not_answer_for_another_policy(audited: RunFolder, ask: Ask) -> None:
    stricter = audit.audit(audited, ask(min_audit_samples=149), [], "local", Silent())
    (found,) = stricter
    assert found.report is not None
    assert found.report.audit is not None
    assert found.report.audit.audit_looks == 2
