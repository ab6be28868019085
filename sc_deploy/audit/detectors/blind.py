"""Can members be told from non-members by their samples alone, without asking the model?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sc_deploy.audit.detectors.blind_view import View
from sc_deploy.audit.detectors.confidence import shared
from sc_deploy.audit.detectors.samples import Samples, unseen
from sc_deploy.audit.questions import two_sided
from sc_deploy.audit.topic import VALIDITY, Topic
from sc_deploy.contracts import Cause
from sc_deploy.privacy.statistics.auc import Auc, auc

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from numpy.typing import NDArray

    from sc_deploy.audit.detectors.samples import Sides
    from sc_deploy.contracts import Check
    from sc_deploy.contracts.arrays import Float64
    from sc_deploy.policy import Policy

    Ranking: TypeAlias = Callable[[Float64], Float64]
    Guess: TypeAlias = Callable[[Float64, NDArray[np.bool_]], Ranking]

MARGIN: Final = 0.02
TOPIC = Topic("samples alone do not tell members", VALIDITY, 0.5 + MARGIN)
REMEDY: Final = (
    "draw members and non-members from one pool by lot; figures on these samples mix the model's "
    "leak with a shift between its two sides, which can feign or hide one"
)


def blind(sides: Sides | None, policy: Policy, *, seed: int) -> Check:
    """Das et al. (2406.16201): whatever a classifier finds without the model is no leak of it.

    A logistic regression and boosted trees, each fitted on one half of the audit samples and
    asked about the other. An AUC surely above 0.52 is an alarm; surely below, a PASS. Between
    them the samples are too few to know: that is shown and does not gate, because samples of
    roles drawn by lot are alike by construction, and small audits have wide intervals anyway.
    Of samples that come in units one of each is asked about.
    """
    if sides is None or not sides.comparable:
        return unseen(TOPIC, policy)
    sides = sides.independent(seed=seed)
    found = [_cross_fitted(guess, sides, seed) for guess in (_linear, _boosted)]
    worst = max(found, key=lambda one: one.value)
    surely = max(one.rate(shared(2 * len(found))).low for one in found)
    rate = worst.rate(two_sided(policy))
    told = (
        f"a classifier that never asks the model reaches AUC {rate.value:.3f} "
        f"[{rate.low:.3f}, {rate.high:.3f}]"
    )
    if surely > 0.5 + MARGIN:
        return TOPIC.undecided(Cause.DETECTOR_FAILED, f"distribution shift: {told}", REMEDY, rate)
    if max(one.rate(two_sided(policy)).high for one in found) < 0.5 + MARGIN:
        return TOPIC.passed(told, rate)
    return replace(TOPIC, required=False).undecided(
        Cause.TOO_FEW_SAMPLES,
        f"no shift was found, but too few samples exclude one: {told}",
        "give more audit samples",
        rate,
    )


def _cross_fitted(guess: Guess, sides: Sides, seed: int) -> Auc:
    """The mean AUC of two halves, each ranked by a classifier that saw only the other.

    Given its classifier a half's samples are independent of it, so DeLong's variance holds.
    """
    rng = np.random.default_rng(seed)
    members, others = (_halve(side, rng) for side in (sides.members, sides.non_members))
    first, second = (
        _ranked(guess, (members[here], others[here]), (members[there], others[there]), seed)
        for here, there in ((0, 1), (1, 0))
    )
    return Auc(
        (first.value + second.value) / 2,
        (first.variance + second.variance) / 4,
        first.pairs + second.pairs,
        first.n + second.n,
    )


def _halve(side: Samples, rng: np.random.Generator) -> tuple[Samples, Samples]:
    first, second = np.array_split(rng.permutation(len(side.labels)), 2)
    return side.take(first), side.take(second)


def _ranked(
    guess: Guess, known: tuple[Samples, Samples], asked: tuple[Samples, Samples], seed: int
) -> Auc:
    both = Samples(
        np.concatenate([side.inputs for side in known]),
        np.concatenate([side.labels for side in known]),
    )
    member = np.repeat([True, False], [len(side.labels) for side in known])
    view = View.learn(both, member, seed=seed)
    model = guess(view.read(both), member)
    return auc(*(model(view.read(side)) for side in asked))


def _linear(seen: Float64, member: NDArray[np.bool_]) -> Ranking:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    return _ranking(model.fit(seen, member).decision_function)


def _boosted(seen: Float64, member: NDArray[np.bool_]) -> Ranking:
    model = HistGradientBoostingClassifier(max_iter=40, max_depth=3, early_stopping=False)
    return _ranking(model.fit(seen, member).decision_function)


def _ranking(decide: Ranking) -> Ranking:
    return lambda seen: np.asarray(decide(seen), dtype=np.float64)
