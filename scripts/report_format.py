"""Generates docs/report-format.md: every field of report.json and summary.json."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from typing import TYPE_CHECKING, Any, TypeAlias

from sc_deploy.contracts import Cause, Outcome, Role, Summary, Tier
from sc_deploy.report import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import Enum

# Any: an annotation is whatever stands behind the colon.
Annotation: TypeAlias = Any

PLAIN = {str: "text", int: "integer", float: "number", bool: "true or false", type(None): "null"}
PURPOSES = {
    "search": "Seen by safety tests while candidates compete.",
    "reference": "Population data; those of members choose integer ranges.",
    "calibration": "Attackers are fitted and thresholds frozen on them.",
    "audit": "Scored, and nothing else.",
    "validation": "Accuracy on them chooses among candidates.",
    "test": "Accuracy on them is reported.",
    "canary": "Planted with labels that only memory can give; a coin decided who is a member.",
}


def _purpose(role: Role) -> str:
    return PURPOSES[role.value.rpartition("-")[2]]


ENUMS: dict[type[Enum], dict[Enum, str]] = {
    Outcome: dict(vocabulary.OUTCOMES),
    Tier: dict(vocabulary.TIERS),
    Cause: dict(vocabulary.CAUSES),
    Role: {role: _purpose(role) for role in Role},
}
INTRODUCTION = """\
# The format of reports

`reports/<artifact>/<device>/report.json` is a `Report`: one audited file on one device.
`reports/summary.json` is a `Summary`: all current reports of a run. `reports/summary.html` shows
the same to people. All are UTF-8; the two JSON files end with a newline.

- **Strict.** Every field is there, `null` where it has no value, and no other. A reader of this
  version refuses a document with an unknown or missing field, or with another `schema_version`,
  as an integrity error (exit 6).
- **Pairs.** A list of two-element lists, such as `samples`, keeps its order.
- **Intervals.** `low` and `high` of a `Rate` are two-sided at its `confidence`. A policy's
  confidence is one-sided: its 0.95 gives intervals at 0.9.
- **Confidential.** No value belongs to one sample. ROC curves stand on a fixed grid, membership
  is there as counts and digests only.
- **Digests** are SHA-256 as 64 hexadecimal digits.
"""
MEANINGS = {
    "Summary.schema_version": "Version of this layout.",
    "Summary.run": "Name of the run folder.",
    "Summary.created": "When the latest of the reports was made; UTC, ISO 8601.",
    "Summary.exit_code": "Exit code of the verdicts together; a reader checks it against them.",
    "Summary.reports": "One for each audited file and device.",
    "Report.schema_version": "Version of this layout.",
    "Report.tool_version": "Version of scdeploy that made the report.",
    "Report.run": "Name of the run folder.",
    "Report.created": "When the audit ended; UTC, ISO 8601.",
    "Report.artifact": "The file that was audited, as it was exported.",
    "Report.artifact_digest": "Of `artifact.json`, which holds the digests of the files.",
    "Report.runtime": "What ran the file; null where it could not be run.",
    "Report.audit": "What was measured; null where the file could not be run.",
    "Report.verdict": "The answer, with the reason of every check.",
    "Report.policy": "Name of the policy.",
    "Report.policy_digest": "Of the policy with every default written out.",
    "Report.recipe_digest": "Of the recipe with every default written out; null without one.",
    "Report.roles_digest": "Of who served what; the only trace of it outside the run folder.",
    "Report.seed": "The recipe's seed.",
    "Report.label_noise": "Share of labels that the recipe changed on purpose.",
    "Report.samples": "How many samples each role has.",
    "Report.dense": "The dense baseline; null where none was trained.",
    "Report.source": "The compressed model that the file was exported from; null where nobody "
    "gave one.",
    "Report.history": "Every candidate of the compression, in the order tested.",
    "Report.diverged": "Candidates that were left out of their round because they diverged.",
    "Diverged.round": "The round, counted from 1.",
    "Diverged.step": "The training step from which it was trained.",
    "Diverged.strategy": "How it moved the topology.",
    "Diverged.reason": "What was not finite. Names no sample.",
    "Report.brought": "What the user declared, where a model that nobody here made was audited; "
    "null otherwise.",
    "Report.environment": "Versions of Python, the platform and the packages that matter.",
    "Report.settings": "Settings of the recipe that say how the source was made, in words.",
    "Artifact.target": "Place of deployment; `brought` for a file that nobody here exported.",
    "Artifact.format": "File format.",
    "Artifact.precision": "Number format: fp32 or int8.",
    "Artifact.encoding": "How weights are stored; so far always `dense`.",
    "Artifact.files": "What ships, the model file first.",
    "Artifact.parent": "Digest of the compressed model's weights file; null where unknown.",
    "Artifact.roles_digest": "Of the run's roles; null where there was none.",
    "Artifact.preprocessing_digest": "Of what preprocessing makes of real samples; null where "
    "unknown.",
    "Artifact.toolchain": "Packages that made the file, with versions.",
    "Artifact.input": "What the model takes.",
    "Artifact.output": "What the model answers: logits, before softmax.",
    "Artifact.tensors": "Weights that must be found in the file, batch norms folded.",
    "Artifact.quantization": "Samples that chose integer ranges; null where there are none.",
    "Brought.files": "Every file that was given.",
    "Brought.reads": "Which values the attacks read, in words.",
    "Brought.notes": "What a reader must know of how samples were dealt.",
    "BroughtFile.purpose": "What it was given for.",
    "BroughtFile.name": "Its name, without folders.",
    "BroughtFile.sha256": "Digest of the file.",
    "BroughtFile.bytes": "Its size.",
    "BroughtFile.samples": "How many samples it holds; null for a model file.",
    "FileDigest.path": "Relative to the artifact's folder.",
    "FileDigest.sha256": "Digest of the file.",
    "FileDigest.bytes": "Its size.",
    "TensorSpec.name": "Name in the file.",
    "TensorSpec.shape": "Without the batch dimension, which is dynamic.",
    "TensorSpec.dtype": "Number format.",
    "TensorStat.name": "Name of the weight.",
    "TensorStat.shape": "Its shape.",
    "TensorStat.nonzero": "Values that are not zero.",
    "TensorStat.size": "All values.",
    "TensorStat.kept": "Values that the mask keeps; null where no mask is known.",
    "Quantization.role": "Where the samples came from.",
    "Quantization.samples": "How many there were.",
    "Quantization.samples_digest": "Of their sorted ids; never the ids themselves.",
    "RuntimeSummary.device": "Where the file ran.",
    "RuntimeSummary.runtime": "What loaded it.",
    "RuntimeSummary.version": "Version of that runtime.",
    "RuntimeSummary.compute_unit": "What really computed, as the runtime reports it.",
    "RuntimeSummary.latency_ms": "Median of single-sample runs, in milliseconds.",
    "Rate.value": "The measured figure.",
    "Rate.low": "Lower end of its interval.",
    "Rate.high": "Upper end of its interval.",
    "Rate.n": "Samples, or timed runs, that it rests on.",
    "Rate.confidence": "Two-sided confidence of the interval.",
    "Audit.subjects": "The models measured: `artifact`, `source` and, if trained, `dense`.",
    "Audit.changes": "Artifact minus source, on the same samples.",
    "Audit.accuracy_change": "Accuracy of artifact minus source.",
    "Audit.parity_error": "Largest difference of a logit, in standard deviations of the source's.",
    "Audit.agreement": "Share of samples with the same top answer as the source.",
    "Audit.tier": "Kind of evidence that this audit produced.",
    "Audit.validity": "Checks that must hold before a leakage figure means something.",
    "Audit.audit_looks": "How often these audit samples were scored, this time included.",
    "Audit.compression_change": "Accuracy of source minus dense baseline.",
    "Audit.excesses": "What a FAIL corrected for the number of checks rests on.",
    "Audit.clustering": "Whose samples they are; null where each is an independent draw.",
    "Clustering.members": "Units (people, devices) behind the audit members.",
    "Clustering.non_members": "Units behind the audit non-members.",
    "Clustering.test": "Units behind the test samples.",
    "Audit.slices": "Classes and groups of the audit samples, under each attack that gates.",
    "Slice.attack": "Name of the attack.",
    "Slice.by": "`class` or `group`.",
    "Slice.name": "Which class or group.",
    "Slice.members": "Audit members in it; null where one side has too few.",
    "Slice.non_members": "Audit non-members in it; null where one side has too few.",
    "Slice.auc": "AUC within it; the intervals of all slices hold together.",
    "Slice.upper": "One-sided upper bound of the AUC, for this slice alone.",
    "Slice.tpr": "Share of its members found at the policy's highest false-positive rate; null "
    "where its samples cannot resolve it.",
    "Slice.p": "One-sided p-value of an AUC of one half.",
    "Slice.adjusted_p": "The same, corrected for the number of slices (Benjamini and Hochberg).",
    "Audit.references": "Reference models behind it; null where no attack of the policy needs any.",
    "ReferenceEvidence.pipeline": "Digest of how the audited file was made and run.",
    "ReferenceEvidence.models": "Every reference model of the run.",
    "ReferenceEvidence.difference": "Largest change of a logit that export made in one of them, in "
    "standard deviations; null where not all are matched.",
    "ReferenceModel.number": "Counted from 0; models 2j and 2j + 1 are a pair.",
    "ReferenceModel.model": "Digest of its weights file.",
    "ReferenceModel.roles_digest": "Of who was trained on, and who not.",
    "ReferenceModel.pipeline": "Digest of how its file was made and run; null where it was not. "
    "Matched models have the audited file's.",
    "ReferenceModel.unmatched": "Why its answers could not be used; empty where they were.",
    "Audit.absent": "Attacks that could not be run, each with what it lacks.",
    "Audit.published": "Figures by the papers' own protocols, which are no evidence.",
    "Published.subject": "`artifact`, `source` or `dense`.",
    "Published.attack": "Name of the attack.",
    "Published.accuracy": "Attack accuracy as the paper's code would report it.",
    "Published.fault": "Why that says too much.",
    "Audit.canaries": "What planted canaries show of each stage; null where none were planted.",
    "Audit.traces": "Leakage of the members whose loss moved most in training; null where no "
    "losses were recorded or too few members are in the slice.",
    "Audit.attributes": "What answers tell of the task's sensitive attribute.",
    "CanaryAudit.planted": "How many canaries the run planted, trained on and not.",
    "CanaryAudit.measured": "How many of them were measured on the artifact: all, or none.",
    "CanaryAudit.stages": "Each model of the chain, in the order in which they were made.",
    "CanaryAudit.lacking": "Why none was measured on the artifact; empty if they were.",
    "CanaryStage.subject": "`dense`, `source` or `artifact`.",
    "CanaryStage.auc": "Canaries that were trained on against those that were not.",
    "CanaryStage.change": "That minus the AUC of the stage before, on the same canaries.",
    "CanaryStage.right": "Share of guesses about coins that were right; 0.5 is guessing.",
    "CanaryStage.epsilon": "One-sided lower bound of epsilon that follows from them.",
    "TraceLeakage.share": "Share of the audit members that is in the slice.",
    "TraceLeakage.members": "How many these are.",
    "TraceLeakage.auc": "AUC of the loss on them against all audit non-members.",
    "TraceLeakage.overall": "AUC of the loss on all audit members.",
    "AttributeInference.subject": "`dense`, `source` or `artifact`.",
    "AttributeInference.values": "How many values of the attribute were told apart.",
    "AttributeInference.accuracy": "Balanced accuracy from answers and label.",
    "AttributeInference.baseline": "Balanced accuracy from the label alone.",
    "AttributeInference.gain": "The difference, on the same samples.",
    "Subject.name": "`artifact`, `source`, `dense`, or `public`: what a file that ends in softmax "
    "answers everybody, where `artifact` is read before it.",
    "Subject.accuracy": "On test samples.",
    "Subject.member_accuracy": "On members.",
    "Subject.attacks": "What each attack of the policy found.",
    "Subject.clean_auc": "AUC of the loss attack on samples with untouched labels; null without "
    "label noise.",
    "AttackResult.attack": "Name of the attack.",
    "AttackResult.auc": "Chance that a random member is ranked above a random non-member.",
    "AttackResult.tpr": "Share of members found at low false-positive rates.",
    "AttackResult.accuracy": "Balanced, at a threshold frozen on calibration samples.",
    "AttackResult.tm_score": "Test accuracy over attack accuracy.",
    "AttackResult.tie_mass": "Largest share of samples with one and the same score.",
    "AttackResult.curve": "The ROC curve.",
    "OperatingPoint.fpr": "False-positive rate asked for.",
    "OperatingPoint.rate": "True-positive rate; null where the samples cannot resolve it.",
    "OperatingPoint.realised_fpr": "False-positive rate at the threshold really used.",
    "OperatingPoint.note": "Why there is no rate; empty where there is one.",
    "Curve.fpr": "The grid.",
    "Curve.tpr": "True-positive rate at each point of it.",
    "Change.attack": "Name of the attack.",
    "Change.metric": "What was compared.",
    "Change.rate": "The difference; null where the samples cannot resolve it.",
    "Change.note": "Why there is no rate; empty where there is one.",
    "Check.name": "The question.",
    "Check.kind": "`validity`, `parity`, `accuracy`, `absolute` or `relative`.",
    "Check.outcome": "The answer.",
    "Check.reason": "The answer in words, with figures.",
    "Check.measured": "The figure, where there is one.",
    "Check.limit": "What it was held against; null where nothing gates.",
    "Check.required": "Whether the verdict depends on it.",
    "Check.cause": "Why it is INCONCLUSIVE; null otherwise.",
    "Check.remedy": "What to do; empty where nothing needs doing.",
    "Excess.check": "Name of the check.",
    "Excess.limit": "Its limit.",
    "Excess.p": "One-sided p-value of the measured figure if the truth were at the limit.",
    "Verdict.outcome": "The answer to whether this file may ship under this policy.",
    "Verdict.reason": "Why, in a sentence or two.",
    "Verdict.tier": "Kind of evidence that it rests on.",
    "Verdict.checks": "Every question that was put.",
    "ModelSummary.name": "`source` or `dense`.",
    "ModelSummary.network": "Registered name of the network.",
    "ModelSummary.digest": "Of the weights file.",
    "ModelSummary.parameters": "All of its parameters.",
    "ModelSummary.bytes": "Size of the weights file.",
    "ModelSummary.density": "Share of the governed weights that the masks keep; where channels "
    "were cut, of those before the cut.",
    "ModelSummary.tensors": "The governed weights.",
    "ModelSummary.uncut_parameters": "All parameters before channels were cut, if they were.",
    "Candidate.round": "Round of the compression.",
    "Candidate.step": "Training step at which it was tested.",
    "Candidate.strategy": "How the mask was moved; null for the unchanged incumbent.",
    "Candidate.density": "Share of the governed weights kept.",
    "Candidate.validation": "Accuracy on validation samples.",
    "Candidate.safety": "Attack accuracy of each safety test, by name.",
    "Candidate.chosen": "Whether training went on with it.",
    "Candidate.kept": "Whether it is the model that the compression returned.",
    "Candidate.stage": "How many exams it took: 1 where it left when the pool was halved.",
    "Candidate.averaged": "Whether averaged weights were examined.",
    "Candidate.objective": "What it was worth among those it competed with; null where unknown.",
    "Strategy.drop": "How the weights to drop were chosen.",
    "Strategy.grow": "How the weights to grow were chosen.",
}


def page() -> str:
    """The whole page. Raises KeyError for a field without a meaning, or the reverse."""
    kinds = list(_reachable(Summary))
    documented = {f"{kind.__name__}.{f.name}" for kind in kinds for f in dataclasses.fields(kind)}
    if superfluous := sorted(set(MEANINGS) - documented):
        raise KeyError(f"meanings of fields that are not there: {', '.join(superfluous)}")
    parts = [INTRODUCTION, *(_section(kind) for kind in kinds), *map(_values, ENUMS)]
    return "\n".join(parts)


def _reachable(start: type) -> Iterator[type]:
    """The dataclasses of the document, each once, in the order a reader meets them."""
    waiting, seen = [start], set()
    while waiting:
        kind = waiting.pop(0)
        if kind in seen:
            continue
        seen.add(kind)
        yield kind
        hints = typing.get_type_hints(kind)
        inner = [part for f in dataclasses.fields(kind) for part in _parts(hints[f.name])]
        waiting += [part for part in inner if dataclasses.is_dataclass(part)]


def _parts(annotation: Annotation) -> Iterator[Annotation]:
    arguments = typing.get_args(annotation)
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _parts(argument)


def _section(kind: type) -> str:
    hints = typing.get_type_hints(kind)
    rows = [
        f"| `{f.name}` | {_told(hints[f.name])} | {MEANINGS[f'{kind.__name__}.{f.name}']} |\n"
        for f in dataclasses.fields(kind)
    ]
    head = "| field | value | meaning |\n|---|---|---|\n"
    return f"## {kind.__name__}\n\n{inspect.getdoc(kind)}\n\n{head}{''.join(rows)}"


def _told(annotation: Annotation) -> str:
    """What may stand there, in words."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    arguments = typing.get_args(annotation)
    if isinstance(annotation, types.UnionType):
        return " or ".join(_told(argument) for argument in arguments)
    if not arguments:
        return f"[`{annotation.__name__}`](#{annotation.__name__.lower()})"
    if arguments[-1] is Ellipsis:
        return f"list of {_told(arguments[0])}"
    return f"pair ({', '.join(_told(argument) for argument in arguments)})"


def _values(kind: type[Enum]) -> str:
    meanings = ENUMS[kind]
    rows = [f"| `{member.value}` | {meanings.get(member, '')} |\n" for member in kind]
    return f"## {kind.__name__}\n\n{inspect.getdoc(kind)}\n\n| value | meaning |\n|---|---|\n" + (
        "".join(rows)
    )
