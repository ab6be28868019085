"""Every ending of a command has its exit code, and `--json` always one document."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sc_deploy.cli import main, output
from sc_deploy.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def only_document(captured: str) -> dict[str, object]:
    """Standard output as the single JSON document that it must be."""
    found = json.loads(captured)
    assert isinstance(found, dict)
    assert found["schema_version"] == 1
    return found


@pytest.mark.parametrize(
    "arguments",
    [
        ["compress"],
        ["compress", "-c", "recipe.yaml"],
        ["no-such-command"],
        ["inspect", "--no-such-option"],
        ["init", "--policy", "huge"],
        ["audit"],
        ["run", "--seed", "many"],
    ],
)
def test_a_wrong_command_line_is_a_usage_error_and_not_our_bug(
    arguments: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.invoke([*arguments, "--json"]) is ExitCode.USAGE
    assert only_document(capsys.readouterr().out)["exit_code"] == ExitCode.USAGE


def test_no_command_shows_the_help_and_is_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main.invoke([]) is ExitCode.USAGE
    assert "compress" in capsys.readouterr().out


def test_the_version_is_told_and_is_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.invoke(["--version"]) is ExitCode.OK
    assert capsys.readouterr().out.startswith("scdeploy ")


def test_an_interrupt_inside_a_command_is_130_and_one_document(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sc_deploy.pipeline.health.examine", interrupted)
    assert main.invoke(["doctor", "--json"]) is ExitCode.INTERRUPTED
    assert only_document(capsys.readouterr().out)["exit_code"] == ExitCode.INTERRUPTED


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, ExitCode.FAILED),
        (errno.EACCES, ExitCode.USAGE),
        (errno.EROFS, ExitCode.USAGE),
        (errno.ENOTDIR, ExitCode.USAGE),
        (errno.EBADF, ExitCode.INTERNAL),
    ],
)
def test_what_the_system_refuses_is_told_with_a_remedy(
    number: int,
    code: ExitCode,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def refused() -> None:
        raise OSError(number, os.strerror(number), "some/file")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr("sc_deploy.pipeline.health.examine", refused)
    assert main.invoke(["doctor", "--json"]) is code
    error = only_document(capsys.readouterr().out)["error"]
    assert isinstance(error, dict)
    assert "some/file" in error["what"]
    assert error["remedy"]


def test_sigterm_ends_with_130(tmp_path: Path) -> None:
    script = (
        "import os, signal\n"
        "from sc_deploy.pipeline import health\n"
        "health.examine = lambda: os.kill(os.getpid(), signal.SIGTERM)\n"
        "from sc_deploy.cli import main\n"
        "main.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "doctor"], check=False, capture_output=True, cwd=tmp_path
    )
    assert done.returncode == ExitCode.INTERRUPTED


def test_a_reader_who_left_does_not_change_the_exit_code() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as nobody, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", nobody)
        output.emit({"answer": 1})
        output.emit({"answer": 2})


def test_what_other_code_prints_stays_out_of_the_document(tmp_path: Path) -> None:
    script = (
        "import os\n"
        "from sc_deploy.pipeline import health\n"
        "def examine():\n"
        "    print('a print')\n"
        "    os.write(1, b'a native library')\n"
        "    return ()\n"
        "health.examine = examine\n"
        "from sc_deploy.cli import main\n"
        "main.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "doctor", "--json"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert only_document(done.stdout)["findings"] == []
    assert "a print" in done.stderr
    assert "a native library" in done.stderr


def test_init_tells_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.invoke(["init", "-o", str(tmp_path), "--json"]) is ExitCode.OK
    written = only_document(capsys.readouterr().out)["written"]
    assert written == [str(tmp_path / "recipe.yaml"), str(tmp_path / "policy.yaml")]
