from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.contracts import Bundle, TensorSpec
from sc_deploy.devices.local import LOCAL, LocalDevice
from sc_deploy.errors import InferenceError, UnavailableError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
import json, sys
import numpy as np
inputs, outputs, record, batch = sys.argv[1:]
x = np.load(inputs)
logits = np.stack([x.sum(1), np.full(len(x), float(batch))], 1).astype(np.float32)
told = {"runtime": "numpy", "version": "1", "compute_unit": "cpu", "latency_ms": [1.0, 2.0, 3.0]}
"""
END = """
np.save(outputs, logits)
json.dump(told, open(record, "w"))
"""


def bundle(folder: Path, change: str = "", *, abi: str = "python") -> Bundle:
    """A bundle of one script: the good one, with `change` before it writes its results."""
    script = folder / "source.py"
    script.write_text(GOOD + change + END)
    return Bundle(
        files=(("run.py", script),),
        argv=("{python}", "run.py", "{inputs}", "{outputs}", "{record}", "{batch}"),
        abi=abi,
        input=TensorSpec("input", (3,), "float32"),
        output=TensorSpec("logits", (2,), "float32"),
    )


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "x.npy"
    path.parent.mkdir()
    np.save(path, np.arange(12, dtype=np.float32).reshape(4, 3))
    return path


def test_outputs_and_record_come_back(tmp_path: Path, inputs: Path) -> None:
    outputs = tmp_path / "new" / "folder" / "y.npy"
    execution = LOCAL.run(bundle(tmp_path), inputs, outputs, batch=7)
    assert np.load(outputs)[:, 0].tolist() == [3.0, 12.0, 21.0, 30.0]
    assert np.load(outputs)[:, 1].tolist() == [7.0] * 4
    assert (execution.outputs, execution.runtime) == (outputs, "numpy")
    assert (execution.latency_ms.value, execution.latency_ms.n) == (2.0, 3)


def test_nothing_is_left_beside_the_outputs(tmp_path: Path, inputs: Path) -> None:
    outputs = tmp_path / "out" / "y.npy"
    LOCAL.run(bundle(tmp_path), inputs, outputs)
    assert [path.name for path in outputs.parent.iterdir()] == ["y.npy"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("sys.exit(9)", "ended with 9"),
        ("raise SystemError('broken file')", "broken file"),
        ("import os; os.kill(os.getpid(), 11)", "killed by signal 11"),
        ("sys.exit(0)", "no readable outputs"),
        ("logits = logits[:2]", r"float32 \(2, 2\), expected float32 \(4, 2\)"),
        ("logits = logits.astype('f8')", "float64"),
        ("logits = np.array([{}] * 4)", "no readable outputs"),
        ("del told['runtime']", "no valid record"),
        ("told['latency_ms'] = []", "latencies"),
        ("told = 3", "no valid record"),
    ],
)
def test_each_way_to_fail_is_an_inference_error_and_leaves_old_outputs(
    tmp_path: Path, inputs: Path, change: str, message: str
) -> None:
    outputs = tmp_path / "y.npy"
    outputs.write_text("old")
    with pytest.raises(InferenceError, match=message):
        LOCAL.run(bundle(tmp_path, change), inputs, outputs)
    assert outputs.read_text() == "old"


def test_a_runner_that_lacks_its_runtime_is_unavailable_not_broken(
    tmp_path: Path, inputs: Path
) -> None:
    line = 'sys.stderr.write(\'{"error": "ModuleNotFoundError", "message": "no tvm"}\')'
    with pytest.raises(UnavailableError, match="ModuleNotFoundError: no tvm"):
        LOCAL.run(bundle(tmp_path, f"{line}; sys.exit(3)"), inputs, tmp_path / "y.npy")


def test_answers_that_are_not_numbers_are_left_to_the_audit(tmp_path: Path, inputs: Path) -> None:
    LOCAL.run(bundle(tmp_path, "logits[0] = np.nan"), inputs, tmp_path / "y.npy")
    assert np.isnan(np.load(tmp_path / "y.npy")[0]).all()


def test_a_bundle_for_another_machine_is_unavailable(tmp_path: Path, inputs: Path) -> None:
    with pytest.raises(UnavailableError, match="android-arm64"):
        LOCAL.run(bundle(tmp_path, abi="android-arm64"), inputs, tmp_path / "y.npy")


def test_a_file_of_the_bundle_that_is_gone_is_named(tmp_path: Path, inputs: Path) -> None:
    made = bundle(tmp_path)
    made.files[0][1].unlink()
    with pytest.raises(InferenceError, match=r"source\.py is missing"):
        LOCAL.run(made, inputs, tmp_path / "y.npy")


def test_a_run_that_takes_too_long_is_stopped(tmp_path: Path, inputs: Path) -> None:
    with pytest.raises(InferenceError, match="within 1 s"):
        LocalDevice(timeout=1.0).run(
            bundle(tmp_path, "import time; time.sleep(60)"), inputs, tmp_path / "y.npy"
        )


def test_the_program_cannot_change_the_artifact(tmp_path: Path, inputs: Path) -> None:
    made = bundle(tmp_path, "open('run.py', 'w').write('changed')")
    before = made.files[0][1].read_bytes()
    LOCAL.run(made, inputs, tmp_path / "y.npy")
    assert made.files[0][1].read_bytes() == before
