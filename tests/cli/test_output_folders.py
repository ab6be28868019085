"""A folder that cannot be written is refused by every command that has -o, before it works."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from sc_deploy.cli import main
from sc_deploy.cli.main import app
from sc_deploy.errors import ExitCode


def commands() -> Iterator[tuple[str, bool]]:
    """Every command with -o, and whether it needs a recipe."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    for name, command in group.commands.items():
        given = {option for parameter in command.params for option in parameter.opts}
        if "-o" in given:
            yield name, any("-c" in p.opts and p.required for p in command.params)


COMMANDS = dict(commands())


def test_the_commands_that_write_a_folder_of_their_own_are_known() -> None:
    assert COMMANDS.keys() == {"init", "compress", "audit", "run", "study", "demo"}


@pytest.fixture(params=COMMANDS)
def refused(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[tuple[Path, list[str]]]:
    """Calls the command with the folder that the test adds last, and looks at its end."""
    asked = [request.param, "-c", str(tmp_path / "r.yaml")] if COMMANDS[request.param] else []
    call = [*(asked or [request.param]), "-o"]
    yield tmp_path, call
    assert main.invoke(call) is ExitCode.USAGE
    told = " ".join(capsys.readouterr().err.split())
    assert "remedy: choose" in told
    assert "with -o" in told
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")
def test_a_file_system_that_takes_no_folders(refused: tuple[Path, list[str]]) -> None:
    refused[1].append("/proc/nope")


def test_a_file_in_the_way(refused: tuple[Path, list[str]]) -> None:
    folder, call = refused
    (folder / "there").write_text("mine")
    call.append(str(folder / "there"))


def test_a_file_where_a_parent_would_be(refused: tuple[Path, list[str]]) -> None:
    folder, call = refused
    (folder / "there").write_text("mine")
    call.append(str(folder / "there" / "run" / "one"))


def test_a_link_that_leads_nowhere(refused: tuple[Path, list[str]]) -> None:
    folder, call = refused
    (folder / "link").symlink_to(folder / "gone")
    call.append(str(folder / "link"))


@pytest.mark.skipif(os.geteuid() == 0, reason="modes do not bind the superuser")
def test_a_folder_that_is_read_only(refused: tuple[Path, list[str]]) -> None:
    folder, call = refused
    (folder / "locked").mkdir(mode=0o500)
    call.append(str(folder / "locked" / "run"))
