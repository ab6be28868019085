"""Does a sample get its own answer, whatever the batch?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import Check

TOPIC = Topic("batch size is free", VALIDITY)

BATCH_SIZES = 3


def batch(sizes: Sequence[int], unsteady: Sequence[int] = ()) -> Check:
    """The artifact takes batches of any size, and answers a sample without its neighbours."""
    seen = sorted(set(sizes))
    if unsteady:
        return TOPIC.invalid(
            f"the same samples get other answers in batches of {', '.join(map(str, unsteady))}, "
            "so an answer is not the sample's own",
            "export in evaluation mode, without batch statistics or dynamic quantization",
        )
    if len(seen) >= BATCH_SIZES:
        return TOPIC.passed(f"it ran with batches of {', '.join(map(str, seen))}")
    if not seen:
        return TOPIC.undecided(
            Cause.NOT_EXECUTED,
            "nobody saw with which batch sizes it runs",
            "audit the artifact on a device",
        )
    return TOPIC.invalid(
        f"it ran only with batches of {', '.join(map(str, seen))}, although its batch is dynamic",
        "export it again with a dynamic batch dimension",
    )
