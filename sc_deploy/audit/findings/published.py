"""What the papers' own protocols would report, beside what the audit measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.contracts import Published
from sc_deploy.privacy.attacks import neural_paper
from sc_deploy.privacy.statistics.proportion import Decisions, balanced_accuracy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sc_deploy.audit.scores import Attackers, Exposed
    from sc_deploy.contracts import Guesses, Rate


def published(
    models: Mapping[str, Exposed],
    attacks: Sequence[str],
    attackers: Attackers,
    *,
    confidence: float,
) -> tuple[Published, ...]:
    """The figures of every attack asked for that has such a protocol, on every model."""
    return tuple(
        Published(name, attack, _rate(fitted.published, confidence), neural_paper.FAULT)
        for name, model in models.items()
        for attack in attacks
        if isinstance(fitted := _fitted(attack, model, attackers), neural_paper.FittedNeuralPaper)
    )


def _fitted(attack: str, model: Exposed, attackers: Attackers) -> object:
    """The attacker; none where the attack cannot be run."""
    return None if model.lacks(attack) else attackers.fit(attack, model)


def _rate(guesses: Guesses, confidence: float) -> Rate:
    """Balanced accuracy of guesses on two groups, with the interval of as many samples."""
    inside, outside = guesses.right
    named, spared = (int(np.count_nonzero(group)) for group in (inside, outside))
    decisions = Decisions(named, len(inside), spared, len(outside))
    return balanced_accuracy(decisions, confidence=confidence)
