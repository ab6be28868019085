from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sc_deploy import predictions
from sc_deploy.contracts import Predictions, Provenance, Role
from sc_deploy.errors import IntegrityError


@pytest.fixture
def made() -> Predictions:
    rng = np.random.default_rng(0)
    return Predictions(
        rng.normal(size=(7, 3)).astype(np.float32),
        rng.integers(0, 3, 7),
        rng.integers(0, 256, (7, 32), dtype=np.uint8),
    )


def origin(made: Predictions) -> Provenance:
    return Provenance(
        schema_version=1,
        role=Role.TEST,
        roles_digest="r",
        preprocessing_digest="p",
        artifact_digest="a",
        predictions_sha256=predictions.content_digest(made),
        runtime="numpy",
        runtime_version="2",
        compute_unit="cpu",
        output_kind="multiclass",
        latency_ms=None,
    )


def test_predictions_survive_the_round_trip(tmp_path: Path, made: Predictions) -> None:
    path = tmp_path / "test.npz"
    predictions.write(path, made, origin(made))
    found, provenance = predictions.read(path)
    assert provenance == origin(made)
    assert all(
        np.array_equal(getattr(found, name), getattr(made, name)) for name in predictions.ARRAYS
    )


def test_predictions_are_for_their_owner_only(tmp_path: Path, made: Predictions) -> None:
    predictions.write(tmp_path / "test.npz", made, origin(made))
    assert {p.stat().st_mode & 0o777 for p in tmp_path.iterdir()} == {0o600}


def test_swapped_arrays_are_noticed(tmp_path: Path, made: Predictions) -> None:
    path = tmp_path / "test.npz"
    predictions.write(path, made, origin(made))
    flattered = replace(made, logits=np.zeros_like(made.logits))
    other = tmp_path / "other.npz"
    predictions.write(other, flattered, origin(flattered))
    path.write_bytes(other.read_bytes())
    with pytest.raises(IntegrityError):
        predictions.read(path)


def test_a_truncated_archive_is_refused(tmp_path: Path, made: Predictions) -> None:
    path = tmp_path / "test.npz"
    predictions.write(path, made, origin(made))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(IntegrityError):
        predictions.read(path)


def test_pairing_is_by_sample_and_never_by_order(made: Predictions) -> None:
    order = np.random.default_rng(1).permutation(7)
    shuffled = Predictions(made.logits[order], made.labels[order], made.sample_id[order])
    aligned = predictions.align(made, shuffled)
    assert np.array_equal(aligned.logits, made.logits)


def test_other_samples_do_not_pair(made: Predictions) -> None:
    fewer = Predictions(made.logits[1:], made.labels[1:], made.sample_id[1:])
    for first, second in ((made, fewer), (fewer, made)):
        with pytest.raises(IntegrityError):
            predictions.align(first, second)


def test_other_labels_do_not_pair(made: Predictions) -> None:
    with pytest.raises(IntegrityError, match="labels"):
        predictions.align(made, replace(made, labels=(made.labels + 1) % 3))


def test_a_sample_that_occurs_twice_does_not_pair(made: Predictions) -> None:
    twice = np.vstack([made.sample_id[:1], made.sample_id[:6]])
    with pytest.raises(IntegrityError, match="twice"):
        predictions.align(made, replace(made, sample_id=twice))
