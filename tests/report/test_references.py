"""Which reference models a file was held against is told to whoever reads the page."""

from __future__ import annotations

from dataclasses import replace

from sc_deploy.contracts import ReferenceEvidence, ReferenceModel, Report, Summary
from sc_deploy.report import document
from sc_deploy.report.html import render

OWN, OTHER = "a" * 64, "b" * 64


def evidence(*unmatched: str) -> ReferenceEvidence:
    models = tuple(
        ReferenceModel(number, f"{number}" * 64, "c" * 64, OTHER if why else OWN, why)
        for number, why in enumerate(unmatched)
    )
    return ReferenceEvidence(OWN, models, None if any(unmatched) else 0.0012)


def page(report: Report, found: ReferenceEvidence | None) -> str:
    assert report.audit is not None
    told = replace(report, audit=replace(report.audit, references=found))
    return render(document.summarise([told], "run", "now"))


def test_a_page_says_how_many_were_matched(summary: Summary) -> None:
    told = page(summary.reports[0], evidence("", "", "", ""))
    assert "4 of 4" in told
    assert "0.0012 standard deviations" in told
    assert OWN in told


def test_a_page_says_why_one_was_not_asked(summary: Summary) -> None:
    told = page(summary.reports[0], evidence("", "was <not> exported"))
    assert "1 of 2" in told
    assert "not asked: was &lt;not&gt; exported" in told
    assert OTHER in told


def test_where_no_attack_needs_any_there_is_no_such_section(summary: Summary) -> None:
    assert "<h2>Reference models</h2>" not in page(summary.reports[0], None)
