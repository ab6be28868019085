"""Which models does a study make, and what does each change in the recipe?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Pairing
from sc_deploy.errors import Problem, UsageError
from sc_deploy.recipe import presets

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Arm:
    """A way to make a model. `settings` are what `scdeploy compress --set` takes.

    A `matched` arm is not compressed: it is a round of the dense training that `settings` ask
    for, chosen by the accuracy of `robust`.
    """

    name: str
    description: str
    settings: tuple[str, ...] = ()
    matched: bool = False


def preset(name: str) -> tuple[str, ...]:
    """A preset with every value that it stands for, so that the recipe's own ones give way."""
    values = presets.PRESETS[name]
    written = (f"compress.{key}={json.dumps(value)}" for key, value in values.items())
    return (f"compress.preset={name}", *written, NO_LIMIT)


ROBUST: Final = "robust"
RANDOM: Final = "random"
DENSE_EARLY: Final = "dense-early"
DEFENDED: Final = "robust+"
DEFENCES: Final = (
    "label-smoothing", "confidence-penalty", "relaxloss", "hamp", "ppb",
    "adversarial-regularisation", "distillation",
)  # fmt: skip
"""Those that go with any selection. DP-SGD must be asked for: it forbids choosing by members."""

NO_LIMIT: Final = "compress.leakage_limit=null"
DENSE: Final = (
    "sparse.density=1.0", "sparse.pattern=unstructured", "sparse.overrides={}",
    "sparse.schedule={shape: constant}",
)  # fmt: skip
SET: Final = ("compress.pool.drop=[magnitude]", "compress.pool.grow=[random]")
FIXED: Final = ("compress.selection=fixed", "compress.incumbent=false", "compress.halving=false")
PRUNED: Final = (
    "sparse.schedule={shape: one-shot, initial: 1.0, end: 0.5}",
    "compress.pool.grow=[none]",
)
TO_THE_END: Final = (
    "compress.keep=last", "compress.stop_early=0", "compress.average=none",
    "compress.recalibrate=0",
)  # fmt: skip

# Nothing is chosen by their tests, so that the quickest serves, and not the paper's.
UNCHOSEN: Final = (
    *preset("reference-code"),
    "compress.safety_tests=[class-wise-threshold]",
)

ARMS: Final = (
    Arm(ROBUST, "The recipe with the preset `robust`.", ("compress.preset=robust",)),
    Arm(
        RANDOM,
        "As `robust`, but the candidate of each round is drawn at random from the same pool.",
        ("compress.selection=random",),
    ),
    Arm(
        DENSE_EARLY,
        "The dense training stopped at the first round whose validation accuracy is that of the "
        "model that `robust` keeps.",
        DENSE,
        matched=True,
    ),
    Arm(
        "dense-early-objective",
        "The dense training's best round by the same objective as `robust`.",
        (*DENSE, "compress.keep=best"),
    ),
    Arm(
        "dense-early-plain",
        "Early stopping as anyone has it: the same, with the weights as they are, not averaged.",
        (*DENSE, "compress.keep=best", "compress.average=none", "compress.recalibrate=0"),
    ),
    Arm("dense", "Every weight alive, trained to the end.", (*DENSE, *TO_THE_END)),
    Arm(
        "prune-fine-tune",
        "Dense for half of training, pruned by magnitude at once, fine-tuned in the other half.",
        (*UNCHOSEN, *PRUNED),
    ),
    Arm(
        "set",
        "Fixed SET: drop by magnitude, grow at random, no selection, trained to the end. It is "
        "what the paper's public code runs.",
        UNCHOSEN,
    ),
    Arm(
        "set-early",
        "Fixed SET, its best round kept by the same objective as `robust`.",
        (*FIXED, *SET, "compress.keep=best"),
    ),
    Arm(
        "rigl",
        "Fixed RigL: drop by magnitude, grow by gradient, no selection, trained to the end.",
        (*UNCHOSEN, "compress.pool.grow=[gradient]"),
    ),
    Arm(
        "accuracy-only",
        "As `robust`, but candidates and rounds are chosen by validation accuracy alone.",
        ("compress.objective=accuracy", NO_LIMIT),
    ),
    Arm(
        "safety-only",
        "As `robust`, but candidates and rounds are chosen by the safety tests alone.",
        ("compress.objective=safety", NO_LIMIT),
    ),
    Arm(
        "paper",
        "The paper's loop: one attacker a round on the current model, the best TM-score goes on.",
        preset("paper"),
    ),
)

NEEDED_BY: Final = {
    # The dense baseline is what it teaches from.
    "distillation": ("compress.dense_baseline=true",),
    # Whatever looks at members without noise would void its guarantee.
    "dp-sgd": (
        "compress.objective=accuracy",
        "compress.stop_early=0",
        "compress.pool.drop=[magnitude]",
        "compress.pool.grow=[random]",
    ),
}
"""What a defence needs besides its name."""

CONTROLS: Final = tuple(arm.name for arm in ARMS if arm.name != ROBUST)
PRIMARY: Final = (DENSE_EARLY, RANDOM)
"""The controls that the claim rests on: it beats stopping in time, and it beats chance."""


def chosen(names: Sequence[str]) -> tuple[Arm, ...]:
    """The arms of these names, each once, in the order in which they are made.

    No name means every control, `robust`, and `robust` with each defence. `robust` is made
    first, since others are matched to it. Raises UsageError naming every unknown arm.
    """
    known = {arm.name: arm for arm in ARMS}
    wanted = tuple(dict.fromkeys(names or (*known, *(DEFENDED + name for name in DEFENCES))))
    problems = [
        Problem(name, "is not an arm of a study", f"choose from {', '.join(known)}, robust+DEFENCE")
        for name in wanted
        if name not in known and not _defence(name)
    ]
    if DENSE_EARLY in wanted and ROBUST not in wanted:
        problems.append(Problem(DENSE_EARLY, f"is matched to {ROBUST}", f"add --arms {ROBUST}"))
    if problems:
        raise UsageError(
            "these arms do not make a study",
            remedy="give --arms once for each, or leave it away for all",
            problems=problems,
        )
    found = [known.get(name) or defended(name) for name in wanted]
    return tuple(sorted(found, key=lambda arm: arm.name != ROBUST))


def defended(name: str) -> Arm:
    """`robust` with a training-time defence, which the recipe knows by its name."""
    defence = _defence(name)
    settings = (f"defence=[{{name: {defence}}}]", *NEEDED_BY.get(defence, ()))
    return Arm(name, f"As `robust`, with the defence {defence}.", settings)


def pairings(names: Sequence[str]) -> tuple[Pairing, ...]:
    """Which of these arms are held against which: `robust` against all, defended ones as well.

    A defended arm is held against `robust` and against what carries the claim.
    """
    found = [
        Pairing(ROBUST, control, control in PRIMARY)
        for control in (*PRIMARY, *(c for c in CONTROLS if c not in PRIMARY))
    ]
    for name in names:
        if _defence(name):
            found += [Pairing(name, control, primary=False) for control in (ROBUST, *PRIMARY)]
    return tuple(p for p in found if p.arm in names and p.control in names)


def _defence(name: str) -> str:
    return name.removeprefix(DEFENDED) if name.startswith(DEFENDED) else ""
