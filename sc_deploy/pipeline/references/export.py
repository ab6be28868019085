"""Exports the reference models of a run just as its own model was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sc_deploy import registry, workspace
from sc_deploy.contracts import Artifact
from sc_deploy.pipeline import locate
from sc_deploy.pipeline.locate import Build
from sc_deploy.pipeline.references import trained
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sc_deploy.pipeline.export import Exported
    from sc_deploy.pipeline.problem import Problem
    from sc_deploy.pipeline.references.plan import Reference
    from sc_deploy.progress import Progress
    from sc_deploy.workspace import RunFolder


def export(
    run: RunFolder, problem: Problem, builds: Sequence[Build], progress: Progress
) -> tuple[Exported, ...]:
    """Make these builds of every reference model: same exporter, same settings, same protocol.

    Whoever calls it holds the run. What is there from the same inputs is taken as it is. Raises
    IntegrityError if a reference model was changed.
    """
    references = trained.trusted(run, problem, role_files.load(run.roles)) if builds else ()
    if not references:
        return ()
    progress.start("export references", len(references) * len(builds))
    return tuple(
        result for reference in references for result in _exported(reference, builds, progress)
    )


def build_of(folder: Path) -> Build:
    """The build that made the artifact in this folder. Raises UsageError if it is not known."""
    made = workspace.read_document(folder / "artifact.json", Artifact)
    fmt = locate.format_of(made.target, made.format)
    return Build(registry.target(made.target), fmt, made.precision)


def _exported(reference: Reference, builds: Sequence[Build], progress: Progress) -> list[Exported]:
    from sc_deploy.pipeline.compress import source_of
    from sc_deploy.pipeline.export import attempt

    results = []
    with reference.run.lock():
        source = source_of(reference.run, reference.problem, reference.roles)
        for build in builds:
            found = attempt(reference.run, source, build)
            name = f"references/{reference.number}/{build.name}"
            results.append(replace(found, name=name))
            progress.advance(note=name)
    return results
