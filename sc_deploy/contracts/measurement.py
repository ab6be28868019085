"""What was measured: rates with their intervals, predictions with their origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sc_deploy.contracts.data import Role

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Float32, Int64, UInt8


@dataclass(frozen=True, slots=True)
class Rate:
    """A measured figure with its interval [low, high] at `confidence` (two-sided) from `n`."""

    value: float
    low: float
    high: float
    n: int
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of a bundle on a device: where the answers lie and what really computed them."""

    outputs: Path
    runtime: str
    version: str
    compute_unit: str
    latency_ms: Rate


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where predictions come from; stored as JSON beside the arrays."""

    schema_version: int
    role: Role
    roles_digest: str
    preprocessing_digest: str
    artifact_digest: str
    predictions_sha256: str
    runtime: str
    runtime_version: str
    compute_unit: str
    output_kind: str
    latency_ms: Rate | None


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Answers of one model on the samples of one role.

    `logits` float32 [N, C] before softmax, `labels` int64 [N], `sample_id` uint8 [N, 32].
    Pairing is by `sample_id`, never by order.
    """

    logits: Float32
    labels: Int64
    sample_id: UInt8


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What a safety test sees of a model on the samples of one role, row by row.

    `features` float32 [N, D] are the inputs of the last linear layer, so that the gradient of a
    sample's loss with respect to that layer is `(softmax - one_hot) x features`; None where no
    test asked for them or the network has no such layer. `reference` float32 [N, C] are the
    logits of a model of the same recipe that was trained on other samples; `attribute` int64 [N]
    is the sensitive attribute. None where the run has none.
    """

    predictions: Predictions
    features: Float32 | None = None
    reference: Float32 | None = None
    attribute: Int64 | None = None

    def take(self, rows: Int64) -> Observation:
        """The same of these rows int64 [k], in their order."""
        found = self.predictions
        return Observation(
            Predictions(found.logits[rows], found.labels[rows], found.sample_id[rows]),
            features=None if self.features is None else self.features[rows],
            reference=None if self.reference is None else self.reference[rows],
            attribute=None if self.attribute is None else self.attribute[rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Guesses:
    """Whether an attack guessed right, sample by sample, in groups that count alike.

    A membership attack has two groups, bool [n members] and bool [n non-members]; an attribute
    attack has one for each value of the attribute. Kept by sample, so that two candidates can be
    compared on the same samples. Every group holds at least one sample.
    """

    right: tuple[NDArray[np.bool_], ...]

    @property
    def accuracy(self) -> float:
        """Balanced accuracy on the scale of a coin: 1/2 is chance, whatever the groups are."""
        share = sum(float(group.mean()) for group in self.right) / len(self.right)
        chance = 1 / len(self.right)
        return 0.5 + 0.5 * (share - chance) / (1 - chance)


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to move a mask: how weights are dropped and how as many are grown."""

    drop: str
    grow: str

    def __str__(self) -> str:
        return f"{self.drop}/{self.grow}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sparse model that was tested in a round. `strategy` None is the unchanged incumbent.

    `safety` holds one attack accuracy for each safety test, by name. `chosen` goes on to the next
    round; `kept` is the one that is returned, or would be if training ended here. `stage` counts
    its exams: 1 for who was left out when the pool was halved. `averaged` says whether averaged
    weights were examined; `objective` is what it was worth among those it competed with.
    """

    round: int
    step: int
    strategy: Strategy | None
    density: float
    validation: Rate
    safety: tuple[tuple[str, Rate], ...]
    chosen: bool
    kept: bool = False
    stage: int = 1
    averaged: bool = False
    objective: float | None = None

    @property
    def attack_accuracy(self) -> float:
        """The strongest attack's accuracy, never below a coin's one half."""
        return max([0.5, *(rate.value for _, rate in self.safety)])

    @property
    def tm_score(self) -> float:
        """Task accuracy over attack accuracy (MIA-SafeCompress, TM-score); higher is better."""
        return self.validation.value / self.attack_accuracy


@dataclass(frozen=True, slots=True)
class Diverged:
    """A candidate that was left out of its round: its training, or its answers, were not finite.

    `step` is that of the fork, from which it was trained.
    """

    round: int
    step: int
    strategy: Strategy
    reason: str
