"""A place of deployment as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sc_deploy.contracts import Format


@dataclass(frozen=True, slots=True)
class DeploymentTarget:
    """Implements `contracts.Target`: the default format stands first."""

    name: str
    summary: str
    formats: tuple[Format, ...]
