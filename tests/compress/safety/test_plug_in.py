"""Whether the safety test that docs/safety-tests.md shows is found, and does what it says."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sc_deploy import registry
from sc_deploy.compress.candidates.exam import examine
from sc_deploy.contracts import Role, SharedSafetyTest
from sc_deploy.errors import UsageError

# Any: the types of fixtures live in conftest.py, which tests cannot import.

PAGE = Path(__file__).parents[3] / "docs" / "safety-tests.md"


def block(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.S | re.M)
    assert len(found) == 1
    return str(found[0])


def install(folder: Path, points: str) -> None:
    """What an installer leaves of a distribution, as far as it is looked for."""
    described = folder / "gap_attack-0.1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: gap-attack\nVersion: 0.1.0\n")
    (described / "entry_points.txt").write_text(f"[sc_deploy.safety_tests]\n{points}\n")


@pytest.fixture
def gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The page's package, installed."""
    project = tomllib.loads(block("toml"))["project"]
    ((name, place),) = project["entry-points"]["sc_deploy.safety_tests"].items()
    (tmp_path / "gap_attack.py").write_text(block("python"))
    install(tmp_path, f"{name} = {place}")
    monkeypatch.syspath_prepend(str(tmp_path))
    return registry.safety_test(name)


def test_it_is_listed_and_found_by_its_entry_point(gap: Any) -> None:
    assert "gap" in registry.names(registry.Group.SAFETY_TESTS)
    assert gap is import_module("gap_attack").GAP
    assert not isinstance(gap, SharedSafetyTest)


def test_its_figure_is_the_gap_between_accuracy_inside_and_outside(gap: Any, job_of: Any) -> None:
    """Yeom et al.: one half and half the gap."""
    job = job_of(gap)
    marks = examine(job, job.factory(1))
    ((name, rate),) = marks.safety
    from sc_deploy.compress.answers import predict
    from sc_deploy.compress.candidates.exam import right

    inside, outside = (
        right(predict(job.factory(1), job.task, job.roles, role)).mean()
        for role in (Role.MEMBER_SEARCH, Role.NON_MEMBER_SEARCH)
    )
    assert name == "gap"
    assert rate.value == pytest.approx(0.5 + (inside - outside) / 2)
    assert np.isfinite(rate.low)


@pytest.mark.parametrize(
    ("found", "why"), [("HALF", "'half' has no needs, attack"), ("Whole", "'half' is a class")]
)
def test_what_is_no_safety_test_is_refused_with_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: str, why: str
) -> None:
    half = "class Half:\n    name = 'half'\n    reads = frozenset()\n\n\nHALF = Half()\n"
    whole = (
        "class Whole(Half):\n    needs = frozenset()\n    def attack(self, seen, *, seed): ...\n"
    )
    (tmp_path / f"half_{found.lower()}.py").write_text(half + whole)
    install(tmp_path, f"half = half_{found.lower()}:{found}")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError, match=why):
        registry.safety_test("half")


def test_two_packages_under_one_name_are_refused(
    gap: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "gap_two-1.dist-info").mkdir()
    (other / "gap_two-1.dist-info" / "METADATA").write_text("Name: gap-two\nVersion: 1\n")
    points = "[sc_deploy.safety_tests]\ngap = gap_two:GAP\n"
    (other / "gap_two-1.dist-info" / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(other))
    with pytest.raises(UsageError, match="two plug-ins claim 'gap'"):
        registry.safety_test("gap")
