"""A study for people: a Markdown page, and an HTML page with the accuracy-leakage plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import STRONGEST
from sc_deploy.report import numbers
from sc_deploy.report.charts.plane import Spot, plane
from sc_deploy.report.html import environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sc_deploy.contracts import ArmFigures, AttackFigures, Rate, Study

COLUMNS: Final = (
    "#", "arm", "density", "{accuracy}", "AUC, {first}", "AUC, strongest", "TPR at {fpr} FPR",
    "attack accuracy", "TM-score", "clean AUC", "steps", "cost", "front",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One arm of the table: its number in the plot, its style there, and its cells as text."""

    number: int
    name: str
    style: str
    cells: tuple[str, ...]


def markdown(study: Study) -> str:
    """Plan, table and comparisons as Markdown; every figure with its interval over seeds."""
    parts = [f"# Study of {study.plan.recipe}", state(study), *_plan_lines(study)]
    if study.arms:
        parts += [
            "## Arms",
            _table(columns(study), ((str(r.number), *r.cells) for r in rows(study))),
        ]
    if study.comparisons:
        parts += ["## Comparisons", "\n".join(f"- {line}" for line in sentences(study))]
    parts += ["## What each arm is", "\n".join(f"- {line}" for line in descriptions(study))]
    return "\n\n".join([*parts, caveats(study)]) + "\n"


def html(study: Study) -> str:
    """One self-contained page. It holds no figure of a single sample: a Study holds none."""
    from markupsafe import Markup

    spots = [_spot(row, arm) for row, arm in zip(rows(study), study.arms, strict=True)]
    title = f"{_accuracy(study)} against the strongest attack's AUC, for every arm"
    # `svg` has escaped every text and attribute in it.
    chart = Markup(plane(title, spots, accuracy=_accuracy(study))) if spots else None  # noqa: S704
    return (
        environment()
        .get_template("study.html.j2")
        .render(
            study=study,
            chart=chart,
            rows=rows(study),
            columns=columns(study),
            state=state(study),
            sentences=sentences(study),
            descriptions=descriptions(study),
            plan=_plan_lines(study),
            caveats=caveats(study),
        )
    )


def columns(study: Study) -> tuple[str, ...]:
    fpr = numbers.percent(study.plan.fpr)
    first, accuracy = study.plan.attacks[0], _accuracy(study)
    return tuple(name.format(first=first, fpr=fpr, accuracy=accuracy) for name in COLUMNS)


def _accuracy(study: Study) -> str:
    """On test samples, by the name of how the recipe counts it."""
    return study.plan.accuracy_name.replace("accuracy", "test accuracy")


def rows(study: Study) -> tuple[Row, ...]:
    """One row an arm with two seeds or more, numbered as in the plot."""
    first = study.plan.attacks[0]
    return tuple(
        Row(number, arm.name, _style(arm.name), _cells(arm, first))
        for number, arm in enumerate(study.arms, 1)
    )


def state(study: Study) -> str:
    """How much of the study is done."""
    planned = len(study.plan.arms) * len(study.plan.seeds)
    done = planned - len(study.missing)
    told = f"{len(study.plan.arms)} arms, {len(study.plan.seeds)} seeds"
    if study.missing:
        return f"**Unfinished**: {done} of {planned} models are made and audited ({told})."
    return f"Finished: {told}, {planned} models made and audited."


def sentences(study: Study) -> tuple[str, ...]:
    """The verdict of each comparison, those that carry the claim first and marked."""
    ordered = sorted(study.comparisons, key=lambda found: not found.primary)
    return tuple(f"{'(claim) ' if c.primary else ''}{c.sentence}" for c in ordered)


def descriptions(study: Study) -> tuple[str, ...]:
    late = " Added when results of other arms were known."
    return tuple(
        f"`{arm.name}`: {arm.description}"
        + (f" (`{' '.join(arm.settings)}`)" if arm.settings else "")
        + (late if arm.late else "")
        for arm in study.plan.arms
    )


def caveats(study: Study) -> str:
    plan = study.plan
    confidence = numbers.percent(plan.confidence)
    return (
        f"Figures are means over seeds with Student's t intervals at {confidence}; "
        "each seed draws its own data roles, the same for all arms, so comparisons are paired. "
        "Attackers were fitted on calibration samples and scored on audit samples, which no "
        f"choice ever saw. The strongest of {len(plan.attacks)} attacks "
        f"({', '.join(plan.attacks)}) is taken seed by seed: without any leak its AUC would "
        f"still show up to {0.5 + plan.luck:.3f} on average. An arm beats a control where the "
        "interval of one difference lies wholly on the good side of zero and none on the bad "
        "side; comparisons other than the claim are not corrected for their number."
    )


def _plan_lines(study: Study) -> list[str]:
    plan = study.plan
    lines = [
        f"- {found.metric}: {found.difference:.4f} ({found.basis})" for found in plan.detectable
    ]
    told = (
        f"Fixed before the first arm: two arms are told apart with {numbers.percent(plan.power)} "
        "power where they truly differ by at least"
    )
    after = (
        "taking both arms' samples as independent, which the pairing betters, and without the "
        "luck of training, which comes on top."
    )
    return ["## Plan", told, "\n".join(lines), after]


def _cells(arm: ArmFigures, first: str) -> tuple[str, ...]:
    named = {found.attack: found for found in arm.attacks}
    worst = named[STRONGEST]
    return (
        arm.name,
        numbers.percent(arm.density),
        _rate(arm.accuracy),
        _rate(named[first].auc),
        _rate(worst.auc),
        _rate(worst.tpr),
        _rate(worst.accuracy),
        _rate(worst.tm_score),
        _rate(arm.clean_auc),
        f"{arm.step:,.0f}",
        _cost(arm),
        "yes" if arm.front else "",
    )


def _cost(arm: ArmFigures) -> str:
    if arm.seconds is None or arm.trained is None or arm.examined is None:
        return numbers.ABSENT
    passes = f"{arm.trained:,.0f} + {arm.examined:,.0f} samples"
    return f"{numbers.duration(arm.seconds)}, {passes}"


def _rate(measured: Rate | None) -> str:
    if measured is None:
        return numbers.ABSENT
    return f"{numbers.plain(measured.value)} {numbers.interval(measured)}"


def _style(name: str) -> str:
    if name.startswith("robust"):
        return "artifact"
    return "dense" if name.startswith("dense") else "source"


def _spot(row: Row, arm: ArmFigures) -> Spot:
    return Spot(row.number, row.name, row.style, _worst(arm).auc, arm.accuracy)


def _worst(arm: ArmFigures) -> AttackFigures:
    return next(found for found in arm.attacks if found.attack == STRONGEST)


def _table(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *(list(cells) for cells in body)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
