"""Random crops and mirror images."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from sc_deploy.compress.randomness import generator
from sc_deploy.compress.training.augmentation import Augmentation, augmented, problems, seed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sc_deploy.compress.job import Job

IMAGES = torch.arange(1, 1 + 64 * 2 * 3 * 4, dtype=torch.float32).reshape(64, 2, 3, 4)


def crops(image: torch.Tensor, padding: int) -> list[torch.Tensor]:
    """Every piece that could be cut out of one padded image, the slow way."""
    channels, height, width = image.shape
    padded = torch.zeros(channels, height + 2 * padding, width + 2 * padding)
    padded[:, padding : padding + height, padding : padding + width] = image
    return [
        padded[:, top : top + height, left : left + width]
        for top in range(2 * padding + 1)
        for left in range(2 * padding + 1)
    ]


def test_each_image_becomes_one_of_its_own_crops_and_not_all_the_same_one() -> None:
    found = Augmentation(crop_padding=1, flip=False).apply(IMAGES, generator(0, "crops"))
    places = set()
    for image, moved in zip(IMAGES, found, strict=True):
        matching = [at for at, crop in enumerate(crops(image, 1)) if torch.equal(crop, moved)]
        assert len(matching) == 1
        places.update(matching)
    assert places == set(range(9))


def test_about_half_of_the_images_are_mirrored_and_the_others_are_as_they_were() -> None:
    found = Augmentation(crop_padding=0, flip=True).apply(IMAGES, generator(0, "flips"))
    mirrored = sum(
        torch.equal(moved, image.flip(-1)) for image, moved in zip(IMAGES, found, strict=True)
    )
    same = sum(torch.equal(moved, image) for image, moved in zip(IMAGES, found, strict=True))
    assert mirrored + same == 64
    assert 20 <= mirrored <= 44


def test_the_same_stream_moves_images_alike_and_leaves_the_originals_alone() -> None:
    before = IMAGES.clone()
    both = Augmentation(crop_padding=2, flip=True)
    first, second = (both.apply(IMAGES, generator(7, "step", 3)) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(IMAGES, before)


def test_a_recipe_without_augmentation_hands_the_batch_on_untouched(job: Job) -> None:
    assert augmented(IMAGES, job.recipe, seed=3) is IMAGES


def test_a_step_moves_its_batch_alike_whenever_it_is_trained(make_job: Callable[..., Job]) -> None:
    recipe = make_job(train={"augmentation": {"crop_padding": 1}}).recipe
    first, again, later = (augmented(IMAGES, recipe, seed=seed(recipe, step)) for step in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, later)


def test_only_images_can_be_moved_about(make_job: Callable[..., Job]) -> None:
    job = make_job(train={"augmentation": {"flip": True}})
    assert not list(problems(job))
    rows = replace(job, network=replace(job.network, input_shape=(64,)))
    (found,) = problems(rows)
    assert found.where == "train.augmentation"
