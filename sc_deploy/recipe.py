"""What the user asks for: the data, the network, how to compress it, and where it will run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sc_deploy.userfile import Strict

Fraction = Annotated[float, Field(gt=0.0, lt=1.0)]
Count = Annotated[int, Field(ge=1)]
Amount = Count | Fraction


class TaskSection(Strict):
    """The classification problem."""

    name: str = Field(
        description="`digits` (comes with scikit-learn), `idx` (a folder in MNIST's layout), or "
        "`custom` with --trust-code on the command line."
    )
    path: str | None = Field(
        None, description="Folder of the data, for tasks that read one; relative to the recipe."
    )
    label_noise: Annotated[float, Field(ge=0.0, lt=1.0)] = Field(
        0.0,
        description="Share of labels replaced by another class at random, in every role but "
        "test. For experiments: it makes memorisation visible.",
    )


class Fractions(Strict):
    """How the members, and the non-members, are shared out among the attack roles."""

    search: Fraction = Field(0.15, description="Seen by safety tests while candidates compete.")
    reference: Fraction = Field(0.10, description="Population data; calibrates int8 ranges.")
    calibration: Fraction = Field(0.25, description="Fits attackers and freezes thresholds.")
    audit: Fraction = Field(0.50, description="Scored once a release, never for choosing.")

    @model_validator(mode="after")
    def _whole(self) -> Fractions:
        total = self.search + self.reference + self.calibration + self.audit
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"the four fractions must add up to 1, they add up to {total:.6g}")
        return self


class RolesSection(Strict):
    """Who is trained on and who is not. Amounts are counts (>= 1) or fractions of the pool."""

    key: str = Field(
        pattern=r"^[0-9a-f]{64}$",
        description="Secret of 32 bytes as 64 hex digits; draws the roles and keys the sample "
        "ids. Whoever has it and the data can tell who was trained on: keep it as such.",
    )
    members: Amount = Field(0.4, description="Samples to train on.")
    non_members: Amount = Field(0.4, description="Samples never trained on, for the attacks.")
    validation: Amount = Field(0.1, description="Chooses among candidates.")
    test: Amount = Field(0.1, description="Reports accuracy.")
    fractions: Fractions = Field(Fractions(), description="The attack roles within both sides.")


class NetworkSection(Strict):
    """The network to train."""

    name: str = Field(
        "small-cnn",
        description="`small-cnn`, `wide-cnn`, `resnet-20`, or `custom` for the network of a "
        "trusted task.",
    )
    weights: str | None = Field(
        None,
        description="Start from these weights instead of random ones: `.safetensors`, or a `.pt` "
        "state dict, read without unpickling code; relative to the recipe. Who trained them may "
        "have seen samples that pose as non-members here, so verdicts are INCONCLUSIVE.",
    )


class TrainSection(Strict):
    """Ordinary training: stochastic gradient descent with a cosine learning rate."""

    epochs: Count = Field(30, description="Passes over the members.")
    batch_size: Annotated[int, Field(ge=2)] = Field(64, description="Samples a step.")
    optimizer: Literal["sgd", "adam"] = Field("sgd", description="SGD with momentum, or Adam.")
    learning_rate: Annotated[float, Field(gt=0.0)] = Field(0.05, description="At the start.")
    momentum: Annotated[float, Field(ge=0.0, lt=1.0)] = Field(0.9, description="Of SGD.")
    weight_decay: Annotated[float, Field(ge=0.0)] = Field(1e-4, description="L2 penalty.")


class SparseSection(Strict):
    """The sparse topology."""

    density: Annotated[float, Field(gt=0.0, le=1.0)] = Field(
        0.10, description="Fraction of the governed weights that is kept."
    )
    distribution: Literal["erk", "uniform"] = Field(
        "erk", description="How density is shared among layers: Erdos-Renyi kernel, or equal."
    )
    drop_fraction: Fraction = Field(
        0.5, description="Share of a layer's weights moved by the first update; decays by cosine."
    )
    stop_at: Annotated[float, Field(gt=0.0, le=1.0)] = Field(
        0.75, description="Share of training after which the topology is left alone."
    )


class PoolSection(Strict):
    """The candidates of each round: every drop with every grow, and the unchanged incumbent."""

    drop: tuple[Literal["magnitude", "threshold"], ...] = Field(
        ("magnitude", "threshold"), min_length=1, description="Ways to choose what goes."
    )
    grow: tuple[Literal["gradient", "random"], ...] = Field(
        ("gradient", "random"), min_length=1, description="Ways to choose what comes."
    )


class CompressSection(Strict):
    """The SafeCompress loop: train, fork the pool, test, keep the best."""

    device: Literal["cpu", "cuda"] = Field("cpu", description="Where training runs.")
    dtype: Literal["float32", "bfloat16"] = Field(
        "float32", description="Autocast of training; weights stay float32."
    )
    threads: Count = Field(1, description="CPU threads; part of what makes bytes repeatable.")
    update_every: Count = Field(200, description="Training steps between two rounds.")
    probation: Count = Field(
        40, description="Steps each candidate trains before it is tested, on common batches."
    )
    keep: Literal["best", "last"] = Field(
        "best", description="Return the best state of all rounds by TM-score, or the last."
    )
    dense_baseline: bool = Field(
        True, description="Train the dense network too, to show what compression changed."
    )
    pool: PoolSection = Field(PoolSection(), description="Drop and grow operators.")
    safety_tests: tuple[str, ...] = Field(
        ("class-wise-threshold",), min_length=1, description="Simulated attacks on candidates."
    )


class ExportSection(Strict):
    """What to build from the compressed model."""

    targets: tuple[str, ...] = Field(
        ("android", "onnx"), min_length=1, description="Places of deployment."
    )
    precisions: tuple[Literal["fp32", "int8"], ...] = Field(
        ("fp32",), min_length=1, description="Number formats, each its own artifact."
    )
    quantization_samples: Annotated[int, Field(ge=16)] = Field(
        256, description="Members of the reference role that choose the integer ranges."
    )


class AuditSection(Strict):
    """Where the artifacts are run and questioned."""

    device: str = Field("local", description="`local`: a fresh process on this host.")


class Recipe(Strict):
    """One run from data to verdict."""

    schema_version: Literal[1] = Field(1, description="Version of this file's layout.")
    seed: Annotated[int, Field(ge=0, lt=2**32)] = Field(
        0, description="Of all randomness but the roles. Same seed, same bytes on the CPU."
    )
    task: TaskSection = Field(description="The data.")
    roles: RolesSection = Field(description="Who is trained on and who is not.")
    network: NetworkSection = Field(NetworkSection(), description="What is trained.")
    train: TrainSection = Field(TrainSection(), description="How it is trained.")
    sparse: SparseSection = Field(SparseSection(), description="How sparse it gets.")
    compress: CompressSection = Field(CompressSection(), description="How candidates compete.")
    export: ExportSection = Field(ExportSection(), description="What is built.")
    audit: AuditSection = Field(AuditSection(), description="Where it is questioned.")
    policy: str = Field("policy.yaml", description="Path of the policy, relative to the recipe.")

    @model_validator(mode="after")
    def _consistent(self) -> Recipe:
        if self.task.name == "custom" and self.task.path is not None:
            raise ValueError("a custom task brings its own data; remove task.path")
        if self.compress.probation >= self.compress.update_every:
            raise ValueError("compress.probation must be shorter than compress.update_every")
        return self
