"""What a network answers, with and without what its last layer sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from sc_deploy import predictions
from sc_deploy.compress.answers import predict, predict_with_features
from sc_deploy.compress.observe import observe
from sc_deploy.contracts import LoadedModel, Role
from sc_deploy.errors import CompressionError
from sc_deploy.progress import Silent
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sc_deploy.compress.job import Job


def test_features_times_the_last_weights_are_the_logits(job: Job) -> None:
    module = job.factory(0)
    answers, features = predict_with_features(module, job.task, job.roles, Role.MEMBER_SEARCH)
    last = module.get_submodule("8")
    weight, bias = (tensor.detach().numpy() for tensor in last.parameters())
    np.testing.assert_allclose(features @ weight.T + bias, answers.logits, rtol=1e-5, atol=1e-5)
    assert features.shape == (60, 32)
    assert features.dtype == np.float32


def test_looking_at_features_changes_no_answer_and_leaves_no_hook(job: Job) -> None:
    module = job.factory(0)
    plain = predict(module, job.task, job.roles, Role.VALIDATION)
    answers, _ = predict_with_features(module, job.task, job.roles, Role.VALIDATION)
    assert np.array_equal(plain.logits, answers.logits)
    assert not any(part._forward_pre_hooks for part in module.modules())


def test_a_role_without_samples_has_no_answers(job: Job) -> None:
    answers, features = predict_with_features(
        job.factory(0), job.task, job.roles, Role.NON_MEMBER_REFERENCE
    )
    assert (answers.logits.shape, features.shape) == ((0, 4), (0, 32))


def test_members_are_asked_about_as_others_are_even_where_training_moves_images(
    make_job: Callable[..., Job], tmp_path: Path
) -> None:
    """SafeCompress cropped and flipped members and nobody else: its attack saw the crop."""
    moved = make_job(train={"augmentation": {"crop_padding": 2, "flip": True}})
    model = LoadedModel(moved.factory(0), moved.network, "0" * 64)
    run = RunFolder(tmp_path)
    observe(model, moved, run, subject="source", progress=Silent())
    for role in (Role.MEMBER_AUDIT, Role.NON_MEMBER_AUDIT):
        index = moved.roles.index[moved.roles.rows(role)]
        plain = torch.from_numpy(moved.task.preprocess(np.asarray(moved.task.x[index])))
        with torch.no_grad():
            expected = model.module(plain).numpy()
        found, _ = predictions.read(run.predictions("source", role))
        np.testing.assert_allclose(found.logits, expected, rtol=1e-5, atol=1e-5)


def test_answers_that_are_not_finite_are_refused(job: Job) -> None:
    module = job.factory(0)
    with torch.no_grad():
        module.get_parameter("8.bias").fill_(float("nan"))
    with pytest.raises(CompressionError, match="not finite"):
        predict(module, job.task, job.roles, Role.VALIDATION)
