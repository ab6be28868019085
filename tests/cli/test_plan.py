"""What `scdeploy plan` says before any training, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
SMALL = REPOSITORY / "policies" / "small.yaml"


class Scdeploy(Protocol):
    def __call__(self, *arguments: str | Path) -> Any: ...


def test_a_policy_alone_gives_the_numbers_of_every_role(scdeploy: Scdeploy) -> None:
    result = scdeploy("plan", "--policy", SMALL, "--json")
    assert result.code == 0
    plan = result.document["plan"]
    assert result.document["schema_version"] == 1
    assert {role["name"] for role in plan["roles"]} == {"audit", "calibration", "reference", "test"}
    assert plan["chance"] >= plan["power"] == 0.9
    assert plan["given_chance"] is None
    assert all(check["basis"] for check in plan["checks"])


def test_people_get_a_table(scdeploy: Scdeploy) -> None:
    told = scdeploy("plan", "--policy", SMALL).err
    assert "5,000 members and 5,000 non-members" in told
    assert "TPR at 1 % FPR, 3 attacks" in told
    assert "tier T1" in told


def test_a_limit_that_no_number_can_keep_is_refused(scdeploy: Scdeploy) -> None:
    result = scdeploy("plan", "--policy", SMALL, "--auc", "0.56", "--json")
    assert result.code == 2
    assert result.document["error"]["problems"][0]["where"] == "AUC"


def test_nothing_to_plan_for_is_a_usage_error(scdeploy: Scdeploy) -> None:
    assert scdeploy("plan").code == 2


@pytest.fixture
def recipe(scdeploy: Scdeploy, tmp_path: Path) -> Path:
    scdeploy("init", "-o", tmp_path)
    return tmp_path / "recipe.yaml"


def test_a_recipe_whose_data_cannot_decide_is_refused_with_every_shortage(
    scdeploy: Scdeploy, recipe: Path
) -> None:
    """The digits are 1,797 samples; the small policy asks for 2,500 a side."""
    result = scdeploy("plan", "-c", recipe, "--json")
    assert result.code == 2
    problems = {problem["where"]: problem for problem in result.document["error"]["problems"]}
    assert problems.keys() == {"audit role", "test role", "canaries"}
    assert "needs 2,500 members and 2,500 others" in problems["audit role"]["found"]
    assert all(problem["remedy"] for problem in problems.values())


def test_a_policy_that_the_data_can_decide_is_planned_beside_it(
    scdeploy: Scdeploy, recipe: Path, tmp_path: Path
) -> None:
    policy = yaml.safe_load(SMALL.read_text())
    policy |= {"min_audit_samples": 100, "low_fpr_tier": "T0", "attacks": ["loss"]}
    policy["absolute"] = {"auc": 0.62, "tpr": []}
    policy["relative"] = {"auc": 0.05, "tpr": []}
    policy["accuracy"] = {"conversion_loss": 0.08, "compression_loss": 0.12}
    loose = tmp_path / "loose.yaml"
    loose.write_text(yaml.safe_dump(policy))
    result = scdeploy("plan", "-c", recipe, "--policy", loose, "--json")
    assert result.code == 0, result.err
    plan = result.document["plan"]
    assert plan["given_chance"] >= 0.9
    given = next(role["given"] for role in plan["roles"] if role["name"] == "audit")
    assert 300 < given["members"] < 400
    assert "calibration role is short" in result.err
