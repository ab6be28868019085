"""Each command as a user meets it: what it writes, and on which stream."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path
from typing import Any, Protocol

import pytest


class Scdeploy(Protocol):
    def __call__(self, *arguments: str | Path, hide: list[str] = ...) -> Any: ...


class Settings(Protocol):
    def __call__(self, *, recipe: Any = None, policy: Any = None) -> Path: ...


def test_init_writes_files_that_compress_accepts(scdeploy: Scdeploy, tmp_path: Path) -> None:
    assert scdeploy("init", "-o", tmp_path).code == 0
    recipe = tmp_path / "recipe.yaml"
    assert stat.S_IMODE(recipe.stat().st_mode) == 0o600
    planned = scdeploy("compress", "-c", recipe, "-o", tmp_path / "run", "--dry-run", "--json")
    assert planned.code == 0, planned.err
    assert "small-cnn" in planned.document["plan"]["network"]
    assert not (tmp_path / "run").exists()


def test_init_gives_every_recipe_a_key_of_its_own(scdeploy: Scdeploy, tmp_path: Path) -> None:
    keys = set()
    for name in ("a", "b"):
        scdeploy("init", "-o", tmp_path / name)
        text = (tmp_path / name / "recipe.yaml").read_text()
        keys.add(next(line for line in text.splitlines() if line.strip().startswith("key:")))
    assert len(keys) == 2


def test_init_drafts_a_table_that_compress_accepts(scdeploy: Scdeploy, tmp_path: Path) -> None:
    rows = [f"{n % 97},{('a', 'b')[n % 2]},{n % 3}" for n in range(6000)]
    (tmp_path / "t.csv").write_text("\n".join(["n,kind,label", *rows]) + "\n", encoding="utf-8")
    found = scdeploy(
        "init", "--task", "csv", "--path", tmp_path / "t.csv", "-o", tmp_path / "r", "--json"
    )
    assert (found.code, found.document["left_out"]) == (0, [])
    recipe = tmp_path / "r" / "recipe.yaml"
    planned = scdeploy("compress", "-c", recipe, "-o", tmp_path / "run", "--dry-run", "--json")
    assert "mlp" in planned.document["plan"]["network"], planned.err


def test_init_of_a_table_needs_to_know_where_it_is(scdeploy: Scdeploy, tmp_path: Path) -> None:
    found = scdeploy("init", "--task", "csv", "-o", tmp_path)
    assert found.code == 2
    assert "--path" in found.err
    assert not (tmp_path / "recipe.yaml").exists()


def test_init_overwrites_nothing_unasked(scdeploy: Scdeploy, tmp_path: Path) -> None:
    scdeploy("init", "-o", tmp_path)
    before = (tmp_path / "recipe.yaml").read_bytes()
    assert scdeploy("init", "-o", tmp_path).code == 2
    assert (tmp_path / "recipe.yaml").read_bytes() == before
    assert scdeploy("init", "-o", tmp_path, "--overwrite").code == 0


def test_targets_says_what_is_there(scdeploy: Scdeploy) -> None:
    found = {t["name"]: t["formats"] for t in scdeploy("targets", "--json").document["targets"]}
    assert [f["name"] for f in found["android"]] == ["executorch", "litert", "onnx"]
    assert [f["name"] for f in found["onnx"]] == ["onnx"]


def test_doctor_names_what_is_missing_and_how_to_get_it(scdeploy: Scdeploy) -> None:
    result = scdeploy("doctor", "--json", hide=["executorch"])
    assert result.code == 3
    missing = [f for f in result.document["findings"] if not f["ready"]]
    assert [f["what"] for f in missing] == ["android: executorch"]
    assert "scdeploy[compress,executorch]" in missing[0]["remedy"]


@pytest.mark.parametrize(
    ("package", "extra"), [("torch_pruning", "compress"), ("pyarrow", "data"), ("opacus", "dp")]
)
def test_doctor_misses_whatever_an_extra_brings(
    package: str, extra: str, scdeploy: Scdeploy
) -> None:
    findings = scdeploy("doctor", "--json", hide=[package]).document["findings"]
    missing = {f["what"]: f["remedy"] for f in findings if not f["ready"]}
    assert missing == {extra: f"pip install 'scdeploy[{extra}]'"}


def test_doctor_is_content_where_everything_is_installed(scdeploy: Scdeploy) -> None:
    assert scdeploy("doctor").code == 0


def test_inspect_shows_a_run_a_checkpoint_and_an_artifact(
    finished: Path, scdeploy: Scdeploy
) -> None:
    (model,) = finished.glob("artifacts/*/model.onnx")
    run, weights, onnx = (
        scdeploy("inspect", path, "--json").document["models"][-1]
        for path in (finished, finished / "compressed" / "model.safetensors", model)
    )
    kept = [sum(t["nonzero"] for t in found["tensors"]) for found in (run, weights, onnx)]
    assert kept[0] == kept[1] == kept[2]
    assert run["density"] == pytest.approx(0.2, abs=0.02)


def test_inspect_refuses_what_is_no_model(scdeploy: Scdeploy, tmp_path: Path) -> None:
    garbage = tmp_path / "model.safetensors"
    garbage.write_bytes(b"\xff" * 100)
    (tmp_path / "notes.txt").write_text("")
    assert scdeploy("inspect", garbage).code == 6
    assert scdeploy("inspect", tmp_path / "notes.txt").code == 2
    assert scdeploy("inspect", tmp_path).code == 2
    assert scdeploy("inspect", tmp_path / "absent.onnx").code == 2


def test_a_second_run_does_nothing_twice(
    finished: Path, scdeploy: Scdeploy, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    made = {p: p.stat().st_mtime_ns for p in run.rglob("model.*")}
    ledger = (run / "ledger.jsonl").read_bytes()
    result = scdeploy("run", "-c", finished.parent / "recipe.yaml", "-o", run, "--json")
    assert result.code == 0, result.err
    assert {p: p.stat().st_mtime_ns for p in run.rglob("model.*")} == made
    assert (run / "ledger.jsonl").read_bytes() == ledger


def test_another_policy_is_refused_for_a_locked_run(
    finished: Path, scdeploy: Scdeploy, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text((finished.parent / "policy.yaml").read_text())
    assert scdeploy("audit", finished, "--policy", policy).code == 0
    policy.write_text(policy.read_text().replace("auc: 0.75", "auc: 0.99"))
    result = scdeploy("audit", finished, "--policy", policy)
    assert result.code == 2
    assert "fixed for this run" in result.err


def test_an_earlier_release_is_refused_where_no_attack_looks_at_it(
    finished: Path, scdeploy: Scdeploy
) -> None:
    result = scdeploy("audit", finished, "--previous", finished)
    assert result.code == 2
    assert "version-difference" in result.err


def test_an_onnx_artifact_is_audited_without_torch(
    finished: Path, scdeploy: Scdeploy, tmp_path: Path
) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["stages"] = {
        name: stage for name, stage in manifest["stages"].items() if "audit" not in name
    }
    (run / "manifest.json").write_text(json.dumps(manifest))
    result = scdeploy("audit", run, hide=["torch", "onnxscript", "executorch"])
    assert result.code == 0, result.err


@pytest.mark.parametrize("arguments", [["inspect"], ["report"], ["audit"], ["export", "--dry-run"]])
def test_json_stands_alone_on_standard_output(
    finished: Path, scdeploy: Scdeploy, arguments: list[str]
) -> None:
    command, *flags = arguments
    result = scdeploy(command, finished, *flags, "--json")
    assert result.code == 0, result.err
    assert result.document["schema_version"] == 1


@pytest.mark.slow
def test_the_demonstration_proves_itself(scdeploy: Scdeploy, tmp_path: Path) -> None:
    result = scdeploy("demo", "-o", tmp_path / "demo", "--json")
    assert result.code == 0, result.err
    assert result.document["held"]
    assert result.document["tampering_exit_code"] == 6
    verdicts = {name: v["verdict"] for name, v in result.document["verdicts"].items()}
    assert verdicts["A"] == verdicts["B"] == "FAIL"
    assert "broken" in result.document["verdicts"]["B"]["reason"]
    assert result.err.rstrip().splitlines()[-1].startswith("report: ")
    assert Path(result.document["report"]).stat().st_size > 10_000
