"""The most exposed samples of an audited file, written where only their owner can read them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy import digest, predictions, workspace
from sc_deploy.audit.evidence import ARTIFACT, AUDIT, CALIBRATION
from sc_deploy.audit.findings import most_exposed
from sc_deploy.audit.scores import Attackers, Exposed
from sc_deploy.contracts import ExposedSample, ExposedSamples, Role
from sc_deploy.errors import IntegrityError
from sc_deploy.pipeline import execution, knowledge
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sc_deploy.audit.findings.most_exposed import Standing
    from sc_deploy.contracts import Knowledge, Predictions, Roles
    from sc_deploy.pipeline.audit import Audited
    from sc_deploy.pipeline.problem import Problem
    from sc_deploy.workspace import RunFolder

# Song and Mittal's privacy-risk score stands in every list, whatever a policy asks.
RISK: Final = "risk-score"
NOTE: Final = (
    "For the owner of the data alone: this list names members and must not leave their hands. It "
    "comes from one model and one fit of each attack. Trained again, or attacked with another "
    "seed, other samples lead the list (arXiv 2506.13972): take it as a hint what kind of sample "
    "is exposed, and never as the complete list of those who are. A sample that is not accused is "
    "not shown to be safe. Whoever changes the data by this list has used up these audit samples."
)


@dataclass(frozen=True, slots=True, eq=False)
class _Subject:
    """An audited artifact on a device: its stored answers, and who the samples are."""

    run: RunFolder
    problem: Problem
    roles: Roles
    name: str
    device: str


def write(
    run: RunFolder, problem: Problem, audited: Sequence[Audited], device: str, *, count: int
) -> tuple[Path, ...]:
    """List the `count` most exposed members of each artifact on which an attack was run.

    From the answers that the audit stored, so that it is no further look at them. The files
    `exposed.json` and `exposed.csv` have mode 0600 in a folder of their own that no report reads.
    Raises IntegrityError where the stored answers are not those of the artifact.
    """
    with run.lock():
        roles = role_files.load(run.roles)
        wanted = (*CALIBRATION, *AUDIT)
        with execution.prepared(problem.task, roles, wanted, run.cache) as inputs:
            samples = knowledge.Samples(problem.task, roles, inputs)
            known = knowledge.gather(samples)[ARTIFACT]
        subjects = (
            _Subject(run, problem, roles, result.name, device)
            for result in audited
            if _was_attacked(result)
        )
        return tuple(_write(subject, known, count) for subject in subjects)


def _was_attacked(result: Audited) -> bool:
    audit = result.report.audit if result.report else None
    return audit is not None and any(s.attacks for s in audit.subjects if s.name == ARTIFACT)


def _write(subject: _Subject, known: Mapping[Role, Knowledge], count: int) -> Path:
    answers = {role: _stored(subject, role) for role in (*CALIBRATION, *AUDIT)}
    policy = subject.problem.policy
    attackers = Attackers(subject.problem.recipe.seed)
    attacks = dict.fromkeys((*policy.attacks, *policy.shown, RISK))
    found = most_exposed.standing(Exposed(answers, known), tuple(attacks), attackers)
    document = _document(subject, answers[Role.MEMBER_AUDIT], found, count)
    folder = subject.run.private(subject.name, subject.device)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "exposed.json"
    workspace.write_document(path, document, mode=workspace.SECRET)
    table = _table(document, found.attacks)
    workspace.write_text(path.with_suffix(".csv"), table, mode=workspace.SECRET)
    return path


def _stored(subject: _Subject, role: Role) -> Predictions:
    path = subject.run.predictions(f"{subject.name}/{subject.device}", role)
    found, origin = predictions.read(path)
    described = digest.of_file(subject.run.artifact(subject.name) / "artifact.json")
    if (origin.role, origin.artifact_digest, origin.roles_digest) != (
        role,
        described,
        subject.roles.digest,
    ):
        raise IntegrityError(
            f"{path} holds answers of another file or other roles",
            remedy=f"run `scdeploy audit {subject.run.root}` first",
        )
    return found


def _document(
    subject: _Subject, members: Predictions, found: Standing, count: int
) -> ExposedSamples:
    index = {
        row.tobytes(): int(position)
        for row, position in zip(subject.roles.sample_id, subject.roles.index, strict=True)
    }
    return ExposedSamples(
        schema_version=workspace.SCHEMA_VERSION,
        note=NOTE,
        artifact=subject.name,
        artifact_digest=digest.of_file(subject.run.artifact(subject.name) / "artifact.json"),
        device=subject.device,
        members=len(members.labels),
        non_members=found.non_members,
        false_discovery_rate=most_exposed.FALSE_DISCOVERY_RATE,
        accused=int(found.accused.sum()),
        absent=found.absent,
        samples=tuple(
            ExposedSample(
                sample_id=members.sample_id[row].tobytes().hex(),
                role=Role.MEMBER_AUDIT,
                index=index[members.sample_id[row].tobytes()],
                label=int(members.labels[row]),
                p=float(found.p[row]),
                accused=bool(found.accused[row]),
                scores=tuple(zip(found.attacks, map(float, found.scores[:, row]), strict=True)),
            )
            for row in found.order[:count]
        ),
    )


def _table(document: ExposedSamples, attacks: Sequence[str]) -> str:
    """The samples as CSV, one column an attack."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["sample_id", "role", "index", "label", "p_value", "accused", *attacks])
    for one in document.samples:
        told = [one.sample_id, one.role, one.index, one.label, one.p, int(one.accused)]
        rows.writerow([*told, *(value for _, value in one.scores)])
    return written.getvalue()
