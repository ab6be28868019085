"""Were the references dealt their samples without looking at who is a member of the target?

If they trained on members more often, which references know a sample would itself say whether it
is a member: shares of 1 and 0 make every scorer find a leak in any model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

MOST_APART: Final = 0.25
"""Of the shares that references trained on. Whole groups, dealt fairly to a few references, can be
.1 apart by chance."""


def unlike(tables: Sequence[NDArray[np.bool_]]) -> str:
    """What is wrong, in words, with tables bool [K, N] of members and of non-members in turn."""
    for members, others in zip(tables[::2], tables[1::2], strict=True):
        first, second = float(members.mean()), float(others.mean())
        if abs(first - second) > MOST_APART:
            return (
                "references that were dealt members and non-members alike "
                f"(they trained on {first:.0%} of the members and on {second:.0%} of the others)"
            )
    return ""
