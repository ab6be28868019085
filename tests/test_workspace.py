from __future__ import annotations

import errno
import json
import multiprocessing
import os
from pathlib import Path

import pytest

from sc_deploy import workspace
from sc_deploy.contracts import Rate
from sc_deploy.errors import IntegrityError, UsageError
from sc_deploy.workspace import RunFolder, Stage


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    workspace.write_text(path, "old")

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        workspace.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    workspace.write_text(tmp_path / "a", "", mode=workspace.SECRET)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_a_document_survives_the_round_trip(tmp_path: Path) -> None:
    value = Rate(0.5, 0.25, 0.75, 10)
    workspace.write_document(tmp_path / "a.json", value)
    assert workspace.read_document(tmp_path / "a.json", Rate) == value


@pytest.mark.parametrize(
    "change", [{"more": 1}, {"n": "10"}, {"n": 10.5}, {"value": None}, {"low": "x"}]
)
def test_a_document_with_more_or_other_keys_is_refused(
    tmp_path: Path, change: dict[str, object]
) -> None:
    good = json.loads(workspace.encode(Rate(0.5, 0.25, 0.75, 10)))
    (tmp_path / "a.json").write_text(json.dumps(good | change))
    with pytest.raises(IntegrityError):
        workspace.read_document(tmp_path / "a.json", Rate)


def test_a_truncated_document_is_refused(tmp_path: Path) -> None:
    text = workspace.encode(Rate(0.5, 0.25, 0.75, 10))
    (tmp_path / "a.json").write_text(text[: len(text) // 2])
    with pytest.raises(IntegrityError):
        workspace.read_document(tmp_path / "a.json", Rate)


def finished(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path)
    (tmp_path / "out").write_text("made")
    run.finish("stage", "key", (tmp_path / "out",))
    return run


def test_a_stage_is_done_only_for_the_inputs_it_was_made_from(tmp_path: Path) -> None:
    run = finished(tmp_path)
    assert run.is_done("stage", "key")
    assert not run.is_done("stage", "other key")
    assert not run.is_done("other stage", "key")


def test_a_stage_whose_file_changed_is_an_integrity_error(tmp_path: Path) -> None:
    run = finished(tmp_path)
    (tmp_path / "out").write_text("tampered")
    with pytest.raises(IntegrityError):
        run.is_done("stage", "key")
    with pytest.raises(IntegrityError):
        run.require("stage")


def test_a_stage_that_was_not_run_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="scdeploy compress"):
        finished(tmp_path).require("compress")


def test_the_manifest_keeps_earlier_stages(tmp_path: Path) -> None:
    run = finished(tmp_path)
    run.finish("second", "key", ())
    assert run.manifest().stages == {
        "stage": run.require("stage"),
        "second": Stage("key", ()),
    }


def test_a_folder_without_a_manifest_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"manifest\.json"):
        RunFolder.open(tmp_path)


def _try_lock(root: Path) -> None:
    try:
        with RunFolder(root).lock():
            code = 0
    except UsageError:
        code = 9
    os._exit(code)


def test_a_run_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    codes = []
    with RunFolder(tmp_path).lock():
        codes.append(_exit_code(context, tmp_path))
    codes.append(_exit_code(context, tmp_path))
    assert codes == [9, 0]


def _exit_code(context: multiprocessing.context.SpawnContext, root: Path) -> int | None:
    process = context.Process(target=_try_lock, args=(root,))
    process.start()
    process.join(60)
    return process.exitcode


def test_a_published_folder_replaces_the_old_one_as_a_whole(tmp_path: Path) -> None:
    final = tmp_path / "artifacts" / "x"
    for content in ("one", "two"):
        staged = tmp_path / f"staged-{content}"
        staged.mkdir()
        (staged / content).write_text(content)
        workspace.publish_folder(staged, final)
    assert [path.name for path in final.iterdir()] == ["two"]
    assert [path.name for path in final.parent.iterdir()] == ["x"]


def test_a_write_that_the_disk_refuses_names_its_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(OSError, match="file") as caught, workspace.replacing(path):
        raise OSError(errno.ENOSPC, "full")
    assert caught.value.filename == str(path)
    assert list(tmp_path.iterdir()) == []
