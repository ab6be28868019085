"""What every measured quantity offers: an interval at any confidence, a p-value at any limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.contracts import Rate


class Estimate(Protocol):
    """A figure estimated from samples."""

    def rate(self, confidence: float) -> Rate:
        """The two-sided interval; each of its bounds alone errs with (1 - confidence) / 2."""
        ...

    def p_above(self, limit: float) -> float:
        """One-sided p-value of "the true value is at most `limit`".

        It is below alpha exactly when the lower bound of `rate(1 - 2 * alpha)` is above `limit`.
        """
        ...


def invert(estimate: Estimate, claim: Callable[[Rate], bool], *, steps: int = 40) -> float:
    """The p-value of a claim that its intervals make up to some confidence, by bisection of it.

    1 where not even the point value, at no confidence, lies where the claim has it.
    """
    weak, strong = 0.0, 1.0
    for _ in range(steps):
        middle = (weak + strong) / 2
        if claim(estimate.rate(middle)):
            weak = middle
        else:
            strong = middle
    return (1.0 - weak) / 2 if weak > 0.0 else 1.0


def p_above(estimate: Estimate, limit: float) -> float:
    """`Estimate.p_above` for estimates without a closed form."""
    return invert(estimate, lambda rate: rate.low > limit)
