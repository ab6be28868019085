from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from sc_deploy import digest, predictions, workspace
from sc_deploy.contracts import Artifact, Cause, Check, Outcome, Role
from sc_deploy.errors import ExitCode, IntegrityError, UsageError
from sc_deploy.pipeline import audit, damage, report
from sc_deploy.pipeline.audit import Audited
from sc_deploy.pipeline.problem import Problem
from sc_deploy.progress import Silent
from sc_deploy.tasks.arrays import ArrayTask
from sc_deploy.workspace import RunFolder


class Ask(Protocol):
    def __call__(self, *, seed: int = ..., min_audit_samples: int = ...) -> Problem: ...


def question(run: RunFolder, ask: Ask) -> Audited:
    (result,) = audit.audit(run, ask(), [], "local", Silent())
    return result


def rewrite_records(run: RunFolder) -> None:
    """Make every record agree with a file that was changed, as a broken converter's would."""
    (folder,) = run.artifacts()
    artifact = workspace.read_document(folder / "artifact.json", Artifact)
    names = [file.path for file in artifact.files]
    fresh = replace(artifact, files=digest.of_files(folder, names))
    workspace.write_document(folder / "artifact.json", fresh)
    stage = f"export:{folder.name}"
    key = run.manifest().stages[stage].key
    run.finish(stage, key, (*(folder / name for name in names), folder / "artifact.json"))


def model_of(run: RunFolder) -> Path:
    (folder,) = run.artifacts()
    return folder / "model.onnx"


def test_a_faithful_private_artifact_passes_a_policy_that_can_be_decided(
    audited: RunFolder, ask: Ask
) -> None:
    result = question(audited, ask)
    assert result.report is not None
    assert result.report.verdict.outcome is Outcome.PASS, result.report.verdict.reason
    assert result.exit_code is ExitCode.OK


def test_an_audit_of_the_same_bytes_is_not_repeated_and_counts_no_look(
    audited: RunFolder, ask: Ask
) -> None:
    before = audited.ledger.read_bytes()
    question(audited, ask)
    assert audited.ledger.read_bytes() == before
    audited.ledger.rename(audited.root / "elsewhere")
    found = question(audited, ask)
    assert found.report is None
    assert found.exit_code is ExitCode.INTEGRITY
    (audited.root / "elsewhere").rename(audited.ledger)


def test_a_flipped_byte_is_refused_and_the_old_report_no_longer_speaks(
    audited: RunFolder, ask: Ask
) -> None:
    content = bytearray(model_of(audited).read_bytes())
    content[len(content) // 2] ^= 1
    model_of(audited).write_bytes(content)
    result = question(audited, ask)
    assert result.exit_code is ExitCode.INTEGRITY
    assert result.report is None
    with pytest.raises(IntegrityError):
        report.render(audited)


def reshaped(path: Path) -> None:
    damage.reshape_instead_of_transpose(path)


def constant(path: Path) -> None:
    """A file that answers the same to everything: it leaks nothing, and knows nothing."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(path)
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.ndim == 2:
            tensor.CopyFrom(numpy_helper.from_array(np.zeros_like(values), tensor.name))
    onnx.save(model, path)


@pytest.mark.parametrize("broken", [reshaped, constant])
def test_a_broken_artifact_whose_records_agree_fails_as_broken(
    exported: RunFolder, broken: Callable[[Path], None], ask: Ask
) -> None:
    broken(model_of(exported))
    rewrite_records(exported)
    result = question(exported, ask)
    assert result.report is not None
    assert result.report.verdict.outcome is Outcome.FAIL
    assert "broken" in result.report.verdict.reason


@pytest.mark.parametrize("content", [b"", b"not a model at all", None])
def test_a_file_that_does_not_load_is_invalid(
    exported: RunFolder, content: bytes | None, ask: Ask
) -> None:
    path = model_of(exported)
    path.write_bytes(path.read_bytes()[:5000] if content is None else content)
    rewrite_records(exported)
    result = question(exported, ask)
    assert result.report is not None
    assert result.report.verdict.outcome is Outcome.INVALID
    assert result.exit_code is ExitCode.FAILED


def test_an_artifact_of_another_checkpoint_is_refused(exported: RunFolder, ask: Ask) -> None:
    (folder,) = exported.artifacts()
    artifact = workspace.read_document(folder / "artifact.json", Artifact)
    workspace.write_document(folder / "artifact.json", replace(artifact, parent="0" * 64))
    rewrite_records(exported)
    result = question(exported, ask)
    assert result.exit_code is ExitCode.INTEGRITY
    assert result.error is not None
    assert [fault.where for fault in result.error.problems] == ["parent"]


def test_an_artifact_under_another_name_is_refused(exported: RunFolder, ask: Ask) -> None:
    (folder,) = exported.artifacts()
    shutil.copytree(folder, folder.with_name("android.onnx.fp32.dense"))
    results = audit.audit(exported, ask(), ["android"], "local", Silent())
    assert [result.exit_code for result in results] == [ExitCode.USAGE]


def test_changed_data_is_noticed(exported: RunFolder, ask: Ask) -> None:
    asked = ask()
    x = np.array(asked.task.x)
    x[0, 0, 0] += 1
    task = ArrayTask("digits", tuple(asked.task.classes), x, asked.task.y, asked.task.preprocess)
    with pytest.raises(IntegrityError, match="data"):
        audit.audit(exported, replace(asked, task=task), [], "local", Silent())


def test_changed_source_predictions_are_noticed(exported: RunFolder, ask: Ask) -> None:
    path = exported.root / "predictions" / "source" / "member-audit.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityError):
        question(exported, ask)


def test_removed_source_predictions_are_noticed(exported: RunFolder, ask: Ask) -> None:
    shutil.rmtree(exported.root / "predictions" / "source")
    with pytest.raises(IntegrityError):
        question(exported, ask)


def test_nothing_to_audit_is_an_error_and_no_empty_success(exported: RunFolder, ask: Ask) -> None:
    with pytest.raises(UsageError, match="no artifact"):
        audit.audit(exported, ask(), ["android"], "local", Silent())
    shutil.rmtree(exported.root / "artifacts")
    with pytest.raises(UsageError, match="no artifact"):
        audit.audit(exported, ask(), [], "local", Silent())


def test_an_unaudited_artifact_keeps_the_report_from_being_a_success(
    audited: RunFolder,
) -> None:
    (folder,) = audited.artifacts()
    artifact = workspace.read_document(folder / "artifact.json", Artifact)
    other = audited.artifact("onnx.onnx.int8.dense")
    shutil.copytree(folder, other)
    fresh = replace(artifact, precision="int8")
    workspace.write_document(other / "artifact.json", fresh)
    rendered = report.render(audited)
    assert rendered.unaudited == ("onnx.onnx.int8.dense",)
    assert rendered.exit_code is ExitCode.INCONCLUSIVE


def test_no_sample_leaves_the_run_in_a_report(audited: RunFolder) -> None:
    rendered = report.render(audited)
    roles = np.load(audited.roles)
    page = rendered.page.read_text()
    document = audited.summary.read_text()
    for row in roles["sample_id"][:200]:
        assert bytes(row).hex() not in page + document


@pytest.mark.parametrize("kind", ["file", "link", "nested"])
def test_a_file_beside_the_artifact_that_nobody_made_is_refused(
    exported: RunFolder, ask: Ask, kind: str
) -> None:
    (folder,) = exported.artifacts()
    extra = folder / "more" / "model.onnx" if kind == "nested" else folder / "extra.bin"
    extra.parent.mkdir(exist_ok=True)
    if kind == "link":
        extra.symlink_to(exported.roles)
    else:
        extra.write_bytes(b"unseen")
    result = question(exported, ask)
    assert result.exit_code is ExitCode.INTEGRITY
    assert result.error is not None
    assert extra.name in str(result.error)


def test_a_report_does_not_speak_for_a_folder_that_got_another_file(audited: RunFolder) -> None:
    model_of(audited).with_name("extra.bin").write_bytes(b"unseen")
    with pytest.raises(IntegrityError, match=r"extra\.bin"):
        report.render(audited)


def test_a_report_that_was_thrown_away_is_made_again_and_counts_as_a_look(
    audited: RunFolder, ask: Ask
) -> None:
    shutil.rmtree(audited.root / "reports")
    result = question(audited, ask)
    assert result.report is not None
    assert result.report.audit is not None
    assert result.report.audit.audit_looks == 2


def test_a_changed_report_is_refused(audited: RunFolder, ask: Ask) -> None:
    (path,) = audited.root.glob("reports/*/local/report.json")
    path.write_text(path.read_text().replace('"FAIL"', '"PASS"') + "\n")
    assert question(audited, ask).exit_code is ExitCode.INTEGRITY
    with pytest.raises(IntegrityError):
        report.render(audited)


def test_source_predictions_of_another_model_are_refused(exported: RunFolder, ask: Ask) -> None:
    path = exported.predictions("source", Role.MEMBER_AUDIT)
    found, origin = predictions.read(path)
    predictions.write(path, found, replace(origin, artifact_digest="0" * 64))
    done = exported.manifest().stages["compress"]
    outputs = tuple(exported.root / file.path for file in done.outputs)
    exported.finish("compress", done.key, outputs)
    result = question(exported, ask)
    assert result.exit_code is ExitCode.INTEGRITY
    assert result.error is not None
    assert "another model" in result.error.what


def looks_at_neighbours(path: Path) -> None:
    """Subtract some of the batch's mean answer, as batch statistics left in a file do."""
    ends_in(path, "ReduceMean", "Mul", "Sub")


def not_finite(path: Path) -> None:
    ends_in(path, "Sqrt")


def ends_in(path: Path, *operators: str) -> None:
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    (last,) = (node for node in model.graph.node if "logits" in node.output)
    last.output[0] = "before"
    constants = {"axes": np.array([0]), "share": np.array(0.1, np.float32)}
    inputs = {"ReduceMean": ["before", "axes"], "Mul": ["ReduceMean", "share"]}
    inputs |= {"Sub": ["before", "Mul"], "Sqrt": ["before"]}
    inputs |= {"RandomNormalLike": ["before"], "Add": ["before", "RandomNormalLike"]}
    for operator in operators:
        name = "logits" if operator == operators[-1] else operator
        model.graph.node.append(helper.make_node(operator, inputs[operator], [name]))
    for name, value in constants.items():
        model.graph.initializer.append(numpy_helper.from_array(value, name))
    onnx.save(model, path)


@pytest.mark.parametrize(
    ("broken", "why"), [(looks_at_neighbours, "in batches of"), (not_finite, "not finite")]
)
def test_a_file_without_an_answer_of_its_own_is_invalid(
    exported: RunFolder, broken: Callable[[Path], None], why: str, ask: Ask
) -> None:
    broken(model_of(exported))
    rewrite_records(exported)
    result = question(exported, ask)
    assert result.report is not None
    assert result.report.verdict.outcome is Outcome.INVALID
    assert why in result.report.verdict.reason
    assert result.exit_code is ExitCode.FAILED


def check_named(result: Audited, name: str) -> Check:
    assert result.report is not None
    return next(check for check in result.report.verdict.checks if check.name == name)


def test_a_file_that_answers_by_chance_is_noticed_in_repeated_runs(
    exported: RunFolder, ask: Ask
) -> None:
    ends_in(model_of(exported), "RandomNormalLike", "Add")
    rewrite_records(exported)
    check = check_named(question(exported, ask), "answers repeat")
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)


def test_an_audit_of_a_run_sees_its_samples_and_repeats_its_answers(
    audited: RunFolder, ask: Ask
) -> None:
    result = question(audited, ask)
    told = check_named(result, "answers repeat").reason
    assert "over 3 runs of 128 samples the margin moves by at most 0," in told
    for name in (
        "both sides were prepared alike",
        "non-members are no copies of members",
        "samples alone do not tell members",
    ):
        assert "not examined" not in check_named(result, name).reason
