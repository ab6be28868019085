"""What an attacker knows of the samples beyond one model's answers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Float32, Float64, Int64

    _Kind = TypeVar("_Kind", bound=np.generic)


class Channel(StrEnum):
    """One kind of knowledge; each is the field of `Knowledge` with its name."""

    INPUTS = "inputs"
    VOTES = "votes"
    DISTANCE = "distance"
    REFERENCES = "references"
    VERSIONS = "versions"
    FEATURES = "features"
    UNIT = "unit"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """What K reference models answer: `logits` float32 [K, N, C], and which of them were
    trained on which samples: `inside` bool [K, N]."""

    logits: Float32
    inside: NDArray[np.bool_]

    def take(self, rows: Int64) -> References:
        return References(self.logits[:, rows], self.inside[:, rows])

    def join(self, other: References) -> References:
        """The samples of both, one after the other; the models are the same."""
        return References(
            _joined(self.logits, other.logits, axis=1), _joined(self.inside, other.inside, axis=1)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """What is known of N samples, row by row as the predictions beside it; None is not known.

    `inputs` float32 [N, D] are what the model read, or a summary of it; `votes` bool [N, V]
    whether it answers V altered views of the sample with its label; `distance` float64 [N] how
    far the sample lies from where the answer changes, 0 where it is wrong already; `versions`
    float32 [M, N, C] the logits of M other published versions of the model; `features` float32
    [N, D] the inputs of its last linear layer; `unit` int64 [N] the person or device behind a
    sample; `attribute` int64 [N] the group or sensitive trait that the task names.
    """

    inputs: Float32 | None = None
    votes: NDArray[np.bool_] | None = None
    distance: Float64 | None = None
    references: References | None = None
    versions: Float32 | None = None
    features: Float32 | None = None
    unit: Int64 | None = None
    attribute: Int64 | None = None

    @property
    def channels(self) -> frozenset[Channel]:
        return frozenset(channel for channel in Channel if getattr(self, channel) is not None)

    def arrays(self) -> Iterator[tuple[str, NDArray[np.generic]]]:
        """Every array by name, those of the references included."""
        for name in (field.name for field in fields(self)):
            found = getattr(self, name)
            if isinstance(found, References):
                yield from ((f"{name}.logits", found.logits), (f"{name}.inside", found.inside))
            elif found is not None:
                yield name, found

    def take(self, rows: Int64) -> Knowledge:
        """The same of these rows int64 [k], in their order."""
        return Knowledge(
            inputs=None if self.inputs is None else self.inputs[rows],
            votes=None if self.votes is None else self.votes[rows],
            distance=None if self.distance is None else self.distance[rows],
            references=None if self.references is None else self.references.take(rows),
            versions=None if self.versions is None else self.versions[:, rows],
            features=None if self.features is None else self.features[rows],
            unit=None if self.unit is None else self.unit[rows],
            attribute=None if self.attribute is None else self.attribute[rows],
        )

    def join(self, other: Knowledge) -> Knowledge:
        """What is known of the samples of both, one after the other; None where one lacks it."""
        mine, theirs = self.references, other.references
        return Knowledge(
            inputs=_both(self.inputs, other.inputs),
            votes=_both(self.votes, other.votes),
            distance=_both(self.distance, other.distance),
            references=None if mine is None or theirs is None else mine.join(theirs),
            versions=_both(self.versions, other.versions, axis=1),
            features=_both(self.features, other.features),
            unit=_both(self.unit, other.unit),
            attribute=_both(self.attribute, other.attribute),
        )


def _both(
    first: NDArray[_Kind] | None, second: NDArray[_Kind] | None, *, axis: int = 0
) -> NDArray[_Kind] | None:
    return None if first is None or second is None else _joined(first, second, axis=axis)


def _joined(first: NDArray[_Kind], second: NDArray[_Kind], *, axis: int) -> NDArray[_Kind]:
    import numpy as np

    return np.concatenate([first, second], axis=axis)


NOTHING = Knowledge()
