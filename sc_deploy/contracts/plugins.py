"""The protocols of everything that can be plugged in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sc_deploy.contracts.knowledge import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sc_deploy.contracts.arrays import Float64, NetworkInput
    from sc_deploy.contracts.artifact import Artifact, Bundle, Tolerance
    from sc_deploy.contracts.data import Role
    from sc_deploy.contracts.knowledge import Channel, Knowledge
    from sc_deploy.contracts.measurement import Execution, Guesses, Observation, Predictions
    from sc_deploy.contracts.model import LoadedModel, TensorStat


class Format(Protocol):
    """One file format: how a model becomes such a file, what is in it, how it runs."""

    @property
    def name(self) -> str: ...
    @property
    def precisions(self) -> tuple[str, ...]:
        """Supported precisions, the default first."""
        ...

    @property
    def extra(self) -> str:
        """The extra of this distribution that installs the exporter and runtime."""
        ...

    @property
    def suffix(self) -> str:
        """The ending of the model file, with its dot."""
        ...

    def missing_to_export(self) -> tuple[str, ...]:
        """Names of the modules that exporting needs and that are not here; imports none."""
        ...

    def missing_to_run(self) -> tuple[str, ...]:
        """Names of the modules that inspecting and running need and that are not here."""
        ...

    def export(
        self, model: LoadedModel, folder: Path, *, precision: str, samples: NetworkInput
    ) -> tuple[str, ...]:
        """Write the artifact's files into an empty folder; their names, the model file first.

        `samples` [n, ...] of the network's input dtype are real preprocessed samples that trace
        and calibrate. Raises ConversionError.
        """
        ...

    def inspect(self, folder: Path, files: Sequence[str]) -> tuple[TensorStat, ...]:
        """The weight tensors found in the file, after whatever folding the exporter did.

        Raises InferenceError if the file cannot be read.
        """
        ...

    def expected(self, model: LoadedModel, *, precision: str) -> tuple[TensorStat, ...]:
        """What `inspect` should find: weights with batch norms folded as the exporter does."""
        ...

    def tolerance(self, precision: str) -> Tolerance: ...

    def bundle(self, artifact: Artifact, folder: Path) -> Bundle: ...

    def toolchain(self) -> tuple[tuple[str, str], ...]:
        """Names and versions of the packages that made the file."""
        ...


class Target(Protocol):
    """A place of deployment: its formats, the default first, and who runs them for an audit."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def formats(self) -> tuple[Format, ...]: ...


class Device(Protocol):
    """A place where a bundle runs. It knows no format."""

    @property
    def name(self) -> str: ...

    def run(self, bundle: Bundle, inputs: Path, outputs: Path, *, batch: int = 64) -> Execution:
        """Run on `.npy` inputs [N, ...] of the bundle's dtype, leave float32 `.npy` outputs [N, C].

        `batch` samples go through the model at once; the last batch may be smaller. Raises
        InferenceError, or UnavailableError when the device is not there.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationSet:
    """What an attacker may learn from: samples whose membership it is told.

    `known` is what it knows of them besides, of members and of non-members.
    """

    members: Predictions
    non_members: Predictions
    known: tuple[Knowledge, Knowledge] = (NOTHING, NOTHING)


@dataclass(frozen=True, slots=True, eq=False)
class AuditSet:
    """What an attack is scored on, once. Not a CalibrationSet, so that no attack can fit on it."""

    members: Predictions
    non_members: Predictions
    known: tuple[Knowledge, Knowledge] = (NOTHING, NOTHING)


class FittedAttack(Protocol):
    """An attack whose choices are frozen."""

    @property
    def threshold(self) -> float:
        """Scores at or above it are called members; chosen on calibration samples."""
        ...

    def evaluate(self, audit: AuditSet) -> tuple[Float64, Float64]:
        """Scores float64 [n members], [n non-members]; larger is more member-like."""
        ...


class Attack(Protocol):
    """A membership-inference attack on predictions."""

    @property
    def name(self) -> str: ...
    @property
    def chance(self) -> bool:
        """Whether two attackers fitted on almost the same answers still differ by chance."""
        ...

    @property
    def needs(self) -> frozenset[Channel]:
        """What it must know of every sample besides the answers; without it, it is not run."""
        ...

    def fit(self, calibration: CalibrationSet, *, seed: int) -> FittedAttack: ...


@runtime_checkable
class DemandingAttack(Attack, Protocol):
    """An attack for which it is not enough that what it needs is there at all."""

    def lacks(self, known: Sequence[Knowledge]) -> str:
        """What it needs more of, in words, given what is known on every side; empty if nothing."""
        ...


class Need(StrEnum):
    """What a safety test can ask to see of each sample beyond a model's logits and its label.

    Each is a field of `Observation`, and None there unless a test of the recipe needs it.
    """

    FEATURES = "features"
    REFERENCE = "reference"
    ATTRIBUTE = "attribute"


@runtime_checkable
class SafetyTest(Protocol):
    """A simulated attack that candidates must face while they are chosen."""

    @property
    def name(self) -> str: ...
    @property
    def reads(self) -> frozenset[Role]:
        """The data roles that it may see: search roles, and never any that judge later."""
        ...

    @property
    def needs(self) -> frozenset[Need]:
        """What it must see besides logits and labels; a recipe that has none is refused."""
        ...

    def attack(self, seen: Mapping[Role, Observation], *, seed: int) -> Guesses:
        """Guesses on samples that the attack was not fitted on, in the order of the rows seen.

        Equal arguments give equal guesses. Folds depend on the seed and on what all candidates
        share (number of rows, attributes) alone: candidates are compared sample by sample.
        """
        ...


class FittedSafetyTest(Protocol):
    """An attacker that was fitted on one model and is now asked about others."""

    def attack(self, seen: Mapping[Role, Observation]) -> Guesses:
        """Guesses about another model, on samples that the attacker was not fitted on.

        `seen` holds the very samples of `fit`, in the same order.
        """
        ...


@runtime_checkable
class SharedSafetyTest(SafetyTest, Protocol):
    """A safety test whose attacker can be fitted once a round, for all candidates (ASE'22).

    Its law: `test.fit(seen, seed=s).attack(seen)` equals `test.attack(seen, seed=s)`.
    """

    def fit(self, seen: Mapping[Role, Observation], *, seed: int) -> FittedSafetyTest:
        """An attacker that knows the model of `seen`, as the paper's knows the one before a fork.

        It holds no reference to the model.
        """
        ...
