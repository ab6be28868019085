"""The sections on canaries, exposed members and the sensitive attribute."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sc_deploy.contracts import (
    AttributeInference,
    Audit,
    CanaryAudit,
    CanaryStage,
    Rate,
    Report,
    TraceLeakage,
)
from sc_deploy.report import document
from sc_deploy.report.html import render
from sc_deploy.report.page import gather

AUC = Rate(0.617, 0.55, 0.68, 200, 0.9)
TITLES = ("Leak budget", "The most exposed members", "sensitive attribute")


def shown(report: Report, audit: Audit) -> str:
    given = replace(report, audit=audit)
    return render(document.summarise([given], given.run, given.created))


@pytest.fixture
def audit(passing: Report) -> Audit:
    assert passing.audit is not None
    return passing.audit


def test_a_run_without_any_of_it_has_none_of_the_sections(passing: Report, audit: Audit) -> None:
    page = shown(passing, audit)
    assert not any(title in page for title in TITLES)


def test_the_leak_budget_has_a_row_for_each_stage(passing: Report, audit: Audit) -> None:
    right = Rate(0.66, 0.57, 0.74, 100, 0.9)
    change = Rate(-0.113, -0.2, -0.03, 200, 0.9)
    stages = (
        CanaryStage("dense", AUC, None, right, 0.4321),
        CanaryStage("source", AUC, change, right, 0.1234),
        CanaryStage("artifact", AUC, change, right, 0.0),
    )
    page = shown(passing, replace(audit, canaries=CanaryAudit(200, 200, stages)))
    assert all(f">{stage.subject}<" in page for stage in stages)
    assert "0.432" in page
    assert "\u22120.113" in page


def test_what_all_files_share_stands_in_the_page_once(passing: Report, audit: Audit) -> None:
    """Dense baseline and source answered once, whatever was made of them."""
    right = Rate(0.66, 0.57, 0.74, 100, 0.9)
    stages = tuple(
        CanaryStage(name, AUC, None, right, epsilon)
        for name, epsilon in (("dense", 0.4321), ("source", 0.1234), ("artifact", 0.0))
    )
    gain = Rate(0.01, -0.01, 0.03, 400, 0.9)
    told = tuple(AttributeInference(n, 2, right, right, gain) for n in ("source", "artifact"))
    planted = replace(audit, canaries=CanaryAudit(200, 200, stages), attributes=told)
    first = replace(passing, audit=planted)
    second = replace(first, artifact=replace(first.artifact, target="another"))
    page = gather(document.summarise([first, second], first.run, first.created))
    (family,) = page.families
    named = [(report and report.artifact.name, one.subject) for report, one in family.canaries]
    files = [(first.artifact.name, "artifact"), (second.artifact.name, "artifact")]
    assert named == [(None, "dense"), (None, "source"), *files]
    assert [one.subject for _, one in family.attributes] == ["source", "artifact", "artifact"]
    assert render(page.summary).count("0.432") == 1


def test_canaries_that_were_not_measured_are_said_aloud(passing: Report, audit: Audit) -> None:
    page = shown(passing, replace(audit, canaries=CanaryAudit(200, 0, (), "a coin differs")))
    assert "none was measured on the file: a coin differs" in page


def test_exposed_members_are_told_by_number_only(passing: Report, audit: Audit) -> None:
    traces = TraceLeakage(0.05, 125, Rate(0.81, 0.77, 0.85, 2625, 0.9), AUC)
    page = shown(passing, replace(audit, traces=traces))
    assert "the top 5\u00a0%: 125" in page
    assert "0.810" in page


def test_the_attribute_is_told_beside_what_the_label_gives_away(
    passing: Report, audit: Audit
) -> None:
    found = AttributeInference("artifact", 2, AUC, Rate(0.6, 0.57, 0.63, 200, 0.9), AUC)
    page = shown(passing, replace(audit, attributes=(found,)))
    assert "From labels alone" in page
    assert "+0.617" in page


def test_it_survives_a_round_trip(passing: Report, audit: Audit, tmp_path: Path) -> None:
    full = replace(
        audit,
        canaries=CanaryAudit(2, 2, (CanaryStage("artifact", AUC, None, AUC, 0.5),)),
        traces=TraceLeakage(0.05, 125, AUC, AUC),
        attributes=(AttributeInference("artifact", 2, AUC, AUC, AUC),),
    )
    path = tmp_path / "report.json"
    document.write_report(path, replace(passing, audit=full))
    assert document.read_report(path).audit == full
