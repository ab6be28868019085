"""The report of a plain audit, and its page: what was declared stands beside what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sc_deploy import digest, workspace
from sc_deploy.contracts import Brought, ModelSummary, Report, Role, Scale, density_of
from sc_deploy.pipeline import problem as problems
from sc_deploy.pipeline import report as reports
from sc_deploy.pipeline.brought import model
from sc_deploy.report import document, html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sc_deploy.contracts import Artifact, Audit, RuntimeSummary, Taps, Verdict
    from sc_deploy.pipeline.brought.dealing import Dealt
    from sc_deploy.pipeline.brought.model import Opened
    from sc_deploy.pipeline.brought.order import Given, Order
    from sc_deploy.policy import Policy
    from sc_deploy.workspace import RunFolder

PROVENANCE: Final = (
    "Who was a member is what the files declare. Nobody here saw the model trained: whether "
    "non-members were kept out of it, and what else it learned from, is not known."
)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """What is audited under which policy. `policy_changed` against an earlier audit in place."""

    order: Order
    policy: Policy
    given: Given
    dealt: Dealt
    policy_changed: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What an audit came to; without `audit` and `runtime` the file did not run here."""

    artifact: Artifact
    verdict: Verdict
    audit: Audit | None = None
    runtime: RuntimeSummary | None = None
    source: ModelSummary | None = None
    reads: str = "nothing: the file did not answer"


def make(case: Case, found: Found) -> Report:
    roles_digest = digest.of_arrays(
        {role: case.dealt.rows[role].sample_id for role in sorted(case.dealt.rows)}
    )
    return Report(
        schema_version=workspace.SCHEMA_VERSION,
        tool_version=reports.tool_version(),
        run=case.order.output.resolve().name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        artifact=found.artifact,
        artifact_digest=digest.of_json([[f.path, f.sha256] for f in found.artifact.files]),
        runtime=found.runtime,
        audit=found.audit,
        verdict=found.verdict,
        policy=case.policy.name,
        policy_digest=problems.policy_digest(case.policy),
        recipe_digest=None,
        roles_digest=roles_digest,
        seed=case.order.seed,
        label_noise=0.0,
        samples=tuple(_counts(case)),
        dense=None,
        source=found.source,
        history=(),
        environment=reports.environment(),
        brought=Brought(case.given.files, found.reads, tuple(_notes(case, found))),
    )


def write(folder: RunFolder, made: Report) -> Path:
    """`report.json` and `report.html` in the folder, entered in its manifest; the page."""
    path = folder.root / "report.json"
    document.write_report(path, made)
    page = path.with_suffix(".html")
    workspace.write_text(page, html.render(document.summarise([made], made.run, made.created)))
    folder.finish("audit", made.artifact_digest, (path, page))
    return page


def source_of(opened: Opened) -> ModelSummary:
    tensors = model.weights(opened)
    shipped = opened.taps.shipped
    return ModelSummary(
        name="source",
        network=opened.format.name,
        digest=shipped.files[0].sha256,
        parameters=sum(tensor.size for tensor in tensors),
        bytes=shipped.bytes,
        density=density_of(tensors) if tensors else 1.0,
        tensors=tensors,
    )


def reads(taps: Taps, read_as: Scale) -> str:
    """Which values the attacks read, in words."""
    tap = taps.attacked
    if read_as is not Scale.LOGITS:
        return (
            f"the logarithm of the {read_as} that the file answers, because nothing before them "
            "could be reached"
        )
    if taps.ending:
        return f"the tensor {tap.tensor!r}, which stands before {taps.ending} in the file"
    return f"the file's output {tap.tensor!r}"


def _counts(case: Case) -> Iterator[tuple[str, int]]:
    rows = case.dealt.rows
    for role in Role:
        if role in rows:
            repeated = len(rows[Role.NON_MEMBER_AUDIT]) if role is Role.TEST else 0
            yield role.value, len(rows[role]) + repeated


def _notes(case: Case, found: Found) -> Iterator[str]:
    yield PROVENANCE
    if case.order.policy is None:
        yield (
            f"No policy was given, so the default {case.policy.name!r} was taken. It stands in "
            "policy.lock.yaml. A release should name limits of its own, before results are known."
        )
    if case.policy_changed:
        yield "The policy is another one than that of the audit before into the same folder."
    yield from case.dealt.notes
    if case.given.test is None:
        yield "Accuracy is that on the audit non-members, because no test file was given."
    if case.order.source is None:
        yield "No source was given, so nothing is said of what the conversion changed."
    if found.artifact.precision == "int8":
        yield (
            "The file is quantized. Samples that chose its integer ranges count as members; "
            "which ones they were is not known."
        )
