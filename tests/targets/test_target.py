from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sc_deploy.targets import android, onnx, target

if TYPE_CHECKING:
    from sc_deploy.contracts import Target


@pytest.mark.parametrize(
    ("place", "name", "formats"),
    [
        (onnx.TARGET, "onnx", ["onnx"]),
        (android.TARGET, "android", ["executorch", "litert", "onnx"]),
    ],
)
def test_a_target_lists_its_formats_with_the_default_first(
    place: Target, name: str, formats: list[str]
) -> None:
    assert place.name == name
    assert [entry.name for entry in place.formats] == formats
    assert place.summary


def test_looking_at_targets_loads_no_exporter() -> None:
    code = (
        "import sys; from sc_deploy.targets import android, onnx;"
        "formats = (*android.TARGET.formats, *onnx.TARGET.formats);"
        "[f.missing_to_export() + f.missing_to_run() for f in formats];"
        "heavy = {'torch', 'onnx', 'onnxruntime', 'executorch', 'litert_torch', 'ai_edge_litert'};"
        "sys.exit(str(heavy & set(sys.modules) or ''))"
    )
    root = Path(target.__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert run.stderr.strip() == ""
