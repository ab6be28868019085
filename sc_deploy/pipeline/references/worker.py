"""A program that trains one reference model of a run in a process of its own.

`python -m … RUN NUMBER COUNT OUTCOME [FILE:FUNCTION]`
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sc_deploy import workspace
from sc_deploy.errors import ScDeployError
from sc_deploy.pipeline import problem as problems
from sc_deploy.pipeline.references.plan import planned
from sc_deploy.pipeline.references.train import train_one
from sc_deploy.progress import Silent
from sc_deploy.tasks import roles as role_files
from sc_deploy.workspace import RunFolder


def main(root: str, number: str, count: str, outcome: str, trust_code: str | None = None) -> None:
    """Leave in `outcome` what went wrong as JSON, null if nothing did; `count` is that of all."""
    try:
        _train(RunFolder(Path(root)), int(number), int(count), trust_code)
    except ScDeployError as error:
        told = {
            "kind": type(error).__name__,
            "what": error.what,
            "remedy": error.remedy,
            "problems": [[p.where, p.found, p.remedy] for p in error.problems],
        }
        workspace.write_text(Path(outcome), json.dumps(told))
    else:
        workspace.write_text(Path(outcome), json.dumps(None))


def _train(run: RunFolder, number: int, count: int, trust_code: str | None) -> None:
    problem = problems.reload(run, trust_code=trust_code)
    (reference,) = planned(run, problem, role_files.load(run.roles), count, number)
    train_one(reference, Silent())


if __name__ == "__main__":
    main(*sys.argv[1:])
