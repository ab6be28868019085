from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from sc_deploy import workspace
from sc_deploy.contracts import (
    Brought,
    Cause,
    Check,
    Diverged,
    ModelSummary,
    Outcome,
    Published,
    Rate,
    Report,
    Strategy,
    Summary,
    TensorSpec,
)
from sc_deploy.privacy.attacks.neural_paper import FAULT
from sc_deploy.report import document, numbers, subjects, text, vocabulary
from sc_deploy.report.html import render

if TYPE_CHECKING:
    from collections.abc import Callable

    Golden = Callable[[str, str], None]

VOID = {"meta", "br", "wbr", "hr", "img", "input", "link"}
ATTACK = "<script>alert('x')</script>"


class Balanced(HTMLParser):
    """Fails on an end tag that closes something else than what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def parsed(page: str) -> Balanced:
    parser = Balanced()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def alone(report: Report) -> Summary:
    return document.summarise([report], "run", "now")


def test_the_page_is_the_golden_one(summary: Summary, golden: Golden) -> None:
    golden("report/summary.html", render(summary))


def test_the_document_is_the_golden_one(summary: Summary, golden: Golden) -> None:
    golden("report/summary.json", workspace.encode(summary))


def test_the_page_of_a_file_that_never_ran_is_the_golden_one(
    unexecuted: Report, golden: Golden
) -> None:
    golden("report/unexecuted.html", render(alone(unexecuted)))


def test_rendering_twice_gives_the_same_bytes(summary: Summary) -> None:
    assert render(summary) == render(summary)


def test_the_page_is_balanced_html(summary: Summary, unexecuted: Report) -> None:
    parsed(render(summary))
    parsed(render(alone(unexecuted)))


def test_the_page_needs_no_network_no_script_and_no_other_file(summary: Summary) -> None:
    page = render(summary)
    parser = parsed(page)
    assert not parser.seen & {"script", "link", "img", "iframe", "object", "embed", "image", "use"}
    names = {name for name, _ in parser.attributes}
    assert not names & {"src", "href", "xlink:href", "srcset", "style"}
    assert not [name for name in names if name.startswith("on")]
    for forbidden in ("http://", "https://", "url(", "@import", "@font-face", "javascript:"):
        assert forbidden not in page


def test_what_a_user_named_is_escaped_everywhere(passing: Report) -> None:
    assert passing.source is not None
    hostile = replace(
        passing,
        run=ATTACK,
        policy=ATTACK,
        tool_version=ATTACK,
        artifact=replace(passing.artifact, target=ATTACK),
        source=replace(passing.source, name=ATTACK, network=ATTACK),
        verdict=replace(
            passing.verdict,
            reason=ATTACK,
            checks=tuple(
                replace(check, name=ATTACK, reason=ATTACK, remedy=ATTACK)
                for check in passing.verdict.checks
            ),
        ),
        samples=((ATTACK, 1),),
        environment=((ATTACK, ATTACK),),
    )
    page = render(document.summarise([hostile], ATTACK, ATTACK))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "script" not in parsed(page).seen


def test_the_figures_of_the_headline_stand_in_the_page(summary: Summary) -> None:
    shown = parsed(render(summary)).text
    for report in summary.reports:
        found = subjects.artifact(report)
        strongest = subjects.strongest(found)
        assert found is not None
        assert strongest is not None
        for figure in (
            numbers.percent(found.accuracy.value),
            numbers.plain(strongest.auc.value),
            numbers.interval(strongest.auc),
            numbers.size_of(report.artifact.bytes),
            text.sentence(report.verdict.reason),
            str(report.verdict.outcome),
            text.title(report),
        ):
            assert figure in shown


def test_every_check_stands_in_the_page_with_its_remedy(summary: Summary) -> None:
    shown = parsed(render(summary)).text
    for report in summary.reports:
        for check in subjects.checks(report):
            assert check.name in shown
            assert text.sentence(check.reason).replace("`", "") in shown
            assert check.remedy.replace("`", "") in shown


def test_the_table_of_checks_begins_with_what_keeps_the_file_from_a_pass(failing: Report) -> None:
    assert failing.audit is not None
    held, missing = failing.audit.validity[0], "the question that nobody could answer"
    open_ = Check(
        missing, "validity", Outcome.INCONCLUSIVE, "no", None, None, True, Cause.NOT_EXECUTED, "run"
    )
    odd = replace(
        failing, verdict=replace(failing.verdict, checks=(*failing.verdict.checks, open_))
    )
    body = render(alone(odd)).split("<h2>Every check</h2>")[1]
    unfolded = body.split("<details>")[0]
    listed = parsed(unfolded).text
    assert listed.index("FAIL") < listed.index(missing) < listed.index("PASS")
    assert held.name not in unfolded
    assert held.name in body


def test_commands_in_a_reason_are_set_as_code(failing: Report) -> None:
    told = replace(failing.verdict, reason="Undecided: train with `scdeploy references train`")
    page = render(alone(replace(failing, verdict=told)))
    assert "<code>scdeploy references train</code>" in page.split("</article>")[0]


def test_every_digest_and_seed_stands_in_the_page(summary: Summary) -> None:
    shown = parsed(render(summary)).text
    for report in summary.reports:
        assert report.artifact_digest in shown
        assert report.policy_digest in shown
        assert str(report.recipe_digest) in shown
        assert report.roles_digest in shown
        assert report.artifact.files[0].sha256 in shown


@pytest.mark.parametrize("name", ["passing", "undecided", "failing", "broken", "unexecuted"])
def test_no_page_calls_a_file_safe(name: str, request: pytest.FixtureRequest) -> None:
    report: Report = request.getfixturevalue(name)
    assert not re.search(r"\bsafe(ly|ty)?\b", render(alone(report)), re.IGNORECASE)


def test_a_pass_says_what_it_does_not_prove(passing: Report) -> None:
    shown = parsed(render(alone(passing))).text
    assert "It does not prove that there is none" in shown
    assert text.scope(passing) in shown


def test_label_noise_is_said_aloud_with_the_clean_figure(passing: Report) -> None:
    audit = passing.audit
    assert audit is not None
    clean = Rate(0.5173, 0.5011, 0.5335, 4500)
    found = tuple(replace(subject, clean_auc=clean) for subject in audit.subjects)
    noisy = replace(passing, label_noise=0.1, audit=replace(audit, subjects=found))
    shown = parsed(render(alone(noisy))).text
    assert "10\u00a0% of the labels were replaced at random on purpose" in shown
    assert numbers.rate(clean) in shown
    assert "replaced at random" not in parsed(render(alone(passing))).text


def test_repeated_looks_are_said_aloud(passing: Report) -> None:
    audit = passing.audit
    assert audit is not None
    again = replace(passing, audit=replace(audit, audit_looks=4))
    assert "Looked at 4 times" in parsed(render(alone(again))).text
    assert "Looked at" not in parsed(render(alone(passing))).text


def test_the_page_says_which_round_was_returned(passing: Report) -> None:
    """Not by which figure: the recipe decides what a round, and the run, is chosen by."""
    text = parsed(render(alone(passing))).text
    assert "The state of round 5, after 1,000 steps, is what was returned." in text
    assert "best TM-score" not in text


def without_audit(report: Report) -> Report:
    return replace(report, audit=None)


def without_runtime(report: Report) -> Report:
    return replace(report, runtime=None)


def without_dense(report: Report) -> Report:
    return replace(report, dense=None)


def without_history(report: Report) -> Report:
    return replace(report, history=())


def without_checks(report: Report) -> Report:
    bare = replace(report, verdict=replace(report.verdict, checks=()))
    return replace(bare, audit=replace(bare.audit, validity=()) if bare.audit else None)


def with_one_attack(report: Report) -> Report:
    assert report.audit is not None
    found = tuple(replace(s, attacks=s.attacks[:1]) for s in report.audit.subjects)
    return replace(report, audit=replace(report.audit, subjects=found))


def with_no_attack(report: Report) -> Report:
    assert report.audit is not None
    found = tuple(replace(s, attacks=()) for s in report.audit.subjects)
    return replace(report, audit=replace(report.audit, subjects=found, changes=()))


def without_source(report: Report) -> Report:
    """Audited alone: nobody has the model that it was made from."""
    assert report.audit is not None
    audit = replace(
        report.audit,
        subjects=report.audit.subjects[-1:],
        changes=(),
        accuracy_change=None,
        parity_error=None,
        agreement=None,
    )
    unknown = ModelSummary("unknown", "unknown", "", 0, 0, 0.0, ())
    return replace(report, audit=audit, source=unknown, dense=None, history=())


def binary(report: Report) -> Report:
    output = TensorSpec("logit", (1,), "float32")
    return replace(report, artifact=replace(report.artifact, output=output))


@pytest.mark.parametrize(
    "change",
    [
        without_audit,
        without_runtime,
        without_dense,
        without_history,
        without_checks,
        without_source,
        with_one_attack,
        with_no_attack,
        binary,
    ],
)
def test_a_page_can_miss_a_part(passing: Report, change: Callable[[Report], Report]) -> None:
    shown = parsed(render(alone(change(passing)))).text
    assert text.title(passing) in shown
    assert "None" not in shown
    assert "Undefined" not in shown


def test_two_files_of_one_name_can_be_told_apart(passing: Report) -> None:
    both = [passing, replace(passing, run="broken")]
    shown = parsed(render(document.summarise(both, "demo", "now"))).text
    assert "broken/android.executorch.fp32.dense" in shown
    assert "fmnist/android.executorch.fp32.dense" in shown


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_its_page(passing: Report, outcome: Outcome) -> None:
    given = replace(passing, verdict=replace(passing.verdict, outcome=outcome))
    shown = parsed(render(alone(given))).text
    assert vocabulary.OUTCOMES[outcome] in shown


def test_the_confidence_of_the_intervals_is_told(passing: Report) -> None:
    assert "two-sided 90\u00a0% interval" in parsed(render(alone(passing))).text


def test_a_page_of_no_reports_says_so() -> None:
    page = render(document.summarise([], "run", "now"))
    assert "Nothing was audited" in parsed(page).text


def test_what_was_not_measured_is_never_shown_as_a_figure(unexecuted: Report) -> None:
    shown = parsed(render(alone(unexecuted))).text
    assert "not measured" in shown
    assert str(Outcome.PASS) not in shown.split("How to read this page")[0]


def test_a_figure_by_a_papers_own_protocol_comes_with_its_fault(passing: Report) -> None:
    assert passing.audit is not None
    found = Published("artifact", "neural-paper", Rate(0.53, 0.51, 0.55, 300, 0.9), FAULT)
    told = replace(passing, audit=replace(passing.audit, published=(found,)))
    page = parsed(render(alone(told)))
    assert FAULT in page.text
    assert "no evidence" in page.text
    assert "As the paper would report it" not in parsed(render(alone(passing))).text


def test_a_brought_file_is_not_told_of_models_that_it_never_had(
    summary: Summary, failing: Report
) -> None:
    brought = Brought(files=(), reads="its output", notes=())
    assert "From the dense model" in render(summary)
    assert "From the dense model" not in render(alone(replace(failing, brought=brought)))


def test_candidates_that_diverged_are_told_with_the_reason(passing: Report) -> None:
    lost = Diverged(3, 1200, Strategy("taylor", "random"), "the loss was <not> finite")
    page = render(document.summarise([replace(passing, diverged=(lost,))], "run", "now"))
    assert "round 3, from step 1,200: taylor/random: the loss was &lt;not&gt; finite" in page
    assert "Left out of their round" not in render(document.summarise([passing], "run", "now"))
