from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import nn

from sc_deploy.contracts import LoadedModel, NetworkSpec
from sc_deploy.devices.local import LOCAL
from sc_deploy.targets import conformance, specimens
from sc_deploy.targets.formats import litert_file
from sc_deploy.targets.formats.litert import LITERT

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow


def test_litert_keeps_the_laws_of_formats(tmp_path: Path) -> None:
    conformance.check(LITERT, LOCAL, tmp_path)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> conformance.Exported:
    folder = tmp_path_factory.mktemp("litert") / "artifact"
    return conformance.export(LITERT, LOCAL, specimens.reference_cases()[2], folder, "fp32")


def test_the_file_tells_nothing_of_the_machine_and_the_source_that_made_it(
    exported: conformance.Exported,
) -> None:
    content = (exported.folder / "model.tflite").read_bytes()
    classes = ("Text", "torch", "specimens", "Linear")
    for trace in (str(Path.home()), str(Path.cwd()), "/tmp/", ".py", "File ", *classes):
        assert trace.encode() not in content


def test_the_ends_have_the_names_of_every_other_format(exported: conformance.Exported) -> None:
    (graph,) = litert_file.read(exported.folder / "model.tflite")
    ends = [graph.tensors[place] for place in (*graph.inputs, *graph.outputs)]
    assert [(end.name, end.kind, end.shape) for end in ends] == [
        ("input", "INT32", (1, specimens.LENGTH)),
        ("logits", "FLOAT32", (1, specimens.CLASSES)),
    ]


def test_the_record_names_the_runtime_and_what_it_computed_with(
    exported: conformance.Exported, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", exported.case.samples[:2])
    bundle = LITERT.bundle(exported.artifact, exported.folder)
    execution = LOCAL.run(bundle, tmp_path / "x.npy", tmp_path / "y.npy")
    assert (execution.runtime, execution.compute_unit) == ("litert", "XNNPACK (cpu)")
    assert execution.version == dict(LITERT.toolchain())["ai_edge_litert"]


def model_of(layers: Sequence[nn.Module], shape: tuple[int, ...], classes: int) -> LoadedModel:
    module = nn.Sequential(*layers).eval()
    return LoadedModel(module, NetworkSpec("layers", shape, classes), "0" * 64)


@pytest.mark.parametrize("precision", LITERT.precisions)
def test_every_kind_of_filter_is_found_in_the_file(tmp_path: Path, precision: str) -> None:
    layers = (
        *(nn.Conv2d(2, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=8), nn.BatchNorm2d(8)),
        *(nn.ReLU(), nn.Conv2d(8, 12, 3, groups=2), nn.ConvTranspose2d(12, 6, 3), nn.Flatten()),
        nn.Linear(6 * 16, 3),
    )
    model = model_of(layers, (2, 8, 8), 3)
    with torch.no_grad():
        for index, parameter in enumerate(p for p in model.module.parameters() if p.ndim >= 2):
            parameter.view(-1)[: index + 1] = 0
    samples = np.random.default_rng(0).random((40, 2, 8, 8), dtype=np.float32)
    names = LITERT.export(model, tmp_path, precision=precision, samples=samples)
    assert LITERT.inspect(tmp_path, names) == LITERT.expected(model, precision=precision)
    assert len(LITERT.inspect(tmp_path, names)) == 5
