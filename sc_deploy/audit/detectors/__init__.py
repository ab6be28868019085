"""Validity detectors, one a file: whether a leakage figure would mean anything.

A detector is a function that answers its `TOPIC`. One that can be wrong never FAILs a model: its
alarm is INCONCLUSIVE with the cause `detector-failed` and what to do.
"""

from __future__ import annotations

from sc_deploy.audit.detectors import (
    apart,
    balance,
    batch,
    blind,
    complete,
    control,
    enough,
    finite,
    labels,
    members,
    null_run,
    orientation,
    origin,
    overfitted,
    preparation,
    repeatable,
    reuse,
    saturated,
    strength,
    twins,
)

ALL = tuple(
    detector.TOPIC
    for detector in (
        complete,
        finite,
        labels,
        origin,
        batch,
        apart,
        enough,
        members,
        reuse,
        saturated,
        balance,
        preparation,
        twins,
        blind,
        repeatable,
        orientation,
        strength,
        overfitted,
        null_run,
        control,
    )
)
# Without these there is no honest leakage figure at all, and none is computed.
MUST_HOLD = (finite.TOPIC, labels.TOPIC, apart.TOPIC)
