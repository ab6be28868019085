from __future__ import annotations

from pathlib import Path

import pytest

from sc_deploy.errors import IntegrityError
from sc_deploy.pipeline import ledger
from sc_deploy.workspace import RunFolder


def look(run: RunFolder, roles: str = "r") -> int:
    return ledger.record(run, roles_digest=roles, artifact_digest="a", device="local")


def test_looks_at_the_same_audit_samples_are_counted(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert [look(run), look(run), look(run, "others"), look(run)] == [1, 2, 1, 3]


def test_a_changed_line_is_noticed(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    look(run), look(run), look(run)
    lines = run.ledger.read_text().splitlines(keepends=True)
    run.ledger.write_text("".join([lines[0].replace('"a"', '"b"'), *lines[1:]]))
    with pytest.raises(IntegrityError, match="line 2"):
        look(run)


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_lost_lines_are_noticed(tmp_path: Path, kept: int) -> None:
    run = RunFolder(tmp_path)
    look(run), look(run), look(run)
    lines = run.ledger.read_text().splitlines(keepends=True)
    run.ledger.write_text("".join(lines[:kept]))
    with pytest.raises(IntegrityError, match="lost"):
        ledger.verify(run)
    with pytest.raises(IntegrityError, match="lost"):
        look(run)


def test_a_line_that_the_manifest_missed_through_a_kill_is_no_tampering(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    look(run)
    before = (tmp_path / "manifest.json").read_bytes()
    look(run)
    (tmp_path / "manifest.json").write_bytes(before)
    assert look(run) == 3


def test_a_fresh_start_does_not_forget(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    look(run)
    (tmp_path / "manifest.json").unlink()
    assert look(run) == 2
