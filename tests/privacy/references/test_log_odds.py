from __future__ import annotations

import numpy as np
import pytest

from sc_deploy.contracts import Predictions, References
from sc_deploy.errors import AttackError
from sc_deploy.privacy.references.log_odds import join, read


def answers(n: int = 6, classes: int = 4) -> Predictions:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(n, classes)).astype(np.float32)
    return Predictions(logits, rng.integers(0, classes, n), np.zeros((n, 32), np.uint8))


def references(models: int = 3, n: int = 6, classes: int = 4) -> References:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(models, n, classes)).astype(np.float32)
    return References(logits, rng.random((models, n)) < 0.5)


def test_log_odds_are_those_of_the_label() -> None:
    own, others = answers(), references()
    seen = read(own, others)
    for model in range(3):
        for row, label in enumerate(own.labels):
            p = np.exp(others.logits[model, row].astype(np.float64))
            p /= p.sum()
            expected = np.log(p[label] / (1 - p[label]))
            assert seen.references[model, row] == pytest.approx(expected, abs=1e-9)
    assert seen.inside is others.inside
    assert seen.target.dtype == seen.references.dtype == np.float64


def test_references_of_other_samples_are_refused() -> None:
    with pytest.raises(AttackError, match=r"\(3, 5, 4\).*\(3, 6, 4\)"):
        read(answers(), references(n=5))


def test_references_of_other_classes_are_refused() -> None:
    with pytest.raises(AttackError, match="row by row"):
        read(answers(), references(classes=5))


def test_broken_references_are_named() -> None:
    found = references()
    found.logits[1, 4, 2] = np.nan
    with pytest.raises(AttackError, match=r"\[1\]"):
        read(answers(), found)


def test_joined_samples_keep_their_rows() -> None:
    seen = read(answers(), references())
    parts = seen.take(np.arange(2)), seen.take(np.arange(2, 6))
    both = join(*parts)
    np.testing.assert_array_equal(both.references, seen.references)
    np.testing.assert_array_equal(both.inside, seen.inside)
    np.testing.assert_array_equal(both.target, seen.target)


def test_an_attacked_reference_is_not_among_its_own_references() -> None:
    seen = read(answers(), references())
    game = seen.attacking(1)
    np.testing.assert_array_equal(game.target, seen.references[1])
    np.testing.assert_array_equal(game.references, seen.references[[0, 2]])
    np.testing.assert_array_equal(game.inside, seen.inside[[0, 2]])
