from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sc_deploy.devices import child
from sc_deploy.errors import InferenceError


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_exit_code_and_the_last_lines_of_stderr_come_back(tmp_path: Path) -> None:
    code = "import sys; [print(n, file=sys.stderr) for n in range(99)]; sys.exit(4)"
    finished = child.run(python(code), tmp_path, timeout=30)
    assert finished.code == 4
    assert finished.tail == tuple(str(n) for n in range(99 - child.TAIL_LINES, 99))


def test_the_callers_environment_does_not_reach_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("SECRET", "x")
    code = "import os, sys; sys.exit(bool({'PYTHONPATH', 'SECRET'} & set(os.environ)))"
    assert child.run(python(code), tmp_path, timeout=30).code == 0


def test_a_timeout_kills_the_child_and_its_children(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time;"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "open('pid', 'w').write(str(p.pid)); time.sleep(60)"
    )
    with pytest.raises(InferenceError, match="did not finish within 2 s"):
        child.run(python(code), tmp_path, timeout=2)
    time.sleep(0.2)
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_an_interrupt_of_the_caller_kills_the_child(tmp_path: Path) -> None:
    inner = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    script = (
        "import sys; from pathlib import Path; from sc_deploy.devices import child;"
        f"child.run([sys.executable, '-c', {inner!r}], Path({str(tmp_path)!r}), timeout=60)"
    )
    root = Path(child.__file__).parents[2]
    caller = subprocess.Popen(
        python(script),
        env=os.environ | {"PYTHONPATH": str(root)},
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    caller.send_signal(2)
    assert caller.wait(30) != 0
    time.sleep(0.2)
    assert not is_alive(int((tmp_path / "pid").read_text()))
