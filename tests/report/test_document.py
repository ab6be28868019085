from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sc_deploy.contracts import Outcome, Report, Summary
from sc_deploy.errors import ExitCode, IntegrityError
from sc_deploy.report import document

if TYPE_CHECKING:
    from pathlib import Path


def with_outcome(report: Report, outcome: Outcome) -> Report:
    return replace(report, verdict=replace(report.verdict, outcome=outcome))


def edit(path: Path, key: str, value: object) -> None:
    content = json.loads(path.read_text())
    content[key] = value
    path.write_text(json.dumps(content))


def test_a_report_survives_a_round_trip(tmp_path: Path, undecided: Report) -> None:
    document.write_report(tmp_path / "report.json", undecided)
    assert document.read_report(tmp_path / "report.json") == undecided


def test_a_report_without_audit_survives_a_round_trip(tmp_path: Path, unexecuted: Report) -> None:
    document.write_report(tmp_path / "report.json", unexecuted)
    assert document.read_report(tmp_path / "report.json") == unexecuted


def test_a_summary_survives_a_round_trip(tmp_path: Path, summary: Summary) -> None:
    document.write_summary(tmp_path / "summary.json", summary)
    assert document.read_summary(tmp_path / "summary.json") == summary


def test_an_unknown_key_is_refused(tmp_path: Path, passing: Report) -> None:
    path = tmp_path / "report.json"
    document.write_report(path, passing)
    edit(path, "approved_by", "nobody")
    with pytest.raises(IntegrityError, match="more or other"):
        document.read_report(path)


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_schema_version_is_named_in_the_refusal(
    tmp_path: Path, passing: Report, version: object
) -> None:
    path = tmp_path / "report.json"
    document.write_report(path, passing)
    edit(path, "schema_version", version)
    with pytest.raises(IntegrityError, match=f"schema_version {version!r}, expected 1"):
        document.read_report(path)


def test_a_report_of_another_version_inside_a_summary_is_refused(
    tmp_path: Path, summary: Summary
) -> None:
    older = replace(summary.reports[0], schema_version=7)
    document.write_summary(tmp_path / "s.json", replace(summary, reports=(older,)))
    with pytest.raises(IntegrityError, match="schema_version 7"):
        document.read_summary(tmp_path / "s.json")


@pytest.mark.parametrize("content", ["", "{", "[]", '"text"'])
def test_what_is_not_a_document_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(content)
    with pytest.raises(IntegrityError):
        document.read_report(path)


def test_a_missing_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="not a readable"):
        document.read_summary(tmp_path / "none.json")


def test_an_edited_exit_code_is_not_believed(tmp_path: Path, summary: Summary) -> None:
    path = tmp_path / "summary.json"
    document.write_summary(path, replace(summary, exit_code=0))
    with pytest.raises(IntegrityError, match="says exit code 0, its verdicts give 5"):
        document.read_summary(path)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((), ExitCode.INCONCLUSIVE),
        ((Outcome.PASS,), ExitCode.OK),
        ((Outcome.PASS, Outcome.FAIL), ExitCode.NEGATIVE_VERDICT),
        ((Outcome.FAIL, Outcome.INCONCLUSIVE), ExitCode.INCONCLUSIVE),
        ((Outcome.PASS, Outcome.INVALID, Outcome.INCONCLUSIVE), ExitCode.FAILED),
    ],
)
def test_the_joint_code_is_the_worst(
    passing: Report, outcomes: tuple[Outcome, ...], code: ExitCode
) -> None:
    reports = [with_outcome(passing, outcome) for outcome in outcomes]
    assert document.summarise(reports, "run", "now").exit_code == code


def test_a_pass_without_an_execution_is_not_a_pass(passing: Report) -> None:
    claimed = replace(passing, runtime=None)
    assert document.exit_code(claimed) is ExitCode.INCONCLUSIVE


def test_a_file_that_would_not_load_stays_invalid_without_a_runtime(broken: Report) -> None:
    unloadable = with_outcome(broken, Outcome.INVALID)
    assert document.exit_code(replace(unloadable, runtime=None)) is ExitCode.FAILED
