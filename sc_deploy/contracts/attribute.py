"""What a model's answers give away of the sensitive attribute that its task names."""

from __future__ import annotations

from dataclasses import dataclass

from sc_deploy.contracts.measurement import Rate


@dataclass(frozen=True, slots=True)
class AttributeInference:
    """Balanced accuracy of guessing which of `values` values the attribute has, on audit samples.

    `accuracy` is that of an attacker who reads the answers and the label, `baseline` that of one
    who reads the label alone, `gain` the difference on the same samples: what the model adds.
    """

    subject: str
    values: int
    accuracy: Rate
    baseline: Rate
    gain: Rate
