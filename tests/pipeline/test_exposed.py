"""The list of exposed samples: what is in it, who may read it, and where it must never appear."""

from __future__ import annotations

import csv
import stat
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from sc_deploy import workspace
from sc_deploy.contracts import ExposedSamples, Role
from sc_deploy.errors import IntegrityError
from sc_deploy.pipeline import audit, exposed, report
from sc_deploy.pipeline.problem import Problem
from sc_deploy.progress import Silent
from sc_deploy.tasks import roles as role_files
from sc_deploy.workspace import RunFolder


class Ask(Protocol):
    def __call__(self, *, seed: int = ..., min_audit_samples: int = ...) -> Problem: ...


def listed(run: RunFolder, ask: Ask, count: int = 20) -> Path:
    results = audit.audit(run, ask(), [], "local", Silent())
    (path,) = exposed.write(run, ask(), results, "local", count=count)
    return path


def test_the_list_names_audited_members_by_id_and_row_the_most_exposed_first(
    audited: RunFolder, ask: Ask
) -> None:
    found = workspace.read_document(listed(audited, ask), ExposedSamples)
    roles, task = role_files.load(audited.roles), ask().task
    rows = {roles.sample_id[row].tobytes().hex(): row for row in roles.rows(Role.MEMBER_AUDIT)}
    assert len(found.samples) == 20
    assert [one.p for one in found.samples] == sorted(one.p for one in found.samples)
    for one in found.samples:
        assert one.index == roles.index[rows[one.sample_id]]
        assert one.label == task.y[one.index]
        assert {name for name, _ in one.scores} == {*ask().policy.attacks, "risk-score"}
    assert found.members == len(rows)
    assert "arXiv 2506.13972" in found.note


def test_only_the_owner_may_read_the_list(audited: RunFolder, ask: Ask) -> None:
    path = listed(audited, ask)
    for file in (path, path.with_suffix(".csv")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_table_holds_the_same_samples(audited: RunFolder, ask: Ask) -> None:
    path = listed(audited, ask)
    found = workspace.read_document(path, ExposedSamples)
    rows = list(csv.DictReader(path.with_suffix(".csv").read_text().splitlines()))
    assert [row["sample_id"] for row in rows] == [one.sample_id for one in found.samples]
    assert [float(row["loss"]) for row in rows] == [dict(o.scores)["loss"] for o in found.samples]


def test_the_list_is_no_further_look_at_the_audit_samples(audited: RunFolder, ask: Ask) -> None:
    before = audited.ledger.read_bytes()
    listed(audited, ask)
    assert audited.ledger.read_bytes() == before


def test_no_sample_id_ever_appears_in_what_is_shared(audited: RunFolder, ask: Ask) -> None:
    listed(audited, ask)
    report.render(audited)
    shared = [path for path in (audited.root / "reports").rglob("*") if path.is_file()]
    assert {path.suffix for path in shared} == {".json", ".html"}
    text = "\n".join(path.read_text(encoding="utf-8") for path in shared)
    ids = [row.tobytes().hex() for row in role_files.load(audited.roles).sample_id]
    assert not [one for one in ids if one[:16] in text]
    assert "private" not in {path.parent.name for path in shared}


def test_answers_of_another_file_are_refused(audited: RunFolder, ask: Ask) -> None:
    results = audit.audit(audited, ask(), [], "local", Silent())
    folder = audited.artifacts()[0]
    path = folder / "artifact.json"
    path.write_text(path.read_text() + "\n")
    with pytest.raises(IntegrityError, match="another file"):
        exposed.write(audited, ask(), results, "local", count=3)


def test_a_file_that_was_never_attacked_gets_no_list(audited: RunFolder, ask: Ask) -> None:
    from sc_deploy.pipeline.audit import Audited

    nothing = Audited("onnx.onnx.fp32.dense", None, IntegrityError("x", remedy="y"))
    assert exposed.write(audited, ask(), [nothing], "local", count=3) == ()


def test_counts_beyond_the_members_list_all_of_them(audited: RunFolder, ask: Ask) -> None:
    found = workspace.read_document(listed(audited, ask, count=10_000), ExposedSamples)
    assert len(found.samples) == found.members
    assert np.isfinite([value for one in found.samples for _, value in one.scores]).all()
