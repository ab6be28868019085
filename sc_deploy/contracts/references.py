"""The reference models behind an audit, and whether they went the artifact's way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReferenceModel:
    """One reference model. `model` is the digest of its weights, `roles_digest` of its mask.

    `pipeline` is the digest of how its file was made and run, None where that was not done.
    `unmatched` says why its answers cannot be used beside the artifact's; empty if they can.
    """

    number: int
    model: str
    roles_digest: str
    pipeline: str | None
    unmatched: str


@dataclass(frozen=True, slots=True)
class ReferenceEvidence:
    """All reference models that a run has, in their order. `pipeline` is the artifact's own.

    `difference` is the largest |Δlogit| that export made in any of them, over the standard
    deviation of its logits; None where not all are matched.
    """

    pipeline: str
    models: tuple[ReferenceModel, ...]
    difference: float | None

    @property
    def matched(self) -> int:
        """How many went the artifact's way: exporter, settings, device and runtime alike."""
        return sum(not model.unmatched for model in self.models)
