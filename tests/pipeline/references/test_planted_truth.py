"""A network that learned wrong labels by heart: thresholds see little of it, references see it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from sc_deploy.contracts import AttackResult, Outcome
from sc_deploy.pipeline import audit, compress, export, locate
from sc_deploy.pipeline.problem import Problem
from sc_deploy.pipeline.references import train
from sc_deploy.pipeline.references.train import Order
from sc_deploy.progress import Silent
from sc_deploy.recipe import CompressSection, Recipe, SparseSection, TrainSection
from sc_deploy.registry import task
from sc_deploy.workspace import RunFolder


class Ask(Protocol):
    def __call__(self, *attacks: str) -> Problem: ...


def leaky(asked: Problem) -> Problem:
    base: Recipe = asked.recipe
    changed = {
        "task": base.task.model_copy(update={"label_noise": 0.15}),
        "train": TrainSection(epochs=20, batch_size=32),
        "sparse": SparseSection(density=0.5),
        "compress": CompressSection(
            update_every=100, probation=4, dense_baseline=False, stop_early=0, keep="last"
        ),
    }
    recipe = base.model_copy(update=changed)
    absolute = asked.policy.absolute.model_copy(update={"auc": 0.6})
    policy = asked.policy.model_copy(update={"absolute": absolute})
    return Problem(recipe, policy, task("digits")(recipe.task), asked.brought)


@pytest.mark.slow
def test_references_find_a_leak_that_the_loss_alone_hardly_shows(tmp_path: Path, ask: Ask) -> None:
    run, asked = RunFolder(tmp_path / "run"), leaky(ask())
    compress.compress(run, asked, Silent(), resume=False, overwrite=False)
    builds = locate.builds(["onnx"], formats=(), precisions=["fp32"])
    export.export(run, asked, builds, Silent())
    train.train(run, asked, Order(4), Silent())
    (result,) = audit.audit(run, asked, [], "local", Silent())
    assert result.report is not None
    assert result.report.audit is not None
    found: dict[str, AttackResult] = {
        one.attack: one for one in result.report.audit.subjects[0].attacks
    }
    assert found["base"].auc.low > found["loss"].auc.high
    assert found["base"].auc.low > 0.65
    assert result.report.verdict.outcome is Outcome.FAIL
    assert "base attack" in result.report.verdict.reason
