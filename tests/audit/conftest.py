"""Evidence with a planted truth: synthetic answers whose leakage is known by construction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pytest

from sc_deploy.audit.evidence import ARTIFACT, Evidence
from sc_deploy.contracts import (
    MEMBER_ROLES,
    Knowledge,
    Predictions,
    Role,
    TensorStat,
    Tier,
    Tolerance,
)
from sc_deploy.policy import Policy, small

if TYPE_CHECKING:
    from collections.abc import Mapping

CLASSES = 10
INPUTS = 6
TENSORS = (TensorStat("conv", (8, 3, 3, 3), 20, 216), TensorStat("fc", (10, 32), 90, 320))


@dataclass(frozen=True)
class World:
    """`leak` is what training on a sample adds to the logit of its label, on average."""

    seed: int = 0
    audit: int = 2500
    calibration: int = 600
    test: int = 3000
    leak: float = 0.0
    noise: float = 0.01
    skill: float = 3.0


class Plant(Protocol):
    def __call__(self, world: World, *, quantized: bool = False) -> Evidence: ...


def draw(world: World, role: Role, n: int, rng: np.random.Generator) -> Predictions:
    labels = rng.integers(0, CLASSES, n)
    logits = rng.normal(size=(n, CLASSES))
    leak = world.leak if role in MEMBER_ROLES else 0.0
    logits[np.arange(n), labels] += world.skill + leak * rng.random(n)
    ids = rng.integers(0, 256, (n, 32), dtype=np.uint8)
    return Predictions(logits.astype(np.float32), labels.astype(np.int64), ids)


def perturbed(
    answers: Mapping[Role, Predictions], noise: float, rng: np.random.Generator
) -> dict[Role, Predictions]:
    return {
        role: replace(
            given, logits=(given.logits + noise * rng.normal(size=given.logits.shape)).astype("f4")
        )
        for role, given in answers.items()
    }


def samples(sizes: Mapping[Role, int], seed: int) -> dict[Role, Knowledge]:
    """Inputs that say nothing of membership: members and non-members come from one pool."""
    rng = np.random.default_rng([seed, 1])
    return {
        role: Knowledge(inputs=rng.normal(size=(n, INPUTS)).astype(np.float32))
        for role, n in sizes.items()
    }


def shortened(given: Predictions, n: int) -> Predictions:
    return Predictions(given.logits[:n], given.labels[:n], given.sample_id[:n])


def planted(world: World, *, quantized: bool = False) -> Evidence:
    """What an audit is given of a model that leaks as `world` says."""
    rng = np.random.default_rng(world.seed)
    sizes = {
        Role.MEMBER_CALIBRATION: world.calibration,
        Role.NON_MEMBER_CALIBRATION: world.calibration,
        Role.MEMBER_AUDIT: world.audit,
        Role.NON_MEMBER_AUDIT: world.audit,
        Role.TEST: world.test,
    }
    if quantized:
        sizes |= {Role.MEMBER_REFERENCE: 400, Role.NON_MEMBER_REFERENCE: 2000}
    source = {role: draw(world, role, n, rng) for role, n in sizes.items()}
    artifact = perturbed(source, world.noise, rng)
    return Evidence(
        artifact=artifact,
        source=source,
        dense=perturbed({Role.TEST: source[Role.TEST]}, world.noise, rng),
        tensors_found=TENSORS,
        tensors_expected=TENSORS,
        tolerance=Tolerance(max_error=0.2, agreement=0.98),
        batch_sizes=(1, 3, 64),
        quantization=source[Role.MEMBER_REFERENCE].sample_id[:256] if quantized else None,
        clean=None,
        looks=1,
        known={ARTIFACT: samples(sizes, world.seed)},
        repeats=(shortened(artifact[Role.TEST], 100),) * 3,
    )


@pytest.fixture(scope="session")
def plant() -> Plant:
    return planted


@pytest.fixture(scope="session")
def world() -> World:
    """A model that never saw its members; change it with `replace`."""
    return World()


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The small default with threshold attacks, asking for what such evidence can decide."""
    return small().model_copy(
        update={"attacks": ("loss", "modified-entropy"), "low_fpr_tier": Tier.T0}
    )
