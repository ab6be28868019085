"""Single samples, for the owner of the data alone: no report ever holds one of these values."""

from __future__ import annotations

from dataclasses import dataclass

from sc_deploy.contracts.data import Role


@dataclass(frozen=True, slots=True)
class ExposedSample:
    """One audited member, and how surely attacks tell that it was one.

    `sample_id` is the keyed hash as hex, `index` its row in the owner's data set, `label` its
    class. `scores` by attack, larger being more member-like. `p` is the chance that a non-member
    looks as much like a member to some attack; `accused` says whether it stands on a list of
    members of which at most the stated share is wrong.
    """

    sample_id: str
    role: Role
    index: int
    label: int
    p: float
    accused: bool
    scores: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class ExposedSamples:
    """The most exposed of an artifact's audited members, the surest first.

    `false_discovery_rate` bounds the expected share of wrong names among the `accused`, of which
    there are so many among all `members`; `non_members` made the p-values. `absent` are attacks
    that could not be run, each with what it lacks.
    """

    schema_version: int
    note: str
    artifact: str
    artifact_digest: str
    device: str
    members: int
    non_members: int
    false_discovery_rate: float
    accused: int
    absent: tuple[tuple[str, str], ...]
    samples: tuple[ExposedSample, ...]
