"""What the documents say is so: commands parse, the tutorial runs, links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from sc_deploy.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
README, TUTORIAL = ROOT / "README.md", ROOT / "docs" / "tutorial.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
INLINE = re.compile(r"`(scdeploy [^`]+)`")
EXTRAS = re.compile(r"(?:\.|scdeploy)\[([a-z]+(?:,[a-z]+)*)\]")
END = "exit code of the tutorial: "


@dataclass(frozen=True)
class Command:
    """One line of a console block with the output and exit code that the text gives it."""

    line: str
    output: tuple[str, ...]
    exit_code: int = 0

    @property
    def refusal(self) -> tuple[str, ...]:
        """What the tool says about itself when it refuses: figures of nobody's machine."""
        told = (line for line in self.output if "remedy: " in line or line.startswith("scdeploy:"))
        return tuple(line.strip() for line in told if "…" not in line)


def documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines()]


def commands(text: str) -> list[Command]:
    """The commands of all console blocks; `echo $?` gives the one before it its exit code."""
    found: list[Command] = []
    for language, block in FENCE.findall(text):
        if language != "console":
            continue
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *output = part.splitlines()
            if line == "echo $?":
                last = found.pop()
                found.append(Command(last.line, last.output, int(output[0])))
            else:
                found.append(Command(line, tuple(output)))
    return found


def scdeploy_lines(text: str) -> list[str]:
    shown = [command.line for command in commands(text)]
    return [line for line in [*shown, *INLINE.findall(text)] if line.startswith("scdeploy ")]


def arguments(line: str) -> list[str]:
    words = shlex.split(line, comments=True)
    shell = (n for n, word in enumerate(words) if word in ("&", "|", "2>/dev/null"))
    return words[1 : next(shell, len(words))]


def mentioned() -> list[str]:
    lines = [line for path in documents() for line in scdeploy_lines(path.read_text("utf-8"))]
    return sorted(set(lines))


def require_known(name: str, given: list[str]) -> None:
    """Fail unless the command exists and takes every option given."""
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    command = group.commands[name]
    known = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    assert {word for word in given if word.startswith("-")} <= known | {"--help", "-h"}


@pytest.mark.parametrize("line", mentioned())
def test_a_command_in_a_document_exists_with_its_options(line: str) -> None:
    name, *given = arguments(line)
    if name.startswith("-"):
        assert name in ("--help", "--version")
    else:
        require_known(name, given)


@pytest.mark.parametrize("command", commands(README.read_text("utf-8")), ids=lambda c: c.line)
def test_a_command_line_of_the_readme_parses_whole(command: Command) -> None:
    program, *rest = command.line.split()
    if program != "scdeploy":
        assert program in (".", "python3.11", ".venv/bin/pip") or (ROOT / program).is_file()
        return
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    group.commands[rest[0]].make_context("scdeploy", arguments(command.line)[1:])


@pytest.mark.parametrize(
    "path", documents(), ids=[path.relative_to(ROOT).as_posix() for path in documents()]
)
def test_relative_links_lead_somewhere(path: Path) -> None:
    targets = LINK.findall(path.read_text("utf-8"))
    relative = [t.partition("#")[0] for t in targets if not t.startswith(("http", "#", "mailto"))]
    assert [t for t in relative if not (path.parent / t).exists()] == []


def test_extras_in_the_documents_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {
        extra
        for path in (*documents(), ROOT / "Dockerfile")
        for found in EXTRAS.findall(path.read_text("utf-8"))
        for extra in found.split(",")
    }
    assert named
    assert named <= set(project["optional-dependencies"])


def test_generated_documents_are_current() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "scripts" / "reference.py", "--check"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_tutorial_shows_the_task_file_as_it_is() -> None:
    blocks = dict(FENCE.findall(TUTORIAL.read_text("utf-8")))
    assert blocks["python"] == (ROOT / "examples" / "own-task" / "task.py").read_text("utf-8")


def run_all(lines: list[Command], folder: Path) -> list[tuple[str, int]]:
    """Output and exit code of each command, all in one shell, `scdeploy` being this checkout's."""
    programs = folder / "bin"
    programs.mkdir()
    program = programs / "scdeploy"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sc_deploy.cli "$@"\n')
    program.chmod(0o755)
    script = "".join(f'{command.line}\necho "{END}$?"\n' for command in lines)
    environment = {
        **os.environ,
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }
    ran = subprocess.run(
        ["bash"],
        input=script,
        cwd=folder / "work",
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    parts = re.split(rf"^{END}(\d+)\n", ran.stdout, flags=re.MULTILINE)
    return [(parts[n], int(parts[n + 1])) for n in range(0, len(parts) - 1, 2)]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_tutorial_goes_as_it_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "own-task", tmp_path / "work" / "own")
    told = commands(TUTORIAL.read_text("utf-8"))
    ran = run_all(told, tmp_path)
    transcript = "\n".join(f"$ {c.line}\n{out}[{code}]" for c, (out, code) in zip(told, ran))  # noqa: B905
    codes = [code for _, code in ran]
    assert codes == [command.exit_code for command in told], transcript
    for command, (output, _) in zip(told, ran, strict=True):
        really = {line.strip() for line in output.splitlines()}
        assert set(command.refusal) <= really, transcript
