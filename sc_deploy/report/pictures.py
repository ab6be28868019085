"""Which charts the page draws, made from its models and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.report import subjects
from sc_deploy.report.charts.forest import Block, forest
from sc_deploy.report.charts.history import METRICS, history
from sc_deploy.report.charts.layers import layers
from sc_deploy.report.charts.roc import Line, roc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import Report
    from sc_deploy.report.page import Family


def leakage(family: Family, attacks: Sequence[str]) -> str | None:
    """The forest plot of these attacks on a family; None where none of them was run."""
    blocks = [
        Block(model.name, model.kind, rates)
        for model in family.models
        if (rates := tuple((a.attack, a.auc) for a in model.attacks if a.attack in attacks))
    ]
    title = "AUC of each attack on every model, with intervals, chance and limit"
    return forest(title, blocks, limit=family.limit) if blocks else None


def curves(report: Report) -> str | None:
    """The ROC panel of the strongest attack on an artifact; None where there is no attack."""
    strongest = subjects.strongest(subjects.artifact(report))
    if strongest is None:
        return None
    shown = (subjects.ARTIFACT, subjects.SOURCE, subjects.PUBLIC)
    models = {name: subjects.named(report, name) for name in shown}
    found = [(name, subjects.attack(model, strongest.attack)) for name, model in models.items()]
    lines = [Line(name, name, result.curve, result.tpr) for name, result in found if result]
    return roc(f"ROC of the {strongest.attack} attack on {report.artifact.name}", lines)


def rounds(family: Family) -> tuple[tuple[str, str], ...]:
    """One small chart for each metric of the candidates: (name, drawing)."""
    return tuple(
        (m.name, history(f"{m.name} of all candidates by round", family.history, m))
        for m in METRICS
        if family.history
    )


def densities(family: Family) -> str:
    """The layers of a source; a family without one has none to draw."""
    name, tensors = (family.source.name, family.source.tensors) if family.source else ("", ())
    return layers(f"density of each layer of {name}", tensors)
