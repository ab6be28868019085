"""How much does each scorer find with 1 to 64 reference models?

    python benchmarks/reference_power.py FOLDER [--targets 8] [--json]

FOLDER holds Fashion-MNIST as its four idx files. 65 small networks (50 principal components, 128
hidden units, scikit-learn) are each trained on a random half of 4,000 images. Some of them in turn
are the target, others its references: `both` takes them as they are, `outside` takes, for each
sample, as many that did not train on it. A quarter of the images calibrates, the rest is audited.
Mean AUC and TPR at 1 % FPR over the targets, in hundredths.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from sc_deploy.contracts import (
    AuditSet,
    CalibrationSet,
    Knowledge,
    Predictions,
    References,
)
from sc_deploy.privacy.attacks import ATTACKS
from sc_deploy.privacy.attacks.by_references import ReferenceAttack
from sc_deploy.privacy.attacks.loss import LossAttack
from sc_deploy.privacy.statistics.auc import auc
from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr

if TYPE_CHECKING:
    from sc_deploy.contracts import Attack
    from sc_deploy.contracts.arrays import Float32, Int64, UInt8

SAMPLES, MODELS, EPOCHS = 4000, 65, 40
BUDGETS = (1, 2, 4, 8, 16, 32, 64)
FPR = 0.01
BOTH, OUTSIDE = "both", "outside"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--targets", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    inputs, labels = images(options.folder)
    inside = np.random.default_rng(0).random((MODELS, SAMPLES)) < 0.5
    logits = np.stack([answers(inputs, labels, inside[k], seed=k) for k in range(MODELS)])
    found = power(labels, References(logits, inside), options.targets)
    print(json.dumps(found, indent=2) if options.json else table(found))


def images(folder: Path) -> tuple[Float32, Int64]:
    """50 principal components float32 [4000, 50] of unit variance, and labels."""
    pixels = values(folder / "train-images-idx3-ubyte.gz", skip=16).reshape(-1, 28 * 28)
    labels = values(folder / "train-labels-idx1-ubyte.gz", skip=8)
    reduced = PCA(50, whiten=True, random_state=0).fit_transform(pixels[:SAMPLES] / 255)
    return reduced.astype(np.float32), labels[:SAMPLES].astype(np.int64)


def values(path: Path, *, skip: int) -> UInt8:
    """The bytes of an idx file after its header of `skip` bytes."""
    return np.frombuffer(gzip.decompress(path.read_bytes())[skip:], np.uint8)


def answers(inputs: Float32, labels: Int64, trained: np.ndarray, *, seed: int) -> Float32:
    print(f"model {seed + 1} of {MODELS} …", file=sys.stderr)
    network = MLPClassifier((128,), batch_size=64, max_iter=EPOCHS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(inputs[trained], labels[trained])
    hidden = np.maximum(inputs @ network.coefs_[0] + network.intercepts_[0], 0)
    return (hidden @ network.coefs_[1] + network.intercepts_[1]).astype(np.float32)


def power(labels: Int64, models: References, targets: int) -> dict[str, dict[str, list[float]]]:
    """By scorer and budget, mean [AUC, TPR]; one that lacks references is left out."""
    found: dict[str, dict[str, list[float]]] = {}
    for budget in BUDGETS:
        for attack in (LossAttack(), *(a for a in ATTACKS if isinstance(a, ReferenceAttack))):
            for kind in (BOTH, OUTSIDE)[: 1 if 2 * budget >= MODELS else 2]:
                figures = [
                    figure
                    for target in range(targets)
                    if (figure := measured(attack, labels, models, (target, budget, kind)))
                ]
                if figures:
                    mean = np.mean(figures, axis=0).tolist()
                    found.setdefault(f"{attack.name}, {kind}", {})[str(budget)] = mean
    return found


def measured(
    attack: Attack, labels: Int64, models: References, case: tuple[int, int, str]
) -> list[float]:
    told, audit = game(labels, models, case)
    if isinstance(attack, ReferenceAttack) and attack.lacks(told.known):
        return []
    scores = attack.fit(told, seed=0).evaluate(audit)
    return [auc(*scores).value, tpr_at_fpr(*scores, fpr=FPR).value]


def game(
    labels: Int64, models: References, case: tuple[int, int, str]
) -> tuple[CalibrationSet, AuditSet]:
    """A model as the target, the next ones as its references."""
    target, budget, kind = case
    chosen = (target + 1 + np.arange(budget if kind == BOTH else 2 * budget)) % MODELS

    def side(rows: Int64) -> tuple[Predictions, Knowledge]:
        ids = np.zeros((len(rows), 32), np.uint8)
        known = References(models.logits[chosen][:, rows], models.inside[chosen][:, rows])
        known = known if kind == BOTH else outside(known, budget)
        return Predictions(models.logits[target][rows], labels[rows], ids), Knowledge(
            references=known
        )

    calibrates, member = np.arange(SAMPLES) % 4 == 0, models.inside[target]
    told = [side(np.flatnonzero(calibrates & is_in)) for is_in in (member, ~member)]
    asked = [side(np.flatnonzero(~calibrates & is_in)) for is_in in (member, ~member)]
    return (
        CalibrationSet(told[0][0], told[1][0], (told[0][1], told[1][1])),
        AuditSet(asked[0][0], asked[1][0], (asked[0][1], asked[1][1])),
    )


def outside(known: References, budget: int) -> References:
    """For each sample `budget` models that did not train on it first of all, of twice as many."""
    order = np.argsort(known.inside, axis=0, kind="stable")[:budget]
    columns = np.arange(known.inside.shape[1])
    return References(known.logits[order, columns], known.inside[order, columns])


def table(found: dict[str, dict[str, list[float]]]) -> str:
    lines = [f"{'':24}" + "".join(f"{budget:>12}" for budget in BUDGETS)]
    for name, rows in found.items():
        cells = [rows.get(str(budget)) for budget in BUDGETS]
        shown = [f"{100 * c[0]:.1f} / {100 * c[1]:.1f}" if c else "" for c in cells]
        lines.append(f"{name:24}" + "".join(f"{cell:>12}" for cell in shown))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
