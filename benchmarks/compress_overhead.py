"""What does choosing among candidates cost, next to plain sparse training of the same steps?

    python benchmarks/compress_overhead.py [-c recipe.yaml] [--set KEY=VALUE] [--repeats 3] [--json]

Three ways, each in a fresh process, interleaved, medians over repeats:

- `plain`: sparse training with fixed masks, nothing tested.
- `robust`: the SafeCompress loop as the recipe has it, trained to the end.
- `paper-attack`: plain training, and at each round what the paper's public code does to test one
  model: a fresh neural attack for 100 epochs, which computes all logits anew in each epoch. A
  tenth of one such attack is measured; the other epochs and rounds do the same, and are added.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from sc_deploy.compress.job import Job
    from sc_deploy.compress.training.trainer import Trainer

ARMS = ("plain", "robust", "paper-attack")
ATTACK_EPOCHS = 100
MEASURED_EPOCHS = 10
ATTACK_BATCH = 128
RECIPE = Path(__file__).parents[1] / "docs/evidence/fashion-mnist-2500-flipped/recipe.yaml"
TO_THE_END = ("compress.stop_early=0", "compress.dense_baseline=false")


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: seconds of training and testing, samples forwarded, peak resident MiB.

    `cpu` are seconds of the processor, whatever else the machine does. `before` is the peak before
    training began: the interpreter, libraries and data.
    """

    seconds: float
    cpu: float
    trained: int
    examined: int
    peak: float
    before: float


def main() -> None:
    options = parsed()
    if options.worker:
        print(json.dumps(asdict(measure(options.worker, options.config, options.settings))))
        return
    found: dict[str, list[Measured]] = {arm: [] for arm in ARMS}
    for repeat in range(options.repeats):
        for arm in ARMS:
            print(f"repeat {repeat + 1}, {arm} …", file=sys.stderr)
            found[arm].append(in_fresh_process(arm, options))
    document = summary(found, options)
    print(json.dumps(document, indent=2) if options.json else table(document))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("-c", "--config", type=Path, default=RECIPE)
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worker", choices=ARMS, help=argparse.SUPPRESS)
    return parser.parse_args()


def in_fresh_process(arm: str, options: argparse.Namespace) -> Measured:
    settings = [part for setting in options.settings for part in ("--set", setting)]
    command = [sys.executable, __file__, "--worker", arm, "-c", str(options.config), *settings]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def measure(arm: str, config: Path, settings: list[str]) -> Measured:
    """Train one arm in this process and count."""
    from sc_deploy.compress.candidates import rounds
    from sc_deploy.compress.training.meter import Meter
    from sc_deploy.compress.training.surroundings import repeatable, require_device
    from sc_deploy.progress import Silent

    meter = Meter()
    job = meter.attach(job_of(config, settings))
    device = require_device(job.recipe.compress.device)
    before = peak()
    with repeatable(device, threads=job.recipe.compress.threads):
        trainer = trainer_of(job, device)
        if arm == "robust":
            seconds, cpu = taken(lambda: search(trainer))
        else:
            seconds, cpu = taken(lambda: trainer.train_to(job.steps, Silent()))
        if arm == "paper-attack":
            times = len(rounds.plan(job)) * ATTACK_EPOCHS // MEASURED_EPOCHS
            more, more_cpu = taken(lambda: attack(job, trainer))
            seconds, cpu = seconds + times * more, cpu + times * more_cpu
            meter.examined *= times
    return Measured(seconds, cpu, meter.trained, meter.examined, peak(), before)


def search(trainer: Trainer) -> None:
    """The SafeCompress loop, standings saved nowhere."""
    from sc_deploy.compress import loop
    from sc_deploy.progress import Silent

    loop.run(trainer, loop.begin(trainer.capture()), lambda _: None, Silent())


def taken(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor, that this takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def job_of(config: Path, settings: list[str]) -> Job:
    from sc_deploy.pipeline import jobs, problem
    from sc_deploy.tasks import roles

    asked = problem.load(config, overrides=[*settings, *TO_THE_END])
    return jobs.job_of(asked, roles.draw(asked.task, asked.recipe))


def trainer_of(job: Job, device: torch.device) -> Trainer:
    from sc_deploy.compress.candidates.topology import first_masks
    from sc_deploy.compress.training.trainer import Trainer

    return Trainer(job, first_masks(job), device)


def attack(job: Job, trainer: Trainer) -> float:
    """Accuracy of a fresh neural attack (Nasr et al. 2018) with all logits computed each epoch.

    Half of members and of non-members teach the attacker, the other half measure it, as in the
    paper's set-up (README of the public code).
    """
    import torch
    from torch.nn import functional

    classes = len(job.task.classes)
    attacker = Attacker(classes)
    optimizer = torch.optim.Adam(attacker.parameters(), lr=1e-3)
    best = 0.0
    for _ in range(MEASURED_EPOCHS):
        logits, labels, member = answers(job, trainer)
        order = torch.randperm(len(member))
        learn, judge = order[::2], order[1::2]
        for rows in learn.split(ATTACK_BATCH):
            guess = attacker(logits[rows], labels[rows])
            optimizer.zero_grad()
            functional.binary_cross_entropy_with_logits(guess, member[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            right = (attacker(logits[judge], labels[judge]) > 0) == (member[judge] > 0)
        best = max(best, float(right.float().mean()))
    return best


def answers(job: Job, trainer: Trainer) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Logits float32 [N, C], one-hot labels [N, C], membership [N], of members and others."""
    import numpy as np
    import torch
    from torch.nn import functional

    from sc_deploy.compress.answers import predict
    from sc_deploy.contracts import MEMBER_ROLES, NON_MEMBER_ROLES

    sides = [
        [predict(trainer.module, job.task, job.roles, role) for role in roles]
        for roles in (MEMBER_ROLES, NON_MEMBER_ROLES)
    ]
    both = [found for side in sides for found in side]
    logits = torch.from_numpy(np.concatenate([found.logits for found in both]))
    labels = torch.from_numpy(np.concatenate([found.labels for found in both]))
    inside, outside = (sum(len(found.labels) for found in side) for side in sides)
    member = torch.cat([torch.ones(inside), torch.zeros(outside)])
    return logits, functional.one_hot(labels, logits.shape[1]).float(), member


def Attacker(classes: int) -> torch.nn.Module:  # noqa: N802 (it makes an instance of its class)
    """Two branches, C-1024-512-64 for the answers and C-512-64 for the label, joined to one."""
    import torch
    from torch import nn

    def branch(*widths: int) -> nn.Sequential:
        layers = [
            part
            for before, after in pairwise(widths)
            for part in (nn.Linear(before, after), nn.ReLU())
        ]
        return nn.Sequential(*layers)

    class Joined(nn.Module):
        """The attack network of Nasr et al. (1807.05852)."""

        def __init__(self) -> None:
            super().__init__()
            self.answer = branch(classes, 1024, 512, 64)
            self.label = branch(classes, 512, 64)
            self.joined = nn.Sequential(branch(128, 256, 64), nn.Linear(64, 1))

        def forward(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            both = torch.cat([self.answer(logits), self.label(2 * labels - 1)], dim=1)
            guess: torch.Tensor = self.joined(both)
            return guess[:, 0]

    return Joined()


def peak() -> float:
    """Largest resident memory of this process so far, in MiB."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024 * 1024 if sys.platform == "darwin" else 1024)


def summary(found: dict[str, list[Measured]], options: argparse.Namespace) -> dict[str, object]:
    """Medians of each arm, and their ratios to plain training."""
    medians = {arm: median(runs) for arm, runs in found.items()}
    base = medians["plain"]
    return {
        "schema_version": 1,
        "config": options.config.name,
        "settings": options.settings,
        "repeats": options.repeats,
        "platform": platform.platform(),
        "arms": medians,
        "ratios": {
            arm: {
                "seconds": values["seconds"] / base["seconds"],
                "cpu": values["cpu"] / base["cpu"],
                "forwards": (values["trained"] + values["examined"]) / base["trained"],
                "peak": values["peak"] / base["peak"],
            }
            for arm, values in medians.items()
        },
        "runs": {arm: [asdict(run) for run in runs] for arm, runs in found.items()},
    }


def median(runs: list[Measured]) -> dict[str, float]:
    names = Measured.__slots__
    return {name: statistics.median(getattr(run, name) for run in runs) for name in names}


def table(document: dict[str, object]) -> str:
    arms, ratios = document["arms"], document["ratios"]
    assert isinstance(arms, dict)
    assert isinstance(ratios, dict)
    names = ("CPU seconds", "forwarded", "peak MiB", "CPU", "clock", "fwd", "mem")
    lines = [" " * 14 + "".join(f"{name:>13}" for name in names)]
    for arm, values in arms.items():
        forwarded = values["trained"] + values["examined"]
        ratio = ratios[arm]
        lines.append(
            f"{arm:14}{values['cpu']:13.2f}{forwarded:13,.0f}{values['peak']:13.0f}"
            + "".join(f"{ratio[name]:12.2f}x" for name in ("cpu", "seconds", "forwards", "peak"))
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
