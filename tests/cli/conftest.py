"""A small recipe on disk, and the command line as a user calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml

# Any: what YAML and JSON give.
RECIPE: dict[str, Any] = {
    "seed": 3,
    "task": {"name": "digits"},
    "roles": {
        "key": "cd" * 32,
        "members": 750,
        "non_members": 750,
        "validation": 140,
        "test": 150,
    },
    "train": {"epochs": 3, "batch_size": 32},
    "sparse": {"density": 0.2},
    "compress": {"update_every": 18, "probation": 4, "dense_baseline": False},
    "export": {"targets": ["onnx"]},
}
POLICY: dict[str, Any] = {
    "name": "tests",
    "low_fpr_tier": "T0",
    "min_audit_samples": 300,
    "absolute": {"auc": 0.75, "tpr": [{"fpr": 0.01, "limit": 0.25}]},
    "relative": {
        "auc": 0.1,
        "tpr": [{"fpr": 0.01, "limit": 0.2}],
        "quantization_auc": None,
    },
    "accuracy": {"conversion_loss": 0.1, "compression_loss": None},
}


# Every finder answers as if the hidden packages had never been installed.
HIDING = """
import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        hidden = name.partition(".")[0] in {hidden!r}
        return None if hidden else self.finder.find_spec(name, path, target)
sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


class Scdeploy(Protocol):
    def __call__(self, *arguments: str | Path, hide: Sequence[str] = ()) -> Result: ...


class Settings(Protocol):
    """Writes recipe and policy into the test's folder, changed as asked; the recipe's path."""

    def __call__(self, *, recipe: Any = None, policy: Any = None) -> Path: ...


def run(*arguments: str | Path, hide: Sequence[str] = ()) -> Result:
    """One call in a process of its own; the packages in `hide` cannot be found in it."""
    script = HIDING.format(hidden=set(hide)) + "from sc_deploy.cli.main import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | {"NO_COLOR": "1"},
    )
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def scdeploy() -> Scdeploy:
    return run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    def write(*, recipe: Any = None, policy: Any = None) -> Path:
        (tmp_path / "policy.yaml").write_text(yaml.safe_dump(merged(POLICY, policy or {})))
        path = tmp_path / "recipe.yaml"
        path.write_text(yaml.safe_dump(merged(RECIPE, recipe or {})))
        return path

    return write


def merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    out = dict(base)
    for key, value in change.items():
        inner = base.get(key)
        nested = isinstance(value, dict) and isinstance(inner, dict)
        out[key] = merged(inner or {}, value) if nested else value
    return out


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that `scdeploy run` finished with a PASS. Copy it before changing it."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "policy.yaml").write_text(yaml.safe_dump(POLICY))
    (folder / "recipe.yaml").write_text(yaml.safe_dump(RECIPE))
    result = run("run", "-c", folder / "recipe.yaml", "-o", folder / "run")
    assert result.code == 0, result.err
    return folder / "run"
