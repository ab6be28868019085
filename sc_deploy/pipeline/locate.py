"""Finds what an artifact needs in this installation: its target, format, and precision."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import util
from typing import TYPE_CHECKING, Final

from sc_deploy import registry
from sc_deploy.errors import Problem, UnavailableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.contracts import Format, Target

TRAINING: Final = ("torch", "torch_pruning")
"""What no training does without, by the names that are imported."""


@dataclass(frozen=True, slots=True)
class Build:
    """One artifact to be made."""

    target: Target
    format: Format
    precision: str

    @property
    def name(self) -> str:
        return f"{self.target.name}.{self.format.name}.{self.precision}.dense"


def builds(
    targets: Sequence[str], *, formats: Sequence[str], precisions: Sequence[str]
) -> tuple[Build, ...]:
    """Every asked combination; no format means each target's default.

    Raises UsageError naming every combination that cannot be.
    """
    found: list[Build] = []
    problems: list[Problem] = []
    for target in registry.targets(targets):
        for fmt in _formats(target, formats, problems):
            for precision in precisions:
                if precision in fmt.precisions:
                    found.append(Build(target, fmt, precision))
                else:
                    problems.append(_no_precision(target, fmt, precision))
    if problems:
        raise UsageError(
            "not every artifact asked for can be built",
            remedy="`scdeploy targets` shows what goes together",
            problems=problems,
        )
    return tuple(found)


def format_of(target: str, name: str) -> Format:
    """The format of a finished artifact. Raises UsageError if it is not installed."""
    for fmt in registry.target(target).formats:
        if fmt.name == name:
            return fmt
    raise UsageError(
        f"target {target!r} has no format {name!r}", remedy="`scdeploy targets` lists them"
    )


def can_train() -> bool:
    """Whether all of `TRAINING` is installed."""
    return not _missing()


def require_training() -> None:
    """Raise UnavailableError naming what of `TRAINING` is not installed."""
    if missing := _missing():
        raise UnavailableError(
            f"training and export need {', '.join(missing)}, which is not installed",
            remedy="pip install 'scdeploy[compress]'",
        )


def _missing() -> list[str]:
    return [package for package in TRAINING if util.find_spec(package) is None]


def require_exporter(fmt: Format) -> None:
    """Raise UnavailableError naming the extras that are missing."""
    _require(fmt, fmt.missing_to_export(), f"scdeploy[compress,{fmt.extra}]")


def require_runtime(fmt: Format) -> None:
    """Raise UnavailableError naming the extra that is missing."""
    _require(fmt, fmt.missing_to_run(), f"scdeploy[{fmt.extra}]")


def _require(fmt: Format, missing: tuple[str, ...], install: str) -> None:
    if missing:
        raise UnavailableError(
            f"format {fmt.name!r} needs {', '.join(missing)}, which is not installed",
            remedy=f"pip install '{install}'",
        )


def _formats(target: Target, wanted: Sequence[str], problems: list[Problem]) -> tuple[Format, ...]:
    if not wanted:
        return target.formats[:1]
    by_name = {fmt.name: fmt for fmt in target.formats}
    problems.extend(
        Problem(target.name, f"has no format {name!r}", f"choose from {', '.join(by_name)}")
        for name in wanted
        if name not in by_name
    )
    return tuple(by_name[name] for name in wanted if name in by_name)


def _no_precision(target: Target, fmt: Format, precision: str) -> Problem:
    return Problem(
        f"{target.name}/{fmt.name}",
        f"has no precision {precision!r}",
        f"choose from {', '.join(fmt.precisions)}",
    )
