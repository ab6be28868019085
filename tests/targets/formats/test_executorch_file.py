from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sc_deploy.errors import InferenceError
from sc_deploy.targets.formats import executorch_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 a zip", b"\x00" * 4 + b"ET12" + b"\xff" * 99]
)
def test_what_is_not_a_program_is_an_inference_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.pte"
    path.write_bytes(content)
    with pytest.raises(InferenceError, match=r"model\.pte"):
        executorch_file.weights(path)


@pytest.mark.parametrize(
    ("kind", "dims", "fields", "shape"),
    [
        ("XNNConv2d", (8, 3, 5, 4), {}, (8, 4, 3, 5)),
        ("XNNDepthwiseConv2d", (1, 3, 5, 8), {}, (8, 1, 3, 5)),
        ("XNNConvTranspose2d", (6, 3, 5, 4), {"groups": 2}, (8, 3, 3, 5)),
        ("XNNFullyConnected", (10, 16), {}, (10, 16)),
    ],
)
def test_filters_are_shaped_as_in_torch(
    kind: str, dims: tuple[int, ...], fields: dict[str, int], shape: tuple[int, ...]
) -> None:
    assert executorch_file._as_torch(kind, dims, fields) == shape
