"""What the page shows, gathered from the reports: models in the order in which they were made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from sc_deploy.report import subjects, text, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sc_deploy.contracts import (
        AttackResult,
        AttributeInference,
        CanaryStage,
        Candidate,
        Check,
        ModelSummary,
        Outcome,
        Rate,
        Report,
        Subject,
        Summary,
    )

AISVS: Final = "AISVS 11.2.5"
KINDS: Final = {
    subjects.DENSE: "dense baseline",
    subjects.SOURCE: "source",
    subjects.ARTIFACT: "exported file",
    subjects.PUBLIC: "its public output",
}


ValueT = TypeVar("ValueT")
FigureT = TypeVar("FigureT", bound="OfSubject")
SHARED: Final = (subjects.DENSE, subjects.SOURCE)


class OfSubject(Protocol):
    """A figure of one model."""

    @property
    def subject(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the comparison: dense, source, artifact, or what that answers everybody.

    `subject` None was not measured, `bytes` None is not a file of its own.
    """

    kind: str
    name: str
    bytes: int | None
    density: float | None
    subject: Subject | None
    outcome: Outcome | None

    @property
    def kind_in_words(self) -> str:
        if self.kind == subjects.SOURCE and self.density is not None and self.density < 1:
            return "sparse source"
        return KINDS[self.kind]

    @property
    def attacks(self) -> tuple[AttackResult, ...]:
        return self.subject.attacks if self.subject else ()

    @property
    def strongest(self) -> AttackResult | None:
        return subjects.strongest(self.subject)


@dataclass(frozen=True, slots=True)
class Family:
    """The reports of one source model, which share its history and figures."""

    reports: tuple[Report, ...]
    models: tuple[Model, ...]

    @property
    def first(self) -> Report:
        return self.reports[0]

    @property
    def title(self) -> str:
        """The source and its runs: every run calls its own model `source`."""
        runs = text.listed(_once(r.run for r in self.reports))
        return runs if self.source is None else f"{self.source.name} of {runs}"

    @property
    def source(self) -> ModelSummary | None:
        return self.first.source

    @property
    def dense(self) -> ModelSummary | None:
        return next((report.dense for report in self.reports if report.dense), None)

    @property
    def history(self) -> tuple[Candidate, ...]:
        return self.first.history

    @property
    def returned(self) -> Candidate | None:
        """The candidate whose state the source is; None where no history tells."""
        return next((candidate for candidate in self.history if candidate.kept), None)

    @property
    def rates(self) -> tuple[float, ...]:
        return subjects.rates(self.attacks)

    @property
    def resolved(self) -> tuple[float, ...]:
        """The rates at which some attack's share of members found could be measured."""
        found = (point for attack in self.attacks for point in attack.tpr if point.rate)
        return tuple(sorted({point.fpr for point in found}, reverse=True))

    @property
    def unresolved(self) -> tuple[tuple[float, str], ...]:
        """The other rates, each with why nothing could be measured there."""
        notes = {
            point.fpr: point.note
            for attack in self.attacks
            for point in attack.tpr
            if point.fpr not in self.resolved
        }
        return tuple(sorted(notes.items(), reverse=True))

    @property
    def attacks(self) -> tuple[AttackResult, ...]:
        return tuple(attack for model in self.models for attack in model.attacks)

    @property
    def gating(self) -> tuple[str, ...]:
        """Attacks that some verdict rests on, in the order of the policy."""
        return _once(
            attack.attack
            for report in self.reports
            for attack in _attacks(report)
            if subjects.gates(report, attack.attack)
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """Attacks whose figures no verdict rests on."""
        return tuple(n for n in _once(a.attack for a in self.attacks) if n not in self.gating)

    @property
    def absent(self) -> tuple[tuple[str, str], ...]:
        """Attacks that could not be run on some artifact, each with what it lacked."""
        found = [pair for report in self.reports if report.audit for pair in report.audit.absent]
        return tuple(dict.fromkeys(found))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Metrics of which some artifact's change against the source was asked."""
        return _once(c.metric for r in self.reports if r.audit for c in r.audit.changes)

    @property
    def compared(self) -> bool:
        """Whether there is a source that a change could be told against."""
        return any(model.kind == subjects.SOURCE for model in self.models)

    @property
    def limit(self) -> float | None:
        """The AUC limit, where all artifacts were held against one and the same."""
        limits = {
            subjects.limit(report, attack.attack, vocabulary.AUC, change=False)
            for report in self.reports
            for attack in _attacks(report)
        }
        known = limits - {None}
        return known.pop() if len(known) == 1 else None

    @property
    def canaries(self) -> tuple[tuple[Report | None, CanaryStage], ...]:
        """What canaries show: of the models before export once, then of each file."""
        audits = [(report, report.audit.canaries) for report in self.reports if report.audit]
        return _shared_once((r, stage) for r, found in audits if found for stage in found.stages)

    @property
    def attributes(self) -> tuple[tuple[Report | None, AttributeInference], ...]:
        """What answers tell of the attribute: of the models before export once, then of files."""
        audits = [(report, report.audit) for report in self.reports if report.audit]
        return _shared_once((r, one) for r, audit in audits for one in audit.attributes)

    @property
    def clean(self) -> tuple[tuple[str, Rate], ...]:
        """AUC on samples whose label no noise changed, for each model that has one."""
        runs = text.listed(_once(report.run for report in self.reports))
        found = [
            (m.name if m.kind == subjects.ARTIFACT else f"{m.name} of {runs}", m.subject)
            for m in self.models
        ]
        return tuple((name, s.clean_auc) for name, s in found if s and s.clean_auc)


@dataclass(frozen=True, slots=True)
class Page:
    """A summary with what its page repeats: sources, policies, tiers, doubts."""

    summary: Summary
    families: tuple[Family, ...]

    @property
    def reports(self) -> tuple[Report, ...]:
        return self.summary.reports

    def title(self, report: Report) -> str:
        return text.name(self.summary, report)

    @property
    def compared(self) -> bool:
        return any(family.compared for family in self.families)

    @property
    def confidence(self) -> float | None:
        """Of the intervals, where all attacks share one."""
        shown = [attack.auc for family in self.families for attack in family.attacks]
        found = {rate.confidence for rate in shown}
        return found.pop() if len(found) == 1 else None

    @property
    def equivalence(self) -> tuple[tuple[str, Check], ...]:
        """By file, whether its attacks are shown to do no better than guessing."""
        found = ((self.title(report), subjects.line(report, AISVS)) for report in self.reports)
        return tuple((title, line) for title, line in found if line)

    @property
    def policies(self) -> tuple[str, ...]:
        return _once(report.policy for report in self.reports)

    @property
    def label_noise(self) -> float:
        return max((report.label_noise for report in self.reports), default=0.0)

    @property
    def looks(self) -> int:
        """The most often that the samples of one audit were scored."""
        return max((r.audit.audit_looks for r in self.reports if r.audit), default=0)


def gather(summary: Summary) -> Page:
    """Reports grouped by source model, in the order of the summary."""
    origins = _once(_origin(report) for report in summary.reports)
    groups = [[r for r in summary.reports if _origin(r) == origin] for origin in origins]
    families = (Family(tuple(group), _models(group, summary)) for group in groups)
    return Page(summary, tuple(families))


def _origin(report: Report) -> str:
    """What reports of one family share; a file without a source is a family of its own."""
    return report.artifact_digest if report.source is None else report.source.digest


def _models(reports: Sequence[Report], summary: Summary) -> tuple[Model, ...]:
    dense = next((report.dense for report in reports if report.dense), None)
    return (
        *_before(subjects.DENSE, dense, reports),
        *_before(subjects.SOURCE, reports[0].source, reports),
        *(model for report in reports for model in _exported(report, summary)),
    )


def _before(kind: str, model: ModelSummary | None, reports: Sequence[Report]) -> Iterator[Model]:
    """A model before export, with the figures of the first audit that measured it.

    Of a model that somebody only tells the answers of, there are figures and nothing else.
    """
    measured = (subjects.gating_first(report, subjects.named(report, kind)) for report in reports)
    subject = next((found for found in measured if found), None)
    if model is not None:
        yield Model(kind, model.name, model.bytes, model.density, subject, None)
    elif subject is not None:
        yield Model(kind, kind, None, None, subject, None)


def _exported(report: Report, summary: Summary) -> Iterator[Model]:
    """The file, and what it answers everybody where its owner can read more."""
    yield _artifact(report, summary)
    public = subjects.named(report, subjects.PUBLIC)
    if public is not None:
        name = f"{text.name(summary, report)} as it answers"
        yield Model(subjects.PUBLIC, name, None, None, public, None)


def _artifact(report: Report, summary: Summary) -> Model:
    return Model(
        kind=subjects.ARTIFACT,
        name=text.name(summary, report),
        bytes=report.artifact.bytes,
        density=None,
        subject=subjects.gating_first(report, subjects.artifact(report)),
        outcome=report.verdict.outcome,
    )


def _attacks(report: Report) -> tuple[AttackResult, ...]:
    subject = subjects.artifact(report)
    return subject.attacks if subject else ()


def _shared_once(
    found: Iterable[tuple[Report, FigureT]],
) -> tuple[tuple[Report | None, FigureT], ...]:
    """Figures of dense baseline and source, which all files share, first, without a report, and
    once where every report says the same of them; then the others, each with its report."""
    each = tuple(found)
    shared = _once(one for _, one in each if one.subject in SHARED)
    return (
        *((None, one) for one in shared),
        *((report, one) for report, one in each if one.subject not in SHARED),
    )


def _once(values: Iterable[ValueT]) -> tuple[ValueT, ...]:
    return tuple(dict.fromkeys(values))
