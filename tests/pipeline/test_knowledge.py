from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from sc_deploy.contracts import Role
from sc_deploy.pipeline import execution, knowledge
from sc_deploy.tasks import batches
from sc_deploy.tasks import roles as role_files

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.pipeline.problem import Problem


class Ask(Protocol):
    def __call__(self, *, seed: int = ..., min_audit_samples: int = ...) -> Problem: ...


def test_what_the_model_read_is_known_row_by_row_as_it_answers(ask: Ask, tmp_path: Path) -> None:
    problem = ask()
    roles = role_files.draw(problem.task, problem.recipe)
    wanted = (Role.TEST, Role.MEMBER_AUDIT)
    with execution.prepared(problem.task, roles, wanted, tmp_path) as inputs:
        known = knowledge.gather(knowledge.Samples(problem.task, roles, inputs))
    assert set(known) == {"artifact", "source", "dense"}
    for role in wanted:
        read = batches.read(problem.task, roles.index[roles.rows(role)])
        found = known["artifact"][role].inputs
        assert found is not None
        np.testing.assert_array_equal(found, read.reshape(len(read), -1))
