"""Every refusal of what a user gave, together: five mistakes are told at once, not one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from sc_deploy.errors import IntegrityError, Problem, ScDeployError, UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

T = TypeVar("T")

KINDS: Final = (IntegrityError, UsageError, UnavailableError)
"""What is gathered; of several the first of these kinds gives its exit code."""


@dataclass(slots=True)
class Refusals:
    """What was refused so far, and the `spoiled` parts that nothing more can be asked about.

    A part is a section of the recipe. What only a spoiled part would have made wrong is not told.
    """

    spoiled: frozenset[str] = frozenset()
    _found: list[tuple[str, ScDeployError]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, error: ScDeployError, *, about: str = "", spoils: Collection[str] = ()) -> None:
        """Keep a refusal; `about` goes before each of its problems."""
        self._found.append((about, error))
        self.spoiled |= frozenset(spoils)

    def spoil(self, part: str) -> None:
        self.spoiled |= {part}

    def tried(
        self,
        attempt: Callable[[], T],
        *,
        about: str = "",
        reads: Collection[str] = (),
        spoils: Collection[str] = (),
    ) -> T | None:
        """What the attempt gives; None where it was refused, or reads a part that is spoiled."""
        if self.spoiled.intersection(reads):
            return None
        try:
            return attempt()
        except KINDS as error:
            self.add(error, about=about, spoils=spoils)
            return None

    def require_none(self, what: str = "this recipe cannot be compressed") -> None:
        """Raise what was refused: one as it came, of several every problem in one list."""
        if not self._found:
            return
        if len(self._found) == 1:
            raise self._found[0][1]
        kind = next(kind for kind in KINDS if any(isinstance(e, kind) for _, e in self._found))
        raise kind(
            what,
            remedy="correct all of these, then run it again",
            problems=tuple(dict.fromkeys(self._problems())),
        )

    def _problems(self) -> Iterator[Problem]:
        for about, error in self._found:
            if not error.problems:
                found = error.what.removeprefix(f"{about}: ")
                yield Problem(about or "recipe", found, error.remedy)
            for problem in error.problems:
                where = f"{about}: {problem.where}" if about else problem.where
                yield Problem(where, problem.found, problem.remedy)
