"""Golden files: compared by default, rewritten with `--update-golden`."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Protocol

import pytest

GOLDEN = Path(__file__).parent / "golden"


class Golden(Protocol):
    """Called with a path below tests/golden and the text that should stand there."""

    def __call__(self, name: str, text: str) -> None: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the files in tests/golden"
    )


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """A run in the background may ignore Ctrl-C, and hand that down to the processes it tests."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    update: bool = request.config.getoption("--update-golden")
    return _rewrite if update else _compare


def _rewrite(name: str, text: str) -> None:
    path = GOLDEN / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _compare(name: str, text: str) -> None:
    path = GOLDEN / name
    assert path.is_file(), f"{name} is missing; run pytest --update-golden and read the difference"
    assert text == path.read_text(encoding="utf-8"), f"{name} differs; see --update-golden"
