"""How much a model gives away about one class or group of its samples."""

from __future__ import annotations

from dataclasses import dataclass

from sc_deploy.contracts.measurement import Rate


@dataclass(frozen=True, slots=True)
class Slice:
    """What one attack found on the audit samples of one class or group.

    `by` is "class" or "group". `auc` and `tpr` have simultaneous intervals: all of an audit's
    slices hold their truth together with the stated confidence (Bonferroni). `upper` is the
    AUC's one-sided upper bound for this slice alone. `p` is one-sided, of "the AUC is 1/2", and
    `adjusted_p` corrects it for the number of slices (Benjamini and Hochberg 1995). Where a side
    has too few samples all figures are None, the counts with them: a small count is about people.
    `tpr` is at the policy's highest false-positive rate; None where these samples cannot resolve
    it.
    """

    attack: str
    by: str
    name: str
    members: int | None
    non_members: int | None
    auc: Rate | None
    upper: float | None
    tpr: Rate | None
    p: float | None
    adjusted_p: float | None
