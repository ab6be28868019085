from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sc_deploy.privacy.attacks import paper_neural
from sc_deploy.privacy.attacks.neural_paper import NeuralPaperAttack

# Any: the types of fixtures live in conftest.py, which tests cannot import.


@pytest.fixture(autouse=True)
def fewer_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_neural, "EPOCHS", 5)


def test_what_it_publishes_is_what_the_papers_protocol_reports(game: Any) -> None:
    calibration = game(2.0, calibration=60).calibration
    answers = calibration.members, calibration.non_members
    fitted = NeuralPaperAttack().fit(calibration, seed=5)
    same = paper_neural.fit(lambda: answers, seed=5).guesses(answers)
    assert all(map(np.array_equal, fitted.published.right, same.right))


def test_scores_are_the_log_odds_of_the_papers_network(game: Any) -> None:
    round_ = game(2.0, calibration=60, audit=50)
    calibration = round_.calibration
    fitted = NeuralPaperAttack().fit(calibration, seed=5)
    network = paper_neural.fit(
        lambda: (calibration.members, calibration.non_members), seed=5
    ).network
    coded = paper_neural.coded(round_.audit.members, np.arange(50))
    members, _ = fitted.evaluate(round_.audit)
    np.testing.assert_allclose(members, network.log_odds(*coded), rtol=1e-3, atol=1e-4)
    assert fitted.threshold == 0.0
