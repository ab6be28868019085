"""How the answer to one question of the audit is put."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.contracts import Check, Outcome

if TYPE_CHECKING:
    from sc_deploy.contracts import Cause, Rate

VALIDITY, PARITY, ACCURACY, ABSOLUTE, RELATIVE = (
    "validity",
    "parity",
    "accuracy",
    "absolute",
    "relative",
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A question: what a check is about, before it has an answer."""

    name: str
    kind: str
    limit: float | None = None
    required: bool = True

    def passed(self, reason: str, measured: Rate | None = None) -> Check:
        return self._check(Outcome.PASS, reason, measured)

    def failed(self, reason: str, remedy: str, measured: Rate | None = None) -> Check:
        return self._check(Outcome.FAIL, reason, measured, remedy=remedy)

    def invalid(self, reason: str, remedy: str) -> Check:
        return self._check(Outcome.INVALID, reason, None, remedy=remedy)

    def undecided(
        self, cause: Cause | None, reason: str, remedy: str, measured: Rate | None = None
    ) -> Check:
        """INCONCLUSIVE; without a cause only where nothing was to be decided."""
        return self._check(Outcome.INCONCLUSIVE, reason, measured, cause=cause, remedy=remedy)

    def _check(
        self,
        outcome: Outcome,
        reason: str,
        measured: Rate | None,
        *,
        cause: Cause | None = None,
        remedy: str = "",
    ) -> Check:
        return Check(
            name=self.name,
            kind=self.kind,
            outcome=outcome,
            reason=reason,
            measured=measured,
            limit=self.limit,
            required=self.required,
            cause=cause,
            remedy=remedy,
        )
