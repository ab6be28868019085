"""The audit stage: each exported file, in its runtime, questioned against its source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sc_deploy import digest, registry, workspace
from sc_deploy.audit import auditor, gate
from sc_deploy.audit.evidence import ARTIFACT, DENSE, SOURCE, Evidence
from sc_deploy.audit.scores import Attackers
from sc_deploy.compress.probing import Samples
from sc_deploy.contracts import (
    CANARY_ROLES,
    Artifact,
    Predictions,
    Provenance,
    Role,
    RuntimeSummary,
)
from sc_deploy.errors import ExitCode, InferenceError, IntegrityError, ScDeployError, UsageError
from sc_deploy.errors import Problem as Fault
from sc_deploy.pipeline import (
    execution,
    features,
    knowledge,
    ledger,
    locate,
    models,
    probes,
    stored,
    traces,
    trust,
    versions,
)
from sc_deploy.pipeline import problem as problems
from sc_deploy.pipeline import report as reports
from sc_deploy.pipeline.export import ids_digest
from sc_deploy.pipeline.references import collect, files, trained
from sc_deploy.pipeline.references.answers import Asked
from sc_deploy.pipeline.report import Findings
from sc_deploy.pipeline.staleness import Question
from sc_deploy.report import document
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sc_deploy.contracts import (
        Bundle,
        Device,
        Execution,
        Knowledge,
        Report,
        Roles,
        TensorStat,
    )
    from sc_deploy.contracts.arrays import Float32, UInt8
    from sc_deploy.pipeline.execution import Inputs
    from sc_deploy.pipeline.problem import Problem
    from sc_deploy.pipeline.references.collect import Collected
    from sc_deploy.pipeline.references.plan import Reference
    from sc_deploy.progress import Progress
    from sc_deploy.workspace import RunFolder

# What the auditor asks of an artifact; the reference roles judge quantization samples.
ROLES = (
    Role.MEMBER_CALIBRATION,
    Role.MEMBER_AUDIT,
    Role.MEMBER_REFERENCE,
    Role.NON_MEMBER_CALIBRATION,
    Role.NON_MEMBER_AUDIT,
    Role.NON_MEMBER_REFERENCE,
    Role.TEST,
    *CANARY_ROLES,
)


@dataclass(frozen=True, slots=True)
class Audited:
    """What one artifact's audit came to: its report, or the error that left none."""

    name: str
    report: Report | None
    error: ScDeployError | None

    @property
    def exit_code(self) -> ExitCode:
        if self.error is not None:
            return self.error.exit_code
        return ExitCode.INTERNAL if self.report is None else document.exit_code(self.report)


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What every artifact of a run is audited with; `references` only if the policy needs them."""

    run: RunFolder
    problem: Problem
    roles: Roles
    device: Device
    inputs: Inputs
    attackers: Attackers
    references: tuple[Reference, ...]
    previous: tuple[versions.Version, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """An artifact's answers by role, the batch sizes that it served, those of them that changed
    its answers, its answers to the same samples run after run, the weights found in its file,
    what ran it, and its answers to altered samples."""

    answers: Mapping[Role, Predictions]
    batch_sizes: tuple[int, ...]
    unsteady: tuple[int, ...]
    repeats: tuple[Predictions, ...]
    tensors: tuple[TensorStat, ...]
    runtime: RuntimeSummary
    probed: Mapping[Role, Knowledge]


def audit(
    run: RunFolder,
    problem: Problem,
    targets: Sequence[str],
    device: str,
    progress: Progress,
    *,
    previous: Path | None = None,
) -> tuple[Audited, ...]:
    """Audit every artifact of these targets (all, if none is named); never stop at the first.

    `previous` is the run of an earlier release, which the version-difference attack has too.
    Raises UsageError when there is nothing to audit, IntegrityError when the run's own
    evidence does not hold.
    """
    versions.require_asked(problem.policy, previous)
    with run.lock():
        run.require("compress")
        roles = role_files.load(run.roles)
        problems.require_same_data(roles, role_files.draw(problem.task, problem.recipe))
        folders = _chosen(run, targets)
        with execution.prepared(problem.task, roles, ROLES, run.cache) as inputs:
            attackers = Attackers(problem.recipe.seed)
            asked = registry.device(device)
            references = _references(run, problem, roles)
            bench = Bench(run, problem, roles, asked, inputs, attackers, references)
            if previous is not None:
                table = versions.Table(asked, inputs, roles)
                bench = replace(bench, previous=versions.previous(previous, table))
            results = tuple(_attempt(bench, folder, progress) for folder in folders)
    return results


def _references(run: RunFolder, problem: Problem, roles: Roles) -> tuple[Reference, ...]:
    """The trained reference models, where an attack of the policy needs some."""
    wanted = collect.wanted(problem.policy)
    return trained.trusted(run, problem, roles) if wanted else ()


def _chosen(run: RunFolder, targets: Sequence[str]) -> tuple[Path, ...]:
    """Folders of the artifacts; a target without any is an error, never an empty success."""
    registry.targets(targets)
    found = {folder: folder.name.partition(".")[0] for folder in run.artifacts()}
    wanted = list(targets) or sorted(set(found.values()))
    absent = [target for target in wanted if target not in found.values()]
    if absent or not wanted:
        raise UsageError(
            f"{run.root} holds no artifact to audit",
            remedy=f"run `scdeploy export {run.root} --target …` first",
            problems=[Fault(name, "has no artifact", "export it") for name in absent],
        )
    return tuple(folder for folder, target in found.items() if target in wanted)


def _attempt(bench: Bench, folder: Path, progress: Progress) -> Audited:
    progress.start(f"run {folder.name}", 1)
    try:
        return Audited(folder.name, _audit(bench, folder, progress), None)
    except ScDeployError as error:
        return Audited(folder.name, None, error)


def _audit(bench: Bench, folder: Path, progress: Progress) -> Report:
    artifact = trust.artifact(bench.run, bench.roles, folder)
    fmt = locate.format_of(artifact.target, artifact.format)
    locate.require_runtime(fmt)
    # Before a verdict is taken as it stands: it rests on these files too.
    files.exported(bench.references, folder.name)
    references = files.fingerprint(bench.references, folder.name)
    public = versions.public(bench.problem, bench.run, folder, bench.previous).digests
    key = Question(
        folder, fmt, bench.problem, bench.roles, bench.device, references, tuple(public)
    ).key
    stage = f"audit:{folder.name}:{bench.device.name}"
    path = bench.run.report(folder.name, bench.device.name)
    # A report that was thrown away is made again; one that was changed is refused.
    if path.exists() and bench.run.is_done(stage, key):
        ledger.verify(bench.run)
        return document.read_report(path)
    looks = ledger.record(
        bench.run,
        roles_digest=bench.roles.digest,
        artifact_digest=digest.of_file(folder / "artifact.json"),
        device=bench.device.name,
    )
    report = _examined(bench, folder, artifact, looks, progress)
    # Whoever swaps a file while its copy is being questioned gets no report.
    digest.require_files(folder, artifact.files)
    beside = files.exported(bench.references, folder.name)
    document.write_report(path, report)
    bench.run.finish(stage, key, (path, *beside))
    return report


def _examined(
    bench: Bench, folder: Path, artifact: Artifact, looks: int, progress: Progress
) -> Report:
    described = digest.of_file(folder / "artifact.json")
    policy = bench.problem.policy
    try:
        observed = _observe(bench, folder, artifact)
    except InferenceError as error:
        verdict = gate.not_runnable(reason=error.what, remedy=error.remedy)
        findings = Findings(artifact, described, None, None, verdict)
    else:
        progress.advance()
        evidence = _evidence(bench, artifact, observed, looks, progress)
        measured = auditor.audit(evidence, policy, bench.attackers, progress=progress)
        verdict = gate.judge(measured, policy)
        findings = Findings(artifact, described, observed.runtime, measured, verdict)
    return reports.make(bench.run, bench.problem, bench.roles, findings)


def _evidence(
    bench: Bench, artifact: Artifact, observed: Observed, looks: int, progress: Progress
) -> Evidence:
    fmt = locate.format_of(artifact.target, artifact.format)
    known = models.read(bench.run)
    references = _collected(bench, artifact, observed, progress)
    return Evidence(
        artifact=observed.answers,
        source=stored.answers(bench.run, bench.roles, "source", known.source),
        dense=stored.answers(bench.run, bench.roles, "dense", known.dense),
        tensors_found=observed.tensors,
        tensors_expected=artifact.tensors,
        tolerance=fmt.tolerance(artifact.precision),
        batch_sizes=observed.batch_sizes,
        unsteady=observed.unsteady,
        repeats=observed.repeats,
        preprocessing=dict.fromkeys(observed.answers, bench.roles.preprocessing_digest),
        quantization=_quantization(bench, artifact),
        clean=_clean(bench),
        looks=looks,
        brought_weights=bench.problem.brought.weights is not None,
        declared_members=bench.problem.brought.declared_members is not None,
        planted=stored.planted(bench.run, bench.problem.recipe, bench.roles),
        exposed=traces.most_exposed(bench.run),
        known=collect.beside(_known(bench, artifact, observed), references),
        references=references.evidence,
        lacking=references.lacking,
        classes=tuple(bench.problem.task.classes),
    )


def _known(
    bench: Bench, artifact: Artifact, observed: Observed
) -> dict[str, dict[Role, Knowledge]]:
    probed = {ARTIFACT: observed.probed} | {
        name: probes.of_stored(bench.run, name) for name in (SOURCE, DENSE)
    }
    samples = knowledge.Samples(bench.problem.task, bench.roles, bench.inputs, probed)
    known = features.beside(knowledge.gather(samples), observed.answers, bench.run)
    folder, policy = bench.run.artifact(artifact.name), bench.problem.policy
    if features.asked(policy):
        table = versions.Table(bench.device, bench.inputs, bench.roles)
        known = features.with_file(known, features.of_file(artifact, folder, table))
    public = versions.public(bench.problem, bench.run, folder, bench.previous)
    ask = partial(versions.model, bench.run, bench.roles)
    return versions.beside(known, observed.answers, public.answered(partial(_version, bench), ask))


def _version(bench: Bench, folder: Path) -> versions.Version:
    """What another artifact of this run answers; it is run unless its answers are there."""
    artifact = trust.artifact(bench.run, bench.roles, folder)
    known = versions.stored(bench.run, folder, bench.device.name, bench.roles)
    if known is not None:
        return known
    locate.require_runtime(locate.format_of(artifact.target, artifact.format))
    answers, _ = _answered(bench, folder, artifact)
    return versions.Version(digest.of_file(folder / "artifact.json"), answers)


def _collected(
    bench: Bench, artifact: Artifact, observed: Observed, progress: Progress
) -> Collected:
    if not collect.wanted(bench.problem.policy):
        return collect.NOTHING
    samples = Asked(bench.device, bench.inputs, bench.roles)
    return collect.collect(bench.references, artifact, observed.runtime, samples, progress)


def _observe(bench: Bench, folder: Path, artifact: Artifact) -> Observed:
    """Run the file and look into it. Raises InferenceError."""
    fmt = locate.format_of(artifact.target, artifact.format)
    bundle = fmt.bundle(artifact, folder)
    probed = execution.probe(bench.device, bundle, bench.inputs)
    by_role, answers = _answered(bench, folder, artifact)
    ran = answers.execution
    return Observed(
        by_role,
        tuple(probed),
        execution.unsteady(probed, answers.logits),
        _repeats(bench, bundle, (answers.logits, probed[execution.BATCH])),
        fmt.inspect(folder, [file.path for file in artifact.files]),
        RuntimeSummary(
            bench.device.name, ran.runtime, ran.version, ran.compute_unit, ran.latency_ms
        ),
        probes.of_artifact(
            artifact,
            (bench.device, bundle),
            Samples(bench.problem.task, bench.roles),
            bench.problem.policy,
        ),
    )


def _answered(
    bench: Bench, folder: Path, artifact: Artifact
) -> tuple[dict[Role, Predictions], execution.Answers]:
    """What the file answers on every role, which is written down. Raises InferenceError."""
    bundle = locate.format_of(artifact.target, artifact.format).bundle(artifact, folder)
    answers = execution.run(bench.device, bundle, bench.inputs)
    by_role = execution.by_role(answers, bench.inputs, bench.roles)
    subject = f"{folder.name}/{bench.device.name}"
    paths = {role: bench.run.predictions(subject, role) for role in by_role}
    execution.save(by_role, paths, _provenance(bench, folder, answers.execution))
    return by_role, answers


def _repeats(bench: Bench, bundle: Bundle, seen: Sequence[Float32]) -> tuple[Predictions, ...]:
    found = execution.repeats(bench.device, bundle, bench.inputs, seen)
    rows = bench.inputs.rows[: len(found[0])]
    return tuple(
        Predictions(logits, bench.roles.label[rows], bench.roles.sample_id[rows])
        for logits in found
    )


def _provenance(bench: Bench, folder: Path, ran: Execution) -> Provenance:
    return Provenance(
        schema_version=workspace.SCHEMA_VERSION,
        role=Role.TEST,
        roles_digest=bench.roles.digest,
        preprocessing_digest=bench.roles.preprocessing_digest,
        artifact_digest=digest.of_file(folder / "artifact.json"),
        predictions_sha256="",
        runtime=ran.runtime,
        runtime_version=ran.version,
        compute_unit=ran.compute_unit,
        output_kind="multiclass",
        latency_ms=ran.latency_ms,
    )


def _quantization(bench: Bench, artifact: Artifact) -> UInt8 | None:
    """Ids of the samples that chose integer ranges, checked against the artifact's record."""
    recorded = artifact.quantization
    if recorded is None:
        return None
    ids = bench.roles.sample_id[bench.roles.rows(recorded.role)[: recorded.samples]]
    if ids_digest(ids) != recorded.samples_digest:
        raise IntegrityError(
            f"{artifact.name} was quantized with other samples than its record says",
            remedy="export it again from this run",
        )
    return ids


def _clean(bench: Bench) -> UInt8 | None:
    if bench.problem.recipe.task.label_noise == 0.0:
        return None
    return bench.roles.sample_id[~bench.roles.flipped]
