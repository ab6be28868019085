"""Model files and predictions that somebody brings: where they can be read, what was declared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.contracts.artifact import Artifact, Tolerance

ANY_LENGTH: Final = -1
"""In the shape of a tap's input: an axis whose length the file leaves open."""


class Scale(StrEnum):
    """What the values of a tensor are. One value a sample is a binary classifier's."""

    LOGITS = "logits"
    PROBABILITIES = "probabilities"
    LOG_PROBABILITIES = "log-probabilities"


@dataclass(frozen=True, slots=True)
class Tap:
    """One tensor of a model file that can be read, as an artifact that a format can bundle.

    The artifact's files lie in `folder`: the file that was brought, or a copy of it that ends in
    this tensor. `tensor` is its name in the file.
    """

    artifact: Artifact
    folder: Path
    tensor: str
    scale: Scale


@dataclass(frozen=True, slots=True)
class Taps:
    """Where a file can be read: by who owns it (`attacked`), and by who only calls it (`public`).

    `public` is None where both read the same. `shipped` describes the file as it was brought, and
    nothing else is hashed or reported; `tolerance` is for its precision; `ending` says in words
    what stands between the two taps.
    """

    shipped: Artifact
    attacked: Tap
    public: Tap | None
    tolerance: Tolerance
    ending: str


@runtime_checkable
class OpenFormat(Protocol):
    """A format whose files can be audited although nobody here exported them."""

    def taps(self, file: Path, scratch: Path) -> Taps:
        """Where this file can be read; copies that end in another tensor go into `scratch`.

        Raises InferenceError for what is not such a model, UsageError for one that answers what
        no classifier answers, IntegrityError for one that points out of its folder.
        """
        ...


@dataclass(frozen=True, slots=True)
class BroughtFile:
    """A file that the user gave, by what it is for; `samples` None is not a sample file."""

    purpose: str
    name: str
    sha256: str
    bytes: int
    samples: int | None


@dataclass(frozen=True, slots=True)
class Brought:
    """What a plain audit rests on: the user's declaration, and nothing that was seen in training.

    `reads` says in words which values the attacks read; `notes` are what a reader must know of
    how the samples were dealt.
    """

    files: tuple[BroughtFile, ...]
    reads: str
    notes: tuple[str, ...]
