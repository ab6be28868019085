from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sc_deploy.report import page

if TYPE_CHECKING:
    from sc_deploy.contracts import Summary


def test_reports_of_one_source_are_one_family(summary: Summary) -> None:
    gathered = page.gather(summary)
    assert [len(family.reports) for family in gathered.families] == [1, 3]


def test_models_stand_in_the_order_in_which_they_were_made(summary: Summary) -> None:
    family = page.gather(summary).families[1]
    assert [model.kind for model in family.models] == ["dense", "source", *["artifact"] * 3]


def test_the_source_takes_its_figures_from_the_first_audit_that_has_them(
    summary: Summary,
) -> None:
    unmeasured = replace(summary.reports[1], audit=None)
    family = page.gather(replace(summary, reports=(unmeasured, summary.reports[2]))).families[0]
    assert family.models[1].subject is not None
    assert family.models[2].subject is None


def test_one_limit_is_drawn_and_two_are_not(summary: Summary) -> None:
    family = page.gather(summary).families[1]
    assert family.limit == 0.55
    other = summary.reports[2]
    moved = tuple(
        replace(check, limit=0.53) if check.kind == "absolute" else check
        for check in other.verdict.checks
    )
    differing = replace(other, verdict=replace(other.verdict, checks=moved))
    both = replace(summary, reports=(summary.reports[1], differing))
    assert page.gather(both).families[0].limit is None


def test_only_a_source_that_lost_weights_is_called_sparse(summary: Summary) -> None:
    dense, sparse = (
        next(model for model in family.models if model.kind == "source")
        for family in page.gather(summary).families
    )
    assert (dense.kind_in_words, sparse.kind_in_words) == ("source", "sparse source")


def test_the_most_looks_count(summary: Summary) -> None:
    audit = summary.reports[0].audit
    assert audit is not None
    again = replace(summary.reports[0], audit=replace(audit, audit_looks=3))
    assert page.gather(replace(summary, reports=(again, *summary.reports[1:]))).looks == 3


def test_sources_of_several_runs_have_names_of_their_own(summary: Summary) -> None:
    first = summary.reports[0]
    assert first.source is not None
    other = replace(first, run="other", source=replace(first.source, digest="f" * 64))
    both = replace(summary, reports=(first, other))
    assert len({family.title for family in page.gather(both).families}) == 2
