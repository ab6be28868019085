"""What does a verdict depend on, so that a stored one is not shown for another question?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy import digest
from sc_deploy.pipeline import problem as problems
from sc_deploy.pipeline import report as reports

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.contracts import Device, Format, Roles
    from sc_deploy.pipeline.problem import Problem

STATISTICS: Final = ("numpy", "scipy", "scikit-learn")


def verdict_key(folder: Path, fmt: Format, problem: Problem, roles: Roles, device: Device) -> str:
    """Digest of all that the verdict on this artifact depends on, runtime versions included."""
    return digest.of_json(
        {
            "artifact": digest.of_file(folder / "artifact.json"),
            "policy": problems.policy_digest(problem.policy),
            "recipe": problems.recipe_digest(problem.recipe),
            "roles": roles.digest,
            "device": device.name,
            "toolchain": dict(fmt.toolchain()),
            "statistics": dict(reports.versions(STATISTICS)),
            "tool": reports.tool_version(),
        }
    )
