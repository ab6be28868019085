from __future__ import annotations

from pathlib import Path

import pytest

from sc_deploy.cli import verdicts
from sc_deploy.report import document

SUMMARY = Path(__file__).parents[1] / "golden" / "report" / "summary.json"


def told(capsys: pytest.CaptureFixture[str], *, letters: str) -> list[str]:
    reports = document.read_summary(SUMMARY).reports[:2]
    verdicts.table(reports, letters=letters)
    rows = [line.split() for line in capsys.readouterr().err.splitlines()]
    names = {report.artifact.name for report in reports}
    return [row[0] for row in rows if names & set(row)]


def test_files_that_a_story_calls_by_letters_carry_them_in_the_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert told(capsys, letters="AB") == ["A", "B"]


def test_elsewhere_a_row_starts_with_the_name_of_the_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = [report.artifact.name for report in document.read_summary(SUMMARY).reports[:2]]
    assert told(capsys, letters="") == names
