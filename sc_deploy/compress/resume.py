"""What survives a kill: the loop's standing after its last finished round, on disk."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy import workspace
from sc_deploy.compress import state
from sc_deploy.compress.candidates import marks
from sc_deploy.compress.candidates.selection import Examined
from sc_deploy.compress.checkpoint import DENSE, REFERENCE
from sc_deploy.compress.loop import Finalist, Standing
from sc_deploy.contracts import Candidate, Diverged  # noqa: TC001 (pydantic resolves it)
from sc_deploy.errors import IntegrityError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.compress.state import TrainingState
    from sc_deploy.workspace import RunFolder

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose state a folder holds: the digest of all that the compression is made from."""

    schema_version: int
    key: str


@dataclass(frozen=True, slots=True)
class StateFile:
    """A saved training state: `<sha256>.safetensors`, reached after `step` steps."""

    sha256: str
    step: int

    @property
    def name(self) -> str:
        return f"{self.sha256}.safetensors"


@dataclass(frozen=True, slots=True)
class MarksFile:
    """Marks of several candidates, in order: `<sha256>.safetensors`."""

    sha256: str

    @property
    def name(self) -> str:
        return f"{self.sha256}.safetensors"


@dataclass(frozen=True, slots=True)
class Saved:
    """The loop's standing; renamed into place last, it makes a round count as finished.

    `finalists` are round numbers with the states that may be returned; `marks` are theirs, in
    that order.
    """

    schema_version: int
    finished: int
    current: StateFile
    finalists: tuple[tuple[int, StateFile], ...]
    marks: MarksFile
    kept_at: int
    stale: int
    history: tuple[Candidate, ...]
    diverged: tuple[Diverged, ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """The state folder of one compression."""

    folder: Path

    def save(self, standing: Standing) -> None:
        """Write states and marks under the names of their digests, then the standing that names
        them.

        A kill between any two writes leaves the standing before this one intact.
        """
        saved = Saved(
            schema_version=SCHEMA_VERSION,
            finished=standing.finished,
            current=self._write_state(standing.current),
            finalists=tuple(
                (one.examined.candidate.round, self._write_state(one.state))
                for one in standing.finalists
            ),
            marks=MarksFile(
                self._write(marks.encode([one.examined.marks for one in standing.finalists]))
            ),
            kept_at=standing.kept_at,
            stale=standing.stale,
            history=standing.history,
            diverged=standing.diverged,
        )
        workspace.write_document(self._standing, saved, mode=workspace.SECRET)
        states = {file.name for _, file in saved.finalists}
        self._sweep({saved.current.name, saved.marks.name, *states})

    def load(self) -> Standing | None:
        """The last standing saved; None before the first. Raises IntegrityError."""
        if not self._standing.is_file():
            return None
        saved = workspace.read_document(self._standing, Saved)
        chosen = {entry.round: entry for entry in saved.history if entry.chosen}
        found = marks.decode(self._read(saved.marks))
        return Standing(
            finished=saved.finished,
            current=self._read_state(saved.current),
            finalists=tuple(
                Finalist(Examined(chosen[number], mark), self._read_state(file))
                for (number, file), mark in zip(saved.finalists, found, strict=True)
            ),
            kept_at=saved.kept_at,
            stale=saved.stale,
            history=saved.history,
            diverged=saved.diverged,
        )

    def discard(self) -> None:
        """Remove the folder. The claim goes last, so that half a folder still says whose it is."""
        self._sweep(set())
        self._standing.unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _standing(self) -> Path:
        return self.folder / "standing.json"

    def _write_state(self, found: TrainingState) -> StateFile:
        return StateFile(self._write(state.encode(found)), found.step)

    def _read_state(self, file: StateFile) -> TrainingState:
        return state.decode(self._read(file), step=file.step)

    def _write(self, content: bytes) -> str:
        """The sha256 under whose name the content lies now."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.folder / f"{sha256}.safetensors"
        if not path.is_file():
            workspace.write_bytes(path, content, mode=workspace.SECRET)
        return sha256

    def _read(self, file: StateFile | MarksFile) -> bytes:
        path = self.folder / file.name
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise IntegrityError(
                f"{path} is missing or was changed", remedy="start again with --overwrite"
            )
        return content

    def _sweep(self, named: set[str]) -> None:
        """Remove files that no standing names, and what a kill left half written."""
        for path in self.folder.iterdir():
            if path.name not in {*named, "claim.json", "standing.json", DENSE, REFERENCE}:
                path.unlink()


def exists(run: RunFolder) -> bool:
    """Whether a compression was begun in this run folder and not finished."""
    return (_folder(run) / "claim.json").is_file()


def discard(run: RunFolder) -> None:
    """Forget an unfinished compression, as `--overwrite` asks."""
    if _folder(run).is_dir():
        Store(_folder(run)).discard()


def open_store(run: RunFolder, key: str, *, resume: bool) -> Store:
    """The state folder, claimed for this compression.

    Raises UsageError if it holds an unfinished compression that `resume` was not asked for, or
    that was made from another recipe or other roles.
    """
    claim = _folder(run) / "claim.json"
    if not claim.is_file():
        workspace.write_document(claim, Claim(SCHEMA_VERSION, key))
    elif not resume:
        raise UsageError(
            f"{run.root} holds a compression that was begun and not finished",
            remedy="go on with --resume, or begin anew with --overwrite",
        )
    elif workspace.read_document(claim, Claim).key != key:
        raise UsageError(
            f"{run.root} was begun with another recipe, other roles or another network",
            remedy="go on with the recipe it was begun with, begin anew with --overwrite, "
            "or choose another -o folder",
        )
    return Store(_folder(run))


def _folder(run: RunFolder) -> Path:
    return run.root / "state"
