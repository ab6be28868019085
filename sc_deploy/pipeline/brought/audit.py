"""The audit of what somebody brings, from its files to a report in a folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy import digest, policy, registry, userfile, workspace
from sc_deploy.audit import auditor, gate
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import BROUGHT, Artifact, FileDigest, Role, TensorSpec
from sc_deploy.errors import InferenceError, UsageError
from sc_deploy.pipeline import execution, ledger
from sc_deploy.pipeline.audit import Audited
from sc_deploy.pipeline.brought import dealing, evidence, model, order, report, samples
from sc_deploy.pipeline.brought.evidence import Bench, Laid, Models
from sc_deploy.pipeline.brought.report import Case, Found
from sc_deploy.policy import Policy
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.pipeline.brought.dealing import Dealt
    from sc_deploy.pipeline.brought.order import Given, Order
    from sc_deploy.progress import Progress


UNFINISHED: Final = {".lock", "cache", "policy.lock.yaml", "ledger.jsonl"}
"""What an audit leaves that broke off before its first report."""


@dataclass(frozen=True, slots=True)
class Plain:
    """What a plain audit came to, and the page that tells it."""

    audited: Audited
    page: Path


def audit(asked: Order, progress: Progress) -> Plain:
    """Audit a model file, or predictions, that nobody made here; write the report to `output`.

    Raises UsageError, DataError, UnavailableError, InferenceError or IntegrityError where there
    is nothing to give a verdict on.
    """
    held = _policy(asked)
    folder = _folder(asked.output)
    given = order.read(asked)
    dealt = dealing.deal(given, seed=asked.seed)
    with folder.lock():
        case = Case(asked, held, given, dealt, policy_changed=_changed(folder, held))
        workspace.write_text(folder.policy_lock, userfile.dump(held))
        examine = _of_logits if asked.artifact is None else _of_model
        made = report.make(case, examine(case, folder, progress))
        page = report.write(folder, made)
    return Plain(Audited(made.artifact.name, made, None), page)


def _policy(asked: Order) -> Policy:
    if asked.policy is None:
        return policy.plain(has_source=asked.source is not None)
    return userfile.load(asked.policy, Policy)


def _folder(output: Path) -> RunFolder:
    """The folder to write to: new, empty, or that of an earlier plain audit."""
    taken = output.exists() and (not output.is_dir() or any(output.iterdir()))
    if taken and ((output / "recipe.lock.yaml").exists() or not _of_plain_audit(output)):
        raise UsageError(
            f"{output} holds something else than an earlier audit of brought files",
            remedy="choose a new folder with -o",
        )
    return RunFolder(output)


def _of_plain_audit(output: Path) -> bool:
    names = {path.name for path in output.iterdir()} if output.is_dir() else set()
    return "manifest.json" in names or names <= {
        ".lock",
        "cache",
        "policy.lock.yaml",
        "ledger.jsonl",
    }


def _changed(folder: RunFolder, held: Policy) -> bool:
    path = folder.policy_lock
    return path.is_file() and path.read_text(encoding="utf-8") != userfile.dump(held)


def _of_model(case: Case, folder: RunFolder, progress: Progress) -> Found:
    asked = case.order
    device = registry.device(asked.device)
    with execution.scratch(folder.cache) as scratch:
        models = _opened(asked, scratch)
        task = samples.task_of(case.dealt.rows)
        for each in models.all:
            model.require_fit(each, task)
        roles = samples.roles_of(case.dealt.rows)
        looks = _look(case, folder, models.artifact.taps.shipped)
        with execution.prepared(task, roles, list(Role), scratch) as inputs:
            bench = Bench(device, case.policy, looks)
            found = _questioned((case, bench), models, Laid(task, roles, inputs), progress)
    # Whoever swaps the file while it is being questioned gets no report.
    digest.require_files(models.artifact.file.parent, found.artifact.files)
    return found


def _questioned(asked: tuple[Case, Bench], models: Models, laid: Laid, progress: Progress) -> Found:
    case, bench = asked
    shipped = models.artifact.taps.shipped
    source = None if models.source is None else report.source_of(models.source)
    progress.start(f"run {shipped.name}", 1)
    try:
        answered = model.ask(models.artifact, laid.inputs, bench.device)
    except InferenceError as error:
        verdict = gate.not_runnable(reason=error.what, remedy=error.remedy)
        return Found(shipped, verdict, source=source)
    found = evidence.of_models(models, answered, laid, bench)
    progress.advance()
    attackers = Attackers(case.order.seed)
    measured = auditor.audit(found, case.policy, attackers, progress=progress)
    return Found(
        artifact=shipped,
        verdict=gate.judge(measured, case.policy),
        audit=measured,
        runtime=answered.runtime,
        source=source,
        reads=report.reads(models.artifact.taps, answered.read_as),
    )


def _opened(asked: Order, scratch: Path) -> Models:
    if asked.artifact is None:
        raise UsageError("no model file was given", remedy="give one with --artifact")
    source = None if asked.source is None else model.open_file(asked.source, scratch / "source")
    return Models(model.open_file(asked.artifact, scratch / "artifact"), source)


def _of_logits(case: Case, folder: RunFolder, progress: Progress) -> Found:
    rows, source = case.dealt.rows, case.given.source
    handed = _handed(case.given, case.dealt)
    found, read_as = evidence.of_logits(rows, source, _look(case, folder, handed))
    measured = auditor.audit(found, case.policy, Attackers(case.order.seed), progress=progress)
    return Found(
        artifact=handed,
        verdict=gate.judge(measured, case.policy),
        audit=measured,
        reads=f"{read_as} that were handed in; nobody here saw a file answer",
    )


def _handed(given: Given, dealt: Dealt) -> Artifact:
    """The files of logits in place of a model file."""
    classes = dealt.rows[Role.MEMBER_AUDIT].values.shape[1]
    spec = TensorSpec("logits", (classes,), "float32")
    files = tuple(FileDigest(file.name, file.sha256, file.bytes) for file in given.files)
    return Artifact(
        target=BROUGHT,
        format="logits",
        precision="fp32",
        encoding="dense",
        files=files,
        parent=None,
        roles_digest=None,
        preprocessing_digest=None,
        toolchain=(),
        input=spec,
        output=spec,
        tensors=(),
        quantization=None,
    )


def _look(case: Case, folder: RunFolder, artifact: Artifact) -> int:
    """Enter the look before it happens; how often these audit samples were looked at by now."""
    return ledger.record(
        folder,
        roles_digest=samples.audited_digest(case.dealt.rows),
        artifact_digest=digest.of_json([[file.path, file.sha256] for file in artifact.files]),
        device=case.order.device if case.order.artifact is not None else "none",
    )
