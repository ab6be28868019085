"""The history file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sc_deploy.compress import history
from sc_deploy.contracts import Candidate, Rate, Strategy
from sc_deploy.errors import IntegrityError

ENTRY = Candidate(
    round=1,
    step=25,
    strategy=Strategy("magnitude", "random"),
    density=0.1,
    validation=Rate(0.8, 0.7, 0.9, 100),
    safety=(("class-wise-threshold", Rate(0.6, 0.5, 0.7, 100)),),
    chosen=True,
)


def test_candidates_survive_the_round_trip(tmp_path: Path) -> None:
    history.write(tmp_path / "history.jsonl", [ENTRY, ENTRY])
    assert history.read(tmp_path / "history.jsonl") == (ENTRY, ENTRY)
    assert len((tmp_path / "history.jsonl").read_text().splitlines()) == 2


def test_a_broken_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").write_text('{"round": 1}\n')
    with pytest.raises(IntegrityError, match="not a readable history"):
        history.read(tmp_path / "history.jsonl")
