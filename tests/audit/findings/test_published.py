from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sc_deploy.audit import auditor
from sc_deploy.audit.scores import Attackers
from sc_deploy.contracts import Audit
from sc_deploy.policy import Policy
from sc_deploy.privacy.attacks import paper_neural
from sc_deploy.progress import Silent

# Any: the types of fixtures live in conftest.py, which tests cannot import.


def audited(plant: Any, world: Any, policy: Policy, seed: int = 0) -> Audit:
    shown = policy.model_copy(update={"shown": ("neural-paper",)})
    evidence = replace(plant(world), dense=None)
    return auditor.audit(evidence, shown, Attackers(seed), progress=Silent())


@pytest.mark.slow
def test_the_papers_figure_says_too_much_where_the_honest_one_does_not(
    plant: Any, world: Any, policy: Policy
) -> None:
    """SafeCompress reported the best of 100 epochs on the samples that it evaluated on."""
    published, honest = [], []
    for seed in range(3):
        small = replace(world, calibration=60, audit=1000, test=100, seed=seed)
        found = audited(plant, small, policy, seed)
        published += [entry.accuracy.value for entry in found.published]
        honest += [
            result.accuracy.value
            for subject in found.subjects
            for result in subject.attacks
            if result.attack == "neural-paper"
        ]
    assert len(published) == len(honest) == 6
    assert np.mean(published) > 0.54
    assert abs(np.mean(honest) - 0.5) < 0.02


def test_it_is_there_for_every_model_with_its_fault_in_words(
    plant: Any, world: Any, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper_neural, "EPOCHS", 3)
    found = audited(plant, replace(world, calibration=60, audit=400, test=100), policy)
    assert [(entry.subject, entry.attack) for entry in found.published] == [
        ("artifact", "neural-paper"),
        ("source", "neural-paper"),
    ]
    assert all("best of 100 epochs on the very samples" in e.fault for e in found.published)


def test_a_policy_without_such_an_attack_has_no_such_figure(
    plant: Any, world: Any, policy: Policy
) -> None:
    found = auditor.audit(
        plant(replace(world, audit=300, test=100)), policy, Attackers(0), progress=Silent()
    )
    assert found.published == ()
