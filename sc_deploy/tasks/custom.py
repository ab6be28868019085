"""The user's own task: code from a file that the command line was told to trust."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from sc_deploy.errors import DataError, Problem, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from sc_deploy.contracts import Task
    from sc_deploy.contracts.arrays import Int64, NetworkInput

REMEDY = (
    "let the function return an object with numpy arrays x [N, ...] and y [N], a method "
    "preprocess(x) -> float32 [n, ...] or int64 token ids, and a method network() -> "
    "torch.nn.Module; unit [N], attribute [N], classes and name are optional"
)


@dataclass(frozen=True, slots=True, eq=False)
class TrustedTask:
    """A `Task` over what the user's function returned, its gaps filled; `network` builds a model.

    `network()` gives an untrained torch module; this room does not look at it.
    """

    name: str
    classes: tuple[str, ...]
    x: NDArray[np.generic]
    y: Int64
    unit: NDArray[np.generic] | None
    preprocess: Callable[[NDArray[np.generic]], NetworkInput]
    network: Callable[[], object]
    attribute: Int64 | None = None


class Brought(Protocol):
    """What the user's object must have."""

    x: NDArray[np.generic]
    y: NDArray[np.integer]
    preprocess: Callable[[NDArray[np.generic]], NetworkInput]
    network: Callable[[], object]


def load(spec: str) -> tuple[Task, str]:
    """The task of `file.py:function`, and the sha256 of the file whose bytes were run.

    The file runs by itself: it can import what is installed, not the files beside it, because
    their content would not be covered by the digest. Raises UsageError if it cannot be run,
    DataError listing everything of it that is missing or of a wrong type; whether its samples are
    sound is asked where roles are drawn.
    """
    path, name = _parsed(spec)
    try:
        source = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read the trusted file {path}: {error}", remedy="correct the path"
        ) from error
    sha256 = hashlib.sha256(source).hexdigest()
    found = _called(_function(_executed(path, source, sha256), name, path), spec)
    return _validated(found, spec, default_name=name), sha256


def _parsed(spec: str) -> tuple[Path, str]:
    path, colon, function = spec.rpartition(":")
    if not colon or not path.endswith(".py") or not function.isidentifier():
        raise UsageError(
            f"--trust-code takes file.py:function, got {spec!r}",
            remedy="give the path of a Python file, a colon, and the name of a function in it",
        )
    return Path(path), function


def _executed(path: Path, source: bytes, sha256: str) -> ModuleType:
    """A module made of exactly the bytes that were hashed, not of what the path holds later."""
    module = ModuleType(f"scdeploy_trusted_{sha256[:16]}")
    module.__file__ = str(path)
    # Dataclasses and pickling look their module up by name.
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, path, "exec"), module.__dict__)  # noqa: S102 (the user trusts it)
    except (Exception, SystemExit) as error:
        del sys.modules[module.__name__]
        raise UsageError(
            f"the trusted file {path} does not run: {type(error).__name__}: {error}",
            remedy="run it with python to see where; it cannot import the files beside it",
        ) from error
    return module


def _function(module: ModuleType, name: str, path: Path) -> Callable[[], object]:
    function = getattr(module, name, None)
    if not callable(function):
        known = sorted(
            key for key, value in vars(module).items() if callable(value) and key[0] != "_"
        )
        raise UsageError(
            f"{path} has no function {name!r}",
            remedy=f"choose from {', '.join(known) or 'none: the file defines no function'}",
        )
    return cast("Callable[[], object]", function)


def _called(function: Callable[[], object], spec: str) -> object:
    try:
        return function()
    except (Exception, SystemExit) as error:
        raise DataError(
            f"{spec} failed: {type(error).__name__}: {error}",
            remedy="correct that function; it is called without arguments",
        ) from error


def _validated(found: object, spec: str, *, default_name: str) -> TrustedTask:
    if problems := tuple(_problems(found)):
        raise DataError(f"{spec} gives no usable task", remedy=REMEDY, problems=problems)
    return _task(found, default_name)


def _problems(found: object) -> Iterator[Problem]:
    for name in ("x", "y"):
        value = getattr(found, name, None)
        if not isinstance(value, np.ndarray):
            yield Problem(name, f"is {_kind(found, name)}", "give a numpy array")
    y = getattr(found, "y", None)
    if isinstance(y, np.ndarray) and not np.issubdtype(y.dtype, np.integer):
        yield Problem("y", f"is {y.dtype}", "give class numbers as integers, best int64")
    for name in ("preprocess", "network"):
        if not callable(getattr(found, name, None)):
            yield Problem(name, f"is {_kind(found, name)}", "give a method or function")
    yield from _optional_problems(found)


def _optional_problems(found: object) -> Iterator[Problem]:
    for name in ("unit", "attribute"):
        if not isinstance(getattr(found, name, None), np.ndarray | None):
            yield Problem(name, f"is {_kind(found, name)}", "give a numpy array, or leave it out")
    classes = getattr(found, "classes", ())
    named = isinstance(classes, list | tuple) and all(isinstance(name, str) for name in classes)
    if not named:
        yield Problem("classes", "is no sequence of strings", "name each class, or leave it out")
    if not isinstance(getattr(found, "name", ""), str):
        yield Problem("name", f"is {_kind(found, 'name')}", "give a string, or leave it out")


def _kind(found: object, name: str) -> str:
    return type(getattr(found, name)).__name__ if hasattr(found, name) else "missing"


def _task(found: object, default_name: str) -> TrustedTask:
    brought = cast("Brought", found)
    y = brought.y.astype(np.int64)
    numbered = tuple(str(number) for number in range(int(y.max()) + 1 if y.size else 1))
    return TrustedTask(
        name=getattr(found, "name", default_name),
        classes=tuple(getattr(found, "classes", numbered)),
        x=brought.x,
        y=y,
        unit=getattr(found, "unit", None),
        attribute=_whole(getattr(found, "attribute", None)),
        preprocess=brought.preprocess,
        network=brought.network,
    )


def _whole(attribute: NDArray[np.integer] | None) -> Int64 | None:
    return None if attribute is None else attribute.astype(np.int64)
