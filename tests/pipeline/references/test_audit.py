"""An audit that asks reference models: what it may conclude, and what it refuses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from sc_deploy import workspace
from sc_deploy.contracts import Cause, Outcome, Report, Role, Tier
from sc_deploy.errors import ExitCode, IntegrityError
from sc_deploy.pipeline import audit, export, locate
from sc_deploy.pipeline import report as reports
from sc_deploy.pipeline.audit import Audited
from sc_deploy.pipeline.problem import Problem
from sc_deploy.pipeline.references import train
from sc_deploy.pipeline.references.train import Order
from sc_deploy.progress import Silent
from sc_deploy.tasks import roles as role_files
from sc_deploy.workspace import RunFolder

ARTIFACT = "onnx.onnx.fp32.dense"


class Ask(Protocol):
    def __call__(self, *attacks: str) -> Problem: ...


def question(run: RunFolder, asked: Problem) -> Audited:
    (result,) = audit.audit(run, asked, [], "local", Silent())
    return result


def reported(run: RunFolder, asked: Problem) -> Report:
    result = question(run, asked)
    assert result.report is not None, result.error
    return result.report


def answers(run: RunFolder, number: int) -> Path:
    folder = RunFolder(run.references / str(number))
    return folder.predictions(f"{ARTIFACT}/local", Role.MEMBER_AUDIT)


def test_four_matched_references_make_it_tier_two(referred: RunFolder, ask: Ask) -> None:
    report = reported(referred, ask())
    assert report.audit is not None
    assert report.audit.tier is report.verdict.tier is Tier.T2
    found = report.audit.references
    assert found is not None
    assert (found.matched, len(found.models)) == (4, 4)
    assert {model.pipeline for model in found.models} == {found.pipeline}
    assert found.difference is not None
    assert found.difference < 1e-3
    assert {"loss", "base"} <= {result.attack for result in report.audit.subjects[0].attacks}
    assert report.verdict.outcome is not Outcome.INVALID


def test_attacks_that_ask_no_reference_rest_on_tier_zero(referred: RunFolder, ask: Ask) -> None:
    report = reported(referred, ask("loss"))
    assert report.audit is not None
    assert report.audit.tier is Tier.T0
    assert report.audit.references is None
    assert not answers(referred, 0).exists()


def test_without_references_nothing_passes_and_the_command_is_told(
    alone: RunFolder, ask: Ask
) -> None:
    report = reported(alone, ask())
    assert report.verdict.outcome is Outcome.INCONCLUSIVE
    checks = [check for check in report.verdict.checks if "base attack" in check.name]
    assert checks
    assert {check.cause for check in checks} == {Cause.EVIDENCE_MISSING}
    assert all("scdeploy references train" in check.reason for check in checks)


def test_references_trained_after_an_audit_are_asked_in_the_next(
    alone: RunFolder, referred_once: RunFolder, ask: Ask
) -> None:
    assert reported(alone, ask()).verdict.tier is Tier.T0
    shutil.copytree(referred_once.references, alone.references)
    train.train(alone, ask(), Order(4), Silent())
    assert reported(alone, ask()).verdict.tier is Tier.T2


def test_two_references_are_asked_and_are_not_tier_two(
    alone: RunFolder, referred_once: RunFolder, ask: Ask
) -> None:
    for number in range(2):
        shutil.copytree(referred_once.references / str(number), alone.references / str(number))
    train.train(alone, ask(), Order(2), Silent())
    report = reported(alone, ask())
    assert report.verdict.tier is Tier.T0
    low = [check for check in report.verdict.checks if "TPR" in check.name]
    assert Outcome.PASS not in {check.outcome for check in low}


def test_one_that_was_not_exported_keeps_all_from_being_asked(
    referred: RunFolder, ask: Ask
) -> None:
    folder = RunFolder(referred.references / "2")
    stages = dict(folder.manifest().stages)
    del stages[f"export:{ARTIFACT}"]
    workspace.write_document(
        folder.root / "manifest.json", workspace.Manifest(workspace.SCHEMA_VERSION, stages)
    )
    report = reported(referred, ask())
    assert report.verdict.outcome is Outcome.INCONCLUSIVE
    assert report.audit is not None
    assert report.audit.references is not None
    assert [model.unmatched for model in report.audit.references.models] == [
        "", "", "was not exported", "",
    ]  # fmt: skip
    told = dict(report.audit.absent)["base"]
    assert "reference 2 was not exported" in told
    assert "scdeploy export" in told
    export.export(
        referred, ask(), locate.builds(["onnx"], formats=(), precisions=["fp32"]), Silent()
    )
    assert reported(referred, ask()).verdict.tier is Tier.T2


def changed_weights(run: RunFolder) -> None:
    path = run.references / "0" / "compressed" / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def changed_mask(run: RunFolder) -> None:
    path = run.references / "0" / "compressed" / "roles.npz"
    shutil.copy(run.references / "1" / "compressed" / "roles.npz", path)


def changed_mask_whose_records_agree(run: RunFolder) -> None:
    """Who was in and who was out is not believed: the key says it."""
    own = RunFolder(run.references / "0")
    roles = role_files.load(own.roles)
    role = roles.role.copy()
    rows = [roles.rows(Role.MEMBER_AUDIT)[0], roles.rows(Role.NON_MEMBER_AUDIT)[0]]
    role[rows] = role[rows[::-1]]
    role_files.save(role_files.redealt(roles, role), own.roles)
    stage = run.manifest().stages["references:0"]
    run.finish("references:0", stage.key, tuple(run.root / file.path for file in stage.outputs))


def another_recipe(run: RunFolder) -> None:
    stage = run.manifest().stages["references:0"]
    run.finish("references:0", "0" * 64, tuple(run.root / file.path for file in stage.outputs))


def no_digests(run: RunFolder) -> None:
    run.finish("references:0", run.manifest().stages["references:0"].key, ())


def removed(run: RunFolder) -> None:
    shutil.rmtree(run.references / "3")


@pytest.mark.parametrize(
    "tamper",
    [
        changed_weights,
        changed_mask,
        changed_mask_whose_records_agree,
        another_recipe,
        no_digests,
        removed,
    ],
)
def test_a_tampered_reference_is_refused_also_after_a_report(
    referred: RunFolder, tamper: Callable[[RunFolder], None], ask: Ask
) -> None:
    tamper(referred)
    with pytest.raises(IntegrityError) as caught:
        question(referred, ask())
    assert caught.value.exit_code is ExitCode.INTEGRITY


def test_a_report_does_not_outlive_the_references_that_it_rests_on(
    referred: RunFolder, ask: Ask
) -> None:
    reported(referred, ask())
    changed_weights(referred)
    with pytest.raises(IntegrityError):
        question(referred, ask())


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def added(path: Path) -> None:
    path.with_name("weights.bin").write_bytes(b"more")


@pytest.mark.parametrize("change", [flipped, Path.unlink, added], ids=["flip", "missing", "added"])
def test_a_changed_exported_file_of_a_reference_is_refused(
    referred: RunFolder, ask: Ask, change: Callable[[Path], None]
) -> None:
    change(referred.references / "0" / "artifacts" / ARTIFACT / "model.onnx")
    result = question(referred, ask())
    assert (result.report, result.exit_code) == (None, ExitCode.INTEGRITY)


def test_a_verdict_does_not_outlive_the_exported_files_that_it_rests_on(
    referred: RunFolder, ask: Ask
) -> None:
    first = reported(referred, ask())
    assert reported(referred, ask()) == first
    assert reports.render(referred).unaudited == ()
    model = referred.references / "2" / "artifacts" / ARTIFACT / "model.onnx"
    whole = model.read_bytes()
    flipped(model)
    result = question(referred, ask())
    assert (result.report, result.exit_code) == (None, ExitCode.INTEGRITY)
    with pytest.raises(IntegrityError, match="not what was written"):
        reports.render(referred)
    model.write_bytes(whole)
    assert reported(referred, ask()) == first
    model.unlink()
    assert question(referred, ask()).exit_code is ExitCode.INTEGRITY
    with pytest.raises(IntegrityError):
        reports.render(referred)


def test_no_page_shows_a_verdict_beside_whose_references_somebody_put_a_file(
    referred: RunFolder, ask: Ask
) -> None:
    reported(referred, ask())
    added(referred.references / "2" / "artifacts" / ARTIFACT / "model.onnx")
    with pytest.raises(IntegrityError, match="nobody made or examined"):
        reports.render(referred)


def test_no_page_shows_a_verdict_whose_looks_were_forgotten(referred: RunFolder, ask: Ask) -> None:
    reported(referred, ask())
    referred.ledger.unlink()
    with pytest.raises(IntegrityError, match="lost its last lines"):
        reports.render(referred)


def test_no_page_shows_a_verdict_whose_references_were_changed(
    referred: RunFolder, ask: Ask
) -> None:
    reported(referred, ask())
    changed_weights(referred)
    with pytest.raises(IntegrityError):
        reports.render(referred)


def test_a_verdict_that_asked_no_reference_rests_on_none(referred: RunFolder, ask: Ask) -> None:
    first = reported(referred, ask("loss"))
    flipped(referred.references / "2" / "artifacts" / ARTIFACT / "model.onnx")
    assert reported(referred, ask("loss")) == first
    assert reports.render(referred).unaudited == ()


def test_changed_answers_of_a_reference_are_refused(referred: RunFolder, ask: Ask) -> None:
    reported(referred, ask())
    path = answers(referred, 1)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    # A report that was thrown away is made again, from the answers that were kept.
    referred.report(ARTIFACT, "local").unlink()
    result = question(referred, ask())
    assert (result.report, result.exit_code) == (None, ExitCode.INTEGRITY)


def test_answers_are_kept_until_the_samples_change(referred: RunFolder, ask: Ask) -> None:
    reported(referred, ask())
    stamp = answers(referred, 0).stat().st_mtime_ns
    referred.report(ARTIFACT, "local").unlink()
    reported(referred, ask())
    assert answers(referred, 0).stat().st_mtime_ns == stamp


def test_answers_of_another_set_of_samples_or_another_file_are_asked_for_anew(
    referred: RunFolder, ask: Ask
) -> None:
    from dataclasses import replace

    from sc_deploy import registry
    from sc_deploy.contracts import Artifact, Rate, RuntimeSummary
    from sc_deploy.pipeline import execution
    from sc_deploy.pipeline.references import trained
    from sc_deploy.pipeline.references.answers import Asked, answered

    roles = role_files.load(referred.roles)
    (first, *_) = trained.trusted(referred, ask(), roles)
    artifact = workspace.read_document(first.run.artifact(ARTIFACT) / "artifact.json", Artifact)
    runtime = RuntimeSummary("local", "onnxruntime", "1", "CPU", Rate(1, 1, 1, 1, 0.9))
    stage = f"answers:{ARTIFACT}:local"
    keys = []
    for asked_of, ran in (
        ([Role.TEST], runtime),
        ([Role.TEST, Role.VALIDATION], runtime),
        ([Role.TEST, Role.VALIDATION], replace(runtime, version="2")),
    ):
        with execution.prepared(ask().task, roles, asked_of, referred.cache) as inputs:
            asked = Asked(registry.device("local"), inputs, roles)
            found = answered(first, artifact, ran, asked)
        assert set(found.by_role) == set(asked_of)
        keys.append(first.run.manifest().stages[stage].key)
    assert len(set(keys)) == 3


@pytest.mark.slow
def test_references_of_an_int8_file_are_quantized_as_it_was(referred: RunFolder, ask: Ask) -> None:
    from sc_deploy.contracts import Artifact

    builds = locate.builds(["onnx"], formats=(), precisions=["int8"])
    results = export.export(referred, ask(), builds, Silent())
    assert [result.name for result in results] == [
        "onnx.onnx.int8.dense",
        *(f"references/{number}/onnx.onnx.int8.dense" for number in range(4)),
    ]
    assert all(result.error is None for result in results), [result.error for result in results]
    made = [result.artifact for result in results if isinstance(result.artifact, Artifact)]
    assert len({one.parent for one in made}) == 5
    chosen = [one.quantization for one in made if one.quantization is not None]
    assert len({(one.role, one.samples) for one in chosen}) == 1
    assert len({one.samples_digest for one in chosen}) == 5
    by_name = {one.name: one for one in audit.audit(referred, ask(), [], "local", Silent())}
    report = by_name["onnx.onnx.int8.dense"].report
    assert report is not None
    assert report.audit is not None
    assert report.audit.references is not None
    assert report.audit.references.matched == 4
    assert np.isfinite(report.audit.references.difference or np.nan)
    fp32 = by_name[ARTIFACT].report
    assert fp32 is not None
    assert fp32.audit is not None
    assert fp32.audit.references is not None
    assert fp32.audit.references.pipeline != report.audit.references.pipeline
