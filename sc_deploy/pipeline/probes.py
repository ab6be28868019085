"""What an exported file answers to altered samples, in the runtime that it will run in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.compress import probe_file
from sc_deploy.compress.probing import ATTACKED, REFERENCES, Samples, needed, probe
from sc_deploy.contracts import Channel
from sc_deploy.pipeline import execution
from sc_deploy.pipeline.execution import Inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sc_deploy.contracts import Artifact, Bundle, Device, Knowledge, Role
    from sc_deploy.contracts.arrays import Int64, NetworkInput
    from sc_deploy.policy import Policy
    from sc_deploy.privacy.probes import Ask
    from sc_deploy.workspace import RunFolder

DESKTOP = "local"


def of_artifact(
    artifact: Artifact, runner: tuple[Device, Bundle], samples: Samples, policy: Policy
) -> dict[Role, Knowledge]:
    """Only what the policy's attacks read, by role; each question starts the runtime once.

    Distances take thousands of questions, and are measured on this host alone. Raises
    InferenceError.
    """
    device, bundle = runner
    channels = needed((*policy.attacks, *policy.shown))
    if device.name != DESKTOP:
        channels -= {Channel.DISTANCE}
    if not channels:
        return {}
    wanted = ATTACKED if artifact.quantization is None else (*ATTACKED, *REFERENCES)
    inhabited = [role for role in wanted if len(samples.roles.rows(role))]
    with tempfile.TemporaryDirectory(prefix="scdeploy-") as folder:
        return probe(_asker(device, bundle, Path(folder)), samples, inhabited, channels)


def of_stored(run: RunFolder, subject: str) -> Mapping[Role, Knowledge]:
    """What `compress` wrote of the source or the dense baseline; nothing if it wrote nothing."""
    path = run.probes(subject)
    return probe_file.read(path) if path.is_file() else {}


def _asker(device: Device, bundle: Bundle, folder: Path) -> Ask:
    def ask(samples: NetworkInput) -> Int64:
        path = folder / "altered.npy"
        np.save(path, samples)
        answers = execution.run(device, bundle, Inputs(path, np.arange(len(samples))))
        return np.asarray(answers.logits.argmax(axis=1), dtype=np.int64)

    return ask
