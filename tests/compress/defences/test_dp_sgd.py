"""What DP-SGD does to gradients, against the slow way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from sc_deploy.compress import state
from sc_deploy.compress.candidates import topology
from sc_deploy.compress.defences import budget
from sc_deploy.compress.defences.dp_sgd import PrivateGradients, quiet_hooks
from sc_deploy.compress.training import augmentation
from sc_deploy.compress.training.order import read
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job
    from sc_deploy.sparse.masks import Masks
    from tests.compress.defences.conftest import MakeDefended

CPU = torch.device("cpu")
# Any: settings as a recipe gives them.
DP: dict[str, Any] = {"name": "dp-sgd", "delta": 1e-3, "accountant": "rdp", "max_grad_norm": 0.5}


def network(seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1),
            nn.GroupNorm(2, 4),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(256, 4),
        )


class Bench:
    """One network whose gradients are made private, with the noise that was asked for."""

    def __init__(self, job: Job, masks: Masks | None = None) -> None:
        self.job = job
        self.masks = masks or {}
        self.module = network(1)
        optimizer = torch.optim.SGD(self.module.parameters(), lr=0.1)
        asked = budget.asked(job.recipe)
        assert asked is not None
        self.private = PrivateGradients(job, asked, self.module, optimizer)
        self.private.follow(self.masks)

    def gradients(self, step: int, *, scale: float = 1.0) -> dict[str, torch.Tensor]:
        self.private.clear()
        x, y = map(torch.from_numpy, read(self.job, self.private.rows(step)))
        with quiet_hooks():
            torch.autograd.backward(functional.cross_entropy(self.module(x * scale), y))
        self.private.privatise(step, self.masks)
        return self.found()

    def nobody(self, step: int) -> dict[str, torch.Tensor]:
        self.private.clear()
        self.private.absent()
        self.private.privatise(step, self.masks)
        return self.found()

    def found(self) -> dict[str, torch.Tensor]:
        grads = {name: weight.grad for name, weight in self.module.named_parameters()}
        return {name: grad.clone() for name, grad in grads.items() if grad is not None}


def clipped_slowly(job: Job, rows: Any, masks: Masks) -> dict[str, torch.Tensor]:
    """Sum of each sample's clipped gradient over the expected batch, one backward a sample."""
    module = network(1)
    total = {name: torch.zeros_like(weight) for name, weight in module.named_parameters()}
    for row in rows:
        x, y = map(torch.from_numpy, read(job, np.array([row])))
        module.zero_grad()
        torch.autograd.backward(functional.cross_entropy(module(x), y))
        grads = {name: weight.grad for name, weight in module.named_parameters()}
        alive = {n: g * masks.get(n, 1.0) for n, g in grads.items() if g is not None}
        norm = torch.stack([grad.norm() for grad in alive.values()]).norm()
        for name, grad in alive.items():
            total[name] += grad * min(1.0, 0.5 / (norm.item() + 1e-6))
    return {name: value / job.recipe.train.batch_size for name, value in total.items()}


def private_job(defended: MakeDefended, **changes: Any) -> Job:
    return defended(DP | changes, factory=network, sparse={"density": 1.0})


@pytest.mark.parametrize("sparse", [False, True])
def test_what_is_under_the_noise_is_the_sum_of_clipped_gradients_of_the_living(
    defended: MakeDefended, sparse: bool
) -> None:
    job = private_job(defended)
    masks = {"4.weight": torch.rand(4, 256, generator=torch.Generator().manual_seed(1)) < 0.2}
    bench = Bench(job, masks if sparse else {})
    rows = bench.private.rows(3)
    found, noise = bench.gradients(3), bench.nobody(3)
    expected = clipped_slowly(job, rows, bench.masks)
    for name, value in expected.items():
        assert torch.allclose(found[name] - noise[name], value, atol=1e-5)


def test_noise_has_the_size_that_the_budget_asks_for(defended: MakeDefended) -> None:
    job = private_job(defended)
    asked = budget.asked(job.recipe)
    assert asked is not None
    noise = torch.cat([value.flatten() for value in Bench(job).nobody(5).values()])
    expected = budget.spent(job, asked).noise_multiplier * 0.5 / job.recipe.train.batch_size
    assert noise.std().item() == pytest.approx(expected, rel=0.1)
    assert abs(noise.mean().item()) < 5 * expected / len(noise) ** 0.5


def test_noise_is_another_at_each_step_and_for_each_topology_and_key(
    defended: MakeDefended,
) -> None:
    bench = Bench(job := private_job(defended))
    masked = Bench(job, {"4.weight": torch.ones(4, 256, dtype=torch.bool)})
    stranger = Bench(defended(DP, factory=network, roles={"key": "1" * 64}))
    draws = [bench.nobody(1), bench.nobody(2), masked.nobody(1), stranger.nobody(1)]
    flat = torch.stack([draw["4.weight"].flatten() for draw in draws])
    correlation = torch.corrcoef(flat) - torch.eye(4)
    assert correlation.abs().max() < 0.15
    assert torch.equal(bench.nobody(1)["4.weight"], draws[0]["4.weight"])


def test_noise_is_another_for_another_budget_and_for_other_members(defended: MakeDefended) -> None:
    """Released both, two models under common noise would show the gradients below it."""
    job = private_job(defended)
    frugal = private_job(defended, epsilon=4.0)
    fewer = replace(job, roles=replace(job.roles, digest="of one member less"))
    draws = [Bench(one).nobody(1)["4.weight"].flatten() for one in (job, frugal, fewer)]
    correlation = torch.corrcoef(torch.stack(draws)) - torch.eye(3)
    assert correlation.abs().max() < 0.15


def test_images_are_moved_by_the_secret(defended: MakeDefended) -> None:
    """How an image is moved depends on who else is in its batch, which nobody may learn."""
    moves: dict[str, Any] = {"augmentation": {"crop_padding": 2}}
    job = defended(DP, factory=network, sparse={"density": 1.0}, train=moves)
    other = replace(job, roles=replace(job.roles, digest="of one member less"))
    seeds = {Trainer(one, {}, CPU)._moves() for one in (job, other)}
    assert len(seeds) == 2
    assert augmentation.seed(job.recipe, 0) not in seeds


def test_noise_from_the_system_never_repeats(defended: MakeDefended) -> None:
    bench = Bench(private_job(defended, randomness="system"))
    assert not torch.equal(bench.nobody(1)["4.weight"], bench.nobody(1)["4.weight"])


def test_every_member_has_the_same_chance_of_every_step(defended: MakeDefended) -> None:
    bench = Bench(job := private_job(defended))
    drawn = [bench.private.rows(step) for step in range(400)]
    sizes = np.array([len(rows) for rows in drawn])
    # Binomial: 160 members at one in ten.
    assert abs(sizes.mean() - 16) < 5 * np.sqrt(14.4 / 400)
    assert 14.4 * 0.7 < sizes.var() < 14.4 * 1.3
    counts = np.bincount(np.concatenate(drawn), minlength=len(job.roles.role))
    assert set(np.flatnonzero(counts)) == set(job.members)
    assert counts[job.members].min() > 40 - 5 * np.sqrt(36)


def test_a_sample_whose_gradient_is_not_finite_counts_as_zero(defended: MakeDefended) -> None:
    bench = Bench(private_job(defended))
    found, noise = bench.gradients(3, scale=float("inf")), bench.nobody(3)
    assert all(torch.equal(found[name], noise[name]) for name in noise)


def test_private_training_repeats_and_resumes_to_the_same_bytes(defended: MakeDefended) -> None:
    job = private_job(defended)
    whole, half = (Trainer(job, topology.first_masks(job), CPU) for _ in range(2))
    other = Trainer(job, {}, CPU)
    with repeatable(CPU, threads=1):
        whole.train_to(12, Silent())
        half.train_to(5, Silent())
        other.restore(half.capture())
        other.train_to(12, Silent())
    assert state.encode(whole.capture()) == state.encode(other.capture())
