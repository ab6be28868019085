"""The control that is stopped in time: one dense training, asked afterwards when."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sc_deploy import digest, workspace
from sc_deploy.contracts import Cost
from sc_deploy.pipeline.jobs import job_of
from sc_deploy.pipeline.study import trial

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sc_deploy.compress.trajectory import Stop, Trajectory
    from sc_deploy.contracts import Rate, Trial
    from sc_deploy.pipeline.study.trial import Setting
    from sc_deploy.progress import Progress

COST: Final = "cost.json"


def make(setting: Setting, folder: Path, accuracy: Rate, progress: Progress) -> Trial:
    """The trial of a matched arm, from the states in `folder`, which are trained where missing.

    `accuracy` is the validation accuracy to reach.
    """
    from sc_deploy.compress import trajectory

    basis = digest.of_json(["first as accurate as", accuracy.value])
    if (finished := trial.done(setting, basis)) is not None:
        return finished
    with setting.run.lock():
        states = _trained(setting, folder, progress)
        stop, note = first_as_good(states.stops, accuracy)
        cost = _share(workspace.read_document(folder / COST, Cost), stop, states)
        trial.publish(setting, trajectory.read(folder, stop), cost, progress)
        return trial.audit(setting, basis=basis, note=note)


def first_as_good(stops: Sequence[Stop], accuracy: Rate) -> tuple[Stop, str]:
    """The first stop whose validation accuracy is at least `accuracy`, and what to say of it.

    Where none is, the most accurate one, the earliest of equals.
    """
    for stop in stops:
        if stop.validation.value >= accuracy.value:
            return stop, ""
    best = max(stops, key=lambda stop: stop.validation.value)
    return best, (
        f"no round reaches validation accuracy {accuracy.value:.4f}; "
        f"the most accurate one has {best.validation.value:.4f}"
    )


def _trained(setting: Setting, folder: Path, progress: Progress) -> Trajectory:
    from sc_deploy.compress import trajectory
    from sc_deploy.compress.training.meter import Meter

    meter, began = Meter(), time.perf_counter()
    job = meter.attach(job_of(setting.problem, setting.roles))
    there = trajectory.found(job, folder)
    if there is not None and (folder / COST).is_file():
        return there
    states = trajectory.train(job, folder, progress)
    seconds = round(time.perf_counter() - began, 3)
    cost = Cost(seconds, meter.trained, meter.examined, whole=True)
    workspace.write_document(folder / COST, cost)
    return states


def _share(whole: Cost, stop: Stop, states: Trajectory) -> Cost:
    """What training would have cost that ended at this stop."""
    part = stop.state.step / states.stops[-1].state.step
    return replace(
        whole,
        seconds=round(whole.seconds * part, 3),
        trained=round(whole.trained * part),
        examined=round(whole.examined * part),
    )
