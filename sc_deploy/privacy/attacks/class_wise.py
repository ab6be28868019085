"""tmp"""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax

from sc_deploy.contracts import Predictions, Rate
from sc_deploy.privacy.statistics.proportion import Decisions, balanced_accuracy


def _s(p: Predictions) -> np.ndarray:
    return log_softmax(p.logits, axis=1)[np.arange(len(p.labels)), p.labels]


def cross_fitted_accuracy(
    members: Predictions, non_members: Predictions, *, seed: int, confidence: float = 0.95
) -> Rate:
    r = np.random.default_rng(seed)
    fm, fn = r.permutation(len(members.labels)) % 2, r.permutation(len(non_members.labels)) % 2
    sm, sn = _s(members), _s(non_members)
    mr = nr = 0
    for k in (0, 1):
        cand = np.unique(np.concatenate([sm[fm != k], sn[fn != k]]))
        best = max(cand, key=lambda t: (sm[fm != k] >= t).mean() + (sn[fn != k] < t).mean())
        mr += int((sm[fm == k] >= best).sum())
        nr += int((sn[fn == k] < best).sum())
    return balanced_accuracy(Decisions(mr, len(sm), nr, len(sn)), confidence=confidence)
