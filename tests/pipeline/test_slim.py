"""The job that audits a release has no torch: nothing but the runtime of the file."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sc_deploy.workspace import RunFolder

# As if the packages were not installed, for imports, for find_spec and for versions alike.
WITHOUT_TORCH = """
import sys
from importlib import machinery, metadata
HIDDEN = {
    "torch", "torch_pruning", "torchvision", "transformers", "tokenizers", "accelerate", "opacus",
    "executorch", "torchao", "onnxscript", "PIL", "pyarrow",
    "litert_torch", "litert_converter", "ai_edge_litert", "ai_edge_quantizer",
}
find_spec, version = machinery.PathFinder.find_spec, metadata.version
def found(name, path=None, target=None):
    return None if name.partition(".")[0] in HIDDEN else find_spec(name, path, target)
def versioned(name):
    if name in HIDDEN:
        raise metadata.PackageNotFoundError(name)
    return version(name)
machinery.PathFinder.find_spec, metadata.version = found, versioned
from sc_deploy.cli.main import invoke
code = invoke(sys.argv[1:])
assert not HIDDEN & {name.partition(".")[0] for name in sys.modules}
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["audit", "{run}"], 0),
        (["report", "{run}"], 0),
        (["inspect", "{run}"], 0),
        (["export", "{run}", "--target", "onnx"], 3),
        (["export", "{run}", "--target", "android"], 3),
        (["export", "{run}", "--target", "android", "--format", "litert"], 3),
    ],
)
def test_without_torch_an_onnx_run_can_be_audited_and_only_making_files_is_refused(
    audited: RunFolder, command: list[str], code: int
) -> None:
    arguments = [part.replace("{run}", str(audited.root)) for part in command]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == code, done.stderr
    assert code == 0 or "pip install" in done.stderr
