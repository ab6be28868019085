"""A brought LiteRT file is judged as an ONNX file is: before its softmax, and as it answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.cli.main import invoke
from sc_deploy.contracts import Cause, Outcome
from tests.pipeline.brought.conftest import CLASSES, Kind, check, names
from tests.targets.formats.litert_graphs import (
    PROBABILITY,
    Drawing,
    Place,
    linear,
    quantized,
    real,
)

if TYPE_CHECKING:
    from tests.pipeline.brought.conftest import Desk


def draw(
    path: Path, *, leak: float = 0.0, skill: float = 3.0, tail: str = "", batch: int = 1
) -> Path:
    """The classifier of the conftest. `tail` "int8" ends as converters of whole numbers end."""
    one = np.eye(CLASSES, dtype=np.float32)
    d = Drawing()
    x = d.tensor((batch, 3 * CLASSES), name="x")
    y = linear(d, x, np.concatenate([skill * one, one, leak * one]))
    if tail == "softmax":
        y = d.add("SOFTMAX", [y], y)
    if tail == "int8":
        y = d.add("QUANTIZE", [y], quantized(y, (0.15, -60)), name="rounded")
        y = d.add("SOFTMAX", [y], quantized(y, PROBABILITY))
        y = d.add("DEQUANTIZE", [y], real(y))
    if tail == "hidden":
        y = hidden(d, y)
    d.sign(x, y)
    return d.write(path, [x], [y])


def hidden(d: Drawing, z: Place) -> Place:
    """An int8 softmax, and behind it something that nobody can see through."""
    p = d.add("SOFTMAX", [d.add("QUANTIZE", [z], quantized(z, (0.15, -60)))],
              quantized(z, PROBABILITY))  # fmt: skip
    zero = d.constant(np.zeros((1, CLASSES), np.float32))
    return d.add("MAXIMUM", [d.add("DEQUANTIZE", [p], real(z)), zero], real(z))


def test_a_private_file_passes(desk: Desk) -> None:
    desk.alike()
    report = desk.audit(artifact=draw(desk.folder / "model.tflite", tail="softmax"))
    assert report.verdict.outcome is Outcome.PASS, report.verdict.reason
    assert report.artifact.format == "litert"
    assert report.artifact.files[0].path == "model.tflite"
    assert names(report) == ["artifact", "public"]
    assert report.runtime is not None
    assert report.runtime.runtime == "litert"


def test_a_rounded_softmax_hides_no_leak_from_who_owns_the_file(desk: Desk) -> None:
    """Behind eight bits of a sure softmax nearly all answers are one value."""
    file = draw(desk.folder / "model.tflite", leak=6.0, skill=9.0, tail="int8")
    report = desk.audit(artifact=file)
    assert report.verdict.outcome is Outcome.FAIL
    assert report.audit is not None
    assert names(report) == ["artifact", "public"]
    inner, public = (subject.attacks[0] for subject in report.audit.subjects)
    assert public.tie_mass > 0.5
    assert public.auc.value < inner.auc.value - 0.1
    assert report.brought is not None
    assert "which stands before QUANTIZE, SOFTMAX, DEQUANTIZE" in report.brought.reads
    assert "as it answers" in (desk.order.output / "report.html").read_text()


def test_behind_the_same_softmax_a_private_file_does_not_fail(desk: Desk) -> None:
    desk.alike()
    file = draw(desk.folder / "model.tflite", skill=9.0, tail="int8")
    report = desk.audit(artifact=file)
    assert report.verdict.outcome is not Outcome.FAIL, report.verdict.reason


def test_where_nothing_before_the_softmax_can_be_reached_ties_forbid_a_pass(desk: Desk) -> None:
    file = draw(desk.folder / "model.tflite", leak=6.0, skill=12.0, tail="hidden")
    report = desk.audit(artifact=file)
    assert names(report) == ["artifact"]
    assert report.verdict.outcome is Outcome.INCONCLUSIVE
    assert check(report, "AUC, loss attack").cause is Cause.UNRESOLVED


def test_a_file_that_fixes_its_batch_is_audited_from_the_command_line(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    file = draw(desk.folder / "model.tflite", leak=3.0, tail="softmax", batch=4)
    given = {purpose: path for purpose, path in desk.order.given.items() if purpose != "artifact"}
    options = [part for purpose, path in given.items() for part in (f"--{purpose}", str(path))]
    line = ["audit", "--artifact", str(file), *options, "-o", str(desk.order.output), "--json"]
    assert invoke(line) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["audits"][0]["verdict"] == "FAIL"


def test_a_source_in_onnx_is_compared_sample_by_sample(desk: Desk) -> None:
    """Their weights have other names, so whether all of them are there is left undecided."""
    desk.alike()
    strict = desk.policy("strict.yaml", "relative: none", "accuracy: {compression_loss: null}")
    source = desk.model(Kind(batch=1), "source.onnx")
    file = draw(desk.folder / "model.tflite", tail="softmax")
    report = desk.audit(artifact=file, policy=strict, source=source)
    assert report.audit is not None
    assert report.audit.parity_error == pytest.approx(0.0, abs=1e-4)
    assert names(report) == ["artifact", "source", "public"]
    undecided = {c.name for c in report.verdict.checks if c.required and c.cause is not None}
    assert undecided == {"non-zero weights are preserved"}
