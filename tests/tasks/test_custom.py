from __future__ import annotations

import hashlib
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.errors import DataError, UsageError
from sc_deploy.tasks import batches, custom, soundness

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
    from __future__ import annotations
    from dataclasses import dataclass
    import numpy as np

    @dataclass
    class Problem:
        x: np.ndarray
        y: np.ndarray

        def preprocess(self, x):
            return x.astype(np.float32) / np.float32(10)

        def network(self):
            return "a network"

    def task():
        return Problem(np.arange(12.0).reshape(6, 2), np.array([0, 1, 2, 0, 1, 2], np.int8))

    def better():
        found = task()
        found.name, found.classes = "mine", ["a", "b", "c", "never seen"]
        found.unit = np.array(["p", "p", "q", "q", "r", "r"])
        return found

    def broken():
        found = task()
        found.x, found.y, found.unit, found.classes = [1, 2], found.y / 2, "p", "ab"
        found.network = None
        del found.__class__.preprocess
        return found

    def unsound():
        found = task()
        found.y, found.unit, found.classes = found.y[:5], np.arange(3), ("a", "b")
        return found

    def fails():
        raise KeyError("no such column")

    def leaves():
        raise SystemExit(0)

    def nothing():
        return None
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(dedent(GOOD))
    return path


def test_a_task_comes_with_the_digest_of_the_code_that_ran(file: Path) -> None:
    task, sha256 = custom.load(f"{file}:task")
    assert sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (task.name, task.classes, task.unit) == ("task", ("0", "1", "2"), None)
    assert task.y.dtype == np.int64
    np.testing.assert_allclose(batches.read(task, np.array([5])), [[1.0, 1.1]])
    soundness.require(task)


def test_what_the_user_names_is_kept(file: Path) -> None:
    task, _ = custom.load(f"{file}:better")
    assert (task.name, task.classes) == ("mine", ("a", "b", "c", "never seen"))
    assert task.unit is not None
    assert task.unit.tolist() == ["p", "p", "q", "q", "r", "r"]


def test_the_network_is_handed_on_unseen(file: Path) -> None:
    task, _ = custom.load(f"{file}:task")
    assert isinstance(task, custom.TrustedTask)
    assert task.network() == "a network"


def test_everything_that_is_missing_or_of_a_wrong_type_is_listed_at_once(file: Path) -> None:
    with pytest.raises(DataError) as caught:
        custom.load(f"{file}:broken")
    named = {problem.where for problem in caught.value.problems}
    assert named == {"x", "y", "unit", "classes", "network", "preprocess"}


def test_everything_that_does_not_fit_is_listed_at_once(file: Path) -> None:
    task, _ = custom.load(f"{file}:unsound")
    with pytest.raises(DataError) as caught:
        soundness.require(task)
    found = str(caught.value)
    assert {problem.where for problem in caught.value.problems} == {"y", "unit"}
    assert "labels 0 to 2 for 2 classes" in found
    assert "(5,) for 6 samples" in found


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        ("fails", "no such column"),
        ("leaves", "SystemExit"),
        ("nothing", "gives no usable task"),
    ],
)
def test_a_function_that_gives_no_task_is_a_data_error(
    file: Path, function: str, complaint: str
) -> None:
    with pytest.raises(DataError, match=complaint):
        custom.load(f"{file}:{function}")


@pytest.mark.parametrize("spec", ["", "mine.py", "mine.txt:task", "mine.py:", "mine.py:a b", ":f"])
def test_a_spec_that_is_no_file_and_function_is_refused(spec: str) -> None:
    with pytest.raises(UsageError, match=r"takes file\.py:function"):
        custom.load(spec)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        custom.load(f"{tmp_path / 'none.py'}:task")


def test_an_unknown_function_is_answered_with_those_there(file: Path) -> None:
    with pytest.raises(UsageError, match="no function 'tsk'") as caught:
        custom.load(f"{file}:tsk")
    assert "better" in caught.value.remedy


@pytest.mark.parametrize("source", ["def task(:", "import nowhere_to_be_found", "1 / 0", "exit()"])
def test_a_file_that_does_not_run_is_refused(tmp_path: Path, source: str) -> None:
    path = tmp_path / "bad.py"
    path.write_text(source)
    before = set(sys.modules)
    with pytest.raises(UsageError, match="does not run"):
        custom.load(f"{path}:task")
    assert not {name for name in set(sys.modules) - before if "trusted" in name}


def test_code_beside_the_file_is_not_imported(file: Path) -> None:
    (file.parent / "beside_the_trusted.py").write_text("")
    file.write_text("import beside_the_trusted")
    with pytest.raises(UsageError, match="beside"):
        custom.load(f"{file}:task")
