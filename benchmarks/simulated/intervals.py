"""Every interval of independent samples, by how often a bound misses the truth."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from benchmarks.simulated.draws import AUC, LEAK, TWO_SIDED, again, scores
from benchmarks.simulated.study import Rng, Study
from sc_deploy.privacy.statistics.auc import auc, auc_change
from sc_deploy.privacy.statistics.bootstrap import tpr_change
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr
from sc_deploy.privacy.statistics.one_run import Guessed, epsilon_bound
from sc_deploy.privacy.statistics.proportion import Decisions, paired_change, proportion
from sc_deploy.privacy.statistics.threshold_epsilon import threshold_epsilon

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.contracts import Rate


def intervals() -> list[Study]:
    """Every interval of independent samples, by how often one of its bounds misses the truth."""
    few = "DeLong, 200 + 200, AUC"
    return [
        Study("AUC, upper bound", f"{few} .638", 0.05, 10_000, auc_study(0, 200, 0.5)),
        Study("AUC, lower bound", f"{few} .638", 0.05, 10_000, auc_study(1, 200, 0.5)),
        Study("AUC, upper bound", f"{few} .921", 0.05, 5_000, auc_study(0, 200, 2.0)),
        Study("change of AUC", "paired DeLong, at the margin", 0.05, 10_000, paired_auc),
        Study("TPR at 1 % FPR, upper", "band, 1,000 + 1,000", 0.05, 4_000, band(0, 1000, 0.01)),
        Study("TPR at 1 % FPR, lower", "band, 1,000 + 1,000", 0.05, 4_000, band(1, 1000, 0.01)),
        Study("TPR at .1 % FPR, upper", "band, 5,000 + 5,000", 0.05, 2_000, band(0, 5000, 0.001)),
        Study("change of TPR at 2 % FPR", "paired bootstrap, at the margin", 0.05, 400, paired_tpr),
        Study("share", "Clopper-Pearson, 90 % of 200", 0.05, 10_000, exact(0.9, 200)),
        Study("lost accuracy", "Tango, at the margin, 1,000", 0.05, 5_000, tango),
        Study("epsilon, one threshold", "epsilon 0", 0.05, 10_000, one_threshold(0.0)),
        Study("epsilon, one threshold", "epsilon 1", 0.05, 10_000, one_threshold(1.0)),
        Study("epsilon, one run", "epsilon 0, 200 canaries", 0.05, 10_000, one_run(0.0)),
        Study("epsilon, one run", "epsilon 1, 200 canaries", 0.05, 10_000, one_run(1.0)),
    ]


def reported(rate: Rate, truth: float) -> tuple[bool, bool]:
    """Whether the upper bound is too low, and the lower too high."""
    return rate.high < truth, rate.low > truth


def auc_study(side: int, n: int, leak: float) -> Callable[[Rng], float]:
    truth = float(stats.norm.cdf(leak / math.sqrt(2)))
    return lambda rng: reported(auc(*scores(rng, n, leak)).rate(TWO_SIDED), truth)[side]


def paired_auc(rng: Rng) -> float:
    """The second model leaks more; the margin is just that much."""
    first = scores(rng, 400)
    second = again(rng, first, noise=0.3, leak=0.08)
    leak = LEAK / math.sqrt(1.09) + 0.08
    truth = float(stats.norm.cdf(leak / math.sqrt(2))) - AUC
    return auc_change(first, second).rate(TWO_SIDED).high < truth


def band(side: int, n: int, fpr: float) -> Callable[[Rng], float]:
    truth = float(stats.norm.sf(stats.norm.isf(fpr) - LEAK))
    return lambda rng: reported(tpr_at_fpr(*scores(rng, n), fpr=fpr).rate(TWO_SIDED), truth)[side]


def paired_tpr(rng: Rng) -> float:
    fpr, leak = 0.02, LEAK / math.sqrt(1.09) + 0.15
    first = scores(rng, 1000)
    second = again(rng, first, noise=0.3, leak=0.15)
    truth = float(np.diff(stats.norm.sf(stats.norm.isf(fpr) - np.array([LEAK, leak])))[0])
    seed = int(rng.integers(2**31))
    return tpr_change(first, second, fpr=fpr, seed=seed).rate(TWO_SIDED).high < truth


@cache
def _proportion(hits: int, n: int) -> Rate:
    return proportion(hits, n, confidence=TWO_SIDED)


def exact(share_: float, n: int) -> Callable[[Rng], float]:
    return lambda rng: _proportion(int(rng.binomial(n, share_)), n).high < share_


def answers(rng: Rng, n: int, won: float, lost: float) -> tuple[np.ndarray, np.ndarray]:
    u = rng.random(n)
    return (u >= won), (u < won) | (u >= won + lost)


def tango(rng: Rng) -> float:
    """2 pp are lost, and 2 pp is what the bound must not fall below."""
    before, after = answers(rng, 1000, 0.02, 0.04)
    return -paired_change(before, after, confidence=TWO_SIDED).low < 0.02


@cache
def _threshold_epsilon(named: int, spared: int) -> float:
    return threshold_epsilon(Decisions(named, 1000, spared, 1000), confidence=0.95)


def one_threshold(epsilon: float) -> Callable[[Rng], float]:
    """Randomised response, which is exactly epsilon-DP."""
    share_ = 1.0 / (1.0 + math.exp(-epsilon))
    return lambda rng: _threshold_epsilon(*map(int, rng.binomial(1000, share_, 2))) > epsilon


@cache
def _one_run(right: int) -> float:
    return epsilon_bound(Guessed(200, 200, right), confidence=0.95)


def one_run(epsilon: float) -> Callable[[Rng], float]:
    share_ = 1.0 / (1.0 + math.exp(-epsilon))
    return lambda rng: _one_run(int(rng.binomial(200, share_))) > epsilon
