"""A strict model as YAML in which a comment explains every setting."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import yaml
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

WIDTH = 96


@runtime_checkable
class Implying(Protocol):
    """A section in which one setting, a preset for instance, gives values to others."""

    def implied(self) -> frozenset[str]:
        """Names of the settings whose value is just what follows."""
        ...


def render(model: BaseModel) -> str:
    """The model's values, each below its description; loading it gives the model back.

    What follows from another setting of its section (`Implying`) is there as a comment, so that it
    goes on following when that is changed. What asks for nothing, and inner sections as they are
    by default, are left to the reference: a first file shows what one decides about.
    """
    return "\n".join(_section(model, indent=0)).lstrip("\n") + "\n"


def _section(model: BaseModel, *, indent: int) -> Iterator[str]:
    pad = " " * indent
    implied = model.implied() if isinstance(model, Implying) else frozenset()
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if _asks_for_nothing(value, field) or (indent and _as_by_default(value, field)):
            continue
        if indent == 0:
            yield ""
        for line in textwrap.wrap(field.description or "", WIDTH - indent - 2):
            yield f"{pad}# {line}"
        if name in implied:
            yield f"{pad}#{name}: {_value(model.model_dump(mode='json')[name])}"
        elif isinstance(value, BaseModel):
            yield f"{pad}{name}:"
            yield from _section(value, indent=indent + 2)
        else:
            yield f"{pad}{name}: {_value(model.model_dump(mode='json')[name])}"


def _asks_for_nothing(value: object, field: FieldInfo) -> bool:
    if isinstance(value, BaseModel):
        inner = type(value).model_fields.items()
        empty = all(_asks_for_nothing(getattr(value, name), one) for name, one in inner)
        return empty and value == field.default
    # Not `in (..., False)`: a seed of 0 equals False, and says something.
    nothing = value is None or value is False or value == () or value == {}
    return nothing and not field.is_required() and value == field.default


def _as_by_default(value: object, field: FieldInfo) -> bool:
    return isinstance(value, BaseModel) and value == field.default


def _value(value: object) -> str:
    """A scalar or list on one line; YAML marks the end of a bare scalar with dots."""
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, width=1 << 20, allow_unicode=True
    )
    return text.removesuffix("...\n").rstrip("\n")
