"""A report of many attacks, slices and settings: in order, readable, and without a sample."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sc_deploy.contracts import AttackResult, Check, Outcome, Rate, Report, Slice, Subject, Summary
from sc_deploy.report import document, page, predictive, subjects, text, vocabulary
from sc_deploy.report.html import render

SHOWN = tuple(
    name for name in vocabulary.ATTACKS if name not in ("loss", "modified-entropy", "neural")
)[:13]
ABSENT = (
    (
        "rmia",
        "the rmia attack needs reference models (train them with `scdeploy references train`)",
    ),
    ("white-box", "the white-box attack needs the inputs of the model's last layer"),
)
SETTINGS = (("network", "small-cnn, random first weights"), ("defences", "hamp (entropy 0.5)"))
AISVS = Check(
    name="AISVS 11.2.5: attacks do no better than guessing",
    kind="absolute",
    outcome=Outcome.INCONCLUSIVE,
    reason="not shown: two one-sided tests of |AUC - 0.5| < 0.02 for every attack",
    measured=None,
    limit=0.52,
    required=False,
    cause=None,
    remedy="",
)


def sliced(name: str, auc: float, p: float) -> Slice:
    """One class with its figures; a p-value of 2 stands for a class that is too small."""
    if p > 1:
        return Slice("loss", "class", name, *(None,) * 7)
    found = Rate(auc, auc - 0.09, auc + 0.09, 500, 0.99)
    return Slice("loss", "class", name, 250, 250, found, auc + 0.05, None, p, min(1.0, 8 * p))


SLICES = (
    *(sliced(f"{number}", 0.5 + number / 100, 0.5 / (1 + number)) for number in range(7)),
    sliced("ankle boot", 0.71, 1e-7),
    sliced("tiny", 0.0, 2.0),
)


@pytest.fixture
def many(passing: Report) -> Report:
    """Sixteen attacks on every model, of which the three of the policy gate."""
    assert passing.audit is not None

    def more(subject: Subject) -> Subject:
        first: AttackResult = subject.attacks[0]
        others = (replace(first, attack=name) for name in SHOWN)
        return replace(subject, attacks=(*others, *subject.attacks))

    audit = replace(
        passing.audit,
        subjects=tuple(map(more, passing.audit.subjects)),
        absent=ABSENT,
        slices=SLICES,
    )
    verdict = replace(passing.verdict, checks=(*passing.verdict.checks, AISVS))
    return replace(passing, audit=audit, verdict=verdict, settings=SETTINGS)


@pytest.fixture
def told(many: Report) -> Summary:
    return document.summarise((many,), "many", "now")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("</style>")[2]).split())


def test_attacks_that_gate_come_before_those_that_are_only_shown(told: Summary) -> None:
    (family,) = page.gather(told).families
    assert family.gating == ("loss", "modified-entropy", "neural")
    assert family.shown == SHOWN
    for model in family.models:
        assert [attack.attack for attack in model.attacks][:3] == list(family.gating)


def test_shown_attacks_are_folded_away_and_drawn_apart(told: Summary) -> None:
    html = render(told)
    assert html.count("13 more attacks, shown only</summary>") == 2
    forests = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    gating = next(chart for chart in forests if "AUC of each attack" in chart)
    assert ">loss<" in gating
    assert f">{SHOWN[0]}<" not in gating


def test_every_attack_is_told_with_its_standing_and_what_it_lacked(told: Summary) -> None:
    shown = words(render(told))
    for name in SHOWN:
        assert f"{name} shown only" in shown
    assert "loss gates" in shown
    assert "rmia not run" in shown
    assert "inputs of the model's last layer" in shown.replace("&#39;", "'")


def test_the_headline_names_those_that_gate_and_counts_the_others(many: Report) -> None:
    told = text.scope(many)
    assert "loss, modified-entropy and neural (and 13 more, shown only)" in told


def test_every_attack_name_of_a_policy_has_a_line_that_says_how_it_guesses() -> None:
    from typing import get_args

    from sc_deploy.policy import AttackName

    assert set(get_args(AttackName)) <= set(vocabulary.ATTACKS)


def test_the_tier_is_told_with_what_the_next_one_takes(told: Summary) -> None:
    shown = words(render(told))
    assert "T1 needs canaries planted in training" in shown
    assert "not shown that attacks do no better than guessing" in shown
    assert "`" not in shown.partition("Which attacks")[0]


def test_slices_are_told_by_p_value_with_those_too_small_by_name(told: Summary) -> None:
    shown = words(render(told))
    assert "1 of 8 figures are above one half beyond what their number explains" in shown
    assert shown.index("class ankle boot") < shown.index("class 6")
    assert "fewer than 50 members or non-members: class tiny" in shown


def test_a_report_without_slices_has_no_such_section(passing: Report) -> None:
    assert "Single classes" not in render(document.summarise((passing,), "r", "now"))


def test_calls_are_worth_less_the_rarer_members_are(many: Report) -> None:
    (found,) = predictive.calls(many)
    values = [rate.value for rate in found.values]
    assert values == sorted(values, reverse=True)
    strongest = max(
        point.rate.value
        for attack in subjects.artifact(many).attacks  # type: ignore[union-attr]
        for point in attack.tpr
        if point.rate
    )
    assert values[0] == pytest.approx(0.1 * strongest / (0.1 * strongest + 0.9 * 0.01))


def test_ties_and_the_rate_really_reached_stand_beside_each_rate(told: Summary) -> None:
    shown = words(render(told)).replace("\u00a0", " ")
    assert "FPR reached" in shown
    assert "loss 1.2 % [0.9, 1.6], n = 2,500 0.96 % 0.2 %" in shown
    assert "TPR at 0.1 % FPR is not resolved: needs 3,688 non-members" in shown


def test_the_settings_say_how_the_model_was_made(told: Summary) -> None:
    assert "Defences hamp (entropy 0.5)" in words(render(told))
