"""How a long stage tells what it is doing; the library never prints."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told about stages by the library; shown by the command line."""

    def start(self, stage: str, total: int) -> None:
        """A stage of `total` units of work begins; the stage before it is over."""

    def advance(self, done: int = 1, *, note: str = "") -> None:
        """`done` more units are finished; `note` says the latest news in a few words."""

    def say(self, message: str) -> None:
        """A line that the user should keep."""


class Silent:
    """Progress for callers who want none."""

    def start(self, stage: str, total: int) -> None:
        """Say nothing."""

    def advance(self, done: int = 1, *, note: str = "") -> None:
        """Say nothing."""

    def say(self, message: str) -> None:
        """Say nothing."""
