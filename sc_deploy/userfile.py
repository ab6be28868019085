"""What a user wrote: YAML into a strict, frozen model, every problem reported at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from sc_deploy.errors import Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails


class Strict(BaseModel):
    """Base of everything read from a user: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


ModelT = TypeVar("ModelT", bound=Strict)

SECRETS: Final = ("key",)
"""Settings whose values are never shown: an error may end in somebody's log."""


class _Loader(yaml.SafeLoader):
    """YAML in which 1e-4 is a number and 2:4 a name, as in YAML 1.2, and no key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 (yaml's signature; Any: keys are not checked yet)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value!r} stands there twice", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)
for _digit in "0123456789":
    # Before the rules of YAML 1.1, to which 2:4 is 2 x 60 + 4.
    _Loader.yaml_implicit_resolvers[_digit].insert(
        0, ("tag:yaml.org,2002:str", re.compile(r"^\d+(:\d+)+$"))
    )


def load(path: Path, model: type[ModelT], overrides: Sequence[str] = ()) -> ModelT:
    """The file as a model, after `key.path=value` overrides. Raises UsageError."""
    return parse(_text(path, model), model, source=str(path), overrides=overrides)


def mended(
    path: Path,
    model: type[ModelT],
    overrides: Sequence[str],
    *,
    stand_ins: Mapping[str, Mapping[str, str]],
) -> tuple[ModelT, frozenset[str]] | None:
    """What `load` refuses, without the sections that have a problem, and the names of these.

    In their place are defaults, or `stand_ins` where there are none. It serves to look for other
    problems, and for nothing else. None where no model can be made of what is left.
    """
    try:
        # Any: as in `parse`.
        tree: Any = _tree(_text(path, model), str(path), overrides)
        model.model_validate_json(_as_json(tree, str(path)))
    except UsageError:
        return None
    except ValidationError as error:
        spoiled = frozenset(str(detail["loc"][0]) for detail in error.errors() if detail["loc"])
        left = {name: value for name, value in tree.items() if name not in spoiled}
        left |= {name: dict(value) for name, value in stand_ins.items() if name in spoiled}
        try:
            return model.model_validate_json(_as_json(left, str(path))), spoiled
        except ValidationError:
            return None
    return None


def _text(path: Path, model: type[Strict]) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"cannot read the {model.__name__.lower()} {path}: {error}",
            remedy="give the path of a readable UTF-8 YAML file; `scdeploy init` writes one",
        ) from error


def parse(text: str, model: type[ModelT], *, source: str, overrides: Sequence[str] = ()) -> ModelT:
    """The YAML text as a model. Raises UsageError listing every problem with its path."""
    content = _as_json(_tree(text, source, overrides), source)
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        problems = tuple(_joined(map(_problem, _told_once(error.errors()))))
        raise UsageError(
            f"{source} has {len(problems)} problem{'s' if len(problems) > 1 else ''}",
            remedy="correct them all; every setting is explained in docs/reference/",
            problems=problems,
        ) from error


# Any: this is what YAML gives, before the border checks it.
def _tree(text: str, source: str, overrides: Sequence[str]) -> dict[str, Any]:
    tree: Any = _yaml(text, source)
    if not isinstance(tree, dict):
        raise UsageError(
            f"{source} holds {type(tree).__name__}, expected a mapping of settings",
            remedy="start from the file that `scdeploy init` writes",
        )
    for override in overrides:
        _set(tree, override)
    return tree


def dump(model: BaseModel) -> str:
    """The model as YAML with every default written out."""
    return yaml.safe_dump(model.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _told_once(details: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Without lists that count as empty only because each of their entries is wrong."""
    for detail in details:
        if detail["type"] != "too_short" or not detail["input"]:
            yield detail


def _joined(problems: Iterable[Problem]) -> Iterator[Problem]:
    """One problem for each setting and value, with all that would be right."""
    remedies: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        remedies.setdefault((problem.where, problem.found), []).append(problem.remedy)
    for (where, found), right in remedies.items():
        yield Problem(where, found, ", or ".join(right))


def differences(was: str, now: str) -> Iterator[Problem]:
    """The settings in which two files of `dump` differ, both values shown."""
    first, second = _settings(yaml.safe_load(was)), _settings(yaml.safe_load(now))
    for where in sorted(first.keys() | second.keys()):
        old, new = first.get(where), second.get(where)
        if old != new:
            found = f"is {_shown(where, new)}, the run has {_shown(where, old)}"
            yield Problem(where, found, "set it back, or take a new run folder")


# Any: what YAML gives; only compared and shown.
def _settings(tree: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict):
        return {path: tree}
    return {
        where: value
        for name, below in tree.items()
        for where, value in _settings(below, f"{path}.{name}" if path else name).items()
    }


def _shown(where: str, value: object) -> str:
    return "one that is not shown" if where.rpartition(".")[2] in SECRETS else repr(value)


def _yaml(text: str, source: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506 (it is a SafeLoader)
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
    # Of two allowed kinds, pydantic names each; the user wrote one setting.
    path = [str(part) for part in detail["loc"] if not str(part).startswith("constrained-")]
    where = ".".join(path) or "(the whole file)"
    if detail["type"] == "extra_forbidden":
        return Problem(where, "is not a known setting", "remove it or correct its spelling")
    if detail["type"] == "missing":
        return Problem(where, "is missing", "add it")
    if detail["type"] == "union_tag_invalid":
        # Any: pydantic's own words for what differs between kinds of error.
        context: dict[str, Any] = detail["ctx"]
        name = context["discriminator"].strip("'")
        return Problem(
            f"{where}.{name}", f"is {context['tag']!r}", f"choose from {context['expected_tags']}"
        )
    if detail["type"] == "union_tag_not_found":
        return Problem(where, "has no name", "say which one it is: {name: ...}")
    if detail["type"] == "too_short" and not detail["input"]:
        return Problem(where, "is empty", "name at least one")
    message = detail["msg"].removeprefix("Value error, ")
    if isinstance(detail["input"], dict):
        # Not its content: the section may hold the key.
        return Problem(where, "has settings that do not go together", message)
    return Problem(
        where, f"is {_shown(where, detail['input'])}", f"{message[:1].lower()}{message[1:]}"
    )
