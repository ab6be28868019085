"""Planted truth: what leaks is refused, what does not may pass, no rounded softmax hides a leak."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sc_deploy.contracts import Cause, Outcome
from sc_deploy.errors import UsageError
from sc_deploy.report import document

if TYPE_CHECKING:
    from tests.pipeline.brought.conftest import Desk, Lay

from tests.pipeline.brought.conftest import INT8, Kind, check, draw, names


def test_a_private_model_passes_and_the_report_says_what_it_rests_on(desk: Desk) -> None:
    desk.alike()
    report = desk.audit(Kind())
    assert report.verdict.outcome is Outcome.PASS, report.verdict.reason
    assert "evidence tier T0" in report.verdict.reason
    assert (report.source, report.recipe_digest, report.history) == (None, None, ())
    shipped = (desk.folder / "model.onnx").read_bytes()
    assert report.artifact.files[0].sha256 == hashlib.sha256(shipped).hexdigest()
    assert report.brought is not None
    assert any("Nobody here saw the model trained" in note for note in report.brought.notes)
    assert document.read_report(desk.order.output / "report.json") == report
    page = (desk.order.output / "report.html").read_text()
    assert "What was declared" in page
    assert "How the source was compressed" not in page
    assert "What the export changed" not in page


def test_a_leaky_model_fails(desk: Desk) -> None:
    report = desk.audit(Kind(leak=3.0))
    assert report.verdict.outcome is Outcome.FAIL
    assert "leaks more than the policy allows" in report.verdict.reason


def test_a_rounded_softmax_hides_no_leak_from_who_owns_the_file(desk: Desk) -> None:
    """Behind eight bits of a sure softmax nearly all answers are one value."""
    report = desk.audit(Kind(leak=6.0, skill=9.0, tail=INT8))
    assert report.audit is not None
    assert names(report) == ["artifact", "public"]
    inner, public = (subject.attacks[0] for subject in report.audit.subjects)
    assert public.tie_mass > 0.5
    assert public.auc.value < inner.auc.value - 0.1
    assert report.verdict.outcome is Outcome.FAIL
    assert report.brought is not None
    assert "'logits', which stands before Softmax" in report.brought.reads
    assert "as it answers" in (desk.order.output / "report.html").read_text()


def test_where_nothing_before_the_softmax_can_be_reached_ties_forbid_a_pass(desk: Desk) -> None:
    report = desk.audit(Kind(leak=6.0, skill=12.0, tail=(*INT8, "Mul")))
    assert names(report) == ["artifact"]
    assert report.verdict.outcome is Outcome.INCONCLUSIVE
    assert check(report, "AUC, loss attack").cause is Cause.UNRESOLVED
    assert report.brought is not None
    assert "nothing before them could be reached" in report.brought.reads


def test_without_a_source_relative_limits_are_undecided(desk: Desk) -> None:
    strict = desk.policy("strict.yaml", "relative: none", "")
    report = desk.audit(Kind(), policy=strict)
    assert report.verdict.outcome is Outcome.INCONCLUSIVE
    assert check(report, "change of AUC, loss attack").cause is Cause.EVIDENCE_MISSING


def test_a_source_is_compared_sample_by_sample(desk: Desk) -> None:
    desk.alike()
    free = "accuracy: {compression_loss: null}"
    strict = desk.policy("strict.yaml", "relative: none", free)
    source = desk.model(Kind(), "source.onnx")
    report = desk.audit(Kind(tail=("Softmax",)), policy=strict, source=source)
    assert report.verdict.outcome is Outcome.PASS, report.verdict.reason
    assert report.source is not None
    assert report.audit is not None
    assert report.audit.parity_error == pytest.approx(0.0, abs=1e-5)
    other = desk.model(Kind(skill=5.0), "source.onnx")
    assert desk.audit(Kind(), policy=strict, source=other).verdict.outcome is Outcome.FAIL


def test_looks_into_one_folder_are_counted_and_another_policy_is_told(desk: Desk) -> None:
    first, again = desk.audit(Kind()), desk.audit(Kind())
    assert first.audit is not None
    assert again.audit is not None
    assert [first.audit.audit_looks, again.audit.audit_looks] == [1, 2]
    default = desk.audit(Kind(), policy=None)
    assert default.audit is not None
    assert default.brought is not None
    assert default.audit.audit_looks == 3
    assert default.policy == "plain"
    assert sum("policy" in note.lower() for note in default.brought.notes) == 2


def test_a_folder_of_somebody_else_is_not_touched(desk: Desk) -> None:
    theirs = desk.order.output / "cache"
    theirs.mkdir(parents=True)
    (desk.order.output / "thesis.tex").write_text("years of work")
    (theirs / "more").write_text("work")
    with pytest.raises(UsageError, match="holds something else"):
        desk.audit(Kind())
    assert (theirs / "more").exists()


def test_without_calibration_a_part_is_split_off_alike_each_time(desk: Desk) -> None:
    first = desk.audit(Kind(), calibration=None)
    again = desk.audit(Kind(), calibration=None, output=desk.folder / "again")
    other = desk.audit(Kind(), calibration=None, output=desk.folder / "other", seed=1)
    assert first.roles_digest == again.roles_digest != other.roles_digest
    counts = dict(first.samples)
    assert counts["member-audit"] + counts["member-calibration"] == 1300
    assert 260 < counts["member-calibration"] < 390
    assert first.brought is not None
    assert any("No calibration file" in note for note in first.brought.notes)


def test_test_samples_may_repeat_non_members_and_add_to_the_accuracy(desk: Desk) -> None:
    desk.alike()
    x, y = draw(500, member=False, seed=9)
    with np.load(desk.order.non_members) as held:
        more = desk.save("t.npz", x=np.concatenate([held["x"], x]), y=np.append(held["y"], y))
    report = desk.audit(Kind(), test=more)
    assert report.audit is not None
    assert report.audit.subjects[0].accuracy.n == 1800
    assert report.verdict.outcome is Outcome.PASS


def test_five_samples_are_no_evidence(lay: Lay) -> None:
    desk = lay(5)
    report = desk.audit(Kind())
    assert report.verdict.outcome is Outcome.INCONCLUSIVE
    assert report.audit is not None
    assert report.audit.subjects == ()


def test_a_file_that_does_not_run_is_invalid(desk: Desk) -> None:
    report = desk.audit(Kind(tail=("Unheard",), domain="of.mine"))
    assert report.verdict.outcome is Outcome.INVALID
    assert report.runtime is None
    assert "Unheard" in report.verdict.reason


def test_units_and_groups_of_the_files_reach_the_attackers(desk: Desk) -> None:
    desk.alike()
    named = {}
    for purpose in ("members", "non_members", "calibration"):
        with np.load(getattr(desk.order, purpose)) as held:
            n = len(held["y"])
            unit, group = np.arange(n) // 2, np.where(np.arange(n) % 3, "a", "b")
            named[purpose] = desk.save(f"u-{purpose}.npz", **held, unit=unit, group=group)
    report = desk.audit(Kind(), **named)
    assert report.audit is not None
    assert report.audit.clustering is not None
    assert report.audit.clustering.members == 650
    assert {found.by for found in report.audit.slices} == {"class", "group"}
    # Half as many draws as samples are fewer than the policy asks for.
    assert report.verdict.outcome is Outcome.INCONCLUSIVE
    assert "650 units" in report.verdict.reason


def test_the_same_order_gives_the_same_report(desk: Desk) -> None:
    first = desk.audit(Kind())
    again = desk.audit(Kind(), output=desk.folder / "again")
    assert first.audit == again.audit
    assert replace(first, created="", run="", runtime=None, environment=()) == replace(
        again, created="", run="", runtime=None, environment=()
    )


def test_attacks_that_read_labels_alone_ask_the_file_about_altered_samples(desk: Desk) -> None:
    named = "attacks: [loss, modified-entropy]"
    policy = desk.policy("labels.yaml", named, f"{named}\nshown: [label-only]")
    report = desk.audit(Kind(leak=3.0), policy=policy)
    assert report.audit is not None
    assert report.audit.absent == ()
    assert "label-only" in [a.attack for a in report.audit.subjects[0].attacks]
