"""A brought ExecuTorch program says what it takes and answers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from sc_deploy.contracts import Scale
from sc_deploy.errors import InferenceError
from sc_deploy.targets.formats.executorch import EXECUTORCH


def write(path: Path, *, free: bool) -> Path:
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import to_edge_transform_and_lower

    module = torch.nn.Sequential(torch.nn.Linear(6, 3), torch.nn.Softmax(-1)).eval()
    batch = {0: torch.export.Dim("batch", min=1, max=64)} if free else None
    program = torch.export.export(module, (torch.zeros(4, 6),), dynamic_shapes=(batch,))
    lowered = to_edge_transform_and_lower(program, partitioner=[XnnpackPartitioner()])
    path.write_bytes(bytes(lowered.to_executorch().buffer))
    return path


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_program_is_read_at_its_output(tmp_path: Path) -> None:
    taps = EXECUTORCH.taps(write(tmp_path / "model.pte", free=True), tmp_path)
    assert taps.public is None
    assert taps.attacked.scale is Scale.LOGITS
    assert (taps.shipped.input.shape, taps.shipped.input.dtype) == ((6,), "float32")
    assert taps.shipped.output.shape == (3,)
    assert taps.shipped.name == "model.pte"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_fixed_batch_and_what_is_no_program_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match="fixed at 4"):
        EXECUTORCH.taps(write(tmp_path / "model.pte", free=False), tmp_path)
    (tmp_path / "model.pte").write_bytes(b"nothing of the kind")
    with pytest.raises(InferenceError, match="is not an ExecuTorch program"):
        EXECUTORCH.taps(tmp_path / "model.pte", tmp_path)
