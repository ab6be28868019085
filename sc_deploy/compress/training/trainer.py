"""How a network is trained, step by step, its dead weights held at zero."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from sc_deploy.compress import channels, state
from sc_deploy.compress.candidates import topology
from sc_deploy.compress.defences import budget
from sc_deploy.compress.defences import loss as losses
from sc_deploy.compress.defences.defence import Batch
from sc_deploy.compress.defences.dp_sgd import PrivateGradients, quiet_hooks
from sc_deploy.compress.loss_traces import LossTraces
from sc_deploy.compress.processes import shares
from sc_deploy.compress.processes.batch_norms import join
from sc_deploy.compress.processes.sharded import placed, whole, whole_gradient
from sc_deploy.compress.processes.sharing import sharing
from sc_deploy.compress.randomness import derive
from sc_deploy.compress.training import augmentation, average, optimizer
from sc_deploy.compress.training.augmentation import Share
from sc_deploy.compress.training.class_weights import class_weights
from sc_deploy.compress.training.order import Order, read
from sc_deploy.compress.training.skips import Skips
from sc_deploy.compress.training.traces import Traces
from sc_deploy.compress.training.transfer import transfer
from sc_deploy.sparse import masks as masking
from sc_deploy.sparse.governed import governed
from sc_deploy.sparse.moments import keep_survivors

if TYPE_CHECKING:
    from torch import nn

    from sc_deploy.compress.job import Job
    from sc_deploy.compress.state import TrainingState
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.progress import Progress
    from sc_deploy.sparse.masks import Masks


class Trainer:
    """One network in training. What happens at a step depends on the state and the step alone.

    Processes that share data train copies of it side by side, or a shard each, every one on its
    share of every batch.
    """

    def __init__(
        self, job: Job, masks: Masks, device: torch.device, *, teacher: nn.Module | None = None
    ) -> None:
        """`teacher` is the dense model for distillation, on `device`."""
        self.job = job
        self.device = device
        self.step = 0
        self._ranks = sharing(job, "data")
        self._transfer = transfer(job.recipe.compress, device, self._ranks)
        self.module = self._transfer.network(join(job.factory(job.recipe.seed), self._ranks))
        self.optimizer = optimizer.build(self.module, job.recipe.train)
        self.governed = governed(self.module)
        self.masks: dict[str, torch.Tensor] = {}
        self.weights = dict(self.module.named_parameters())
        averaged = job.recipe.compress.average != "none"
        self.average = average.begin(self.weights) if averaged else {}
        self.skips = Skips()
        self.traces = Traces(topology.signals_kept(job))
        self._losses = LossTraces(job, device) if job.recipe.compress.loss_traces else None
        self._order = Order(job)
        self._class_weights = class_weights(job, device)
        self._loss = losses.build(job, self.module, self._transfer, teacher)
        dp = budget.asked(job.recipe)
        self._private = PrivateGradients(job, dp, self.module, self.optimizer) if dp else None
        self.move_to(masks)

    def capture(self) -> TrainingState:
        found = state.capture(
            self.step, self.module, self.optimizer, masks=self.masks, average=self.average
        )
        carried = {**self.told(), **self._loss.capture(), **self.traces.capture()}
        return replace(found, extras=carried)

    def told(self) -> dict[str, torch.Tensor]:
        """What is on record of the way here, for the extras of a state that may be returned."""
        recorded = {} if self._losses is None else self._losses.capture()
        return {**self.skips.capture(), **recorded}

    def restore(self, standing: TrainingState) -> None:
        state.restore(standing, self.module, self.optimizer)
        self.step = standing.step
        self._take_on(self._placed(standing.masks))
        self.average = self._placed(standing.average)
        self.skips = Skips.of(standing)
        self._loss.restore(standing.extras)
        self.traces.restore(standing.extras, self.weights)
        if self._losses is not None:
            self._losses.restore(standing.extras)

    def move_to(self, masks: Masks) -> None:
        """Take on new masks: nothing is remembered of grown weights, which start at zero.

        Those of a grown channel start so that it can learn (`channels.revive`).
        """
        new = self._placed(masks)
        survivors = {name: mask & self.masks.get(name, mask) for name, mask in new.items()}
        keep_survivors(self.optimizer, self.weights, survivors)
        masking.impose(self.weights, survivors)
        average.impose(self.average, survivors)
        before = self.masks or new
        self._take_on(new)
        channels.revive(self, before)
        self.traces.moved(new)

    def train_to(self, step: int, progress: Progress) -> None:
        """Train until `step` steps are done.

        A step whose loss or gradient is not finite changes no weight and is told of. Raises
        CompressionError at the third in a row.
        """
        self.module.train()
        while self.step < step:
            self._train_step(progress)
            self.step += 1
            self._remember()
            progress.advance()

    def dense_gradients(self) -> dict[str, torch.Tensor]:
        """Gradients of the governed weights, dead ones too, on the batch of the coming step.

        All rows of them, on the CPU where weights lie in shards. Leaves the trainer as it was:
        the running statistics of norms are put back. What is not finite counts as zero.
        With DP-SGD all are zero: nobody may look at them.
        """
        if self._private is not None:
            return {name: torch.zeros_like(weight) for name, weight in self.governed.items()}
        before = self.capture()
        self.module.train()
        self._backward(self._forward(self._order.rows(self.step)))
        gradients = {name: _finite(whole_gradient(w)) for name, w in self.governed.items()}
        self.restore(before)
        return gradients

    def _remember(self) -> None:
        if self.average:
            share = average.share(self.step, self.job.recipe.compress)
            average.follow(self.average, self.weights, share)

    def _train_step(self, progress: Progress) -> None:
        if self._private is not None:
            self._private_step(self._private)
            return
        rows, before = self._order.rows(self.step), _statistics(self.module)
        batch = self._forward(rows)
        self._trace(rows, batch)
        loss = self._backward(batch)
        self.traces.stepped(self.governed)
        self._mask_gradients()
        gradients = self._gradients()
        norm = whole(torch.nn.utils.get_total_norm(gradients))
        # One question to the device a step: each answer waits for it.
        if torch.isfinite(loss.detach() + norm):
            self._update(norm)
            self._loss.learn(batch)
            self.skips.end_streak()
        else:
            _put_back(self.module, before)
            self.skips.add(self.job, self.step, rows, progress)

    def _forward(self, rows: Int64) -> Batch:
        x, y = (self._transfer(array) for array in read(self.job, self._ranks.share(rows)))
        share = Share(self._ranks.share(np.arange(len(rows))), len(rows))
        x = augmentation.augmented(x, self.job.recipe, seed=self._moves(), share=share)
        self._seed_dropout()
        bfloat16 = self.job.recipe.compress.dtype == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=bfloat16):
            logits = self.module(x)
        epoch = self.step // self._order.steps_per_epoch
        return Batch(x, y, logits.float(), self.step, epoch, self._class_weights)

    def _backward(self, batch: Batch) -> torch.Tensor:
        """Fill the gradients; the loss. Both are those of the whole batch."""
        self.optimizer.zero_grad()
        part = len(batch.labels) / self.job.recipe.train.batch_size
        return shares.descend(self._ranks, self.module, self._loss(batch), part=part)

    def _update(self, norm: torch.Tensor) -> None:
        """One step of the optimizer; `norm` is that of all gradients together."""
        limit = self.job.recipe.train.clip_norm
        if limit is not None:
            torch.nn.utils.clip_grads_with_norm_(self.module.parameters(), limit, norm)
        rate = optimizer.learning_rate(self.step, self.job.recipe.train, steps=self.job.steps)
        optimizer.set_learning_rate(self.optimizer, rate)
        self.optimizer.step()

    def _private_step(self, private: PrivateGradients) -> None:
        private.clear()
        rows = private.rows(self.step)
        if len(rows):
            with quiet_hooks():
                batch = self._forward(rows)
                self._trace(rows, batch)
                self._backward(batch)
        else:
            private.absent()
        private.privatise(self.step, self.masks)
        self._mask_gradients()
        self._update(torch.nn.utils.get_total_norm(self._gradients()))

    def _trace(self, rows: Int64, batch: Batch) -> None:
        if self._losses is not None:
            self._losses.record(rows, batch)

    def _gradients(self) -> list[torch.Tensor]:
        return [p.grad for p in self.module.parameters() if p.grad is not None]

    def _moves(self) -> int:
        if self._private is None:
            return augmentation.seed(self.job.recipe, self.step)
        return self._private.drawn("augmentation", self.step)

    def _seed_dropout(self) -> None:
        """Dropout draws from torch's own generators, which `repeatable` puts back afterwards."""
        seed = (
            derive(self.job.recipe.seed, "step", self.step, *self._ranks.lot)
            if self._private is None
            else self._private.drawn("dropout", self.step)
        )
        torch.default_generator.manual_seed(seed)
        if self.device.type == "cuda":
            torch.cuda.manual_seed(seed)

    def _mask_gradients(self) -> None:
        # A dead weight at zero with no gradient and no momentum stays at zero, decay or not.
        for name, mask in self.masks.items():
            if (gradient := self.weights[name].grad) is not None:
                gradient.mul_(mask)

    def _placed(self, tensors: state.Tensors) -> dict[str, torch.Tensor]:
        """Copies, by the names of weights, that lie where the weights do."""
        return {name: placed(value, self.weights[name]) for name, value in tensors.items()}

    def _take_on(self, masks: dict[str, torch.Tensor]) -> None:
        self.masks = masks
        if self._private is not None:
            self._private.follow(masks)


def _finite(gradient: torch.Tensor) -> torch.Tensor:
    return torch.nan_to_num(gradient, nan=0.0, posinf=0.0, neginf=0.0)


def _statistics(module: nn.Module) -> list[torch.Tensor]:
    """Copies of all buffers: one forward pass on bad numbers spoils running statistics for good."""
    return [buffer.clone() for buffer in module.buffers()]


@torch.no_grad()
def _put_back(module: nn.Module, before: list[torch.Tensor]) -> None:
    for buffer, value in zip(module.buffers(), before, strict=True):
        buffer.copy_(value)
