"""What loss does training descend, all defences of the recipe around it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from sc_deploy.compress.defences import adversarial
from sc_deploy.compress.defences.adversarial import AdversarialRegularisation
from sc_deploy.compress.defences.confidence_penalty import ConfidencePenalty
from sc_deploy.compress.defences.distillation import Distillation
from sc_deploy.compress.defences.hamp import Hamp
from sc_deploy.compress.defences.label_smoothing import LabelSmoothing
from sc_deploy.compress.defences.ppb import PairBasedPosteriorBalancing
from sc_deploy.compress.defences.relaxloss import RelaxLoss
from sc_deploy.compress.randomness import derive, generator
from sc_deploy.compress.training import augmentation, order
from sc_deploy.contracts import Role
from sc_deploy.recipe import defence as settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import nn

    from sc_deploy.compress.defences.adversarial import Outsiders
    from sc_deploy.compress.defences.defence import Batch, Defence, Learner
    from sc_deploy.compress.job import Job
    from sc_deploy.compress.state import Tensors
    from sc_deploy.compress.training.transfer import Transfer

INNERMOST_FIRST: Final = (
    "label-smoothing", "hamp", "relaxloss", "distillation", "confidence-penalty", "ppb",
    "adversarial-regularisation",
)  # fmt: skip
"""What sets the loss of the labels comes before what weighs it, and that before what adds to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """Cross entropy inside its defences; `learners` are those with a state, by name."""

    defences: tuple[Defence, ...]
    learners: Mapping[str, Learner]

    def __call__(self, batch: Batch) -> torch.Tensor:
        """The scalar to descend on this batch."""
        found = batch.cross_entropy()
        for defence in self.defences:
            found = defence.loss(batch, found)
        return found

    def learn(self, batch: Batch) -> None:
        """Let those that learn along learn from a batch that a step was just made on."""
        for learner in self.learners.values():
            learner.learn(batch)

    def capture(self) -> Tensors:
        """What was learned along, as `<defence>/<name>`, on the CPU."""
        return {
            f"{who}/{name}": value
            for who, learner in self.learners.items()
            for name, value in learner.capture().items()
        }

    def restore(self, extras: Tensors) -> None:
        """Put back what `capture` gave; what belongs to others is left alone."""
        for who, learner in self.learners.items():
            mine = {k.removeprefix(f"{who}/"): v for k, v in extras.items() if k.startswith(who)}
            learner.restore(mine)


def build(job: Job, module: nn.Module, transfer: Transfer, teacher: nn.Module | None) -> Loss:
    """The recipe's loss for training `module`.

    Distillation is left out where there is no teacher: the dense baseline is its own. So is
    adversarial regularisation where nobody is left for its attacker: a reference model has all
    reference samples as its members. DP-SGD is no loss: what it changes are the gradients.
    """
    built: dict[str, Defence] = {}
    learners: dict[str, Learner] = {}
    for asked in job.recipe.defence:
        if isinstance(asked, settings.AdversarialRegularisation):
            if len(job.roles.rows(Role.NON_MEMBER_REFERENCE)):
                built[asked.name] = learners[asked.name] = _adversary(job, asked, module, transfer)
        elif isinstance(asked, settings.Distillation):
            if teacher is not None:
                built[asked.name] = Distillation(
                    teacher, temperature=asked.temperature, strength=asked.strength
                )
        elif not isinstance(asked, settings.DpSgd):
            built[asked.name] = _stateless(asked)
    return Loss(tuple(built[n] for n in INNERMOST_FIRST if n in built), learners)


def _stateless(
    asked: settings.LabelSmoothing
    | settings.ConfidencePenalty
    | settings.RelaxLossDefence
    | settings.Hamp
    | settings.PosteriorBalancing,
) -> Defence:
    match asked:
        case settings.LabelSmoothing():
            return LabelSmoothing(asked.strength)
        case settings.ConfidencePenalty():
            return ConfidencePenalty(asked.strength)
        case settings.RelaxLossDefence():
            return RelaxLoss(asked.alpha)
        case settings.Hamp():
            return Hamp(asked.entropy, asked.strength)
        case settings.PosteriorBalancing():
            return PairBasedPosteriorBalancing(asked.strength)


def _adversary(
    job: Job,
    asked: settings.AdversarialRegularisation,
    module: nn.Module,
    transfer: Transfer,
) -> AdversarialRegularisation:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(derive(job.recipe.seed, "attacker"))
        attacker = adversarial.attacker(job.network.classes)
    outsiders = _outsiders(job, transfer)
    return AdversarialRegularisation(asked, module, outsiders, attacker.to(transfer.device))


def _outsiders(job: Job, transfer: Transfer) -> Outsiders:
    everyone = job.roles.rows(Role.NON_MEMBER_REFERENCE)
    size = min(job.recipe.train.batch_size, len(everyone))

    def draw(number: int) -> tuple[torch.Tensor, torch.Tensor]:
        stream = generator(job.recipe.seed, "outsiders", number)
        rows = everyone[torch.randperm(len(everyone), generator=stream)[:size].numpy()]
        x, labels = order.read(job, rows)
        # Moved about as members are, or the attacker would tell the two by their edges.
        seed = augmentation.seed(job.recipe, number)
        return augmentation.augmented(transfer(x), job.recipe, seed=seed), transfer(labels)

    return draw
