"""Every promise of the audit's statistics, by simulation: few draws, or 10,000 when slow.

CI, whose time is short, makes less than half of the slow ones' draws.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "coverage_and_power.py"


# Any: a module that is loaded by its path has no type.
@pytest.fixture(scope="module")
def simulations() -> Any:
    spec = importlib.util.spec_from_file_location("coverage_and_power", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


IN_CI = bool(os.environ.get("CI"))
SCALES = [0.02, pytest.param(0.4 if IN_CI else 1.0, marks=pytest.mark.slow)]


@pytest.mark.parametrize("scale", SCALES, ids=["quick", "all"])
@pytest.mark.parametrize("group", ["intervals", "decisions", "by_unit"])
def test_every_procedure_errs_no_more_often_than_it_says(
    simulations: Any, group: str, scale: float
) -> None:
    rows = [simulations.run(s, scale=scale, seed=1) for s in getattr(simulations, group)()]
    assert [row for row in rows if not row.kept] == []


@pytest.mark.slow
def test_the_gate_passes_what_is_safe_and_fails_what_leaks(simulations: Any) -> None:
    rows = [
        simulations.run(study, scale=0.1 if IN_CI else 0.3, seed=1) for study in simulations.gates()
    ]
    assert [row for row in rows if not row.kept] == []


def test_ignoring_units_breaks_the_promise_that_counting_them_keeps(simulations: Any) -> None:
    """The simulation can tell: samples of one person taken for independent ones are not."""
    study = simulations.by_unit()[0]
    untold = importlib.import_module("benchmarks.simulated.by_unit").auc_by_unit(told=False)
    deceived = replace(study, name="AUC", setting="units ignored", draws=400, errs=untold)
    assert simulations.run(study, scale=0.1, seed=0).kept
    assert not simulations.run(deceived, scale=1.0, seed=0).kept


def test_the_same_seed_gives_the_same_row(simulations: Any) -> None:
    study = simulations.intervals()[0]
    first, second = (simulations.run(study, scale=0.01, seed=5) for _ in range(2))
    assert first == second
