from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from sc_deploy.contracts import LoadedModel, NetworkSpec
from sc_deploy.devices.local import LOCAL
from sc_deploy.errors import InferenceError
from sc_deploy.targets import conformance, specimens
from sc_deploy.targets.formats.executorch import EXECUTORCH, LARGEST_BATCH


@pytest.mark.slow
def test_executorch_keeps_the_laws_of_formats(tmp_path: Path) -> None:
    conformance.check(EXECUTORCH, LOCAL, tmp_path)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> conformance.Exported:
    folder = tmp_path_factory.mktemp("executorch") / "artifact"
    return conformance.export(EXECUTORCH, LOCAL, specimens.reference_cases()[1], folder, "fp32")


def test_the_file_tells_nothing_of_the_machine_that_made_it(
    exported: conformance.Exported,
) -> None:
    content = (exported.folder / "model.pte").read_bytes()
    for trace in (str(Path.home()), str(Path.cwd()), "/tmp/", ".py", "File "):
        assert trace.encode() not in content


def test_a_batch_up_to_the_planned_size_runs_and_a_larger_one_says_why(
    exported: conformance.Exported, tmp_path: Path
) -> None:
    case = exported.case
    many = np.concatenate([case.samples, case.samples])
    np.save(tmp_path / "x.npy", many)
    bundle = EXECUTORCH.bundle(exported.artifact, exported.folder)
    LOCAL.run(bundle, tmp_path / "x.npy", tmp_path / "y.npy", batch=LARGEST_BATCH)
    source = case.model.module(torch.from_numpy(many)).detach().numpy()
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), source, atol=1e-5)
    with pytest.raises(InferenceError, match=f"planned for {LARGEST_BATCH}"):
        LOCAL.run(bundle, tmp_path / "x.npy", tmp_path / "y.npy", batch=LARGEST_BATCH + 1)


def test_the_record_names_the_backend_that_ran(
    exported: conformance.Exported, tmp_path: Path
) -> None:
    np.save(tmp_path / "x.npy", exported.case.samples[:2])
    bundle = EXECUTORCH.bundle(exported.artifact, exported.folder)
    execution = LOCAL.run(bundle, tmp_path / "x.npy", tmp_path / "y.npy")
    assert (execution.runtime, execution.compute_unit) == ("executorch", "XnnpackBackend (cpu)")
    assert execution.version == dict(EXECUTORCH.toolchain())["executorch"]
    assert execution.latency_ms.n == 20


@pytest.mark.slow
@pytest.mark.parametrize("precision", EXECUTORCH.precisions)
def test_every_kind_of_filter_is_found_in_the_file(tmp_path: Path, precision: str) -> None:
    module = nn.Sequential(
        *(nn.Conv2d(2, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=8), nn.BatchNorm2d(8)),
        *(nn.ReLU(), nn.Conv2d(8, 12, 3, groups=2), nn.ConvTranspose2d(12, 6, 3), nn.Flatten()),
        nn.Linear(6 * 16, 3),
    ).eval()
    with torch.no_grad():
        for index, parameter in enumerate(p for p in module.parameters() if p.ndim >= 2):
            parameter.view(-1)[: index + 1] = 0
    model = LoadedModel(module, NetworkSpec("filters", (2, 8, 8), 3), "0" * 64)
    samples = np.random.default_rng(0).random((40, 2, 8, 8), dtype=np.float32)
    names = EXECUTORCH.export(model, tmp_path, precision=precision, samples=samples)
    assert EXECUTORCH.inspect(tmp_path, names) == EXECUTORCH.expected(model, precision=precision)
    assert len(EXECUTORCH.inspect(tmp_path, names)) == 5


def test_int8_steps_are_never_finer_than_the_quantizers_smallest() -> None:
    layer = nn.Linear(3, 1, bias=False)
    module = nn.Sequential(nn.Flatten(), layer).eval()
    with torch.no_grad():
        # All below 127 * 2**-12, so the step is 2**-12 = 0.000244.
        layer.weight.copy_(torch.tensor([[0.01, 0.0001, 0.0002]]))
    model = LoadedModel(module, NetworkSpec("tiny", (3,), 1), "0" * 64)
    assert EXECUTORCH.expected(model, precision="int8")[0].nonzero == 2
