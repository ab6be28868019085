"""Reads an ExecuTorch program that somebody brought: what it takes, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy import digest
from sc_deploy.contracts import BROUGHT, Artifact, Scale, Tap, Taps, TensorSpec, Tolerance
from sc_deploy.errors import InferenceError, UsageError
from sc_deploy.targets.formats import executorch_file
from sc_deploy.targets.formats.conversion import reading

if TYPE_CHECKING:
    from pathlib import Path

    # Any: ExecuTorch has no types.
    from typing import Any

DTYPES: Final = {"FLOAT": "float32", "LONG": "int64"}
# A program keeps no precision; XNNPACK's int8 differs by as much as its own exports may.
TOLERANCE: Final = Tolerance(1.0, 0.95)


def taps(file: Path) -> Taps:
    """See `contracts.OpenFormat`. What XNNPACK computes is one piece, so only the output is read.

    A softmax inside it shows in the answers alone.
    """
    with reading(file):
        content = file.read_bytes()
        executorch_file.require_program(file, content)
        given, answered = _ends(file, content)
        batch, *sample = given.sizes
        if int(given.shape_dynamism) == 0:
            raise InferenceError(
                f"its batch dimension is fixed at {batch}",
                remedy="export it with a dynamic batch dimension",
            )
        shipped = Artifact(
            target=BROUGHT,
            format="executorch",
            precision="fp32",
            encoding="dense",
            files=digest.of_files(file.parent, (file.name,)),
            parent=None,
            roles_digest=None,
            preprocessing_digest=None,
            toolchain=(),
            input=TensorSpec("input", tuple(sample), DTYPES[given.scalar_type.name]),
            output=TensorSpec("output", tuple(answered.sizes[1:]), "float32"),
            tensors=(),
            quantization=None,
        )
    tap = Tap(shipped, file.parent, "output", Scale.LOGITS)
    return Taps(shipped, tap, None, TOLERANCE, "")


def _ends(file: Path, content: bytes) -> tuple[Any, Any]:
    """The one tensor that the program takes and the one that it answers, of known kinds."""
    from executorch.exir._serialize._program import deserialize_pte_binary

    plan = deserialize_pte_binary(content).program.execution_plan[0]
    if len(plan.inputs) != 1 or len(plan.outputs) != 1:
        raise UsageError(
            f"{file.name} takes {len(plan.inputs)} inputs and gives {len(plan.outputs)} outputs",
            remedy="export it with one input and with its scores as the only output",
        )
    given, answered = (plan.values[at].val for at in (*plan.inputs, *plan.outputs))
    scores = len(answered.sizes) == 2 and answered.scalar_type.name == "FLOAT"
    if given.scalar_type.name not in DTYPES or not scores:
        raise UsageError(
            f"{file.name} takes {given.scalar_type.name} {given.sizes} and answers "
            f"{answered.scalar_type.name} {answered.sizes}",
            remedy="export it for float32 or int64 samples, with scores float32 [n, classes]",
        )
    return given, answered
