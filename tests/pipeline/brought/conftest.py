"""Tiny ONNX classifiers whose leak is planted, and the sample files to audit them with.

A sample is [label one-hot | noise | what training left of it]. Only members have a last part, so
a model that reads it answers members more surely, and one that does not leaks nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

from sc_deploy.contracts import Check, Report
from sc_deploy.contracts.arrays import Float32, Int64
from sc_deploy.pipeline.brought import audit as brought
from sc_deploy.pipeline.brought.order import Order
from sc_deploy.progress import Silent

CLASSES = 10
POLICY = """\
name: tests
attacks: [loss, modified-entropy]
low_fpr_tier: T0
min_audit_samples: 1000
absolute: {auc: 0.55, tpr: [{fpr: 0.01, limit: 0.05}]}
relative: none
"""
INT8 = ("Softmax", "QuantizeLinear", "DequantizeLinear")


@dataclass(frozen=True)
class Kind:
    """`tail` are the operators after the logits; `batch` a fixed batch size, or free."""

    leak: float = 0.0
    skill: float = 3.0
    tail: tuple[str, ...] = ()
    batch: int | str = "n"
    domain: str = ""


def model(path: Path, kind: Kind) -> Path:
    """Write the classifier as ONNX."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    one = np.eye(CLASSES, dtype=np.float32)
    weight = np.concatenate([kind.skill * one, one, kind.leak * one])
    constants = {
        "weight": weight,
        "step": np.array(1 / 256, np.float32),
        "zero": np.array(0, np.uint8),
        "one": np.array(1, np.float32),
    }
    nodes, name = [helper.make_node("MatMul", ["x", "weight"], ["logits"])], "logits"
    more = {
        "QuantizeLinear": ["step", "zero"],
        "DequantizeLinear": ["step", "zero"],
        "Mul": ["one"],
    }
    for number, operator in enumerate(kind.tail):
        made = f"after_{number}"
        inputs = [name, *more.get(operator, [])]
        nodes.append(helper.make_node(operator, inputs, [made], domain=kind.domain))
        name = made
    shape = [kind.batch, 3 * CLASSES]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [kind.batch, CLASSES])],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("of.mine", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


def draw(n: int, *, member: bool, seed: int) -> tuple[Float32, Int64]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, CLASSES, n)
    own = np.eye(CLASSES)[y]
    left = own * rng.random((n, 1)) * member
    x = np.concatenate([own, rng.normal(size=(n, CLASSES)), left], axis=1)
    return x.astype(np.float32), y.astype(np.int64)


def sides(n: int, *, seed: int, told_apart: bool = True) -> dict[str, Any]:
    """Arrays of a calibration file."""
    inside, outside = draw(n, member=told_apart, seed=seed), draw(n, member=False, seed=seed + 1)
    x = np.concatenate([inside[0], outside[0]])
    y = np.concatenate([inside[1], outside[1]])
    return {"x": x, "y": y, "member": np.arange(2 * n) < n}


@dataclass(frozen=True)
class Desk:
    """A folder with sample files and a policy, and the order that audits them."""

    folder: Path
    order: Order

    def save(self, name: str, **arrays: Any) -> Path:
        path = self.folder / name
        np.savez(path, **arrays)
        return path

    def model(self, kind: Kind, name: str = "model.onnx") -> Path:
        return model(self.folder / name, kind)

    def alike(self, n: int = 1300) -> None:
        """Draw members as everybody else: a model has nothing to know them by, nor has anyone."""
        x, y = draw(n, member=False, seed=1)
        self.save("members.npz", x=x, y=y)
        self.save("calibration.npz", **sides(400, seed=3, told_apart=False))

    def policy(self, name: str, was: str, now: str) -> Path:
        """The policy with one part replaced."""
        path = self.folder / name
        path.write_text(POLICY.replace(was, now))
        return path

    def audit(self, kind: Kind | None = None, **changes: Any) -> Report:
        if kind is not None:
            changes["artifact"] = self.model(kind)
        found = brought.audit(replace(self.order, **changes), Silent())
        assert found.audited.report is not None
        return found.audited.report


class Lay(Protocol):
    def __call__(self, n: int = 1300) -> Desk: ...


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    def make(n: int = 1300) -> Desk:
        for name, member, seed in (("members", True, 1), ("non-members", False, 2)):
            x, y = draw(n, member=member, seed=seed)
            np.savez(tmp_path / f"{name}.npz", x=x, y=y)
        np.savez(tmp_path / "calibration.npz", **sides(400, seed=3))
        (tmp_path / "policy.yaml").write_text(POLICY)
        order = Order(
            artifact=tmp_path / "model.onnx",
            members=tmp_path / "members.npz",
            non_members=tmp_path / "non-members.npz",
            calibration=tmp_path / "calibration.npz",
            policy=tmp_path / "policy.yaml",
            output=tmp_path / "out",
        )
        return Desk(tmp_path, order)

    return make


@pytest.fixture
def desk(lay: Lay) -> Desk:
    return lay()


def check(report: Report, name: str) -> Check:
    return next(found for found in report.verdict.checks if found.name == name)


def names(report: Report) -> Sequence[str]:
    return [subject.name for subject in report.audit.subjects] if report.audit else []
