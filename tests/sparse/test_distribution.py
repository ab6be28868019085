"""How many weights each layer keeps."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sc_deploy.errors import UsageError
from sc_deploy.sparse.distribution import allocate, erk

SHAPES = st.lists(
    st.lists(st.integers(1, 12), min_size=2, max_size=4).map(tuple), min_size=1, max_size=6
).map(lambda found: {f"layer{number}": shape for number, shape in enumerate(found)})


def size(shapes: dict[str, tuple[int, ...]]) -> int:
    return sum(math.prod(shape) for shape in shapes.values())


@pytest.mark.parametrize("distribution", ["erk", "uniform"])
@given(shapes=SHAPES, density=st.floats(0.05, 1.0))
def test_layers_add_up_to_exactly_the_density_asked_for(
    distribution: str, shapes: dict[str, tuple[int, ...]], density: float
) -> None:
    try:
        counts = allocate(shapes, density=density, distribution=distribution)
    except UsageError:
        assume(False)
    assert sum(counts.values()) == round(density * size(shapes))
    assert all(1 <= counts[name] <= math.prod(shape) for name, shape in shapes.items())


@given(shapes=SHAPES, density=st.floats(0.05, 0.95))
def test_erk_agrees_with_bisection_on_its_scale(
    shapes: dict[str, tuple[int, ...]], density: float
) -> None:
    """The slow way: the one scale at which the capped layers add up to the total."""
    total = max(1, round(density * size(shapes)))
    low, high = 0.0, float(size(shapes))
    for _ in range(200):
        middle = (low + high) / 2
        kept = sum(min(math.prod(s), middle * sum(s)) for s in shapes.values())
        low, high = (middle, high) if kept < total else (low, middle)
    shares = erk(shapes, total)
    for name, shape in shapes.items():
        assert shares[name] == pytest.approx(min(math.prod(shape), high * sum(shape)), abs=1e-6)


def test_erk_keeps_a_small_layer_dense_and_thins_a_large_one() -> None:
    counts = allocate({"small": (2, 2), "large": (20, 20)}, density=0.2, distribution="erk")
    assert counts == {"small": 4, "large": 77}


def test_uniform_gives_every_layer_the_same_density() -> None:
    counts = allocate({"a": (10, 10), "b": (10, 30)}, density=0.1, distribution="uniform")
    assert counts == {"a": 10, "b": 30}


def test_every_layer_that_would_be_left_empty_is_named_at_once() -> None:
    shapes = {"tiny": (2, 2), "small": (3, 3), "large": (100, 100)}
    with pytest.raises(UsageError, match=r"density 0\.01 cannot be met") as refusal:
        allocate(shapes, density=0.01, distribution="uniform")
    assert [problem.where for problem in refusal.value.problems] == ["layer tiny", "layer small"]
    assert "0.28" in refusal.value.remedy


def test_the_density_that_a_refusal_advises_is_accepted() -> None:
    shapes = {"tiny": (2, 2), "small": (3, 3), "large": (100, 100)}
    assert min(allocate(shapes, density=0.28, distribution="uniform").values()) >= 1
