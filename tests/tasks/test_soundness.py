from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.errors import DataError
from sc_deploy.tasks import soundness
from sc_deploy.tasks.arrays import ArrayTask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Float32


def as_float(x: NDArray[np.generic]) -> Float32:
    return x.astype(np.float32)


SOUND = ArrayTask(
    "toy", ("a", "b"), np.arange(12, dtype=np.uint8).reshape(6, 2), np.arange(6) % 2, as_float
)
calls: list[int] = []


def counting(x: NDArray[np.generic]) -> Float32:
    calls.append(1)
    return as_float(x) + np.float32(len(calls))


def centred(x: NDArray[np.generic]) -> Float32:
    values = as_float(x)
    centre: Float32 = values - values.mean()
    return centre


def test_a_sound_task_has_no_problems() -> None:
    assert list(soundness.problems_of(SOUND)) == []
    assert list(soundness.problems_of(replace(SOUND, unit=np.array(list("aabbcc"))))) == []


@pytest.mark.parametrize(
    ("task", "where", "found"),
    [
        (replace(SOUND, x=SOUND.x[:0], y=SOUND.y[:0]), "x", "(0, 2)"),
        (replace(SOUND, x=np.float32(1) * np.ones(())), "x", "()"),
        (replace(SOUND, x=np.array([object()] * 6)), "x", "Python objects"),
        (replace(SOUND, y=SOUND.y[:4]), "y", "(4,) for 6"),
        (replace(SOUND, y=SOUND.y.astype(np.int32)), "y", "int32"),
        (replace(SOUND, y=SOUND.y + 1), "y", "1 to 2 for 2"),
        (replace(SOUND, y=SOUND.y - 1), "y", "-1 to 0"),
        (replace(SOUND, classes=("a",)), "classes", "['a']"),
        (replace(SOUND, classes=("a", "a")), "classes", "['a', 'a']"),
        (replace(SOUND, unit=np.arange(5)), "unit", "(5,)"),
        (replace(SOUND, unit=np.array([None] * 6)), "unit", "Python objects"),
        (replace(SOUND, preprocessing=counting), "preprocess", "second time"),
        (replace(SOUND, preprocessing=centred), "preprocess", "beside it"),
        (replace(SOUND, preprocessing=lambda x: as_float(x)[0]), "preprocess", "shape"),
    ],
)
def test_each_problem_is_named(task: ArrayTask, where: str, found: str) -> None:
    problems = list(soundness.problems_of(task))
    assert where in {problem.where for problem in problems}
    assert any(found in problem.found for problem in problems)


def test_all_problems_come_at_once() -> None:
    broken = replace(SOUND, y=SOUND.y + 5, unit=np.arange(2), preprocessing=centred)
    with pytest.raises(DataError, match="toy") as caught:
        soundness.require(broken)
    assert {problem.where for problem in caught.value.problems} == {"y", "unit", "preprocess"}
