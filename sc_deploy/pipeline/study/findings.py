"""What do the trials of a study say together, arm by arm and against their controls?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import STRONGEST, Answer, ArmFigures, AttackFigures, Comparison, Rate
from sc_deploy.privacy.statistics.seeds import mean, paired_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sc_deploy.contracts import AttackResult, Pairing, StudyPlan, Trial

RESOLUTION: Final = 1e-9


def figures(plan: StudyPlan, trials: Sequence[Trial]) -> tuple[ArmFigures, ...]:
    """Each arm of which two seeds or more are done, in the order of the plan."""
    by_arm = {arm.name: _of(trials, arm.name) for arm in plan.arms}
    found = [_figures(plan, name, own) for name, own in by_arm.items() if len(own) > 1]
    return tuple(replace(arm, front=_on_front(arm, found)) for arm in found)


def comparisons(plan: StudyPlan, trials: Sequence[Trial]) -> tuple[Comparison, ...]:
    """Every pairing of the plan of which two seeds or more are done on both sides."""
    found = (_compare(plan, pairing, trials) for pairing in plan.pairings)
    return tuple(comparison for comparison in found if comparison is not None)


def strongest(trial: Trial) -> float:
    """The largest AUC of all attacks: it errs on the side of finding a leak, in every arm."""
    return max(attack.auc.value for attack in trial.subject.attacks)


def answer(accuracy: Rate, leakage: Rate) -> Answer:
    """What two intervals of arm minus control say, larger accuracy and smaller leakage wanted.

    An arm beats its control where one interval lies wholly on the good side of zero and none on
    the bad side. An interval of no width decides nothing: a few seeds agreed by coincidence.
    """
    gains = [accuracy, Rate(-leakage.value, -leakage.high, -leakage.low, leakage.n)]
    wide = [gain for gain in gains if gain.high - gain.low > RESOLUTION]
    better = any(gain.low > 0.0 for gain in wide)
    worse = any(gain.high < 0.0 for gain in wide)
    if better and worse:
        return Answer.TRADES
    if better:
        return Answer.BEATS
    return Answer.LOSES if worse else Answer.UNDECIDED


def _of(trials: Iterable[Trial], arm: str) -> dict[int, Trial]:
    return {trial.seed: trial for trial in trials if trial.arm == arm}


def _figures(plan: StudyPlan, name: str, own: dict[int, Trial]) -> ArmFigures:
    def over(value: Callable[[Trial], float]) -> Rate:
        return mean([value(trial) for trial in own.values()], confidence=plan.confidence)

    whole = [trial.cost for trial in own.values() if trial.cost.whole]
    clean = all(trial.subject.clean_auc is not None for trial in own.values())
    return ArmFigures(
        name=name,
        seeds=len(own),
        density=over(lambda trial: trial.density).value,
        accuracy=over(lambda trial: trial.subject.accuracy.value),
        member_accuracy=over(lambda trial: trial.subject.member_accuracy.value),
        attacks=tuple(_attack(name, over, _pick(name)) for name in (*plan.attacks, STRONGEST)),
        clean_auc=over(_clean_auc) if clean else None,
        step=over(lambda trial: trial.step).value,
        seconds=_average([cost.seconds for cost in whole]),
        trained=_average([cost.trained for cost in whole]),
        examined=_average([cost.examined for cost in whole]),
        front=False,
    )


def _attack(
    name: str,
    over: Callable[[Callable[[Trial], float]], Rate],
    pick: Callable[[Trial], Sequence[AttackResult]],
) -> AttackFigures:
    """The worst, metric by metric, of the results that `pick` takes from each trial."""
    resolved = True
    try:
        tpr = over(lambda trial: max(_tpr(result) for result in pick(trial)))
    except LookupError:
        resolved = False
    return AttackFigures(
        attack=name,
        auc=over(lambda trial: max(result.auc.value for result in pick(trial))),
        tpr=tpr if resolved else None,
        accuracy=over(lambda trial: max(result.accuracy.value for result in pick(trial))),
        tm_score=over(lambda trial: min(result.tm_score.value for result in pick(trial))),
    )


def _pick(name: str) -> Callable[[Trial], Sequence[AttackResult]]:
    def results(trial: Trial) -> Sequence[AttackResult]:
        attacks = trial.subject.attacks
        return attacks if name == STRONGEST else [a for a in attacks if a.attack == name]

    return results


def _tpr(result: AttackResult) -> float:
    (point,) = result.tpr
    if point.rate is None:
        raise LookupError(point.note)
    return point.rate.value


def _clean_auc(trial: Trial) -> float:
    assert trial.subject.clean_auc is not None
    return trial.subject.clean_auc.value


def _average(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 3) if values else None


def _on_front(arm: ArmFigures, others: Iterable[ArmFigures]) -> bool:
    return not any(
        other.accuracy.value > arm.accuracy.value and _leak(other) < _leak(arm) for other in others
    )


def _leak(arm: ArmFigures) -> float:
    return next(found.auc.value for found in arm.attacks if found.attack == STRONGEST)


def _compare(plan: StudyPlan, pairing: Pairing, trials: Sequence[Trial]) -> Comparison | None:
    ours, theirs = _of(trials, pairing.arm), _of(trials, pairing.control)
    seeds = [seed for seed in plan.seeds if seed in ours and seed in theirs]
    if len(seeds) < 2:
        return None

    def change(value: Callable[[Trial], float]) -> Rate:
        before, after = ([value(side[seed]) for seed in seeds] for side in (theirs, ours))
        return paired_change(before, after, confidence=plan.confidence)

    accuracy = change(lambda trial: trial.subject.accuracy.value)
    auc = change(lambda trial: trial.subject.attacks[0].auc.value)
    leakage = change(strongest)
    return Comparison(
        arm=pairing.arm,
        control=pairing.control,
        primary=pairing.primary,
        accuracy=accuracy,
        auc=auc,
        strongest=leakage,
        answer=answer(accuracy, leakage),
        sentence=_sentence(plan, pairing, accuracy, auc, leakage),
    )


def _sentence(plan: StudyPlan, pairing: Pairing, accuracy: Rate, auc: Rate, leakage: Rate) -> str:
    verb = answer(accuracy, leakage).value
    return (
        f"{pairing.arm} {verb} {pairing.control}: "
        f"Δ{plan.accuracy_name} {_change(accuracy)}, ΔAUC {_change(leakage)} (strongest attack), "
        f"{_change(auc)} ({plan.attacks[0]}); {accuracy.n} seeds."
    )


def _change(rate: Rate) -> str:
    return f"{rate.value:+.4f} [{rate.low:+.4f}, {rate.high:+.4f}]"
