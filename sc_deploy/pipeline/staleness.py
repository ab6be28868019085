"""What does a verdict depend on, so that a stored one is not shown for another question?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy import digest
from sc_deploy.pipeline import problem as problems
from sc_deploy.pipeline import report as reports

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.contracts import Device, Format, Roles
    from sc_deploy.pipeline.problem import Problem

STATISTICS: Final = ("numpy", "scipy", "scikit-learn")


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """All that the verdict on the artifact in `folder` depends on; `references` is the digest of
    its reference models, empty without any; `versions` are those of other published ones."""

    folder: Path
    fmt: Format
    problem: Problem
    roles: Roles
    device: Device
    references: str
    versions: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its digest, runtime versions included."""
        return digest.of_json(
            {
                "artifact": digest.of_file(self.folder / "artifact.json"),
                "policy": problems.policy_digest(self.problem.policy),
                "recipe": problems.recipe_digest(self.problem.recipe),
                "roles": self.roles.digest,
                "device": self.device.name,
                "toolchain": dict(self.fmt.toolchain()),
                "statistics": dict(reports.versions(STATISTICS)),
                "tool": reports.tool_version(),
                "references": self.references,
                "versions": [*self.versions],
            }
        )
