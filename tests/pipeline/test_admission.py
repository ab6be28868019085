"""A user who makes many mistakes is told of all of them, before anything is trained."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sc_deploy import userfile
from sc_deploy.errors import DataError, ExitCode, IntegrityError, UsageError
from sc_deploy.pipeline import compress, problem
from sc_deploy.policy import Policy
from sc_deploy.progress import Silent
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from sc_deploy.errors import Problem, ScDeployError

CODE = """
import numpy as np
from torch import nn

class Task:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 6)).astype(np.float32)
    y = np.arange(200) % 4
    classes = ("a", "b", "c", "d")

    def preprocess(self, x):
        return x

    def network(self):
        return nn.Sequential(nn.Linear(6, 7), nn.ReLU(), nn.Linear(7, 4))

class Mislabelled(Task):
    classes = ("a", "b", "c")

    def network(self):
        return nn.Sequential(nn.Linear(6, 7), nn.ReLU(), nn.Linear(7, 3))
"""
# Any: a recipe before it is checked.
SOUND: dict[str, Any] = {
    "task": {"name": "custom"},
    "roles": {"key": "ab" * 32, "members": 80, "non_members": 80, "validation": 20, "test": 20},
    "network": {"name": "custom"},
    "train": {"epochs": 10, "batch_size": 8},
    "sparse": {"density": 0.5},
    "compress": {"update_every": 20, "probation": 4, "dense_baseline": False},
}


class Folder:
    """A recipe with its code, policy and weights, and what is said against it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "mine.py").write_text(dedent(CODE))
        (root / "policy.yaml").write_text(userfile.dump(Policy(name="toy")))

    # Any: sections as the user writes them.
    def refused(self, code: str = "Task", **sections: Any) -> ScDeployError:
        """What loading and compressing raise of the sound recipe with these sections changed."""
        recipe = {name: dict(section) for name, section in SOUND.items()}
        for name, changes in sections.items():
            whole = not isinstance(changes, dict)
            recipe[name] = changes if whole else recipe.get(name, {}) | changes
        (self.root / "recipe.yaml").write_text(json.dumps(recipe))
        with pytest.raises((UsageError, IntegrityError)) as refusal:
            self._compressed(code)
        assert not (self.root / "run" / "recipe.lock.yaml").exists()
        return refusal.value

    def _compressed(self, code: str) -> None:
        spec = f"{self.root / 'mine.py'}:{code}"
        loaded = problem.load(self.root / "recipe.yaml", trust_code=spec)
        run = RunFolder(self.root / "run")
        compress.compress(run, loaded, Silent(), resume=False, overwrite=False)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def where(found: ScDeployError) -> set[str]:
    assert all(each.remedy for each in found.problems)
    return {each.where for each in found.problems}


def told(found: ScDeployError, place: str) -> Problem:
    return next(each for each in found.problems if each.where == place)


def test_eight_mistakes_of_eight_kinds_are_told_at_once(folder: Folder) -> None:
    """A wrong type, a wrong policy, labels, amounts, canaries, a test, defences, and a pattern."""
    (folder.root / "policy.yaml").write_text("name: toy\nabsolut: {}\n")
    found = folder.refused(
        "Mislabelled",
        train={"epochs": "many"},
        roles={"members": 500, "non_members": 12},
        canaries={"count": 50},
        compress={"safety_tests": ["class-wise-threshold", "telepathy"]},
        defence=[{"name": "label-smoothing"}, {"name": "hamp"}],
        sparse={"pattern": "2:4"},
        export={"targets": ["onnx", "toaster"]},
    )
    assert where(found) >= {
        "train.epochs",
        "policy: absolut",
        "task: y",
        "roles",
        "canaries",
        "compress.safety_tests",
        "defence: label-smoothing, hamp",
        "layer 2.weight",
        "export: toaster",
    }
    assert "0 to 3 for 3 classes" in told(found, "task: y").found
    assert "2:4" not in told(found, "roles").found
    assert "telepathy" in told(found, "compress.safety_tests").found
    assert found.exit_code is ExitCode.USAGE


def test_a_checkpoint_of_another_network_hides_neither_density_nor_defences(
    folder: Folder,
) -> None:
    save_file({"0.weight": torch.zeros(9, 6)}, folder.root / "other.safetensors")
    found = folder.refused(
        network={"weights": "other.safetensors"},
        sparse={"density": 0.02, "distribution": "uniform"},
        defence=[{"name": "label-smoothing"}, {"name": "label-smoothing"}],
    )
    assert where(found) >= {
        "network.weights: 0.weight",
        "network.weights: 2.bias",
        "layer 2.weight",
        "defence: label-smoothing",
    }


def test_missing_files_are_told_with_all_else(folder: Folder) -> None:
    found = folder.refused(
        network={"weights": "none.safetensors"},
        roles={"declared_members": "none.txt"},
        defence=[{"name": "confidence-penalty"}, {"name": "hamp"}],
    )
    assert {each.where for each in found.problems} == {
        "network.weights", "roles.declared_members", "defence: confidence-penalty, hamp",
    }  # fmt: skip


def test_what_only_a_refused_section_would_make_wrong_is_not_told(folder: Folder) -> None:
    """No network is built from the default that stands where the recipe's own was refused."""
    found = folder.refused(network={"name": 7}, policy="nowhere.yaml")
    assert where(found) == {"network.name", "policy"}


def test_one_mistake_keeps_its_own_words(folder: Folder) -> None:
    found = folder.refused(roles={"members": 500})
    assert isinstance(found, DataError)
    assert found.what == "the roles do not fit a pool of 200 samples"
    assert folder.refused(train={"epochs": 0}).what.endswith("recipe.yaml has 1 problem")


def test_an_unsafe_file_among_mistakes_keeps_its_exit_code(folder: Folder) -> None:
    torch.save({"0.weight": np.float64(1.0)}, folder.root / "code.pt")
    found = folder.refused(
        network={"weights": "code.pt"}, defence=[{"name": "hamp"}, {"name": "relaxloss"}]
    )
    assert isinstance(found, IntegrityError)
    assert where(found) == {"network.weights", "defence: hamp, relaxloss"}
