"""The command line answers at once, because it imports nothing heavy."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys

import pytest

HEAVY = {
    *("numpy", "pydantic", "torch", "onnx", "onnxruntime", "executorch", "scipy", "sklearn"),
    *("litert_torch", "ai_edge_litert", "ai_edge_quantizer"),
}
SHOW_MODULES = """
import json, sys
from sc_deploy.cli.main import invoke
code = invoke({arguments!r})
print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))
"""
COMMANDS = (
    "init",
    "doctor",
    "targets",
    "inspect",
    "compress",
    "export",
    "audit",
    "report",
    "study",
    "references",
)


def loaded_by(*arguments: str) -> set[str]:
    script = SHOW_MODULES.format(arguments=list(arguments))
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(result.stdout.splitlines()[-1]))


def test_help_loads_none_of_the_heavy_libraries() -> None:
    assert not loaded_by("--help") & HEAVY


@pytest.mark.parametrize("command", [*COMMANDS, "run", "demo"])
def test_the_help_of_a_command_loads_none_of_them_either(command: str) -> None:
    # typer itself brings pydantic when it looks at the options of a command.
    assert not loaded_by(command, "--help") & (HEAVY - {"pydantic"})


def test_help_is_there_within_a_moment() -> None:
    """In processor time, which a busy machine stretches little; the aim is 0.3 s."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "sc_deploy.cli", "--help"], capture_output=True, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert statistics.median(times) < 1.0, times
