"""A model that memorised flipped labels must be found leaky, through every way out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sc_deploy import registry
from sc_deploy.contracts import Outcome
from sc_deploy.pipeline import audit, compress, demo, export, locate
from sc_deploy.pipeline.problem import Brought, Problem
from sc_deploy.progress import Silent
from sc_deploy.recipe import TaskSection
from sc_deploy.workspace import RunFolder

WAYS_OUT = [
    ("onnx", "onnx", "fp32"),
    ("onnx", "onnx", "int8"),
    ("android", "executorch", "fp32"),
    ("android", "executorch", "int8"),
    ("android", "litert", "fp32"),
    ("android", "litert", "int8"),
]


@pytest.fixture(scope="module")
def memorised() -> Problem:
    strict = demo.POLICY.absolute.model_copy(update={"auc": 0.56})
    return Problem(
        demo.memorising(demo.RECIPE),
        demo.POLICY.model_copy(update={"absolute": strict}),
        registry.task("digits")(TaskSection(name="digits")),
        Brought(),
    )


@pytest.fixture(scope="module")
def leaky(memorised: Problem, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    run = RunFolder(tmp_path_factory.mktemp("leaky") / "run")
    compress.compress(run, memorised, Silent(), resume=False, overwrite=False)
    return run


@pytest.mark.slow
@pytest.mark.parametrize(("target", "fmt", "precision"), WAYS_OUT, ids=map("-".join, WAYS_OUT))
def test_an_over_fitted_model_fails_through_every_way_out(
    leaky: RunFolder, memorised: Problem, target: str, fmt: str, precision: str
) -> None:
    builds = locate.builds([target], formats=[fmt], precisions=[precision])
    (made,) = export.export(leaky, memorised, builds, Silent())
    assert made.error is None, made.error
    results = audit.audit(leaky, memorised, [target], "local", Silent())
    (report,) = [r.report for r in results if r.name == made.name]
    assert report is not None
    failed = {c.kind for c in report.verdict.checks if c.outcome is Outcome.FAIL and c.required}
    assert report.verdict.outcome is Outcome.FAIL
    assert failed == {"absolute"}, "it leaks, and it is not broken"


@pytest.mark.slow
def test_a_policy_cannot_be_satisfied_by_asking_for_less_afterwards(
    leaky: RunFolder, memorised: Problem
) -> None:
    lenient = memorised.policy.model_copy(update={"min_audit_samples": 1})
    with pytest.raises(Exception, match="fixed for this run"):
        compress.compress(
            leaky, replace(memorised, policy=lenient), Silent(), resume=False, overwrite=False
        )
