"""How long does the attacking and measuring of an audit take, and how does ART fare beside it?

    python benchmarks/audit_speed.py [--samples 10000] [--references 64] [--repeats 3] [--json]

Each part in a fresh process on one thread, medians over repeats:

- `thresholds`: every attack that needs nothing but answers and trains nothing, on a source and an
  artifact: fitted, scored, AUC and its paired change, bands at two false-positive rates, and 2,000
  paired bootstrap replicates at each.
- `learned`: attacks that train something, on answers or on inputs, each fitted and scored once.
- `references`: the scorers over reference models, five times as many samples; from logits to
  log-odds, fitting, and scoring timed apart.
- `art`: adversarial-robustness-toolbox and our attacks on the same answers. It is no dependency:
  install it where this is to run, or this part says that it is not there.

CPU seconds are those of the process, whatever else the machine does.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.timed.beside_art import art
from benchmarks.timed.made_up import answers, beside, rounded
from benchmarks.timed.watch import Part, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sc_deploy.contracts import Attack
    from sc_deploy.contracts.arrays import Float64

FPRS = (0.01, 0.001)
CONFIDENCE = 0.9
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
LIMITS = {"thresholds": (5.0, 1024.0), "references": (2.0, None)}
"""CPU seconds (of the slowest scorer, for references) and peak MiB that must not be passed."""


def main() -> None:
    options = parsed()
    if options.worker:
        print(json.dumps(PARTS[options.worker](options)))
        return
    found: dict[str, list[Part]] = {part: [] for part in PARTS}
    for repeat in range(options.repeats):
        for part in PARTS:
            print(f"repeat {repeat + 1}, {part} …", file=sys.stderr)
            found[part].append(in_fresh_process(part, options))
    document = summary(found, options)
    print(json.dumps(document, indent=2) if options.json else table(document))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=10_000, help="of each side")
    parser.add_argument("--references", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worker", choices=PARTS, help=argparse.SUPPRESS)
    return parser.parse_args()


def in_fresh_process(part: str, options: argparse.Namespace) -> Part:
    sizes = ("--samples", str(options.samples), "--references", str(options.references))
    done = subprocess.run(
        [sys.executable, __file__, "--worker", part, *sizes],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, **dict.fromkeys(ONE_THREAD, "1")},
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def thresholds(options: argparse.Namespace) -> Part:
    import numpy as np

    calibration, audit = answers(options.samples)
    converted = [rounded(side) for side in (calibration, audit)]
    watch = Watch.start()
    known = list(attacks(learned=False))
    # Import all that is measured with.
    measure(*2 * ((np.arange(1000.0), np.arange(1000.0)),))
    part = {"imports": watch.read()}
    before, whole = peak(), Watch.start()
    for attack in known:
        watch = Watch.start()
        ours = attack.fit(calibration, seed=0).evaluate(audit)
        theirs = attack.fit(converted[0], seed=0).evaluate(converted[1])
        part[attack.name] = watch.read(auc=measure(ours, theirs))
    return {**part, "all": whole.read(peak=peak(), before=before)}


def measure(ours: tuple[Float64, Float64], theirs: tuple[Float64, Float64]) -> float:
    """Everything that an audit asks of the scores of two models; the AUC of the first."""
    from sc_deploy.privacy.statistics.auc import auc, auc_change
    from sc_deploy.privacy.statistics.bootstrap import tpr_change
    from sc_deploy.privacy.statistics.low_fpr import tpr_at_fpr

    found = [auc(*ours), auc(*theirs), auc_change(ours, theirs)]
    found += [tpr_at_fpr(*scores, fpr=fpr) for scores in (ours, theirs) for fpr in FPRS]
    found += [tpr_change(ours, theirs, fpr=fpr, seed=0) for fpr in FPRS]
    for estimate in found:
        estimate.rate(CONFIDENCE)
        estimate.p_above(0.5)
    return found[0].value


def learned(options: argparse.Namespace) -> Part:
    from sc_deploy.privacy.statistics.auc import auc

    calibration, audit = answers(options.samples)
    part = {}
    for attack in attacks(learned=True):
        watch = Watch.start()
        scores = attack.fit(calibration, seed=0).evaluate(audit)
        part[attack.name] = watch.read(auc=auc(*scores).value)
    return part


def attacks(*, learned: bool) -> Iterator[Attack]:
    """Attacks on answers alone that train nothing; or those that do, inputs at hand."""
    from sc_deploy.contracts import Channel
    from sc_deploy.privacy.attacks import ATTACKS

    for attack in ATTACKS:
        trains = attack.chance or bool(attack.needs)
        if attack.needs <= {Channel.INPUTS} and trains is learned:
            yield attack


def references(options: argparse.Namespace) -> Part:
    """Scorers on 5 x `samples` samples; `log-odds` is the way from logits to their table."""
    from sc_deploy.privacy.attacks import ATTACKS
    from sc_deploy.privacy.attacks.by_references import ReferenceAttack
    from sc_deploy.privacy.references.log_odds import read

    told = [read(*beside(options.samples // 4, options.references, seed)) for seed in (0, 1)]
    given = beside(5 * options.samples, options.references, seed=2)
    before, watch = peak(), Watch.start()
    asked = read(*given)
    part = {"log-odds": watch.read(peak=peak(), before=before)}
    for attack in (each for each in ATTACKS if isinstance(each, ReferenceAttack)):
        watch = Watch.start()
        scorer = attack.learn(*told)
        fitted = watch.read()["cpu"]
        watch = Watch.start()
        scorer(asked)
        part[attack.name] = watch.read(fit=fitted)
    return part


def peak() -> float:
    """Largest resident memory of this process so far, in MiB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024 * 1024 if sys.platform == "darwin" else 1024)


PARTS: dict[str, Callable[[argparse.Namespace], Part]] = {
    "thresholds": thresholds,
    "learned": learned,
    "references": references,
    "art": art,
}


def summary(found: dict[str, list[Part]], options: argparse.Namespace) -> dict[str, object]:
    parts = {part: medians(runs) for part, runs in found.items()}
    return {
        "schema_version": 1,
        "samples": options.samples,
        "references": options.references,
        "repeats": options.repeats,
        "platform": platform.platform(),
        "art_version": importlib.metadata.version("adversarial-robustness-toolbox")
        if parts["art"]
        else None,
        "parts": parts,
        "within": within(parts),
    }


def medians(runs: list[Part]) -> Part:
    return {
        name: {key: statistics.median(run[name][key] for run in runs) for key in values}
        for name, values in runs[0].items()
    }


def within(parts: dict[str, Part]) -> dict[str, bool]:
    """Whether the limits are kept, at the default sizes."""
    seconds, memory = LIMITS["thresholds"]
    whole = parts["thresholds"]["all"]
    each, _ = LIMITS["references"]
    return {
        "thresholds": whole["cpu"] <= seconds and (memory is None or whole["peak"] <= memory),
        "references": all(row["cpu"] <= each for row in parts["references"].values()),
    }


def table(document: dict[str, object]) -> str:
    parts = document["parts"]
    assert isinstance(parts, dict)
    lines = []
    for part, rows in parts.items():
        lines.append(f"{part}:" if rows else f"{part}: not installed")
        for name, values in rows.items():
            figures = "  ".join(f"{key} {value:.3f}" for key, value in values.items())
            lines.append(f"  {name:24}{figures}")
    lines.append(f"within limits: {document['within']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
