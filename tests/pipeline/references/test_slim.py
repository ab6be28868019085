"""Who audits needs no torch, also where reference models are asked."""

from __future__ import annotations

import subprocess
import sys

from sc_deploy.workspace import RunFolder

WITHOUT_TORCH = """
import sys
from importlib import machinery
find_spec = machinery.PathFinder.find_spec
def found(name, path=None, target=None):
    return None if name.partition(".")[0] == "torch" else find_spec(name, path, target)
machinery.PathFinder.find_spec = found
from sc_deploy.cli.main import invoke
code = invoke(sys.argv[1:])
assert "torch" not in sys.modules
sys.exit(code)
"""


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_references_are_asked_without_torch_and_only_trained_with_it(referred: RunFolder) -> None:
    audited = call("audit", str(referred.root), "--json")
    assert audited.returncode in (0, 1, 5), audited.stderr
    assert '"T2"' in referred.report("onnx.onnx.fp32.dense", "local").read_text("utf-8")
    refused = call("references", "train", str(referred.root), "-n", "6")
    assert refused.returncode == 3, refused.stderr
    assert "pip install" in refused.stderr
