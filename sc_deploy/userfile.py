"""What a user wrote: YAML into a strict, frozen model, every problem reported at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from sc_deploy.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails


class Strict(BaseModel):
    """Base of everything read from a user: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


ModelT = TypeVar("ModelT", bound=Strict)


def load(path: Path, model: type[ModelT], overrides: Sequence[str] = ()) -> ModelT:
    """The file as a model, after `key.path=value` overrides. Raises UsageError."""
    kind = model.__name__.lower()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"cannot read the {kind} {path}: {error}",
            remedy="give the path of a readable UTF-8 YAML file; `scdeploy init` writes one",
        ) from error
    return parse(text, model, source=str(path), overrides=overrides)


def parse(text: str, model: type[ModelT], *, source: str, overrides: Sequence[str] = ()) -> ModelT:
    """The YAML text as a model. Raises UsageError listing every problem with its path."""
    # Any: this is what YAML gives, before the border checks it.
    tree: Any = _yaml(text, source)
    if not isinstance(tree, dict):
        raise UsageError(
            f"{source} holds {type(tree).__name__}, expected a mapping of settings",
            remedy="start from the file that `scdeploy init` writes",
        )
    for override in overrides:
        _set(tree, override)
    try:
        return model.model_validate_json(_as_json(tree, source))
    except ValidationError as error:
        problems = tuple(_problem(detail) for detail in error.errors())
        raise UsageError(
            f"{source} has {len(problems)} problem{'s' if len(problems) > 1 else ''}",
            remedy="correct them all; every setting is explained in docs/reference/",
            problems=problems,
        ) from error


def dump(model: BaseModel) -> str:
    """The model as YAML with every default written out."""
    return yaml.safe_dump(model.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _yaml(text: str, source: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(
            f"{source} is not valid YAML: {error}", remedy="correct the syntax at that place"
        ) from error


def _as_json(tree: dict[str, Any], source: str) -> str:
    # Strict mode takes lists for tuples and numbers for float keys only from JSON.
    import json

    try:
        return json.dumps(tree)
    except TypeError as error:
        raise UsageError(
            f"{source} holds a value that is no plain YAML scalar: {error}",
            remedy="quote dates and other special values",
        ) from error


def _set(tree: dict[str, Any], override: str) -> None:
    path, equals, value = override.partition("=")
    if not equals or not path:
        raise UsageError(
            f"--set takes key.path=value, got {override!r}", remedy="write --set train.epochs=10"
        )
    *parents, last = path.split(".")
    node = tree
    for parent in parents:
        node = node.setdefault(parent, {})
        if not isinstance(node, dict):
            raise UsageError(
                f"--set {path}: {parent!r} is a value, not a section",
                remedy="give the path of a setting, with dots between sections",
            )
    node[last] = _yaml(value, f"--set {path}")


def _problem(detail: ErrorDetails) -> Problem:
    where = ".".join(str(part) for part in detail["loc"]) or "(the whole file)"
    if detail["type"] == "extra_forbidden":
        return Problem(where, "is not a known setting", "remove it or correct its spelling")
    if detail["type"] == "missing":
        return Problem(where, "is missing", "add it")
    message = detail["msg"].removeprefix("Value error, ")
    return Problem(where, f"is {detail['input']!r}", f"{message[:1].lower()}{message[1:]}")
