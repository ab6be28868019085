"""How do candidates compete?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from sc_deploy.recipe import presets
from sc_deploy.recipe.fields import Count, EachOnce, Names
from sc_deploy.userfile import Strict

if TYPE_CHECKING:
    from collections.abc import Iterator

NotNegative = Annotated[int, Field(ge=0)]
DropName = Literal["magnitude", "threshold", "taylor", "set", "loss-gap"]
GrowName = Literal[
    "gradient", "random", "random-unfired", "gradient-low", "momentum", "gap-averse", "none"
]


class PoolSection(Strict):
    """The candidates of each round: every drop with every grow."""

    drop: Annotated[tuple[DropName, ...], EachOnce] = Field(
        ("magnitude", "threshold"),
        min_length=1,
        description="Ways to choose what goes. `magnitude`: the smallest weights of each layer. "
        "`threshold`: those below one quantile over all layers. `taylor`: the smallest (weight x "
        "gradient)^2. `set`: the closest to zero of either sign. `loss-gap`: what moves the gap "
        "between the losses of members and non-members most (search samples).",
    )
    grow: Annotated[tuple[GrowName, ...], EachOnce] = Field(
        ("gradient", "random"),
        min_length=1,
        description="Ways to choose what comes. `gradient`: the largest gradients. `random`. "
        "`random-unfired`: random, never alive before. `gradient-low`: the smallest gradients, as "
        "the paper's public code has it. `momentum`: the largest mean gradients over steps. "
        "`gap-averse`: large gradients on non-members that members share (search samples). "
        "`none`: nothing, while density falls.",
    )


class CompressSection(Strict):
    """The SafeCompress loop: train, fork the pool, test, keep the best."""

    preset: Literal["robust", "paper", "reference-code"] = Field(
        "robust",
        description="Gives every setting below that is not written here. `robust`: the method with "
        "its faults mended. `paper`: one attacker a round, no probation, the last state. "
        "`reference-code`: what the paper's public code runs, one fixed pair and no selection.",
    )
    device: Literal["cpu", "cuda"] = Field("cpu", description="Where training runs.")
    dtype: Literal["float32", "bfloat16"] = Field(
        "float32", description="Autocast of training; weights stay float32."
    )
    memory_format: Literal["auto", "contiguous", "channels-last"] = Field(
        "auto",
        description="How image tensors lie in memory while training; `auto` is channels-last on "
        "CUDA, where convolutions in bfloat16 are faster for it, and contiguous on the CPU.",
    )
    parallel: Literal["data", "candidates"] = Field(
        "data",
        description="What several processes share, where `accelerate launch` or torchrun starts "
        "more than one. `data`: each step's batch. `candidates`: those of a round, and with them "
        "the dense baseline and the reference model.",
    )
    threads: Count = Field(1, description="CPU threads; part of what makes bytes repeatable.")
    update_every: Count = Field(200, description="Training steps between two rounds.")
    probation: NotNegative = Field(
        8,
        description="Steps each candidate trains before it is tested, on common batches. With 0, "
        "ways of growing cannot be told apart: what is grown starts at zero.",
    )
    incumbent: bool = Field(
        True, description="The unchanged model competes too, and stays unless it is clearly beaten."
    )
    halving: bool = Field(
        True,
        description="Successive halving: all train half of the probation, and only the better "
        "half of the pool trains the rest.",
    )
    attacker: Literal["each", "shared"] = Field(
        "each",
        description="Simulated attackers are fitted afresh on each candidate (cross-fitted), or "
        "once a round on the model before its update and shared by all.",
    )
    recalibrate: NotNegative = Field(
        4,
        description="Batches of members that make the running statistics of batch norms anew "
        "before each exam; 0 leaves them stale.",
    )
    selection: Literal["objective", "random", "fixed"] = Field(
        "objective",
        description="How a round's candidate is picked: by the objective; by lot, as a control; "
        "or always the single pair of the pool.",
    )
    objective: Literal["tm-score", "pareto", "constrained", "accuracy", "safety"] = Field(
        "tm-score",
        description="What is better. `tm-score`: accuracy over attack accuracy. `pareto`: nearest "
        "to the best accuracy and the least attack accuracy of the pool. `constrained`: accuracy "
        "among those within the leakage limit. `accuracy`, `safety`: one of them alone, as "
        "controls.",
    )
    accuracy: Literal["plain", "balanced"] = Field(
        "plain",
        description="The performance test: share of right answers, or its mean over the classes, "
        "so that rare classes count as much as frequent ones.",
    )
    leakage_limit: Annotated[float, Field(ge=0.5, le=1.0)] | None = Field(
        None,
        description="For `constrained`: what the upper bound (one-sided 95 %) of the strongest "
        "attack's accuracy may reach, corrected for the number of candidates in the comparison.",
    )
    switch_confidence: Annotated[float, Field(ge=0.5, lt=1.0)] = Field(
        0.9,
        description="One-sided confidence, by paired bootstrap, that a candidate must be better "
        "with before it takes the incumbent's place; 0.5 takes any gain.",
    )
    keep: Literal["best", "last"] = Field(
        "best", description="Return the best state of all rounds by the objective, or the last."
    )
    stop_early: NotNegative = Field(
        3,
        description="End training after so many rounds in a row that leak more than the best one, "
        "beyond noise, and are no better; 0 never does.",
    )
    average: Literal["none", "ema", "polynomial"] = Field(
        "polynomial",
        description="What is tested and kept: the weights as they are; their exponential moving "
        "average; or an average over a fixed share of training so far.",
    )
    average_decay: Annotated[float, Field(gt=0.0, lt=1.0)] = Field(
        0.99, description="For `ema`: what the average keeps of itself at each step."
    )
    average_span: Annotated[float, Field(gt=0.0, le=1.0)] = Field(
        1.0, description="For `polynomial`: the share of training so far that is remembered."
    )
    dense_baseline: bool = Field(
        True, description="Train the dense network too, to show what compression changed."
    )
    loss_traces: bool = Field(
        False,
        description="Record the loss of each member at every epoch (compressed/loss_traces.npz, "
        "a secret). The audit then says how much the members leak whose loss moved most.",
    )
    pool: PoolSection = Field(PoolSection(), description="Drop and grow operators.")
    safety_tests: Names = Field(
        ("class-wise-threshold", "loss-threshold"),
        min_length=1,
        description="Simulated attacks on candidates, the strongest counts: docs/safety-tests.md.",
    )

    # Any: what the user wrote, before it is checked.
    @model_validator(mode="before")
    @classmethod
    def _expanded(cls, settings: Any) -> Any:
        return presets.expand(settings) if isinstance(settings, dict) else settings

    @model_validator(mode="after")
    def _sensible(self) -> CompressSection:
        if wrong := list(self._contradictions()):
            raise ValueError("; ".join(wrong))
        return self

    def implied(self) -> frozenset[str]:
        """Names of the settings that have just the value which the preset gives them."""
        return presets.implied(self.preset, self.model_dump(mode="json"))

    def _contradictions(self) -> Iterator[str]:
        pairs = len(self.pool.drop) * len(self.pool.grow)
        if self.probation and self.probation >= self.update_every:
            yield "probation must be shorter than update_every"
        if self.halving and self.probation < 2:
            yield "halving splits the probation: set probation to 2 or more, or halving: false"
        if (self.objective == "constrained") != (self.leakage_limit is not None):
            yield "objective constrained and leakage_limit need each other"
        if self.selection == "fixed" and (pairs > 1 or self.incumbent):
            yield "selection fixed needs a pool of one pair and incumbent: false"
        if self.stop_early and self.keep == "last":
            yield "stop_early needs keep: best, for it stops after the best state"
        if self.average != "none" and not self.recalibrate:
            yield "an average needs recalibrate: running statistics are those of other weights"
