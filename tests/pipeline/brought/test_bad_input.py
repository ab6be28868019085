"""Every kind of wrong file gets an exit code and all its problems, and never a verdict."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sc_deploy.cli.main import invoke
from tests.pipeline.brought.conftest import CLASSES, Desk, Kind, draw, sides

Change = Callable[[dict[str, Any]], dict[str, Any]]


def refused(desk: Desk, capsys: pytest.CaptureFixture[str], *more: str | Path) -> tuple[int, Any]:
    """Exit code and error of an audit of the desk's files, from the command line."""
    given = desk.order.given
    options = [part for purpose, path in given.items() for part in (f"--{purpose}", str(path))]
    line = ["audit", *options, "-o", str(desk.order.output), *map(str, more), "--json"]
    code = invoke(line)
    return int(code), json.loads(capsys.readouterr().out)["error"]


def told(error: Any) -> str:
    return json.dumps(error)


SAMPLES: dict[str, tuple[Change, str]] = {
    "x with NaN": (lambda f: f | {"x": np.where(f["x"] > 2, np.nan, f["x"])}, "NaN or infinite"),
    "x of doubles": (lambda f: f | {"x": f["x"].astype("f8")}, "is float64"),
    "x without samples": (lambda f: f | {"x": f["x"][:0], "y": f["y"][:0]}, "has shape"),
    "another shape": (lambda f: f | {"x": f["x"][:, :7]}, "differ: float32"),
    "labels as text": (lambda f: f | {"y": f["y"].astype(str)}, "is <U"),
    "labels as floats": (lambda f: f | {"y": f["y"].astype("f4")}, "is float32"),
    "labels below 0": (lambda f: f | {"y": f["y"] - 1}, "holds the label -1"),
    "a stray label": (lambda f: f | {"y": np.append(f["y"][1:], 10**12)}, "label 1000000000000"),
    "a label beyond int64": (lambda f: f | {"y": f["y"].astype("u8") | 2**63}, "at most"),
    "labels in columns": (lambda f: f | {"y": f["y"][:, None]}, "has shape"),
    "one class only": (lambda f: f | {"y": f["y"] * 0}, "holds class 0 only"),
    "lengths that differ": (lambda f: f | {"y": f["y"][:-1]}, "lengths"),
    "no labels": (lambda f: {"x": f["x"]}, "is missing"),
    "a misspelt array": (lambda f: f | {"units": f["y"]}, "is not read"),
    "a unit in one file only": (lambda f: f | {"unit": f["y"]}, "in some of the files only"),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_wrong_sample_file_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    change, message = SAMPLES[kind]
    with np.load(desk.order.members) as held:
        np.savez(desk.order.members, **change(dict(held)))
    desk.model(Kind())
    code, error = refused(desk, capsys)
    assert code == 2
    assert message in told(error)
    assert not desk.order.output.exists()


def test_all_problems_of_all_files_are_told_at_once(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    x, y = draw(50, member=True, seed=5)
    np.savez(desk.order.members, x=x.astype("f8"), y=y.astype(str))
    np.savez(desk.order.non_members, x=x)
    np.savez(
        desk.folder / "calibration.npz", **(sides(50, seed=3) | {"member": np.ones(100, bool)})
    )
    code, error = refused(desk, capsys)
    assert code == 2
    where = [problem["where"] for problem in error["problems"]]
    assert where == [
        "--members members.npz: x",
        "--members members.npz: y",
        "--non-members non-members.npz: y",
        "--calibration calibration.npz: member",
        "--artifact model.onnx",
    ]


def test_labels_that_the_model_does_not_know_are_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    x, y = draw(200, member=True, seed=5)
    y[0] = CLASSES
    np.savez(desk.order.members, x=x[:, :], y=y)
    desk.model(Kind())
    code, error = refused(desk, capsys)
    assert code == 2
    assert "knows 10 classes" in told(error)


def test_samples_that_the_model_does_not_take_are_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (desk.order.members, desk.order.non_members, desk.folder / "calibration.npz"):
        with np.load(path) as held:
            np.savez(path, **(dict(held) | {"x": (held["x"][:, 10:17] * 1e6).astype("i8")}))
    desk.model(Kind())
    code, error = refused(desk, capsys)
    assert code == 2
    assert "is int64 [n, 7], model.onnx takes float32 [n, 30]" in told(error)


def test_one_file_for_two_purposes_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.model(Kind())
    code, error = refused(desk, capsys, "--non-members", desk.order.members)
    assert code == 2
    assert "is the file given as --members" in told(error)
    code, error = refused(desk, capsys, "--calibration", desk.order.members)
    assert code == 2
    assert "is the file given as --members" in told(error)


def test_members_among_non_members_are_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.model(Kind())
    with np.load(desk.order.members) as ours, np.load(desk.order.non_members) as theirs:
        both: dict[str, Any] = {
            name: np.concatenate([theirs[name], ours[name][:200]]) for name in ("x", "y")
        }
    np.savez(desk.order.non_members, **both)
    code, error = refused(desk, capsys)
    assert code == 2
    assert "have 200 samples in common" in told(error)


def test_answers_that_point_the_wrong_way_are_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.model(Kind(skill=-3.0))
    code, error = refused(desk, capsys)
    assert code == 2
    assert "negate the values" in told(error)


def test_a_pickle_is_never_opened(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.model(Kind())
    with np.load(desk.order.members) as held:
        np.savez(desk.order.members, x=held["x"], y=np.array([{}] * len(held["y"]), dtype=object))
    code, error = refused(desk, capsys)
    assert code == 6
    assert "holds a pickle" in told(error)
    desk.order.members.write_bytes(pickle.dumps({"x": 1}))
    code, error = refused(desk, capsys)
    assert code == 6
    assert "holds a pickle" in told(error)


def test_a_zip_bomb_is_not_inflated(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    packed = zipfile.ZipFile(desk.order.members, "w", zipfile.ZIP_DEFLATED)
    with packed as archive, archive.open("x.npy", "w") as stream:
        for _ in range(300):
            stream.write(bytes(1 << 20))
    code, error = refused(desk, capsys)
    assert code == 6
    assert "as a zip bomb does" in told(error)


@pytest.mark.parametrize("kept", [0.5, 0.98])
def test_half_a_file_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str], kept: float
) -> None:
    whole = desk.order.members.read_bytes()
    desk.order.members.write_bytes(whole[: int(kept * len(whole))])
    code, error = refused(desk, capsys)
    assert code == 6
    assert "is damaged" in told(error)


def test_what_is_no_archive_or_not_there_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.order.members.write_text("x,y\n1,2\n")
    desk.order.non_members.unlink()
    code, error = refused(desk, capsys)
    assert code == 2
    assert "is not an .npz archive" in told(error)
    assert "there is no file" in told(error)


@pytest.mark.parametrize(
    "case",
    [
        ("model.onnx", b"not a model at all", 4, "cannot be read"),
        ("model.onnx", b"", 4, "holds no ONNX graph"),
        ("model.tflite", b"not a model at all", 4, "is not a LiteRT model"),
        ("model.tflite", b"\x1c\x00\x00\x00TFL3", 4, "cannot be read"),
        ("model.plan", b"TRT", 3, "nothing here runs TensorRT"),
        ("model.pt", b"PK", 2, "is no exported model"),
    ],
)
def test_a_file_that_is_no_model_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str], case: tuple[str, bytes, int, str]
) -> None:
    name, content, code, message = case
    path = desk.folder / name
    path.write_bytes(content)
    found, error = refused(desk, capsys, "--artifact", path)
    assert found == code
    assert message in told(error)
    assert error["remedy"]


def test_a_fixed_batch_is_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.model(Kind(batch=8))
    code, error = refused(desk, capsys)
    assert code == 4
    assert "batch dimension is fixed at 8" in told(error)


def test_weights_that_lie_elsewhere_and_are_gone_are_told(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    import onnx

    proto = onnx.load(desk.model(Kind()))
    onnx.save(
        proto,
        desk.folder / "model.onnx",
        save_as_external_data=True,
        location="weights.bin",
        size_threshold=0,
    )
    (desk.folder / "weights.bin").unlink()
    code, error = refused(desk, capsys)
    assert code == 4
    assert "weights.bin is not there" in told(error)
    for tensor in proto.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = "../../etc/passwd"
    (desk.folder / "model.onnx").write_bytes(proto.SerializeToString())
    code, error = refused(desk, capsys)
    assert code == 6
    assert "points out of its own folder" in told(error)


def test_plain_files_and_runs_do_not_mix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = invoke(["audit", str(tmp_path), "--members", "m.npz", "--logits", "--json"])
    error = json.loads(capsys.readouterr().out)["error"]
    assert code == 2
    assert [problem["where"] for problem in error["problems"]] == ["--logits", "--members"]
    code = invoke(["audit", "--artifact", "m.onnx", "--logits", "--target", "onnx", "--json"])
    error = json.loads(capsys.readouterr().out)["error"]
    assert code == 2
    wrong = [problem["where"] for problem in error["problems"]]
    assert wrong == ["--target", "--logits", "--members", "--non-members", "--output"]


def test_doubles_beyond_float32_are_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    logits = np.random.default_rng(0).normal(size=(40, CLASSES)) * 1e300
    path = desk.save("huge.npz", logits=logits, labels=np.arange(40) % CLASSES)
    other = desk.save("other.npz", logits=-logits, labels=np.arange(40) % CLASSES)
    sides = ["--members", str(path), "--non-members", str(other)]
    code = invoke(["audit", "--logits", *sides, "-o", str(desk.order.output), "--json"])
    assert code == 2
    assert "NaN or infinite in 40 of 40" in capsys.readouterr().out


@pytest.mark.parametrize("unit", [False, True])
def test_a_side_that_cannot_be_split_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str], *, unit: bool
) -> None:
    desk.model(Kind())
    for number, path in enumerate((desk.order.members, desk.order.non_members)):
        x, y = draw(600 if unit else 2, member=not number, seed=4)
        named: dict[str, Any] = {"unit": np.full(len(y), number)} if unit else {}
        np.savez(path, x=x, y=np.arange(len(y)) % CLASSES, **named)
    sides = ["--members", str(desk.order.members), "--non-members", str(desk.order.non_members)]
    line = ["audit", "--artifact", str(desk.order.artifact), *sides, "-o", str(desk.order.output)]
    assert invoke([*line, "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert "too few samples to deal" in error["what"]
    assert "has no samples left" in told(error)


def test_a_negative_seed_is_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.model(Kind())
    code, error = refused(desk, capsys, "--seed", "-1")
    assert code == 2
    assert "--seed" in told(error)
