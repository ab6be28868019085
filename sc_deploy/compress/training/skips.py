"""Which updates were skipped because their loss or gradient was not finite?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from sc_deploy.errors import CompressionError, Problem

if TYPE_CHECKING:
    from sc_deploy.compress.job import Job
    from sc_deploy.compress.state import Tensors, TrainingState
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.progress import Progress

PATIENCE: Final = 3
NAMED: Final = 4
EXTRA: Final = "skips/total-and-streak"


@dataclass(slots=True)
class Skips:
    """How many updates were skipped on this path of training, and how many of them just now."""

    total: int = 0
    streak: int = 0

    def add(self, job: Job, step: int, rows: Int64, progress: Progress) -> None:
        """Count a skipped update and tell of it. Raises CompressionError at the third in a row."""
        self.total += 1
        self.streak += 1
        place = f"step {step + 1} (epoch {step // job.steps_per_epoch + 1})"
        if self.streak < PATIENCE:
            progress.say(f"{place}: the loss or a gradient is not finite; the update was skipped")
            return
        rate = job.recipe.train.learning_rate
        raise CompressionError(
            f"training diverged: the loss or a gradient was not finite {PATIENCE} steps in a row, "
            f"the last at {place}",
            remedy=f"lower train.learning_rate (it is {rate:g}), set train.clip_norm, or look for "
            "extreme values in the preprocessed samples with those ids, whose positions are in "
            "compressed/roles.npz; then begin anew with --overwrite",
            # Apart: what is told of a candidate elsewhere names no sample.
            problems=(Problem("batch", _named(job, rows), "look at these samples first"),),
        )

    def end_streak(self) -> None:
        self.streak = 0

    def capture(self) -> Tensors:
        """The counts for a training state's extras, int64 [2]; nothing where all is well."""
        return {EXTRA: torch.tensor([self.total, self.streak])} if self.total else {}

    @classmethod
    def of(cls, standing: TrainingState) -> Skips:
        """The counts that a training state was captured with."""
        counts = standing.extras.get(EXTRA)
        return cls() if counts is None else cls(*counts.tolist())


def _named(job: Job, rows: Int64) -> str:
    """A batch by the ids of its samples, which are keyed hashes: they tell nobody its content."""
    ids = [row.tobytes().hex()[:12] for row in job.roles.sample_id[rows[:NAMED]]]
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return f"{len(rows)} samples with ids {', '.join(ids)}{more}"
