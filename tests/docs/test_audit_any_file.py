"""The page on audits of any file goes as it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.test_documents import ROOT, commands, run_all


@pytest.mark.slow
def test_the_page_goes_as_it_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "any-file", tmp_path / "work" / "any-file")
    told = commands((ROOT / "docs" / "audit-any-file.md").read_text("utf-8"))
    ran = run_all(told, tmp_path)
    transcript = "\n".join(output for output, _ in ran)
    assert [code for _, code in ran] == [command.exit_code for command in told], transcript
    for command, (output, _) in zip(told, ran, strict=True):
        assert set(command.output) <= set(output.splitlines())
