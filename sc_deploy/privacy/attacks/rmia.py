"""How much likelier is a sample's label to this model than to one that never saw the sample?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sc_deploy.privacy import signals
from sc_deploy.privacy.references import marginal
from sc_deploy.privacy.references.tuning import PAPERS

if TYPE_CHECKING:
    from sc_deploy.contracts import Observation
    from sc_deploy.contracts.arrays import Float64


def score(seen: Observation) -> Float64:
    """log p(x | model) - log p(x) with one reference, float64 [n]; larger is more member-like.

    RMIA (Zarifzadeh et al., 2312.03262) with its offline estimate of p(x) from a model that did
    not train on x: p(x) = ((1 + a) p(x | reference) + (1 - a)) / 2, where p(x | .) is the
    probability of the label, and `a` the papers' .3: it takes several references to tune it.
    RMIA then counts how many population samples have a lower ratio. That count is a step function
    of the ratio, so the ratio itself has the same ROC curve without its ties (BASE, Lassila et
    al. 2025), and needs no population.
    """
    labels = seen.predictions.labels
    # The engine refuses a recipe whose test needs a reference and has none.
    assert seen.reference is not None
    outside = marginal.Chance.of(signals.margin(seen.reference, labels))
    own = signals.margin(seen.predictions.logits, labels)
    return marginal.ratio(own, marginal.offline(outside, a=PAPERS))
