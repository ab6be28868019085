"""Servers and desktops that run ONNX."""

from __future__ import annotations

from typing import Final

from sc_deploy.targets.formats.onnx import ONNX
from sc_deploy.targets.target import DeploymentTarget

TARGET: Final = DeploymentTarget(
    name="onnx",
    summary="ONNX files for servers and desktops, audited in ONNX Runtime",
    formats=(ONNX,),
)
