from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit.detectors.overfitted import Exam, Ranked, overfitted
from sc_deploy.contracts import AuditSet, CalibrationSet, Cause, Outcome, Role
from sc_deploy.privacy.attacks import by_name
from sc_deploy.privacy.statistics.units import Units

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def exam(*, learned: float, judged: float, n: int = 400) -> Exam:
    """Scores whose sides lie this many standard deviations apart."""
    rng = np.random.default_rng(0)
    drawn = [rng.normal(shift, 1, n) for shift in (learned, 0.0, judged, 0.0)]
    return Exam("loss", Ranked(drawn[0], drawn[1]), Ranked(drawn[2], drawn[3]))


def test_an_attack_that_does_as_well_on_fresh_samples_passes() -> None:
    assert overfitted([exam(learned=1.0, judged=1.0)]).outcome is Outcome.PASS
    assert overfitted([exam(learned=0.2, judged=1.0)]).outcome is Outcome.PASS


def test_an_attack_that_memorised_fails_the_detector() -> None:
    check = overfitted([exam(learned=1.0, judged=1.0), exam(learned=9.0, judged=0.0)])
    assert (check.outcome, check.cause) == (Outcome.INCONCLUSIVE, Cause.DETECTOR_FAILED)
    assert "AUC 1.000 on its calibration samples" in check.reason
    assert check.required


def test_what_few_samples_explain_is_no_alarm() -> None:
    assert overfitted([exam(learned=0.8, judged=0.0, n=30)]).outcome is Outcome.PASS
    assert overfitted([exam(learned=0.8, judged=0.0, n=3000)]).cause is Cause.DETECTOR_FAILED


@pytest.mark.parametrize(("leak", "calibration"), [(0.0, 60), (1.5, 100), (0.0, 400)])
def test_the_neural_attack_of_the_audit_is_not_taken_for_one_that_memorised(
    plant: Any, world: Any, leak: float, calibration: int
) -> None:
    answers = plant(
        replace(world, leak=leak, calibration=calibration, audit=1000, test=20)
    ).artifact
    told = answers[Role.MEMBER_CALIBRATION], answers[Role.NON_MEMBER_CALIBRATION]
    fitted = by_name("neural").fit(CalibrationSet(*told), seed=0)
    judged = AuditSet(answers[Role.MEMBER_AUDIT], answers[Role.NON_MEMBER_AUDIT])
    learned, fresh = (fitted.evaluate(asked) for asked in (AuditSet(*told), judged))
    found = Exam("neural", Ranked(*learned), Ranked(*fresh))
    assert overfitted([found]).outcome is Outcome.PASS


def copied(plain: Ranked, copies: int) -> Ranked:
    """Every record so many times over, all of them of one unit."""
    inside, outside = len(plain.members), len(plain.non_members)
    units = Units(
        np.repeat(np.arange(inside), copies), np.repeat(inside + np.arange(outside), copies)
    )
    return Ranked(np.repeat(plain.members, copies), np.repeat(plain.non_members, copies), units)


def test_copies_of_each_record_raise_no_alarm_that_the_records_do_not() -> None:
    plain = exam(learned=1.2, judged=0.0, n=40)
    grouped = Exam("loss", copied(plain.learned, 100), copied(plain.judged, 100))
    assert overfitted([grouped]).outcome is Outcome.PASS
    deceived = Exam(
        "loss", replace(grouped.learned, units=None), replace(grouped.judged, units=None)
    )
    assert overfitted([deceived]).cause is Cause.DETECTOR_FAILED


def test_enough_units_that_were_memorised_raise_it() -> None:
    plain = exam(learned=0.8, judged=0.0, n=3000)
    grouped = Exam("loss", copied(plain.learned, 3), copied(plain.judged, 3))
    assert overfitted([grouped]).cause is Cause.DETECTOR_FAILED
