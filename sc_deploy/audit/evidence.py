"""What an audit rests on: the answers of each model by role, and what is known of the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sc_deploy.contracts import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import (
        Channel,
        Knowledge,
        Planted,
        Predictions,
        ReferenceEvidence,
        TensorStat,
        Tolerance,
        Vulnerability,
    )
    from sc_deploy.contracts.arrays import Int64, UInt8

ARTIFACT, SOURCE, DENSE, PUBLIC = "artifact", "source", "dense", "public"

CALIBRATION = (Role.MEMBER_CALIBRATION, Role.NON_MEMBER_CALIBRATION)
AUDIT = (Role.MEMBER_AUDIT, Role.NON_MEMBER_AUDIT)
REFERENCE = (Role.MEMBER_REFERENCE, Role.NON_MEMBER_REFERENCE)
NEEDED = (*CALIBRATION, *AUDIT, Role.TEST)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Input of the auditor. Missing evidence is None and never becomes a PASS.

    `artifact` needs the calibration and audit roles of both sides and test; where
    `quantization` (sample ids uint8 [k, 32] among the member reference role, which chose the
    integer ranges) is given, also both reference roles. `clean` holds the ids whose label no
    injected noise changed; None where there was no noise. `batch_sizes` are those that the
    artifact was seen to run with, `unsteady` those of them that changed its answers. `looks`
    counts audits of these samples, this one included. `brought_weights` says that training
    began from weights that somebody else trained, `declared_members` that the roles were drawn
    around what those had seen. `known` is what an attacker of each subject (by its name:
    ARTIFACT, SOURCE, DENSE, PUBLIC) knows besides, row by row as the *artifact's* predictions.
    `repeats` are the artifact's answers to some samples, in one order, each from a run of its
    own; `preprocessing` digests by role what prepared the samples, where somebody recorded it.
    `references` tells of the run's reference models; `lacking` says why a channel is empty, where
    more is known of that. `classes` are what a reader calls the labels, in their order; empty
    where nobody knows.
    `planted` are the canaries of the run, which the answers of their two roles must be about;
    `exposed` the members by how far their loss moved in training.

    Where a file ends in softmax, `artifact` is read before it, as who owns the file can, and
    `public` is what it answers to everybody. `self_supplied` says that nobody here saw a file
    answer: somebody handed the numbers in. `may_share` are pairs of roles that may hold the same
    samples. `rounded` says that small weights may have become zero.
    """

    artifact: Mapping[Role, Predictions]
    source: Mapping[Role, Predictions] | None
    dense: Mapping[Role, Predictions] | None
    tensors_found: tuple[TensorStat, ...] | None
    tensors_expected: tuple[TensorStat, ...] | None
    tolerance: Tolerance
    batch_sizes: tuple[int, ...]
    quantization: UInt8 | None
    clean: UInt8 | None
    looks: int
    unsteady: tuple[int, ...] = ()
    brought_weights: bool = False
    declared_members: bool = False
    known: Mapping[str, Mapping[Role, Knowledge]] = field(default_factory=dict)
    repeats: tuple[Predictions, ...] = ()
    preprocessing: Mapping[Role, str] = field(default_factory=dict)
    references: ReferenceEvidence | None = None
    lacking: Mapping[Channel, str] = field(default_factory=dict)
    public: Mapping[Role, Predictions] | None = None
    self_supplied: bool = False
    may_share: tuple[tuple[Role, Role], ...] = ()
    rounded: bool = False
    planted: Planted | None = None
    exposed: Vulnerability | None = None
    classes: tuple[str, ...] = ()

    @property
    def units(self) -> dict[Role, Int64]:
        """The unit of each of the artifact's answers, by role; empty where each is its own."""
        beside = self.known.get(ARTIFACT, {})
        return {role: known.unit for role, known in beside.items() if known.unit is not None}
