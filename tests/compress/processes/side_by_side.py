"""One of several processes of a test: joins the others, does what the test names, ends with them.

`python side_by_side.py SCENE,SCENE FOLDER`, in the environment that a launcher sets.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn
from torch.distributed.tensor import DTensor

sys.path.insert(0, str(Path(__file__).parents[3]))

from sc_deploy.compress import stage
from sc_deploy.compress.job import Job
from sc_deploy.compress.processes import launch, shares
from sc_deploy.compress.processes.ranks import PLAIN, Ranks
from sc_deploy.compress.processes.sharing import require_same
from sc_deploy.compress.safety import CLASS_WISE_THRESHOLD, RMIA
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.errors import CompressionError, ExitCode, ScDeployError
from sc_deploy.progress import Silent
from sc_deploy.recipe.defence import Distillation
from sc_deploy.workspace import RunFolder
from tests.compress.conftest import CLASSES, planted_job

# Any: settings as a test writes them.
DATA: Final[dict[str, Any]] = {"parallel": "data", "average": "none", "recalibrate": 0}
GAP: Final[dict[str, Any]] = {
    "pool": {"drop": ["magnitude", "loss-gap"], "grow": ["gradient", "gap-averse", "momentum"]}
}


SIGNALS: Final[dict[str, Any]] = {
    "pool": {"drop": ["loss-gap"], "grow": ["gradient", "momentum", "random-unfired"]},
    "update_every": 15,
    "probation": 4,
    "dense_baseline": False,
}
"""With averaged weights, and every kind of signal."""
SHORT: Final[dict[str, Any]] = {
    "pool": {"drop": ["magnitude"], "grow": ["gradient"]},
    "update_every": 8,
    "probation": 3,
    "recalibrate": 2,
}


class Exact(nn.Module):
    """A network without norms or dropout that computes in float64."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 8, 3, padding=1)
        self.hidden = nn.Linear(128, 32)
        self.answer = nn.Linear(32, CLASSES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.max_pool2d(torch.relu(self.convolution(x.to(self.answer.weight.dtype))), 2)
        found: torch.Tensor = self.answer(torch.relu(self.hidden(x.flatten(1))))
        return found


def exact(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return Exact().double()


class InDouble(nn.Module):
    """Blocks that compute in float64; 33 rows cannot be shared evenly."""

    def __init__(self, *, norms: bool) -> None:
        super().__init__()
        across = nn.BatchNorm2d(8) if norms else nn.Identity()
        along = nn.BatchNorm1d(33, momentum=None) if norms else nn.Identity()
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), across, nn.ReLU(), nn.MaxPool2d(2)),
                nn.Sequential(nn.Flatten(), nn.Linear(128, 33), along, nn.ReLU()),
            ]
        )
        self.answer = nn.Linear(33, CLASSES)
        self.double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.to(self.answer.weight.dtype)
        for block in self.blocks:
            x = block(x)
        found: torch.Tensor = self.answer(x)
        return found


def in_double(seed: int, *, norms: bool = False) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return InDouble(norms=norms)


def blocks_job() -> Job:
    moves = {"augmentation": {"crop_padding": 1, "flip": True}}
    adam = {"optimizer": "adam", "learning_rate": 0.003, "clip_norm": 1.0, "epochs": 4}
    return planted_job(in_double, train=moves | adam, compress=SIGNALS)


def norms_job() -> Job:
    """With batch norms, a teacher and a reference model."""
    job = planted_job(partial(in_double, norms=True), train={"epochs": 2}, compress=SHORT)
    recipe = job.recipe.model_copy(update={"defence": (Distillation(name="distillation"),)})
    return replace(job, recipe=recipe, safety_tests=(CLASS_WISE_THRESHOLD, RMIA))


def data_job() -> Job:
    moves = {"augmentation": {"crop_padding": 1, "flip": True}}
    return planted_job(exact, train=moves, compress=DATA | GAP)


def candidates_job() -> Job:
    """The usual network, with batch norm and dropout."""
    return planted_job(compress={"parallel": "candidates"})


def _compress(job: Job, ranks: Ranks, folder: Path) -> None:
    job = replace(job, ranks=ranks)
    if ranks.first:
        stage.compress(job, RunFolder(folder), resume=True, progress=Silent())
    else:
        stage.assist(job, Silent())


def data(ranks: Ranks, folder: Path) -> None:
    _compress(data_job(), ranks, folder)


def blocks(ranks: Ranks, folder: Path) -> None:
    _compress(blocks_job(), ranks, folder)


def norms(ranks: Ranks, folder: Path) -> None:
    _compress(norms_job(), ranks, folder)


def sharded(ranks: Ranks, folder: Path) -> None:
    """Of several processes each holds a shard, and about half of everything is in it."""
    ranks = replace(ranks, sharded=True)
    trainer = Trainer(replace(blocks_job(), ranks=ranks), {}, torch.device("cpu"))
    trainer.train_to(1, Silent())
    here = {"weights": 0, "gradients": 0, "moments": 0, "all": 0}
    for weight in trainer.module.parameters():
        assert isinstance(weight, DTensor)
        assert isinstance(weight.grad, DTensor)
        here["all"] += weight.numel()
        here["weights"] += weight.to_local().numel()
        here["gradients"] += weight.grad.to_local().numel()
        here["moments"] += trainer.optimizer.state[weight]["exp_avg_sq"].to_local().numel()
    (folder / f"held-{ranks.index}.json").write_text(json.dumps(here))
    _compress(blocks_job(), ranks, folder / "run")


def sharded_norms(ranks: Ranks, folder: Path) -> None:
    _compress(norms_job(), replace(ranks, sharded=True), folder)


class Dying(Silent):
    """kill -9 as soon as the first news of round 2 come in."""

    def advance(self, done: int = 1, *, note: str = "") -> None:
        if note.startswith("round 2"):
            os.kill(os.getpid(), signal.SIGKILL)


def killed(ranks: Ranks, folder: Path) -> None:
    """The second process is killed in round 2, unless there is something to go on from."""
    job = replace(blocks_job(), ranks=replace(ranks, sharded=True))
    begun = ranks.shared(0, lambda: bytes([(folder / "state").is_dir()]), PLAIN) == bytes([1])
    if ranks.first:
        stage.compress(job, RunFolder(folder), resume=begun, progress=Silent())
    else:
        stage.assist(job, Silent() if begun else Dying())


def candidates(ranks: Ranks, folder: Path) -> None:
    _compress(candidates_job(), ranks, folder)


class Interrupting(Silent):
    """Ctrl-C as soon as the first news of round 2 come in."""

    def advance(self, done: int = 1, *, note: str = "") -> None:
        if note.startswith("round 2"):
            raise KeyboardInterrupt


def resumed(ranks: Ranks, folder: Path) -> None:
    """One process compresses and is interrupted; two go on. The second never saw that folder."""
    if ranks.first:
        with pytest.raises(KeyboardInterrupt):
            stage.compress(
                candidates_job(), RunFolder(folder), resume=False, progress=Interrupting()
            )
    _compress(candidates_job(), ranks, folder)


def collectives(ranks: Ranks, folder: Path) -> None:
    """Every exchange once, with an answer that can be told in advance."""
    rows = np.arange(7)
    value = torch.full((2, 3, 4, 5), 1.0 + ranks.index).contiguous(
        memory_format=torch.channels_last
    )
    ranks.add({"value": value})
    assert value.eq(3.0).all()
    assert ranks.shared(1, f"from {ranks.index}".encode, PLAIN) == b"from 1"
    tasks = [f"{at} by {ranks.index}".encode for at in range(3)]
    assert ranks.spread(tasks, PLAIN) == [b"0 by 0", b"1 by 1", b"2 by 0"]
    assert ranks.differing(bytes([ranks.index]))
    assert not ranks.differing(b"same")
    assert ranks.shared(0, bytes, PLAIN) == b""
    shared = np.concatenate([Ranks(at, 2).share(rows) for at in range(2)])
    assert shared.tolist() == rows.tolist()
    (folder / f"{ranks.index}").write_text("done")


def told_failure(ranks: Ranks, folder: Path) -> None:
    """What one process fails at is told in all of them, and they go on."""

    def fail() -> bytes:
        raise CompressionError(f"failed in {ranks.index}", remedy="none")

    for found in (lambda: ranks.shared(1, fail, PLAIN), lambda: ranks.spread([bytes, fail], PLAIN)):
        with pytest.raises(CompressionError, match="failed in 1"):
            found()
    collectives(ranks, folder)


def gradients(ranks: Ranks, folder: Path) -> None:
    """Gradients and loss of a batch of 7, shared as 4 and 3; one weight is reached in one half."""
    torch.default_generator.manual_seed(1)
    module, unused, half = nn.Linear(3, 2), nn.Linear(1, 1), nn.Linear(1, 1)
    x, y = torch.randn(7, 3), torch.randint(2, (7,))
    rows = ranks.share(np.arange(7))
    loss = nn.functional.cross_entropy(module(x[rows]), y[rows])
    if ranks.index == 1:
        loss = loss + half(torch.ones(1)).sum() * 0.0
    found = shares.descend(ranks, nn.ModuleList([module, unused, half]), loss, part=len(rows) / 7)
    assert unused.weight.grad is None
    assert half.weight.grad is not None
    assert module.weight.grad is not None
    safetensors.torch.save_file(
        {"loss": found.reshape(1), "gradient": module.weight.grad}, folder / f"{ranks.index}"
    )


def raises(ranks: Ranks, folder: Path) -> None:
    """The second process fails while the first waits for it."""
    if ranks.index == 1:
        raise CompressionError("planted", remedy="none")
    ranks.shared(1, bytes, PLAIN)


def dies(ranks: Ranks, folder: Path) -> None:
    """The second process is killed while the first waits for it."""
    if ranks.index == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    ranks.shared(1, bytes, PLAIN)


def differ(ranks: Ranks, folder: Path) -> None:
    """One weight of one process is not what the first has."""
    job = data_job()
    trainer = Trainer(job, {}, torch.device("cpu"))
    standing = trainer.capture()
    require_same(ranks, lambda: standing, "at first")
    if ranks.index == 1:
        next(iter(trainer.weights.values())).data.view(-1)[0] += 1e-12
    require_same(ranks, trainer.capture, "later")


SCENES: Final[Mapping[str, Callable[[Ranks, Path], None]]] = {
    scene.__name__: scene
    for scene in (
        data, blocks, norms, sharded, sharded_norms, killed, candidates, resumed, collectives,
        told_failure, gradients, raises, dies, differ,
    )
}  # fmt: skip


def main(scenes: str, folder: str) -> int:
    launched = launch.join()
    code, said = ExitCode.OK, ""
    try:
        for scene in scenes.split(","):
            place = Path(folder) / scene
            place.mkdir(exist_ok=True)
            SCENES[scene](launched.ranks, place)
    except ScDeployError as error:
        code, said = error.exit_code, error.what
        sys.stderr.write(f"process {launched.ranks.index}: {error.what}\n")
    outcome = launched.end(code, said)
    sys.stderr.write(f"process {launched.ranks.index} learned of {outcome}\n")
    return outcome.code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
