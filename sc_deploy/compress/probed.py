"""What a model before export answers to altered samples, written down for its comparison."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sc_deploy.compress import probe_file
from sc_deploy.compress.answers import likeliest
from sc_deploy.compress.probing import ATTACKED, REFERENCES, Samples, probe

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts import LoadedModel
    from sc_deploy.workspace import RunFolder


def write_probed(model: LoadedModel, job: Job, run: RunFolder, *, subject: str) -> tuple[Path, ...]:
    """The file that was written; none where the policy names no attack that would read it."""
    if not job.probed:
        return ()
    wanted = [role for role in (*ATTACKED, *REFERENCES) if role in job.inhabited]
    ask = partial(likeliest, model.module)
    known = probe(ask, Samples(job.task, job.roles), wanted, job.probed)
    probe_file.write(run.probes(subject), known)
    return (run.probes(subject),)
