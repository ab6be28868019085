"""Android phones."""

from __future__ import annotations

from typing import Final

from sc_deploy.targets.formats.executorch import EXECUTORCH
from sc_deploy.targets.formats.litert import LITERT
from sc_deploy.targets.formats.onnx import ONNX
from sc_deploy.targets.target import DeploymentTarget

TARGET: Final = DeploymentTarget(
    name="android",
    summary="ExecuTorch programs (.pte) or LiteRT models (.tflite) for phones, audited in the "
    "runtime they are made for, with XNNPACK",
    formats=(EXECUTORCH, LITERT, ONNX),
)
