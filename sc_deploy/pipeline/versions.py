"""Which other versions of the model the public has, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from sc_deploy import digest, predictions, workspace
from sc_deploy.contracts import Artifact, Role
from sc_deploy.errors import InferenceError, IntegrityError, Problem, UnavailableError, UsageError
from sc_deploy.pipeline import execution, locate, models
from sc_deploy.pipeline import stored as files
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sc_deploy.contracts import Device, Knowledge, Predictions, Roles
    from sc_deploy.contracts.arrays import Float32
    from sc_deploy.pipeline.execution import Inputs
    from sc_deploy.pipeline.problem import Problem as Asked
    from sc_deploy.policy import Policy

ATTACK: Final = "version-difference"

Known: TypeAlias = "dict[str, dict[Role, Knowledge]]"


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A published model: digest of its description, and its answers by role."""

    digest: str
    answers: Mapping[Role, Predictions]


@dataclass(frozen=True, slots=True, eq=False)
class Public:
    """What an attacker of one file has besides: other `folders` of artifacts, `models` before
    export, and `previous` releases. All empty where no attack would look at them."""

    folders: tuple[Path, ...] = ()
    models: tuple[str, ...] = ()
    previous: tuple[Version, ...] = ()

    @property
    def digests(self) -> list[str]:
        """Of what this run's own models do not settle."""
        beside = [digest.of_file(folder / "artifact.json") for folder in self.folders]
        return [*beside, *(version.digest for version in self.previous)]

    def answered(
        self, artifact: Callable[[Path], Version], model: Callable[[str], Version | None]
    ) -> tuple[Version, ...]:
        """What all of them answer; nothing where one of them cannot be asked here.

        An attacker would have it, so an attack without it would show too little.
        """
        try:
            beside = [artifact(folder) for folder in self.folders]
        except (InferenceError, UnavailableError):
            return ()
        before = [found for name in self.models if (found := model(name)) is not None]
        return (*beside, *before, *self.previous)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Where a file of another run is questioned: on this run's samples."""

    device: Device
    inputs: Inputs
    roles: Roles


def asked(policy: Policy) -> bool:
    """Whether the policy names an attack that needs them."""
    return ATTACK in (*policy.attacks, *policy.shown)


def public(problem: Asked, run: RunFolder, folder: Path, earlier: tuple[Version, ...]) -> Public:
    """What the recipe says is published beside the artifact in `folder`, where a policy asks."""
    if not asked(problem.policy):
        return Public()
    published = problem.recipe.audit.published
    others = tuple(other for other in run.artifacts() if other != folder)
    return Public(
        others if "artifacts" in published else (),
        tuple(name for name in published if name != "artifacts"),
        earlier,
    )


def require_asked(policy: Policy, previous: Path | None) -> None:
    """Raise UsageError if an earlier release is given that no attack would look at."""
    if previous is not None and not asked(policy):
        raise UsageError(
            f"policy {policy.name!r} names no {ATTACK} attack, which --previous is for",
            remedy=f"name {ATTACK} in `attacks` or `shown` of the policy before training, or "
            "leave --previous away",
        )


def beside(known: Known, own: Mapping[Role, Predictions], versions: Sequence[Version]) -> Known:
    """What is known, and with it what the versions answer, in the order of `own`.

    A role for which some version has no answers stays without. Raises IntegrityError where a
    version answers for other samples or labels.
    """
    found = {role: _stacked(role, own[role], versions) for role in own}
    return {
        subject: {
            role: replace(knowledge, versions=found.get(role)) for role, knowledge in roles.items()
        }
        for subject, roles in known.items()
    }


def model(run: RunFolder, roles: Roles, name: str) -> Version | None:
    """What `source` or `dense` answers; None where there is no such model."""
    known = models.read(run)
    found = {"source": known.source, "dense": known.dense}[name]
    answers = files.answers(run, roles, name, found)
    return None if found is None or answers is None else Version(found.digest, answers)


def stored(run: RunFolder, folder: Path, device: str, roles: Roles) -> Version | None:
    """What an artifact of this run answered when it was audited; None if it was not, as it is.

    Raises IntegrityError if the answers were changed.
    """
    described = digest.of_file(folder / "artifact.json")
    answers: dict[Role, Predictions] = {}
    for role in Role:
        path = run.predictions(f"{folder.name}/{device}", role)
        if not path.is_file():
            continue
        answers[role], origin = predictions.read(path)
        made = (origin.artifact_digest, origin.roles_digest, origin.preprocessing_digest)
        if made != (described, roles.digest, roles.preprocessing_digest):
            return None
    return Version(described, answers) if answers else None


def previous(path: Path, table: Table) -> tuple[Version, ...]:
    """What the files of an earlier run answer on the samples of this one.

    `path` is that run's folder, or the folder of one of its reports, which names one artifact.
    The files themselves are run, so that nothing of what they once answered is taken on trust.
    Raises UsageError, IntegrityError, UnavailableError or InferenceError.
    """
    run, name = _located(path)
    folders = [folder for folder in run.artifacts() if name in {None, folder.name}]
    if not folders:
        raise UsageError(
            f"{path} holds no exported file to compare with",
            remedy="give the folder of a run that exported one",
        )
    return tuple(_answered(run, folder, table) for folder in folders)


def _located(path: Path) -> tuple[RunFolder, str | None]:
    """The run that a folder belongs to, and the artifact that it is about, if one."""
    root = next(
        (at for at in (path, *path.resolve().parents) if (at / "manifest.json").is_file()), path
    )
    run = RunFolder.open(root)
    inside = path.resolve().relative_to(root.resolve()).parts
    return run, inside[1] if len(inside) > 1 and inside[0] == "reports" else None


def _answered(run: RunFolder, folder: Path, table: Table) -> Version:
    run.require(f"export:{folder.name}")
    artifact = workspace.read_document(folder / "artifact.json", Artifact)
    digest.require_files(folder, artifact.files)
    if artifact.preprocessing_digest != table.roles.preprocessing_digest:
        raise IntegrityError(
            f"{folder} was made for other data, another roles.key or other preprocessing, so its "
            "answers to these samples mean nothing",
            remedy="compare with a release of the same task and key",
            problems=[
                Problem(
                    "preprocessing",
                    f"is {(artifact.preprocessing_digest or 'not recorded')[:12]}, "
                    f"expected {table.roles.preprocessing_digest[:12]}",
                    "give another --previous",
                )
            ],
        )
    fmt = locate.format_of(artifact.target, artifact.format)
    locate.require_runtime(fmt)
    answers = execution.run(table.device, fmt.bundle(artifact, folder), table.inputs)
    return Version(
        digest.of_file(folder / "artifact.json"),
        execution.by_role(answers, table.inputs, table.roles),
    )


def _stacked(role: Role, own: Predictions, versions: Sequence[Version]) -> Float32 | None:
    """float32 [M, N, C]; None where there is no version, or one lacks the role or a class."""
    found = [version.answers.get(role) for version in versions]
    aligned = [predictions.align(own, answers).logits for answers in found if answers is not None]
    if not aligned or len(aligned) < len(versions):
        return None
    if any(logits.shape != own.logits.shape for logits in aligned):
        return None
    if not all(np.isfinite(logits).all() for logits in aligned):
        return None
    stacked: Float32 = np.stack(aligned)
    return stacked
