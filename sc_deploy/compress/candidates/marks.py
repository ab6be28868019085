"""How did a candidate do, sample by sample?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import safetensors
import safetensors.numpy

from sc_deploy.contracts import Guesses
from sc_deploy.errors import IntegrityError
from sc_deploy.privacy.statistics.proportion import attack_accuracy, mean_share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sc_deploy.contracts import Rate

CONFIDENCE: Final = 0.9
"""Two-sided, so that each bound of a mark errs in one case of twenty."""


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What a candidate got right, sample by sample, so that two can be compared in pairs.

    `right` bool [n validation]: whether each answer is at its label; where the accuracy is
    balanced, one array for each class. `guesses`: each safety test's, by name.
    """

    right: tuple[NDArray[np.bool_], ...]
    guesses: tuple[tuple[str, Guesses], ...]

    @property
    def validation(self) -> Rate:
        """The performance test."""
        return mean_share(self.right, confidence=CONFIDENCE)

    @property
    def safety(self) -> tuple[tuple[str, Rate], ...]:
        """Attack accuracy of each safety test, one half being chance."""
        return tuple(
            (name, attack_accuracy(found, confidence=CONFIDENCE)) for name, found in self.guesses
        )


def encode(marks: Sequence[Marks]) -> bytes:
    """Several candidates' marks as safetensors; equal marks give equal bytes.

    Tensors are named `<candidate>/<group>` and `<candidate>/<test>/<group>/<name of the test>`.
    """
    arrays = {
        f"{at}/{group}": right.astype(np.uint8)
        for at, mark in enumerate(marks)
        for group, right in enumerate(mark.right)
    }
    for at, mark in enumerate(marks):
        for test, (name, guesses) in enumerate(mark.guesses):
            for group, right in enumerate(guesses.right):
                arrays[f"{at}/{test}/{group}/{name}"] = right.astype(np.uint8)
    return safetensors.numpy.save(arrays)


def decode(content: bytes) -> tuple[Marks, ...]:
    """The marks behind `encode`'s bytes. Raises IntegrityError if they are no safetensors."""
    try:
        arrays = safetensors.numpy.load(content)
    except safetensors.SafetensorError as error:
        raise IntegrityError(
            f"saved marks cannot be read: {error}", remedy="start again with --overwrite"
        ) from error
    right: dict[int, dict[int, NDArray[np.bool_]]] = {}
    guesses: dict[int, dict[tuple[int, str], dict[int, NDArray[np.bool_]]]] = {}
    for path, values in arrays.items():
        at, *place = path.split("/", 3)
        if len(place) == 1:
            right.setdefault(int(at), {})[int(place[0])] = values == 1
        else:
            test, group, name = place
            tests = guesses.setdefault(int(at), {})
            tests.setdefault((int(test), name), {})[int(group)] = values == 1
    answers = {at: tuple(groups[group] for group in sorted(groups)) for at, groups in right.items()}
    return tuple(Marks(answers[at], _in_order(guesses.get(at, {}))) for at in sorted(answers))


def _in_order(
    tests: Mapping[tuple[int, str], Mapping[int, NDArray[np.bool_]]],
) -> tuple[tuple[str, Guesses], ...]:
    return tuple(
        (name, Guesses(tuple(groups[at] for at in sorted(groups))))
        for (_, name), groups in sorted(tests.items())
    )
