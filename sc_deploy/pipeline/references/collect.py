"""What the reference models of a run answer, beside its artifact and beside its source."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sc_deploy import digest, predictions
from sc_deploy.audit.evidence import ARTIFACT, SOURCE
from sc_deploy.contracts import (
    Channel,
    Knowledge,
    Predictions,
    ReferenceEvidence,
    ReferenceModel,
    References,
    Role,
)
from sc_deploy.errors import InferenceError
from sc_deploy.pipeline import trust
from sc_deploy.pipeline.references.answers import Answered, answered, finite, pipeline_digest
from sc_deploy.privacy.attacks import by_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sc_deploy.contracts import Artifact, RuntimeSummary
    from sc_deploy.contracts.arrays import Float32
    from sc_deploy.pipeline.references.answers import Asked
    from sc_deploy.pipeline.references.plan import Reference
    from sc_deploy.policy import Policy
    from sc_deploy.progress import Progress

NOT_TRAINED: Final = "reference models (train them with `scdeploy references train`)"
EXPORT: Final = "run `scdeploy export` on this run"


@dataclass(frozen=True, slots=True, eq=False)
class Collected:
    """What is known by way of reference models: by subject and role, and as figures to report.

    `lacking` says what is missing of them where something is, for whoever reads the verdict.
    """

    known: Mapping[str, Mapping[Role, References]] = field(default_factory=dict)
    evidence: ReferenceEvidence | None = None
    lacking: Mapping[Channel, str] = field(default_factory=dict)


NOTHING: Final = Collected()


def wanted(policy: Policy) -> bool:
    """Whether an attack of the policy asks reference models, gating or only shown."""
    return any(
        Channel.REFERENCES in by_name(name).needs for name in (*policy.attacks, *policy.shown)
    )


def collect(
    references: Sequence[Reference],
    artifact: Artifact,
    runtime: RuntimeSummary,
    asked: Asked,
    progress: Progress,
) -> Collected:
    """Ask every reference model what the artifact was asked.

    They count only all together, and only if each went the artifact's way: the same exporter with
    the same settings, device and runtime. Otherwise their answers are on another scale, and the
    difference would pass for membership. Raises IntegrityError where one of their files changed.
    """
    if not references:
        return Collected(lacking={Channel.REFERENCES: NOT_TRAINED})
    progress.start("ask references", len(references))
    ran = (runtime.runtime, runtime.version, runtime.compute_unit)
    own = pipeline_digest(artifact, asked.device.name, ran)
    pairs = []
    for one in references:
        pairs.append(_asked(one, artifact, runtime, asked, own))
        progress.advance(note=f"reference {one.number}")
    models = tuple(model for model, _ in pairs)
    matched = [found for model, found in pairs if found is not None and not model.unmatched]
    if len(matched) < len(references):
        lacking = {Channel.REFERENCES: _told(models)}
        return Collected(evidence=ReferenceEvidence(own, models, None), lacking=lacking)
    beside = {ARTIFACT: [found.by_role for found in matched], SOURCE: _sources(references, matched)}
    known = {subject: _stacked(references, asked, told) for subject, told in beside.items()}
    difference = _difference(beside[ARTIFACT], beside[SOURCE])
    return Collected(known, ReferenceEvidence(own, models, difference))


def beside(
    known: Mapping[str, Mapping[Role, Knowledge]], found: Collected
) -> dict[str, dict[Role, Knowledge]]:
    """What is known of each subject, with the answers of reference models filled in."""
    return {
        subject: {
            role: replace(told, references=found.known.get(subject, {}).get(role))
            for role, told in by_role.items()
        }
        for subject, by_role in known.items()
    }


def _asked(
    reference: Reference, artifact: Artifact, runtime: RuntimeSummary, asked: Asked, own: str
) -> tuple[ReferenceModel, Answered | None]:
    """One reference model, with its answers where its file could be run."""
    weights = digest.of_file(reference.run.compressed / "model.safetensors")
    model = ReferenceModel(reference.number, weights, reference.roles.digest, None, "")
    if f"export:{artifact.name}" not in reference.run.manifest().stages:
        return replace(model, unmatched="was not exported"), None
    folder = reference.run.artifact(artifact.name)
    made = trust.artifact(reference.run, reference.roles, folder)
    try:
        found = answered(reference, made, runtime, asked)
    except InferenceError as error:
        return replace(model, unmatched=f"does not run: {error.what}"), None
    way = pipeline_digest(made, asked.device.name, found.ran)
    why = "" if finite(found) else "answers with what is not a number"
    if way != own:
        why = "was exported or run with other tools or settings"
    return replace(model, pipeline=way, unmatched=why), found


def _told(models: Sequence[ReferenceModel]) -> str:
    reasons = [f"reference {model.number} {model.unmatched}" for model in models if model.unmatched]
    return f"reference models exported as the file was ({'; '.join(reasons)}: {EXPORT})"


def _sources(
    references: Sequence[Reference], matched: Sequence[Answered]
) -> list[Mapping[Role, Predictions]]:
    """What the references answered before export, by the roles of the run."""
    return [
        {role: predictions.select(whole, given.sample_id) for role, given in found.by_role.items()}
        for whole, found in zip(map(_observed, references), matched, strict=True)
    ]


def _observed(reference: Reference) -> Predictions:
    """All that training left of its answers, whatever purpose a sample served there."""
    paths = [reference.run.predictions("source", role) for role in Role]
    parts = [predictions.read(path)[0] for path in paths if path.is_file()]
    return Predictions(
        np.concatenate([part.logits for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.sample_id for part in parts]),
    )


def _stacked(
    references: Sequence[Reference], asked: Asked, told: Sequence[Mapping[Role, Predictions]]
) -> dict[Role, References]:
    """Logits [K, N, C] and masks [K, N] by role, row by row as the artifact's predictions."""
    rows = asked.inputs.rows
    codes = asked.roles.role[rows]
    inside = np.stack([reference.inside[rows] for reference in references])
    return {
        role: References(
            np.stack([by_role[role].logits for by_role in told]), inside[:, codes == code]
        )
        for code, role in enumerate(Role)
        if role in told[0]
    }


def _difference(
    exported: Sequence[Mapping[Role, Predictions]], sources: Sequence[Mapping[Role, Predictions]]
) -> float:
    """The largest |Δlogit| that export made in a reference model, in deviations of its logits."""
    return max(
        _largest(_logits(after), _logits(before))
        for after, before in zip(exported, sources, strict=True)
    )


def _logits(by_role: Mapping[Role, Predictions]) -> Float32:
    return np.concatenate([by_role[role].logits for role in sorted(by_role)])


def _largest(after: Float32, before: Float32) -> float:
    return float(np.abs(after - before).max() / (before.std() or 1.0))
