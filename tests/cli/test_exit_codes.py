"""Every row of the exit-code table, each brought about by what really causes it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol

import pytest

from sc_deploy import registry
from sc_deploy.cli import main
from sc_deploy.errors import ExitCode


class Scdeploy(Protocol):
    def __call__(self, *arguments: str | Path, hide: list[str] = ...) -> Any: ...


class Settings(Protocol):
    def __call__(self, *, recipe: Any = None, policy: Any = None) -> Path: ...


def test_0_when_every_required_check_was_measured_and_passed(
    finished: Path, scdeploy: Scdeploy
) -> None:
    result = scdeploy("report", finished, "--json")
    assert result.code == 0
    assert [r["verdict"]["outcome"] for r in result.document["reports"]] == ["PASS"]


LEAKY = {
    "task": {"label_noise": 0.2},
    "train": {"epochs": 40, "optimizer": "adam", "learning_rate": 0.002},
    "sparse": {"density": 1.0},
    "compress": {"keep": "last", "update_every": 400},
}


@pytest.mark.slow
def test_1_for_a_leaky_model_and_for_nothing_else(
    scdeploy: Scdeploy, settings: Settings, tmp_path: Path
) -> None:
    recipe = settings(recipe=LEAKY, policy={"absolute": {"auc": 0.55}})
    result = scdeploy("run", "-c", recipe, "-o", tmp_path / "run", "--json")
    assert result.code == 1, result.err
    assert [a["verdict"] for a in result.document["audits"]] == ["FAIL"]


def test_2_for_a_recipe_with_three_mistakes_all_told_at_once(
    scdeploy: Scdeploy, settings: Settings, tmp_path: Path
) -> None:
    recipe = settings(recipe={"sed": 1, "sparse": {"density": 1.5}, "train": {"epochs": "many"}})
    result = scdeploy("compress", "-c", recipe, "-o", tmp_path / "run", "--json")
    assert result.code == 2
    found = {p["where"] for p in result.document["error"]["problems"]}
    assert found == {"sed", "sparse.density", "train.epochs"}
    assert not (tmp_path / "run").exists()


def test_2_for_a_density_that_cannot_be_met(
    scdeploy: Scdeploy, settings: Settings, tmp_path: Path
) -> None:
    recipe = settings(recipe={"sparse": {"density": 1e-5}})
    result = scdeploy("compress", "-c", recipe, "-o", tmp_path / "run")
    assert result.code == 2
    assert "density" in result.err
    assert "remedy" in result.err


def test_2_for_data_that_cannot_be_read(
    scdeploy: Scdeploy, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train-images-idx3-ubyte").write_bytes(b"not IDX")
    recipe = settings(recipe={"task": {"name": "idx", "path": "data"}})
    result = scdeploy("compress", "-c", recipe, "-o", tmp_path / "run")
    assert result.code == 2
    assert "train-images-idx3-ubyte" in result.err


@pytest.mark.parametrize("arguments", [["comprss"], ["audit"], ["export", "run", "--traget", "x"]])
def test_2_for_a_wrong_command_line(scdeploy: Scdeploy, arguments: list[str]) -> None:
    assert scdeploy(*arguments).code == 2


def test_3_for_a_missing_extra_and_it_is_named(
    finished: Path, scdeploy: Scdeploy, tmp_path: Path
) -> None:
    run = shutil.copytree(finished, tmp_path / "run")
    result = scdeploy("export", run, "--target", "android", hide=["executorch"])
    assert result.code == 3
    assert "scdeploy[compress,executorch]" in result.err


def test_3_for_a_missing_runtime_and_no_report_is_written(
    finished: Path, scdeploy: Scdeploy, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    before = sorted(run.glob("reports/**/*"))
    result = scdeploy("audit", run, hide=["onnxruntime"])
    assert result.code == 3
    assert sorted(run.glob("reports/**/*")) == before


def test_4_for_a_loss_that_is_not_a_number(
    scdeploy: Scdeploy, settings: Settings, tmp_path: Path
) -> None:
    recipe = settings(recipe={"train": {"learning_rate": 1e30}})
    result = scdeploy("compress", "-c", recipe, "-o", tmp_path / "run")
    assert result.code == 4
    assert "remedy" in result.err


def test_5_when_the_policy_asks_for_more_than_the_evidence_can_carry(
    scdeploy: Scdeploy, settings: Settings, tmp_path: Path
) -> None:
    recipe = settings(policy={"low_fpr_tier": "T1"})
    result = scdeploy("run", "-c", recipe, "-o", tmp_path / "run", "--json")
    assert result.code == 5, result.err
    (told,) = result.document["audits"]
    assert told["verdict"] == "INCONCLUSIVE"


def test_6_for_a_flipped_byte(finished: Path, scdeploy: Scdeploy, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    (model,) = run.glob("artifacts/*/model.onnx")
    content = bytearray(model.read_bytes())
    content[len(content) // 3] ^= 0x10
    model.write_bytes(content)
    result = scdeploy("audit", run, "--json")
    assert result.code == 6
    assert result.document["audits"][0]["verdict"] is None


def test_70_for_a_bug_of_ours_with_the_log_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def bug(group: object) -> tuple[str, ...]:
        raise RuntimeError("planted")

    monkeypatch.setattr(registry, "names", bug)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main.invoke(["targets"]) is ExitCode.INTERNAL
    (log,) = tmp_path.rglob("*.log")
    assert str(log) in capsys.readouterr().err
    assert "planted" in log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_130_when_interrupted_and_the_run_can_be_resumed(
    settings: Settings, scdeploy: Scdeploy, tmp_path: Path, number: signal.Signals
) -> None:
    recipe = settings(recipe={"train": {"epochs": 12}})
    run = tmp_path / "run"
    process = started("compress", "-c", recipe, "-o", run)
    wait_for(run / "state" / "standing.json", process)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "interrupted" in told
    assert scdeploy("compress", "-c", recipe, "-o", run).code == 2
    assert scdeploy("compress", "-c", recipe, "-o", run, "--resume").code == 0


@pytest.mark.slow
def test_a_killed_compression_resumes_to_the_same_bytes(
    settings: Settings, scdeploy: Scdeploy, tmp_path: Path
) -> None:
    recipe = settings(recipe={"train": {"epochs": 12}})
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert scdeploy("compress", "-c", recipe, "-o", whole).code == 0
    process = started("compress", "-c", recipe, "-o", killed)
    wait_for(killed / "state" / "standing.json", process)
    process.kill()
    process.communicate(timeout=60)
    assert not (killed / "compressed" / "model.safetensors").exists()
    assert scdeploy("compress", "-c", recipe, "-o", killed, "--resume").code == 0
    for name in ("model.safetensors", "masks.safetensors", "history.jsonl", "roles.npz"):
        ours, theirs = (run / "compressed" / name for run in (killed, whole))
        assert ours.read_bytes() == theirs.read_bytes(), name


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sc_deploy.cli", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
