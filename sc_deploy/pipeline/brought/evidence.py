"""What a plain audit rests on: answers of a file that was run here, or that somebody hands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.audit.evidence import ARTIFACT, PUBLIC, SOURCE, Evidence
from sc_deploy.compress.probing import Samples
from sc_deploy.contracts import Knowledge, Predictions, Role, Scale, Tolerance
from sc_deploy.errors import DataError, InferenceError, Problem
from sc_deploy.pipeline import knowledge, probes
from sc_deploy.pipeline.brought import model, samples, scale
from sc_deploy.pipeline.brought.rows import keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Device, Roles, TensorStat
    from sc_deploy.contracts.arrays import Float32
    from sc_deploy.pipeline.brought.model import Answered, Opened
    from sc_deploy.pipeline.brought.rows import Rows
    from sc_deploy.pipeline.brought.samples import BroughtTask
    from sc_deploy.pipeline.execution import Inputs
    from sc_deploy.policy import Policy

MAY_SHARE = ((Role.NON_MEMBER_AUDIT, Role.TEST),)


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """The file under audit, and its source where one was given."""

    artifact: Opened
    source: Opened | None

    @property
    def all(self) -> tuple[Opened, ...]:
        return (self.artifact,) if self.source is None else (self.artifact, self.source)


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """The samples where a device can read them."""

    task: BroughtTask
    roles: Roles
    inputs: Inputs


@dataclass(frozen=True, slots=True)
class Bench:
    """Where files run, which questions are asked, how often these samples were looked at."""

    device: Device
    policy: Policy
    looks: int


def of_models(models: Models, ours: Answered, laid: Laid, bench: Bench) -> Evidence:
    """What the file answered, beside its source, which is run here. Raises InferenceError."""
    theirs = None if models.source is None else _ask_source(models.source, laid, bench.device)
    found = model.weights(models.artifact)
    known = knowledge.gather(
        knowledge.Samples(laid.task, laid.roles, laid.inputs, _probed(models, laid, bench))
    )
    evidence = Evidence(
        artifact=_by_role(ours.inner, laid),
        source=None if theirs is None else _by_role(theirs.inner, laid),
        dense=None,
        tensors_found=found or None,
        tensors_expected=None if models.source is None else _expected(found, models.source),
        tolerance=models.artifact.taps.tolerance,
        batch_sizes=ours.batch_sizes,
        unsteady=ours.unsteady,
        quantization=None,
        clean=None,
        looks=bench.looks,
        brought_weights=True,
        declared_members=True,
        known={subject: known.get(subject, {}) for subject in (ARTIFACT, SOURCE)}
        | {PUBLIC: _of_samples(known[ARTIFACT])},
        public=None if ours.public is None else _by_role(ours.public, laid),
        may_share=MAY_SHARE,
        rounded=models.artifact.taps.shipped.precision != "fp32",
    )
    _require_sign(evidence.artifact)
    return evidence


def _probed(models: Models, laid: Laid, bench: Bench) -> dict[str, Mapping[Role, Knowledge]]:
    """Answers to altered samples, where the policy names an attack that reads them.

    The class of a single value is not its largest, so who answers with one is not probed.
    """
    named = {ARTIFACT: models.artifact, SOURCE: models.source}
    return {
        subject: probes.of_artifact(
            opened.taps.shipped,
            (bench.device, model.bundle(opened, opened.taps.attacked, laid.inputs)),
            Samples(laid.task, laid.roles),
            bench.policy,
        )
        for subject, opened in named.items()
        if opened is not None and opened.taps.attacked.artifact.output.shape != (1,)
    }


def _ask_source(source: Opened, laid: Laid, device: Device) -> Answered:
    try:
        return model.ask(source, laid.inputs, device)
    except InferenceError as error:
        raise InferenceError(f"the source: {error.what}", remedy=error.remedy) from error


def _by_role(logits: Float32, laid: Laid) -> dict[Role, Predictions]:
    codes = laid.roles.role[laid.inputs.rows]
    found = {}
    for code, role in enumerate(Role):
        at = np.flatnonzero(codes == code)
        rows = laid.inputs.rows[at]
        if len(at):
            found[role] = Predictions(
                logits[at], laid.roles.label[rows], laid.roles.sample_id[rows]
            )
    return samples.with_test(found)


def _of_samples(known: Mapping[Role, Knowledge]) -> dict[Role, Knowledge]:
    """What is known of the samples themselves, whichever tensor is read."""
    return {
        role: Knowledge(inputs=each.inputs, unit=each.unit, attribute=each.attribute)
        for role, each in known.items()
    }


def _expected(found: tuple[TensorStat, ...], source: Opened) -> tuple[TensorStat, ...] | None:
    """The source's weights, where both files call them alike; otherwise nothing can be said."""
    theirs = model.weights(source)
    return theirs if {t.name for t in theirs} == {t.name for t in found} else None


def of_logits(rows: Mapping[Role, Rows], source: Rows | None, looks: int) -> tuple[Evidence, Scale]:
    """What was handed in. Raises DataError where it contradicts itself."""
    every = np.concatenate([part.values for part in rows.values()]).astype(np.float32)
    read_as = scale.scale_of(every, Scale.LOGITS)
    given = {role: _predictions(part, read_as) for role, part in rows.items()}
    _require_sign(given)
    evidence = Evidence(
        artifact=samples.with_test(given),
        source=None if source is None else _paired(given, source),
        dense=None,
        tensors_found=None,
        tensors_expected=None,
        tolerance=Tolerance(1e-3, 0.999),
        batch_sizes=(),
        quantization=None,
        clean=None,
        looks=looks,
        brought_weights=True,
        declared_members=True,
        known={subject: _told(rows) for subject in (ARTIFACT, SOURCE)},
        self_supplied=True,
        may_share=MAY_SHARE,
    )
    return evidence, read_as


def _predictions(rows: Rows, read_as: Scale) -> Predictions:
    logits = scale.logits(rows.values.astype(np.float32), read_as)
    return Predictions(logits, rows.labels, rows.sample_id)


def _paired(given: Mapping[Role, Predictions], source: Rows) -> dict[Role, Predictions]:
    """The source's answers for every role, by sample id. Raises DataError where one is missing."""
    answers = source.values.astype(np.float32)
    logits = scale.logits(answers, scale.scale_of(answers, Scale.LOGITS))
    place = {key: row for row, key in enumerate(keys(source.sample_id))}
    found, missing = {}, 0
    for role, ours in given.items():
        rows = np.array([place.get(key, -1) for key in keys(ours.sample_id)], dtype=np.int64)
        missing += int(np.count_nonzero(rows < 0))
        found[role] = Predictions(logits[rows], source.labels[rows], ours.sample_id)
    if missing:
        told = f"lacks {missing:,} of the samples"
        raise DataError(
            "the source's logits cannot be paired with the others",
            remedy="give sample_id in every file; samples are paired by it, never by order",
            problems=[Problem("--source", told, "give it for all samples, with sample_id")],
        )
    return samples.with_test(found)


def _told(rows: Mapping[Role, Rows]) -> dict[Role, Knowledge]:
    """Units and groups, where the files name them: nobody gave the samples themselves."""
    task = samples.task_of(rows)
    unit = None if task.unit is None else np.unique(task.unit, return_inverse=True)[1]
    found, start = {}, 0
    for role, part in rows.items():
        end = start + len(part)
        found[role] = Knowledge(
            unit=None if unit is None else unit[start:end].astype(np.int64),
            attribute=None if task.attribute is None else task.attribute[start:end],
        )
        start = end
    return found


def _require_sign(answers: Mapping[Role, Predictions]) -> None:
    sides = [answers[role] for role in (Role.MEMBER_AUDIT, Role.NON_MEMBER_AUDIT)]
    together = np.concatenate([side.logits for side in sides])
    labels = np.concatenate([side.labels for side in sides])
    problems = list(scale.sign_problems(together, labels))
    if problems:
        raise DataError("the answers point the wrong way", remedy="see below", problems=problems)
