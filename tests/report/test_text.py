from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sc_deploy.contracts import Clustering
from sc_deploy.report import document, numbers, text

if TYPE_CHECKING:
    from sc_deploy.contracts import Report, Summary


def test_a_table_row_fills_every_column(summary: Summary) -> None:
    rows = text.table(summary)
    assert [len(row) for row in rows] == [len(text.COLUMNS)] * 4


def test_a_table_row_shows_the_largest_auc(failing: Report) -> None:
    summary = document.summarise([failing], "run", "now")
    row = dict(zip(text.COLUMNS, text.table(summary)[0], strict=True))
    assert row["largest AUC"] == "0.661 [0.646, 0.677]"
    assert row["size"] == "424\u00a0kB"
    assert row["accuracy"] == "90.8\u00a0%"
    assert row["verdict"] == "FAIL"


def test_what_was_not_measured_is_a_dash(unexecuted: Report) -> None:
    row = text.table(document.summarise([unexecuted], "run", "now"))[0]
    assert row[2:4] == (numbers.ABSENT, numbers.ABSENT)


def test_another_device_stands_in_the_title(passing: Report) -> None:
    assert passing.runtime is not None
    remote = replace(passing, runtime=replace(passing.runtime, device="qemu-arm64"))
    assert text.title(remote) == "android.executorch.fp32.dense on qemu-arm64"


@pytest.mark.parametrize(
    ("kept", "line"),
    [
        ((), "Nothing was audited"),
        ((0,), "The audited file may not ship under this policy"),
        ((2,), "The audited file may ship under this policy"),
        ((0, 2), "1 of 2 files may ship under this policy"),
        ((0, 1), "None of 2 files may ship under this policy"),
        ((2, 2), "All 2 files may ship under this policy"),
    ],
)
def test_the_headline_counts_what_may_ship(
    summary: Summary, kept: tuple[int, ...], line: str
) -> None:
    reports = tuple(summary.reports[number] for number in kept)
    assert text.headline(replace(summary, reports=reports)) == line


def test_a_pass_that_was_never_executed_may_not_ship(passing: Report) -> None:
    summary = document.summarise([replace(passing, runtime=None)], "run", "now")
    assert text.headline(summary) == "The audited file may not ship under this policy"


def test_the_scope_says_that_units_were_counted(passing: Report) -> None:
    assert passing.audit is not None
    counted = replace(passing.audit, clustering=Clustering(members=40, non_members=60, test=30))
    said = text.scope(replace(passing, audit=counted)).replace("\u00a0", " ")
    assert "intervals clustered by unit, n = 100 units" in said
    assert "unit" not in text.scope(passing)


def test_the_scope_names_attacks_samples_and_tier(passing: Report) -> None:
    said = text.scope(passing).replace("\u00a0", " ")
    assert "loss, modified-entropy and neural, on n = 5,000 audit samples" in said
    assert "tier T0" in said


def test_files_of_several_runs_carry_their_run(passing: Report) -> None:
    other = replace(passing, run="broken")
    summary = document.summarise([passing, other], "demo", "now")
    names = [row[0] for row in text.table(summary)]
    assert names == [f"{run}/android.executorch.fp32.dense" for run in ("fmnist", "broken")]


def test_roles_are_read_as_words() -> None:
    assert text.words("member-audit") == "member audit"
    assert text.words("non-member-audit") == "non-member audit"


def test_a_sentence_gets_a_capital_and_one_full_stop() -> None:
    assert text.sentence("no AUC above 0.55") == "No AUC above 0.55."
    assert text.sentence("Done.") == "Done."
    assert text.sentence("") == ""


def test_lists_read_as_english() -> None:
    assert [text.listed(["a", "b", "c"][:n]) for n in range(4)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_files_of_several_runs_with_one_name_are_told_apart(summary: Summary) -> None:
    first = summary.reports[0]
    other = replace(first, run="other")
    assert len({row[0] for row in text.rows((first, other))}) == 2
    assert text.rows((first,))[0][0] == text.title(first)
