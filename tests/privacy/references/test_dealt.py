from __future__ import annotations

import numpy as np

from sc_deploy.privacy.references.dealt import unlike


def table(share: float, *, seed: int, models: int = 4, samples: int = 200) -> np.ndarray:
    return np.random.default_rng(seed).random((models, samples)) < share


def test_random_halves_are_dealt_alike() -> None:
    for seed in range(50):
        assert unlike([table(0.5, seed=2 * seed), table(0.5, seed=2 * seed + 1)]) == ""


def test_references_of_other_samples_are_dealt_alike() -> None:
    assert unlike([table(0.0, seed=0), table(0.0, seed=1)] * 2) == ""


def test_references_that_know_the_members_are_found_out_in_any_role() -> None:
    fair, known, unknown = table(0.5, seed=0), table(1.0, seed=1), table(0.0, seed=2)
    assert unlike([fair, fair, known, unknown]) == (
        "references that were dealt members and non-members alike "
        "(they trained on 100% of the members and on 0% of the others)"
    )
    assert unlike([unknown, known])
