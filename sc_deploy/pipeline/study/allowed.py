"""May every arm of a study be trained? Asked of all of them before the first one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.errors import Problem, ScDeployError
from sc_deploy.pipeline import admission, locate
from sc_deploy.refusals import KINDS, Refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.pipeline.study.arms import Arm
    from sc_deploy.pipeline.study.design import Design


def require_all(asked: Design) -> None:
    """Raise all that speaks against any arm at once, what several share once for them.

    Raises UsageError, IntegrityError or UnavailableError, whichever of the three is gravest.
    """
    refused = {arm.name: error for arm in asked.arms if (error := _refusal(asked, arm)) is not None}
    if not refused:
        return
    arms: dict[Problem, list[str]] = {}
    for name, error in refused.items():
        for problem in _problems(error):
            arms.setdefault(problem, []).append(name)
    kind = next(kind for kind in KINDS if any(isinstance(e, kind) for e in refused.values()))
    raise kind(
        "the recipe does not allow all arms",
        remedy="correct the recipe, or leave these arms out with --arms",
        problems=tuple(
            Problem(f"arm {', '.join(names)}: {problem.where}", problem.found, problem.remedy)
            for problem, names in arms.items()
        ),
    )


def _refusal(asked: Design, arm: Arm) -> ScDeployError | None:
    try:
        problem = asked.problem(arm, asked.seeds[0])
        if locate.can_train():
            found = Refusals()
            admission.job(problem, admission.roles(problem, found), found)
    except KINDS as error:
        return error
    return None


def _problems(error: ScDeployError) -> Iterator[Problem]:
    yield from error.problems or [Problem("recipe", error.what, error.remedy)]
