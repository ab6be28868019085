"""Defences around the loss, in training."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch

from sc_deploy.compress import state
from sc_deploy.compress.answers import predict
from sc_deploy.compress.candidates import topology
from sc_deploy.compress.defences import loss
from sc_deploy.compress.defences.adversarial import AdversarialRegularisation
from sc_deploy.compress.training.surroundings import repeatable
from sc_deploy.compress.training.trainer import Trainer
from sc_deploy.compress.training.transfer import transfer
from sc_deploy.contracts import MEMBER_ROLES, Role
from sc_deploy.progress import Silent

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from sc_deploy.compress.job import Job
    from tests.compress.defences.conftest import MakeDefended

CPU = torch.device("cpu")
# Any: settings as a recipe gives them.
ADVERSARY: dict[str, Any] = {"name": "adversarial-regularisation", "learning_rate": 0.01}
WITHOUT_STRENGTH: list[dict[str, Any]] = [
    {"name": "label-smoothing", "strength": 0.0},
    {"name": "confidence-penalty", "strength": 0.0},
    {"name": "relaxloss", "alpha": 0.0},
    {"name": "hamp", "entropy": 0.0, "strength": 0.0},
    {"name": "ppb", "strength": 0.0},
    ADVERSARY | {"strength": 0.0},
    {"name": "distillation", "strength": 0.0},
]
EASING: list[dict[str, Any]] = [
    {"name": "label-smoothing", "strength": 0.3},
    {"name": "confidence-penalty", "strength": 0.5},
    {"name": "relaxloss", "alpha": 1.0},
    {"name": "hamp", "entropy": 0.7},
    {"name": "ppb"},
    ADVERSARY,
]


def name_of(defence: dict[str, Any]) -> str:
    return str(defence["name"])


def trained(job: Job, steps: int, teacher: nn.Module | None = None) -> Trainer:
    trainer = Trainer(job, topology.first_masks(job), CPU, teacher=teacher)
    with repeatable(CPU, threads=1):
        trainer.train_to(steps, Silent())
    return trainer


def weights(trainer: Trainer) -> bytes:
    found = trainer.capture()
    return state.encode(replace(found, step=0, moments={}, extras={}))


@pytest.mark.parametrize("defence", WITHOUT_STRENGTH, ids=name_of)
def test_a_defence_without_strength_changes_not_one_byte(
    defended: MakeDefended, defence: dict[str, Any]
) -> None:
    job = defended(defence)
    assert weights(trained(job, 25, job.factory(9))) == weights(trained(defended(), 25))


def mean_loss(trainer: Trainer, *roles: Role) -> float:
    job = trainer.job
    total, count = 0.0, 0
    for role in roles:
        found = predict(trainer.module, job.task, job.roles, role)
        logits, labels = torch.from_numpy(found.logits), torch.from_numpy(found.labels)
        total += torch.nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        count += len(labels)
    return total / count


def gap(trainer: Trainer) -> float:
    """How much better the network knows members than others: what attacks live on."""
    outside = mean_loss(trainer, Role.NON_MEMBER_SEARCH, Role.NON_MEMBER_AUDIT)
    return outside - mean_loss(trainer, *MEMBER_ROLES)


OVERFITTING: dict[str, Any] = {"epochs": 40, "learning_rate": 0.05, "weight_decay": 0.0}


@pytest.mark.slow
def test_every_defence_narrows_the_gap_of_an_overfitted_network(defended: MakeDefended) -> None:
    plain = gap(trained(job := defended(train=OVERFITTING), job.steps))
    assert plain > 0.8
    for defence in EASING:
        eased = gap(trained(defended(defence, train=OVERFITTING), job.steps))
        assert eased < 0.8 * plain, defence["name"]


def attack_auc(trainer: Trainer) -> float:
    """How often a member has the smaller loss of a pair: one half is no leak."""
    job, losses = trainer.job, []
    for role in (Role.MEMBER_AUDIT, Role.NON_MEMBER_SEARCH):
        found = predict(trainer.module, job.task, job.roles, role)
        logits, labels = torch.from_numpy(found.logits), torch.from_numpy(found.labels)
        losses.append(torch.nn.functional.cross_entropy(logits, labels, reduction="none"))
    return (losses[0][:, None] < losses[1][None]).float().mean().item()


def test_relaxloss_takes_the_edge_off_the_loss_attack(defended: MakeDefended) -> None:
    job = defended(train=OVERFITTING)
    relaxed = defended({"name": "relaxloss", "alpha": 1.0}, train=OVERFITTING)
    plain, eased = attack_auc(trained(job, job.steps)), attack_auc(trained(relaxed, job.steps))
    assert plain > 0.62
    assert eased < plain - 0.06


def test_defences_go_together_and_the_order_of_the_recipe_does_not_count(
    defended: MakeDefended,
) -> None:
    pair: list[dict[str, Any]] = [{"name": "ppb"}, {"name": "label-smoothing"}]
    one, other = trained(defended(*pair), 12), trained(defended(*reversed(pair)), 12)
    assert weights(one) == weights(other) != weights(trained(defended(pair[0]), 12))


def test_training_against_an_attacker_in_two_pieces_equals_training_in_one(
    defended: MakeDefended,
) -> None:
    job = defended(ADVERSARY)
    whole, half = trained(job, 18), trained(job, 7)
    other = Trainer(job, {}, CPU)
    other.restore(state.decode(state.encode(half.capture()), step=7))
    with repeatable(CPU, threads=1):
        other.train_to(18, Silent())
    assert state.encode(whole.capture()) == state.encode(other.capture())


def test_the_attacker_meets_outsiders_moved_about_as_members_are(defended: MakeDefended) -> None:
    still = defended(ADVERSARY | {"strength": 0.0})
    moving = defended(ADVERSARY, train={"augmentation": {"crop_padding": 2, "flip": True}})
    drawn = []
    for job in (still, moving):
        trainer = trained(job, 0)
        learner = loss.build(job, trainer.module, transfer(job.recipe.compress, CPU), None).learners
        adversary = learner["adversarial-regularisation"]
        assert isinstance(adversary, AdversarialRegularisation)
        drawn.append(adversary._outsiders(3))
    (as_they_are, labels), (moved, same) = drawn
    assert torch.equal(labels, same)
    assert not torch.equal(as_they_are, moved)


def test_a_teacher_changes_what_is_learned(
    defended: MakeDefended, make_job: Callable[..., Job]
) -> None:
    job = defended({"name": "distillation"})
    teacher = trained(make_job(), 40).module
    assert weights(trained(job, 12, teacher)) != weights(trained(job, 12))
