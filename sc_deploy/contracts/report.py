"""What a reader is told: the documents that the report room renders."""

from __future__ import annotations

from dataclasses import dataclass

from sc_deploy.contracts.artifact import Artifact
from sc_deploy.contracts.brought import Brought
from sc_deploy.contracts.measurement import Candidate, Diverged, Rate
from sc_deploy.contracts.model import TensorStat
from sc_deploy.contracts.verdict import Audit, Verdict


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A model before export. `bytes` is the size of its weights file; `density` of the
    governed weights, by their masks; `tensors` are those weights. `uncut_parameters` counts those
    of the network before its channels were cut, if they were, and `density` is a share of it."""

    name: str
    network: str
    digest: str
    parameters: int
    bytes: int
    density: float
    tensors: tuple[TensorStat, ...]
    uncut_parameters: int | None = None

    @property
    def kept_zeros(self) -> int:
        """Kept weights that are zero: grown where no gradient reached them."""
        return sum(tensor.alive - tensor.nonzero for tensor in self.tensors)


@dataclass(frozen=True, slots=True)
class RuntimeSummary:
    """What really ran the artifact, and how fast one sample was (median, milliseconds)."""

    device: str
    runtime: str
    version: str
    compute_unit: str
    latency_ms: Rate


@dataclass(frozen=True, slots=True)
class Report:
    """One audited artifact on one device; written as `report.json`.

    `runtime` is None where the artifact could not be executed; `samples` counts the samples of
    each role; `environment` names package versions and platform; digests are sha256 as hex.
    `recipe_digest` and `source` are None, and `brought` is not, where a model that nobody here
    made was audited.
    `settings` are those of the recipe that say how the source was made, by name, in words.
    """

    schema_version: int
    tool_version: str
    run: str
    created: str
    artifact: Artifact
    artifact_digest: str
    runtime: RuntimeSummary | None
    audit: Audit | None
    verdict: Verdict
    policy: str
    policy_digest: str
    recipe_digest: str | None
    roles_digest: str
    seed: int
    label_noise: float
    samples: tuple[tuple[str, int], ...]
    dense: ModelSummary | None
    source: ModelSummary | None
    history: tuple[Candidate, ...]
    environment: tuple[tuple[str, str], ...]
    brought: Brought | None = None
    settings: tuple[tuple[str, str], ...] = ()
    diverged: tuple[Diverged, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """All reports of a run; written as `reports/summary.json` and rendered as one page.

    `exit_code` is the code of the verdicts together.
    """

    schema_version: int
    run: str
    created: str
    exit_code: int
    reports: tuple[Report, ...]
