"""`scdeploy references train`, as a user calls it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

# Any: the types of fixtures live in conftest.py, which tests cannot import.


@pytest.mark.slow
def test_references_are_trained_exported_and_told(
    finished: Path, tmp_path: Path, scdeploy: Any
) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    result = scdeploy("references", "train", run, "-n", "2", "--json")
    assert result.code == 0, result.err
    told = result.document
    assert told["schema_version"] == 1
    assert [one["number"] for one in told["references"]] == [0, 1]
    assert [one["members"] for one in told["references"]] == [750, 750]
    assert [one["name"] for one in told["artifacts"]] == [
        f"references/{number}/onnx.onnx.fp32.dense" for number in range(2)
    ]
    assert {one["exit_code"] for one in told["artifacts"]} == {0}
    assert "2 reference models" in result.err


def test_an_odd_number_of_them_is_a_usage_error(finished: Path, scdeploy: Any) -> None:
    result = scdeploy("references", "train", finished, "-n", "3", "--json")
    assert result.code == 2
    assert "even number" in result.document["error"]["remedy"]


def test_they_are_trained_for_a_run_that_is_there(tmp_path: Path, scdeploy: Any) -> None:
    result = scdeploy("references", "train", tmp_path)
    assert result.code == 2
    assert "not a run folder" in result.err
