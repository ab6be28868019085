from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import nn

from sc_deploy.contracts import NetworkSpec, Tokens
from sc_deploy.errors import UsageError
from sc_deploy.networks.binary import TwoLogits
from sc_deploy.networks.build import build, names, spec_of
from sc_deploy.recipe import NetworkSection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Float32, Int64

SPEC = NetworkSpec("small-cnn", (1, 8, 8), 10)
CUSTOM = NetworkSpec("custom", (6,), 3)


@dataclass
class Brought:
    """A task whose network is whatever the test says."""

    made: object = None
    name: str = "brought"
    classes: tuple[str, ...] = ("a", "b", "c")
    unit: NDArray[np.generic] | None = None
    attribute: None = None

    @property
    def x(self) -> NDArray[np.generic]:
        return np.zeros((5, 2, 3), np.uint8)

    @property
    def y(self) -> Int64:
        return np.zeros(5, np.int64)

    def preprocess(self, x: NDArray[np.generic]) -> Float32:
        return x.reshape(len(x), -1).astype(np.float32)

    def network(self) -> object:
        if isinstance(self.made, Exception):
            raise self.made
        return nn.Linear(6, 3) if self.made is None else self.made


def state(module: nn.Module) -> dict[str, torch.Tensor]:
    return module.state_dict()


def equal(first: nn.Module, second: nn.Module) -> bool:
    pairs = zip(state(first).values(), state(second).values(), strict=True)
    return all(torch.equal(one, two) for one, two in pairs)


@pytest.mark.parametrize("name", ["small-cnn", "wide-cnn", "resnet-20"])
def test_the_same_seed_gives_the_same_weights(name: str) -> None:
    spec = NetworkSpec(name, (1, 8, 8), 10)
    assert equal(build(spec, seed=3), build(spec, seed=3))
    assert not equal(build(spec, seed=3), build(spec, seed=4))


def test_the_seed_reaches_a_custom_network() -> None:
    first = build(CUSTOM, seed=3, task=Brought())
    assert equal(first, build(CUSTOM, seed=3, task=Brought()))
    assert not equal(first, build(CUSTOM, seed=4, task=Brought()))


def test_the_global_generator_is_left_as_it_was() -> None:
    before = torch.random.get_rng_state()
    build(SPEC, seed=3)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_new_network_is_in_training_mode() -> None:
    assert build(SPEC, seed=0).training
    assert build(CUSTOM, seed=0, task=Brought()).training


def test_an_unknown_name_is_answered_with_those_known() -> None:
    with pytest.raises(UsageError, match="big-cnn") as caught:
        build(NetworkSpec("big-cnn", (1, 8, 8), 10), seed=0)
    assert all(name in caught.value.remedy for name in names())


@pytest.mark.parametrize("shape", [(8,), (1, 3, 8), (1, 8, 3), (8, 8)])
def test_what_is_no_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="needs images"):
        build(NetworkSpec("small-cnn", shape, 10), seed=0)


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        ("text", "gave str"),
        (nn.Linear(6, 4), r"\[2, 4\], expected logits \[2, 3\]"),
        (nn.Linear(5, 3), "does not take samples of shape"),
        (ValueError("no weights"), "no weights"),
        (nn.LSTM(6, 3), "tuple"),
        (nn.Linear(6, 1), r"\[2, 1\], expected logits \[2, 3\]"),
    ],
)
def test_a_custom_network_that_does_not_fit_is_refused(made: object, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        build(CUSTOM, seed=0, task=Brought(made))


def test_a_custom_network_needs_a_task() -> None:
    with pytest.raises(UsageError, match="trust-code"):
        build(CUSTOM, seed=0)


def test_a_spec_is_read_off_a_preprocessed_sample() -> None:
    assert spec_of(Brought(), NetworkSection(name="custom")) == CUSTOM


def test_a_custom_network_that_is_not_built_anew_is_refused() -> None:
    with pytest.raises(UsageError, match="the same weights again"):
        build(CUSTOM, seed=0, task=Brought(nn.Linear(6, 3)))


def test_a_custom_network_that_the_seed_does_not_govern_is_refused() -> None:
    class Wilful(Brought):
        def network(self) -> object:
            module = nn.Linear(6, 3)
            nn.init.constant_(module.bias, next(calls))
            return module

    calls = iter(range(9))
    with pytest.raises(UsageError, match="other weights at each call"):
        build(CUSTOM, seed=0, task=Wilful())


def test_a_custom_network_that_comes_with_trained_weights_is_refused() -> None:
    """They may have seen any sample, and nothing would say that they were brought."""

    class Trained(Brought):
        def network(self) -> object:
            first = nn.Linear(6, 4)
            with torch.no_grad():
                first.weight.copy_(torch.arange(24.0).reshape(4, 6))
            return nn.Sequential(first, nn.Linear(4, 3))

    with pytest.raises(UsageError, match=r"network\(\): 0\.weight: is the same under every seed"):
        build(CUSTOM, seed=0, task=Trained())


def test_a_custom_network_may_begin_with_zeros() -> None:
    class Zeros(Brought):
        def network(self) -> object:
            last = nn.Linear(4, 3)
            nn.init.zeros_(last.weight)
            return nn.Sequential(nn.Linear(6, 4), last)

    found = dict(build(CUSTOM, seed=0, task=Zeros()).named_parameters())
    assert not found["1.weight"].any()


def test_one_logit_is_enough_for_two_classes() -> None:
    class Single(Brought):
        def network(self) -> object:
            return nn.Linear(6, 1)

    spec = NetworkSpec("custom", (6,), 2)
    module = build(spec, seed=3, task=Single(classes=("no", "yes")))
    assert isinstance(module, TwoLogits)
    assert module.training
    assert module(torch.zeros(4, 6)).shape == (4, 2)


def test_a_task_of_texts_tells_the_network_its_tokens() -> None:
    class Texts(Brought):
        tokens = Tokens(30, 4)

        def preprocess(self, x: NDArray[np.generic]) -> Int64:  # type: ignore[override]
            return x.reshape(len(x), -1).astype(np.int64)

    spec = spec_of(Texts(), NetworkSection(name="transformer", options={"layers": 1}))
    assert (spec.input_shape, spec.input_dtype) == ((6,), "int64")
    assert {"vocabulary": 30, "padding": 4, "layers": 1}.items() <= dict(spec.options).items()


def test_a_transformer_without_texts_is_told_of_texts_and_of_no_vocabulary() -> None:
    with pytest.raises(UsageError, match="needs token ids"):
        spec_of(Brought(), NetworkSection(name="transformer"))
