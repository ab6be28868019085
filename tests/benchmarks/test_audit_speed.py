from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sc_deploy.privacy.attacks import ATTACKS

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "audit_speed.py"


@pytest.fixture(scope="module")
def parts() -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    """A run on few samples."""
    sizes = ("--samples", "200", "--references", "6", "--repeats", "1", "--json")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *sizes], check=True, stdout=subprocess.PIPE, text=True
    )
    document = json.loads(done.stdout)
    assert document["schema_version"] == 1
    assert document["within"] == {"thresholds": True, "references": True}
    found: Mapping[str, Mapping[str, Mapping[str, float]]] = document["parts"]
    return found


def test_every_attack_on_answers_and_every_reference_scorer_is_timed(
    parts: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> None:
    timed = {*parts["thresholds"], *parts["learned"], *parts["references"]}
    kinds: tuple[set[str], ...] = (set(), {"inputs"}, {"references"})
    expected = {attack.name for attack in ATTACKS if attack.needs in kinds}
    assert timed - {"all", "imports", "log-odds"} == expected


def test_the_attacks_that_are_timed_find_the_leak(
    parts: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> None:
    assert parts["thresholds"]["loss"]["auc"] > 0.55


def test_what_is_not_installed_is_not_compared(
    parts: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> None:
    for values in parts["art"].values():
        assert {"their_auc", "their_seconds"} <= set(values)
