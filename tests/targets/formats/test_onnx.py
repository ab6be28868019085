from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from sc_deploy.contracts import LoadedModel, NetworkSpec
from sc_deploy.devices.local import LOCAL
from sc_deploy.errors import ConversionError
from sc_deploy.targets import conformance, specimens
from sc_deploy.targets.formats.onnx import ONNX


@pytest.mark.slow
def test_onnx_keeps_the_laws_of_formats(tmp_path: Path) -> None:
    conformance.check(ONNX, LOCAL, tmp_path)


@pytest.fixture(scope="module", params=["fp32", "int8"])
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> conformance.Exported:
    folder = tmp_path_factory.mktemp("onnx") / "artifact"
    case = specimens.reference_cases()[0]
    return conformance.export(ONNX, LOCAL, case, folder, request.param)


def test_the_file_tells_nothing_of_the_machine_that_made_it(
    exported: conformance.Exported,
) -> None:
    content = (exported.folder / "model.onnx").read_bytes()
    for trace in (str(Path.home()), str(Path.cwd()), "/tmp/", ".py", "File ", "stack_trace"):
        assert trace.encode() not in content


def test_names_and_batch_dimension_are_as_promised(exported: conformance.Exported) -> None:
    graph = onnx.load(exported.folder / "model.onnx").graph
    assert [entry.name for entry in graph.input] == ["input"]
    assert [entry.name for entry in graph.output] == ["logits"]
    for entry in (*graph.input, *graph.output):
        batch = entry.type.tensor_type.shape.dim[0]
        assert batch.dim_param
        assert not batch.HasField("dim_value")


def test_the_same_network_gives_the_same_bytes(
    exported: conformance.Exported, tmp_path: Path
) -> None:
    again = conformance.export(
        ONNX, LOCAL, exported.case, tmp_path / "again", exported.artifact.precision
    )
    assert again.artifact.files == exported.artifact.files


def test_weights_keep_the_names_they_have_in_torch(exported: conformance.Exported) -> None:
    names = {n for n, p in exported.case.model.module.named_parameters() if p.ndim >= 2}
    assert {stat.name for stat in ONNX.inspect(exported.folder, exported.names)} == names


class TokenWise(nn.Module):
    """A linear layer on three axes, which the exporter turns into a transposed MatMul."""

    def __init__(self) -> None:
        super().__init__()
        self.each, self.head = nn.Linear(6, 5), nn.Linear(20, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.each(x).relu().flatten(1))
        return logits


@pytest.mark.parametrize("precision", ONNX.precisions)
def test_a_transposed_weight_is_found_under_its_own_name(tmp_path: Path, precision: str) -> None:
    module = TokenWise().eval()
    with torch.no_grad():
        module.each.weight[:, :3] = 0
    model = LoadedModel(module, NetworkSpec("token-wise", (4, 6), 3), "0" * 64)
    samples = np.random.default_rng(0).random((40, 4, 6), dtype=np.float32)
    names = ONNX.export(model, tmp_path, precision=precision, samples=samples)
    found = ONNX.inspect(tmp_path, names)
    assert [(stat.name, stat.shape) for stat in found] == [
        ("each.weight", (5, 6)),
        ("head.weight", (3, 20)),
    ]
    assert found == ONNX.expected(model, precision=precision)


def test_int8_rounds_small_weights_to_zero_and_foretells_which() -> None:
    layer = nn.Linear(4, 2, bias=False)
    module = nn.Sequential(nn.Flatten(), layer).eval()
    with torch.no_grad():
        # Step 1/127 in the first row: 0.003 is below half of it, 0.005 is not.
        layer.weight.copy_(torch.tensor([[1.0, 0.003, 0.005, 0.0], [0.0, 0.0, 0.0, 0.0]]))
    model = LoadedModel(module, NetworkSpec("tiny", (4,), 2), "0" * 64)
    assert ONNX.expected(model, precision="fp32")[0].nonzero == 3
    assert ONNX.expected(model, precision="int8")[0].nonzero == 2


def test_an_export_without_samples_is_refused(tmp_path: Path) -> None:
    case = specimens.reference_cases()[1]
    with pytest.raises(ConversionError, match="expected"):
        ONNX.export(case.model, tmp_path, precision="fp32", samples=case.samples[:0])
