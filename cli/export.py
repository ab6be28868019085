"""`scdeploy export`: the compressed model as the files that ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.cli import options, output
from sc_deploy.cli.progress import TerminalProgress
from sc_deploy.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.digest import Json
    from sc_deploy.pipeline.export import Exported
    from sc_deploy.pipeline.locate import Build


def command(
    run: options.RunArgument,
    *,
    target: options.Targets = None,
    file_format: options.Formats = None,
    precision: options.Precisions = None,
    trust_code: options.TrustCode = None,
    dry_run: options.DryRun = False,
    as_json: options.AsJson = False,
) -> ExitCode:
    """Convert for each target, and verify each file on real samples before it exists."""
    from sc_deploy.pipeline import export, locate, problem
    from sc_deploy.workspace import RunFolder

    folder = RunFolder.open(run)
    loaded = problem.reload(folder, trust_code=trust_code)
    wanted = loaded.recipe.export
    builds = locate.builds(
        target or wanted.targets,
        formats=file_format or (),
        precisions=precision or wanted.precisions,
    )
    if dry_run:
        _tell_plan(builds, as_json=as_json)
        return ExitCode.OK
    with TerminalProgress() as progress:
        results = export.export(folder, loaded, builds, progress)
    _tell(results, as_json=as_json)
    return export.exit_code(results)


def _tell_plan(builds: Sequence[Build], *, as_json: bool) -> None:
    if as_json:
        output.emit({"plan": [build.name for build in builds]})
    for build in builds:
        output.note(f"would build {build.name}")


def _tell(results: Sequence[Exported], *, as_json: bool) -> None:
    if as_json:
        output.emit({"artifacts": [_described(result) for result in results]})
    for result in results:
        if result.artifact is not None:
            output.note(f"{result.name}: {result.artifact.bytes:,} bytes")
        if result.error is not None:
            output.note(f"{result.name}: {result.error}")


def _described(result: Exported) -> Json:
    made = result.artifact
    return {
        "name": result.name,
        "exit_code": int(result.exit_code),
        "files": [] if made is None else [_file(f.path, f.sha256, f.bytes) for f in made.files],
        "error": None if result.error is None else output.described(result.error),
    }


def _file(path: str, sha256: str, size: int) -> Json:
    return {"path": path, "sha256": sha256, "bytes": size}
