"""The options of `scdeploy audit` that take plain files, and what may not stand together."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from sc_deploy.cli import options, verdicts
from sc_deploy.cli.progress import TerminalProgress
from sc_deploy.errors import ExitCode, Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sc_deploy.pipeline.brought.order import Order

PANEL = "Plain files (in place of RUN)"

Artifact: TypeAlias = Annotated[
    Path | None,
    typer.Option("--artifact", help="Model file to audit (.onnx or .pte).", rich_help_panel=PANEL),
]
Logits: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--logits",
        help="The files hold logits made elsewhere; such evidence can fail and never pass.",
        rich_help_panel=PANEL,
    ),
]
Members: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--members", help="Samples it was trained on: .npz of x and y.", rich_help_panel=PANEL
    ),
]
NonMembers: TypeAlias = Annotated[
    Path | None,
    typer.Option("--non-members", help="Samples it never saw.", rich_help_panel=PANEL),
]
Calibration: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--calibration",
        help="Samples of both sides, with `member` (bool), to fit attackers on; a quarter of the "
        "others if absent.",
        rich_help_panel=PANEL,
    ),
]
Source: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--source",
        help="Model file that it was converted from, or that one's logits.",
        rich_help_panel=PANEL,
    ),
]
Test: TypeAlias = Annotated[
    Path | None,
    typer.Option("--test", help="More samples to measure accuracy on.", rich_help_panel=PANEL),
]
Output: TypeAlias = Annotated[Path | None, options.output_option("Folder of the report.", PANEL)]
Seed: TypeAlias = Annotated[
    int | None,
    typer.Option("--seed", min=0, help="Deals samples and attackers; 0.", rich_help_panel=PANEL),
]


@dataclass(frozen=True, slots=True)
class PlainFiles:
    """What the command line says of plain files; None, or False, is not given."""

    artifact: Path | None
    logits: bool
    members: Path | None
    non_members: Path | None
    calibration: Path | None
    source: Path | None
    test: Path | None
    output: Path | None
    seed: int | None

    @property
    def given(self) -> tuple[str, ...]:
        """The options that were given."""
        return tuple(
            f"--{field.name.replace('_', '-')}"
            for field in fields(self)
            if getattr(self, field.name) not in (None, False)
        )


def refuse_beside_a_run(files: PlainFiles) -> None:
    """Raise UsageError if any is given: a run has its own samples and artifacts."""
    if files.given:
        raise UsageError(
            "a run is audited with its own files",
            remedy="give a run folder, or plain files, not both",
            problems=[Problem(o, "does not go with RUN", "leave it away") for o in files.given],
        )


def audit(
    files: PlainFiles,
    elsewhere: Mapping[str, object],
    device: str | None,
    policy: str | None,
    *,
    as_json: bool,
) -> ExitCode:
    """Audit plain files. `elsewhere` are options that only a run takes."""
    order = _order(files, elsewhere, device, policy)
    from sc_deploy.pipeline.brought import audit as brought

    with TerminalProgress() as progress:
        found = brought.audit(order, progress)
    verdicts.tell([found.audited], found.page, as_json=as_json)
    return found.audited.exit_code


def _order(
    files: PlainFiles, elsewhere: Mapping[str, object], device: str | None, policy: str | None
) -> Order:
    problems = [*_of_run(elsewhere), *_missing(files)]
    if problems or files.members is None or files.non_members is None or files.output is None:
        raise UsageError(
            "there is nothing to audit" if not files.given else "the audit lacks something",
            remedy="give a run folder; or --artifact or --logits, with --members, --non-members "
            "and -o",
            problems=problems,
        )
    from sc_deploy.pipeline.brought.order import Order

    return Order(
        artifact=files.artifact,
        members=files.members,
        non_members=files.non_members,
        output=files.output,
        calibration=files.calibration,
        test=files.test,
        source=files.source,
        policy=None if policy is None else Path(policy),
        device=device or "local",
        seed=files.seed or 0,
    )


def _of_run(elsewhere: Mapping[str, object]) -> Iterator[Problem]:
    for name, value in elsewhere.items():
        if value:
            yield Problem(name, "is for runs", "leave it away, or give a run folder")


def _missing(files: PlainFiles) -> Iterator[Problem]:
    if files.artifact is not None and files.logits:
        yield Problem(
            "--logits", "does not go with --artifact", "audit the model, or predictions, not both"
        )
    if files.artifact is None and not files.logits:
        yield Problem("--artifact", "is missing", "give a model file, or --logits, or a run folder")
    for name, purpose in (
        ("members", "samples the model was trained on"),
        ("non_members", "samples it never saw"),
        ("output", "a folder for the report"),
    ):
        if getattr(files, name) is None:
            yield Problem(f"--{name.replace('_', '-')}", "is missing", f"give {purpose}")
