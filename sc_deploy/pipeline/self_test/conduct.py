"""Examines every specimen, and says whether the tool can be believed here."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sc_deploy.pipeline.self_test import (
    broken,
    known_auc,
    leak_free,
    missing_evidence,
    null_run,
    one_class,
    onnx_file,
    overfitted,
    saturated,
    swapped,
)
from sc_deploy.pipeline.self_test.laboratory import Laboratory
from sc_deploy.pipeline.self_test.specimen import Specimen, Trial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.progress import Progress

SPECIMENS: Final = (
    known_auc.SPECIMEN,
    overfitted.SPECIMEN,
    leak_free.SPECIMEN,
    broken.SHUFFLED,
    broken.CONSTANT,
    saturated.SPECIMEN,
    swapped.SPECIMEN,
    null_run.SPECIMEN,
    one_class.SPECIMEN,
    missing_evidence.SPECIMEN,
    onnx_file.SPECIMEN,
)


def self_test(
    progress: Progress, *, seed: int = 0, specimens: Sequence[Specimen] = SPECIMENS
) -> tuple[Trial, ...]:
    """One trial a specimen, in their order. Equal seeds give equal findings, times apart."""
    laboratory = Laboratory(seed)
    progress.start("self-test", len(specimens))
    trials = []
    for specimen in specimens:
        trials.append(_trial(specimen, laboratory))
        progress.advance(note=specimen.name)
    return tuple(trials)


def holds(trials: Sequence[Trial]) -> bool:
    """Whether everything that could be examined came out right, and that was something."""
    examined = [trial.holds for trial in trials if trial.holds is not None]
    return bool(examined) and all(examined)


def _trial(specimen: Specimen, laboratory: Laboratory) -> Trial:
    begun = time.perf_counter()
    if missing := specimen.missing():
        found, held = f"skipped: {', '.join(missing)} not installed", None
    else:
        observed = specimen.examine(laboratory)
        found, held = observed.found, observed.holds
    seconds = time.perf_counter() - begun
    return Trial(specimen.name, specimen.planted, specimen.expected, found, held, seconds)
