"""The report stage: what was measured as documents, and as one page to read."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from sc_deploy import digest, workspace
from sc_deploy.contracts import CANARY_ROLES, Artifact, Candidate, Diverged, Report, Role
from sc_deploy.errors import ExitCode, UsageError, worst
from sc_deploy.pipeline import ledger, models, settings
from sc_deploy.pipeline import problem as problems
from sc_deploy.report import document, html
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sc_deploy.contracts import Audit, Roles, RuntimeSummary, Summary, Verdict
    from sc_deploy.pipeline.problem import Problem

PACKAGES: Final = (
    *("numpy", "scipy", "scikit-learn", "torch"),
    *("onnx", "onnxruntime", "executorch", "ai-edge-litert"),
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the audit of one artifact found: the runtime and audit are None if it did not run."""

    artifact: Artifact
    artifact_digest: str
    runtime: RuntimeSummary | None
    audit: Audit | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Rendered:
    """The page of a run, its summary, and the artifacts that no current report covers."""

    page: Path
    summary: Summary
    unaudited: tuple[str, ...]

    @property
    def exit_code(self) -> ExitCode:
        missing = [ExitCode.INCONCLUSIVE] if self.unaudited else []
        return worst([ExitCode(self.summary.exit_code), *missing])


def make(run: RunFolder, problem: Problem, roles: Roles, findings: Findings) -> Report:
    """The report of one artifact, with all that a reader needs to trust or repeat it."""
    known = models.read(run)
    return Report(
        schema_version=workspace.SCHEMA_VERSION,
        tool_version=tool_version(),
        run=run.root.name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        artifact=findings.artifact,
        artifact_digest=findings.artifact_digest,
        runtime=findings.runtime,
        audit=findings.audit,
        verdict=findings.verdict,
        policy=problem.policy.name,
        policy_digest=problems.policy_digest(problem.policy),
        recipe_digest=problems.recipe_digest(problem.recipe),
        roles_digest=roles.digest,
        seed=problem.recipe.seed,
        label_noise=problem.recipe.task.label_noise,
        samples=tuple(_samples(roles)),
        dense=known.dense,
        source=known.source,
        history=history(run),
        diverged=diverged(run),
        environment=environment(),
        settings=settings.told(problem.recipe),
    )


def _samples(roles: Roles) -> Iterator[tuple[str, int]]:
    """How many samples each role has; of canaries only where there are some."""
    for role in Role:
        if (count := len(roles.rows(role))) or role not in CANARY_ROLES:
            yield role.value, count


def render(run: RunFolder) -> Rendered:
    """Write the summary and the page of all current reports of a run.

    Raises UsageError if there is none, IntegrityError if a report, an artifact or the ledger of
    looks was changed.
    """
    run.require("locks")
    ledger.verify(run)
    current = {folder.name: _current(run, folder) for folder in run.artifacts()}
    reports = [report for found in current.values() for report in found]
    if not reports:
        raise UsageError(
            f"{run.root} has no current report", remedy=f"run `scdeploy audit {run.root}` first"
        )
    created = max(report.created for report in reports)
    summary = document.summarise(reports, run.root.name, created)
    document.write_summary(run.summary, summary)
    page = run.summary.with_suffix(".html")
    workspace.write_text(page, html.render(summary))
    return Rendered(page, summary, tuple(name for name, found in current.items() if not found))


def history(run: RunFolder) -> tuple[Candidate, ...]:
    """Every candidate of the compression, in the order tested."""
    adapter = TypeAdapter(Candidate)
    lines = run.history.read_text(encoding="utf-8").splitlines() if run.history.is_file() else []
    return tuple(adapter.validate_json(line) for line in lines)


def diverged(run: RunFolder) -> tuple[Diverged, ...]:
    """Every candidate that was left out of its round; of a model made elsewhere none is known."""
    if not run.training.is_file():
        return ()
    known = json.loads(run.training.read_text(encoding="utf-8"))
    return TypeAdapter(tuple[Diverged, ...]).validate_python(known.get("diverged", ()))


def environment() -> tuple[tuple[str, str], ...]:
    """Versions of this tool, its runtimes and the platform."""
    here = (("python", platform.python_version()), ("platform", platform.platform()))
    return (*here, *versions(PACKAGES))


def versions(packages: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Those of the packages that are installed."""
    found = []
    for package in packages:
        try:
            found.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            continue
    return tuple(found)


def tool_version() -> str:
    return metadata.version("scdeploy")


def _current(run: RunFolder, folder: Path) -> list[Report]:
    """Reports that speak of these very bytes: an older export's report is no evidence.

    Raises IntegrityError where the artifact, a report, or a file of the reference models that a
    report rests on is not what it was.
    """
    artifact = workspace.read_document(folder / "artifact.json", Artifact)
    digest.require_files(folder, artifact.files)
    digest.require_only(folder, ["artifact.json", *(file.path for file in artifact.files)])
    described = digest.of_file(folder / "artifact.json")
    found = []
    for stage in sorted(run.manifest().stages):
        if stage.startswith(f"audit:{folder.name}:"):
            path = run.report(folder.name, stage.rpartition(":")[2])
            _require_report(run, stage, path)
            report = document.read_report(path)
            if report.artifact_digest == described:
                _require_evidence(run, stage, report)
                found.append(report)
    return found


def _require_report(run: RunFolder, stage: str, path: Path) -> None:
    """Only this file of the stage: a newer export may rightly have replaced the others."""
    name = path.relative_to(run.root).as_posix()
    outputs = run.manifest().stages[stage].outputs
    digest.require_files(run.root, [file for file in outputs if file.path == name])


def _require_evidence(run: RunFolder, stage: str, report: Report) -> None:
    run.require(stage)
    asked = None if report.audit is None else report.audit.references
    for model in () if asked is None else asked.models:
        run.require(f"references:{model.number}")
        reference = RunFolder(run.references / str(model.number))
        folder = reference.artifact(report.artifact.name)
        if folder.is_dir():
            digest.require_only(folder, _listed(run, stage, folder))


def _listed(run: RunFolder, stage: str, folder: Path) -> list[str]:
    """What the stage knows of this folder, relative to it."""
    paths = [run.root / file.path for file in run.manifest().stages[stage].outputs]
    return [path.relative_to(folder).as_posix() for path in paths if path.is_relative_to(folder)]
