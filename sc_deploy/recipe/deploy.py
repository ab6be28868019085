"""What is built, and where is it questioned?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sc_deploy.recipe.fields import EachOnce, Names
from sc_deploy.userfile import Strict


class ExportSection(Strict):
    """What to build from the compressed model."""

    targets: Names = Field(("android", "onnx"), min_length=1, description="Places of deployment.")
    precisions: Annotated[tuple[Literal["fp32", "int8"], ...], EachOnce] = Field(
        ("fp32",), min_length=1, description="Number formats, each its own artifact."
    )
    quantization_samples: Annotated[int, Field(ge=16)] = Field(
        256, description="Members of the reference role that choose the integer ranges."
    )


class AuditSection(Strict):
    """Where the artifacts are run and questioned."""

    device: str = Field("local", description="`local`: a fresh process on this host.")
    published: Annotated[tuple[Literal["artifacts", "source", "dense"], ...], EachOnce] = Field(
        ("artifacts",),
        description="Versions of the model that an attacker has beside the file under audit, for "
        "the version-difference attack: the other `artifacts` of the run, its `source`, the "
        "`dense` baseline. An earlier release is named with `scdeploy audit --previous`.",
    )
