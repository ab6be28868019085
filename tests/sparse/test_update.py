"""What one update drops and grows."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sc_deploy.contracts import Strategy
from sc_deploy.sparse.update import DROPS, GROWS, Move, update

if TYPE_CHECKING:
    from collections.abc import Mapping

STRATEGIES = [Strategy(drop, grow) for drop, grow in product(DROPS, GROWS)]
KEEPS = torch.tensor([1, 1, 1, 1, 0, 0, 0, 0], dtype=torch.bool)


def stream(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def move(
    weights: torch.Tensor, gradients: torch.Tensor, mask: torch.Tensor, strategy: Strategy
) -> list[int]:
    moved = update({"w": weights}, {"w": gradients}, {"w": mask}, Move(strategy, 0.5), stream())
    return moved["w"].int().flatten().tolist()


@pytest.mark.parametrize("drop", DROPS)
def test_the_smallest_half_goes_and_the_largest_gradients_come(drop: str) -> None:
    weights = torch.tensor([0.9, -0.1, 0.2, -0.8, 0.0, 0.0, 0.0, 0.0])
    gradients = torch.tensor([9.0, 9.0, 9.0, 9.0, 0.1, -0.7, 0.3, -0.2])
    assert move(weights, gradients, KEEPS, Strategy(drop, "gradient")) == [1, 0, 0, 1, 0, 1, 1, 0]


def test_equal_scores_go_to_the_lower_position() -> None:
    ones = torch.ones(8)
    found = move(ones, ones, KEEPS, Strategy("magnitude", "gradient"))
    assert found == [0, 0, 1, 1, 1, 1, 0, 0]


def test_a_layer_with_few_dead_weights_drops_no_more_than_those() -> None:
    mask = torch.tensor([1, 1, 1, 1, 1, 1, 1, 0], dtype=torch.bool)
    found = move(torch.arange(1.0, 9.0), torch.ones(8), mask, Strategy("magnitude", "gradient"))
    assert found == [0, 1, 1, 1, 1, 1, 1, 1]


def test_a_dense_layer_does_not_move() -> None:
    full = torch.ones(8, dtype=torch.bool)
    for strategy in STRATEGIES:
        assert move(torch.rand(8), torch.rand(8), full, strategy) == [1] * 8


def test_a_threshold_moves_layers_of_small_weights_more() -> None:
    weights = {"small": torch.tensor([0.1, 0.2, 0.3, 0, 0, 0]), "large": torch.tensor([5.0, 6, 0])}
    masks = {name: weight != 0 for name, weight in weights.items()}
    drops = DROPS["threshold"](weights, masks, 0.4)
    assert drops == {"small": 2, "large": 0}
    assert DROPS["magnitude"](weights, masks, 0.4) == {"small": 1, "large": 0}


def test_a_threshold_leaves_every_layer_one_of_its_old_weights() -> None:
    weights = {"small": torch.tensor([0.1, 0.2, 0, 0]), "large": torch.tensor([5.0, 6, 7, 8, 0, 0])}
    masks = {name: weight != 0 for name, weight in weights.items()}
    assert DROPS["threshold"](weights, masks, 0.6)["small"] == 1


def test_random_growth_reaches_every_dead_position_alike() -> None:
    generator, hits = stream(), torch.zeros(8)
    chosen = Move(Strategy("magnitude", "random"), 0.25)
    for _ in range(2000):
        zeros = {"w": torch.zeros(8)}
        hits += update(zeros, zeros, {"w": KEEPS}, chosen, generator)["w"]
    assert (hits[4:] - 500).abs().max() < 80  # four standard deviations


@st.composite
def networks(draw: st.DrawFn) -> Mapping[str, tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Layers of (weight, gradient, mask) with many equal values; dead weights are zero."""
    layers = {}
    for number in range(draw(st.integers(1, 4))):
        size = draw(st.integers(2, 30))
        values = st.lists(st.integers(-3, 3).map(float), min_size=size, max_size=size)
        alive = torch.tensor(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
        alive[0] = True
        weight = torch.tensor(draw(values)) * alive
        layers[f"layer{number}"] = (weight, torch.tensor(draw(values)), alive)
    return layers


@pytest.mark.parametrize("strategy", STRATEGIES, ids=str)
@given(layers=networks(), fraction=st.floats(0.01, 0.99), seed=st.integers(0, 99))
def test_laws_of_an_update(
    strategy: Strategy,
    layers: Mapping[str, tuple[torch.Tensor, torch.Tensor, torch.Tensor]],
    fraction: float,
    seed: int,
) -> None:
    weights, gradients, old = (
        {name: layer[part] for name, layer in layers.items()} for part in range(3)
    )
    new = update(weights, gradients, old, Move(strategy, fraction), stream(seed))
    for name in layers:
        dropped, grown = old[name] & ~new[name], new[name] & ~old[name]
        assert new[name].sum() == old[name].sum(), "density is unchanged in every layer"
        assert dropped.sum() == grown.sum()
        assert (old[name] & new[name]).any(), "one old weight stays"
        assert not weights[name][grown].any(), "a grown weight starts at zero"
        kept = weights[name][old[name] & new[name]].abs()
        assert not dropped.any() or weights[name][dropped].abs().max() <= kept.min()


@pytest.mark.parametrize("strategy", STRATEGIES, ids=str)
def test_the_order_in_which_layers_are_named_does_not_matter(strategy: Strategy) -> None:
    generator = stream(5)
    masks = {name: torch.rand(40, generator=generator) < 0.3 for name in "cab"}
    weights = {n: torch.randn(40, generator=generator) * mask for n, mask in masks.items()}
    gradients = {name: torch.randn(40, generator=generator) for name in masks}
    first = update(weights, gradients, masks, Move(strategy, 0.5), stream())
    turned = dict(sorted(masks.items()))
    second = update(weights, gradients, turned, Move(strategy, 0.5), stream())
    assert all(torch.equal(first[name], second[name]) for name in masks)
