"""Android phones."""

from __future__ import annotations

from typing import Final

from sc_deploy.targets.formats.executorch import EXECUTORCH
from sc_deploy.targets.formats.onnx import ONNX
from sc_deploy.targets.target import DeploymentTarget

TARGET: Final = DeploymentTarget(
    name="android",
    summary="ExecuTorch programs (.pte) for phones, audited in ExecuTorch with XNNPACK",
    formats=(EXECUTORCH, ONNX),
)
