"""What `scdeploy self-test` says, and that it needs no training framework."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sc_deploy.cli import main
from sc_deploy.errors import ExitCode

SLIM = """
import sys
from importlib import machinery
HIDDEN = {"torch", "torchvision", "transformers", "onnx", "onnxruntime", "executorch", "opacus"}
find_spec = machinery.PathFinder.find_spec
def found(name, path=None, target=None):
    return None if name.partition(".")[0] in HIDDEN else find_spec(name, path, target)
machinery.PathFinder.find_spec = found
from sc_deploy.cli.main import invoke
code = invoke(sys.argv[1:])
assert not HIDDEN & {name.partition(".")[0] for name in sys.modules}
sys.exit(code)
"""


@pytest.mark.slow
def test_it_holds_without_torch_and_onnx_and_says_what_it_skipped() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SLIM, "self-test", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema_version"] == 1
    assert (document["holds"], document["exit_code"]) == (True, 0)
    skipped = [trial["name"] for trial in document["trials"] if trial["holds"] is None]
    assert skipped == ["ONNX file"]
    assert all(trial["expected"] and trial["found"] for trial in document["trials"])


def test_a_seed_that_is_no_seed_is_refused() -> None:
    assert main.invoke(["self-test", "--seed", "-1"]) is ExitCode.USAGE
