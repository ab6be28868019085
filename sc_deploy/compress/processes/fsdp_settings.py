"""Which settings that `accelerate launch` has for FSDP are served? None is ignored that matters."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sc_deploy.compress.processes.ranks import SHARDED
from sc_deploy.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERSION: Final = "2"
UNSERVED: Final = {
    "FSDP_OFFLOAD_PARAMS": ("true", "--fsdp_offload_params"),
    "FSDP_ACTIVATION_CHECKPOINTING": ("true", "--fsdp_activation_checkpointing"),
    "FSDP_RESHARD_AFTER_FORWARD": ("false", "--fsdp_reshard_after_forward"),
}
"""By variable of the environment: the value that nothing here obeys, and what sets it."""


def require_served() -> None:
    """Raise UsageError, with all problems at once, where FSDP is asked for in another way."""
    if os.environ.get(SHARDED, "").lower() != "true":
        return
    if problems := tuple(_problems(os.environ)):
        raise UsageError(
            "FSDP is asked for in a way that scdeploy does not serve",
            remedy="correct all of these; or launch without --use_fsdp, as data-parallel (DDP) "
            "processes that hold the whole network each",
            problems=problems,
        )


def _problems(asked: Mapping[str, str]) -> Iterator[Problem]:
    if (found := asked.get("FSDP_VERSION", "1")) != VERSION:
        yield Problem(
            "--fsdp_version",
            f"is {found}, which flattens weights, and masks here are by whole weights",
            f"launch with --fsdp_version {VERSION}",
        )
    for variable, (value, option) in UNSERVED.items():
        if asked.get(variable, "").lower() == value:
            yield Problem(option, f"is {value}, which nothing here obeys", "leave it away")
    if ignored := asked.get("FSDP_IGNORED_MODULES"):
        found = f"is {ignored}, and all weights lie in shards here"
        yield Problem("--fsdp_ignored_modules", found, "leave it away")
