from __future__ import annotations

import pytest

from sc_deploy import errors
from sc_deploy.errors import ExitCode, Problem, ScDeployError, worst


def family() -> list[type[ScDeployError]]:
    found = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, ScDeployError)
    ]
    assert len(found) > 5
    return found


@pytest.mark.parametrize("kind", family())
def test_every_error_shows_what_and_remedy(kind: type[ScDeployError]) -> None:
    text = str(kind("the thing broke", remedy="mend the thing"))
    assert "the thing broke" in text
    assert "remedy: mend the thing" in text


@pytest.mark.parametrize("kind", family())
def test_no_error_can_be_made_without_a_remedy(kind: type[ScDeployError]) -> None:
    with pytest.raises(TypeError):
        kind("the thing broke")  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", family())
def test_no_error_looks_like_a_verdict_or_a_success(kind: type[ScDeployError]) -> None:
    assert kind.exit_code not in (ExitCode.OK, ExitCode.NEGATIVE_VERDICT, ExitCode.INCONCLUSIVE)


def test_all_problems_are_shown_at_once() -> None:
    error = ScDeployError(
        "two faults",
        remedy="correct both",
        problems=[Problem("a.b", "is 1", "make it 2"), Problem("c", "is gone", "add it")],
    )
    assert all(word in str(error) for word in ("a.b", "is 1", "make it 2", "is gone", "add it"))


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([0, 0], 0),
        ([0, 1], 1),
        ([1, 5], 5),
        ([5, 3], 3),
        ([3, 4], 4),
        ([4, 70], 70),
        ([70, 6, 0], 6),
        ([], 5),
    ],
)
def test_the_worst_code_speaks_for_all_and_none_is_no_success(
    codes: list[int], expected: int
) -> None:
    assert worst([ExitCode(code) for code in codes]) == expected
