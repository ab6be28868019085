"""Does each procedure of the audit keep its promise, and is the gate as strong as planned?

    python benchmarks/coverage_and_power.py [--draws 1.0] [--seed 0] [--only WORDS] [--json]

Every row simulates one procedure where the truth is known, and counts how often it errs. `--draws`
scales the numbers of draws; the table of docs/statistics.md has 1.0.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).parents[1]))

from sc_deploy.audit.auditor import audit
from sc_deploy.audit.gate import judge
from sc_deploy.audit.planned.demand import Assumptions
from sc_deploy.audit.planned.planner import Request, plan
from sc_deploy.audit.scores import Attackers, Exposed, score
from sc_deploy.contracts import Outcome, Tier
from sc_deploy.policy import Policy, small
from sc_deploy.privacy.statistics.auc import auc, auc_change
from sc_deploy.privacy.statistics.bootstrap import tpr_change
from sc_deploy.privacy.statistics.cluster_bootstrap import tpr_change_by_unit
from sc_deploy.privacy.statistics.clustered import share, share_change
from sc_deploy.privacy.statistics.decision import benjamini_hochberg, holm
from sc_deploy.privacy.statistics.equivalence import Band, equivalence
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr
from sc_deploy.privacy.statistics.one_run import Guessed, epsilon_bound
from sc_deploy.privacy.statistics.proportion import Decisions, paired_change, proportion
from sc_deploy.privacy.statistics.threshold_epsilon import threshold_epsilon
from sc_deploy.privacy.statistics.units import Units
from sc_deploy.progress import Silent
from tests.audit.conftest import World, planted

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.contracts import Rate
    from sc_deploy.contracts.arrays import Float64, Int64

Rng = np.random.Generator
Scores = tuple["Float64", "Float64"]
TWO_SIDED = 0.9
LEAK = 0.5
AUC = float(stats.norm.cdf(LEAK / math.sqrt(2)))


@dataclass(frozen=True)
class Study:
    """`errs` draws once and says whether the procedure erred (or passed, for `at_least`).

    `promised` is the most, or where `at_least` the least, share of draws.
    """

    name: str
    setting: str
    promised: float
    draws: int
    errs: Callable[[Rng], float]
    at_least: bool = False


@dataclass(frozen=True)
class Row:
    name: str
    setting: str
    promised: str
    measured: float
    draws: int
    kept: bool


def run(study: Study, *, scale: float, seed: int) -> Row:
    """A promise is broken beyond three standard errors of the simulation itself."""
    draws = max(10, round(scale * study.draws))
    rng = np.random.default_rng([seed, *study.name.encode(), *study.setting.encode()])
    measured = float(np.mean([study.errs(rng) for _ in range(draws)]))
    slack = 3.0 * math.sqrt(study.promised * (1.0 - study.promised) / draws)
    kept = (
        measured >= study.promised - slack if study.at_least else measured <= study.promised + slack
    )
    promised = f"{'≥' if study.at_least else '≤'} {study.promised:g}"
    return Row(study.name, study.setting, promised, measured, draws, kept)


def scores(rng: Rng, n: int, leak: float = LEAK) -> Scores:
    return rng.normal(leak, 1, n), rng.normal(size=n)


def again(rng: Rng, first: Scores, *, noise: float, leak: float = 0.0) -> Scores:
    """The same samples by another model; of every score 1 / (1 + noise^2) of the variance stays."""
    scale = math.sqrt(1.0 + noise * noise)
    members, others = ((side + noise * rng.normal(size=len(side))) / scale for side in first)
    return members + leak, others


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


def attacks(rng: Rng, n: int, leaks: tuple[float, ...]) -> list[Scores]:
    """Several attacks on one model: scores of the same samples, correlated with 0.8."""
    common = rng.normal(size=(2, n))
    return [
        (
            leak + math.sqrt(0.8) * common[0] + math.sqrt(0.2) * rng.normal(size=n),
            math.sqrt(0.8) * common[1] + math.sqrt(0.2) * rng.normal(size=n),
        )
        for leak in leaks
    ]


def fail_rule(rng: Rng) -> float:
    """Every attack leaks exactly its limit; one rejection would be a false FAIL."""
    found = [auc(*given) for given in attacks(rng, 300, (LEAK,) * 4)]
    return any(holm([estimate.p_above(AUC) for estimate in found], alpha=0.05))


def pass_rule(leaks: tuple[float, ...]) -> Callable[[Rng], float]:
    def passes(rng: Rng) -> float:
        found = [auc(*given) for given in attacks(rng, 300, leaks)]
        return all(estimate.rate(TWO_SIDED).high < AUC for estimate in found)

    return passes


def coin(rng: Rng) -> float:
    """TOST: a truth at the band's very edge must not be called equivalent."""
    band_ = Band(0.5, AUC - 0.5)
    return equivalence(auc(*scores(rng, 400)), band_, confidence=0.95).rate.high < AUC


def discoveries(rng: Rng) -> float:
    p = [*rng.random(16).tolist(), *(1e-3 * rng.random(4)).tolist()]
    fell = benjamini_hochberg(p, rate=0.1)
    return sum(fell[:16]) / max(1, sum(fell))


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


def unit_sizes(rng: Rng, units: int) -> Int64:
    """Units of 1 to 9 samples: unit numbers int64 [n]."""
    return np.repeat(np.arange(units), rng.integers(1, 10, units))


def clustered(rng: Rng, unit: Int64, alike: float = 0.5) -> Float64:
    """Standard normal scores; those of one unit correlate with `alike`."""
    own = rng.normal(size=int(unit.max()) + 1)[unit]
    return math.sqrt(alike) * own + math.sqrt(1 - alike) * rng.normal(size=len(unit))


def drawn_by_unit(rng: Rng, units: int = 120) -> tuple[Scores, Units]:
    inside, outside = unit_sizes(rng, units), unit_sizes(rng, units)
    pair = LEAK + clustered(rng, inside), clustered(rng, outside)
    return pair, Units(inside, units + outside)


def auc_by_unit(*, told: bool) -> Callable[[Rng], float]:
    def errs(rng: Rng) -> float:
        given, units = drawn_by_unit(rng)
        return auc(*given, units=units if told else None).rate(TWO_SIDED).high < AUC

    return errs


def change_by_unit(rng: Rng) -> float:
    first, units = drawn_by_unit(rng)
    noise = clustered(rng, units.members), clustered(rng, units.non_members - 120)
    second = first[0] + 0.3 * noise[0] + 0.1, first[1] + 0.3 * noise[1]
    leak = (LEAK + 0.1) / math.sqrt(1.09)
    truth = float(stats.norm.cdf(leak / math.sqrt(2))) - AUC
    return auc_change(first, second, units=units).rate(TWO_SIDED).high < truth


def band_by_unit(*, told: bool) -> Callable[[Rng], float]:
    truth = float(stats.norm.sf(stats.norm.isf(0.02) - LEAK))

    def errs(rng: Rng) -> float:
        given, units = drawn_by_unit(rng, 400)
        found = tpr_at_fpr(*given, fpr=0.02, units=units if told else None)
        return found.rate(TWO_SIDED).high < truth

    return errs


def bootstrap_by_unit(rng: Rng) -> float:
    fpr, leak = 0.02, (LEAK + 0.2) / math.sqrt(1.09)
    first, units = drawn_by_unit(rng, 300)
    noise = clustered(rng, units.members), clustered(rng, units.non_members - 300)
    second = first[0] + 0.3 * noise[0] + 0.2, first[1] + 0.3 * noise[1]
    truth = float(np.diff(stats.norm.sf(stats.norm.isf(fpr) - np.array([LEAK, leak])))[0])
    seed = int(rng.integers(2**31))
    found = tpr_change_by_unit(first, second, fpr=fpr, units=units, seed=seed)
    return found.rate(TWO_SIDED).high < truth


def accuracy_by_unit(rng: Rng) -> float:
    unit = unit_sizes(rng, 150)
    right = clustered(rng, unit) < stats.norm.ppf(0.85)
    return share(right, unit, confidence=TWO_SIDED).high < 0.85


def lost_by_unit(rng: Rng) -> float:
    """2 pp are lost: wins and losses both gather in the same units."""
    unit = unit_sizes(rng, 150)
    before, after = (clustered(rng, unit) < stats.norm.ppf(p) for p in (0.85, 0.83))
    return -share_change(before, after, unit, confidence=TWO_SIDED).low < 0.02


ALIKE = Assumptions(correlation=0.999, conversion=0.005, compression=0.005)


def policy() -> Policy:
    changed = {"attacks": ("loss", "modified-entropy"), "low_fpr_tier": Tier.T0}
    return small().model_copy(update={"min_audit_samples": 1, **changed})


@cache
def planned(share_: float) -> World:
    roles = plan(policy(), Request(ALIKE, quantized=0)).roles
    n = next(role.members for role in roles if role.name == "audit")
    return World(audit=round(share_ * n), calibration=500, test=3000)


def gate(world: World, asked: Policy, outcome: Outcome) -> Callable[[Rng], float]:
    def happens(rng: Rng) -> float:
        evidence = planted(replace(world, seed=int(rng.integers(2**31))))
        found = audit(evidence, asked, Attackers(0), progress=Silent())
        return judge(found, asked).outcome is outcome

    return happens


@cache
def leak_of_the_limit(leak: float) -> float:
    """The loss attack's true AUC on such a model, from 800,000 samples a side."""
    found = []
    for seed in range(1000, 1008):
        world = World(seed=seed, audit=100_000, calibration=100, test=100, leak=leak)
        # The scores alone: detectors would take their time over so many samples.
        asked = score("loss", Exposed(planted(world).artifact), Attackers(0), quantization=None)
        found.append(auc(asked.members, asked.non_members).rate(0.9).value)
    return float(np.mean(found))


def at_the_limit() -> Policy:
    limit = policy().absolute.model_copy(update={"auc": leak_of_the_limit(0.5), "tpr": ()})
    return policy().model_copy(update={"attacks": ("loss",), "absolute": limit})


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


def decisions() -> list[Study]:
    """Rules that join several bounds, by how often they decide wrongly."""
    one, three = pass_rule((0.0, 0.0, LEAK)), pass_rule((LEAK,) * 3)
    return [
        Study("FAIL rule", "Holm, 4 attacks at their limit", 0.05, 400, fail_rule),
        Study("PASS rule", "one of 3 attacks at its limit", 0.05, 3_000, one),
        Study("PASS rule", "all of 3 attacks at their limit", 0.05, 3_000, three),
        Study("equivalence", "TOST, at the edge of the band", 0.05, 4_000, coin),
        Study("slices pointed at", "Benjamini-Hochberg at 10 %", 0.1, 10_000, discoveries),
    ]


def by_unit() -> list[Study]:
    """Intervals of samples in units of 1 to 9, whose scores correlate with one half."""
    told, band_ = auc_by_unit(told=True), band_by_unit(told=True)
    change = bootstrap_by_unit
    return [
        Study("AUC by unit", "120 + 120 units", 0.05, 4_000, told),
        Study("change of AUC by unit", "120 + 120 units", 0.05, 4_000, change_by_unit),
        Study("TPR at 2 % FPR by unit", "400 + 400 units", 0.05, 2_000, band_),
        Study("change of TPR by unit", "300 + 300 units, at the margin", 0.05, 150, change),
        Study("accuracy by unit", "150 units", 0.05, 4_000, accuracy_by_unit),
        Study("lost accuracy by unit", "150 units, at the margin", 0.05, 2_000, lost_by_unit),
    ]


def gates() -> list[Study]:
    """The whole audit and its verdict, on evidence with a planted leak."""
    enough, asked, edge = planned(1.0), policy(), at_the_limit()
    passes, fails = gate(enough, asked, Outcome.PASS), gate(enough, asked, Outcome.FAIL)
    caught = gate(replace(enough, leak=1.5), asked, Outcome.FAIL)
    few = gate(planned(0.5), asked, Outcome.PASS)
    just = World(audit=2000, calibration=100, test=1000, leak=0.5)
    told = f"planned n ({enough.audit:,})"
    return [
        Study("gate: PASS", f"no leak, {told}", 0.9, 200, passes, at_least=True),
        Study("gate: FAIL", f"no leak, {told}", 0.05, 200, fails),
        Study("gate: PASS", f"no leak, half the {told}", 0.9, 200, few),
        Study("gate: FAIL", f"leaks, {told}", 0.9, 100, caught, at_least=True),
        Study("gate: PASS", "leaks just the limit", 0.05, 500, gate(just, edge, Outcome.PASS)),
        Study("gate: FAIL", "leaks just the limit", 0.05, 500, gate(just, edge, Outcome.FAIL)),
    ]


def every() -> list[Study]:
    return [*intervals(), *decisions(), *by_unit(), *gates()]


def table(rows: list[Row]) -> str:
    lines = ["| procedure | setting | promised | measured | draws |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.name} | {row.setting} | {row.promised} | {row.measured:.4f}"
        f"{'' if row.kept else ' **broken**'} | {row.draws:,} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--draws", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="words that the row must contain")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    chosen = [s for s in every() if arguments.only in f"{s.name} {s.setting}"]
    rows = [run(study, scale=arguments.draws, seed=arguments.seed) for study in chosen]
    print(json.dumps([asdict(row) for row in rows]) if arguments.json else table(rows))
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
