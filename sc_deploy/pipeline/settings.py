"""The settings of a recipe that tell a reader how the audited model was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sc_deploy.recipe import Recipe
    from sc_deploy.userfile import Strict


def told(recipe: Recipe) -> tuple[tuple[str, str], ...]:
    """Names and values in words, in the order in which a model is made. No path, no key."""
    return tuple(_told(recipe))


def _told(recipe: Recipe) -> Iterator[tuple[str, str]]:
    network, train, sparse, loop = recipe.network, recipe.train, recipe.sparse, recipe.compress
    brought = network.weights or (network.pretrained and not network.from_scratch)
    yield "network", f"{network.name}, {'brought' if brought else 'random'} first weights"
    yield "training", f"{train.epochs} epochs of {train.optimizer}, batches of {train.batch_size}"
    yield "defences", "; ".join(map(_defence, recipe.defence)) or "none"
    yield "sparsity pattern", sparse.pattern
    shared = f"shared out by {sparse.distribution}"
    yield "density", f"{sparse.density:g} in the end, {sparse.schedule.shape}, {shared}"
    if recipe.canaries is not None:
        yield "canaries", "planted"
    yield "method", f"preset {loop.preset}"
    yield "candidates", f"drop {_listed(loop.pool.drop)}; grow {_listed(loop.pool.grow)}"
    yield "objective", f"{loop.objective}, picked by {loop.selection}, {loop.keep} state kept"
    yield "simulated attacks", f"{_listed(loop.safety_tests)}; attacker {loop.attacker}"


def _defence(section: Strict) -> str:
    """hamp (entropy 0.5, strength 0.005)"""
    settings = section.model_dump(mode="json")
    name = settings.pop("name")
    told = ", ".join(f"{key} {value}" for key, value in settings.items())
    return f"{name} ({told})"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)
