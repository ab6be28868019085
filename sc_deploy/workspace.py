"""The run folder: where every file of a run lies, and how it is written whole or not at all."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from sc_deploy import digest
from sc_deploy.contracts import FileDigest, Role  # noqa: TC001 (pydantic resolves them)
from sc_deploy.errors import IntegrityError, UsageError, of_system

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA_VERSION: Final = 1
SECRET: Final = 0o600
PART: Final = ".part"

ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Stage:
    """A finished stage: the digest of all that it was made from, and what it wrote."""

    key: str
    outputs: tuple[FileDigest, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run folder holds and which inputs made it."""

    schema_version: int
    stages: dict[str, Stage]


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The layout of one run (ARCHITECTURE, the command line)."""

    root: Path

    @classmethod
    def open(cls, root: Path) -> RunFolder:
        """An existing run. Raises UsageError where there is none."""
        if not (root / "manifest.json").is_file():
            raise UsageError(
                f"{root} is not a run folder: it has no manifest.json",
                remedy="give the folder that `scdeploy compress -o` wrote",
            )
        return cls(root)

    @property
    def recipe_lock(self) -> Path:
        return self.root / "recipe.lock.yaml"

    @property
    def policy_lock(self) -> Path:
        return self.root / "policy.lock.yaml"

    @property
    def brought_lock(self) -> Path:
        return self.root / "brought.lock.json"

    @property
    def compressed(self) -> Path:
        return self.root / "compressed"

    @property
    def roles(self) -> Path:
        return self.compressed / "roles.npz"

    @property
    def canaries(self) -> Path:
        return self.compressed / "canaries.npz"

    @property
    def loss_traces(self) -> Path:
        return self.compressed / "loss_traces.npz"

    @property
    def training(self) -> Path:
        return self.compressed / "training.json"

    @property
    def history(self) -> Path:
        return self.compressed / "history.jsonl"

    @property
    def reference(self) -> Path:
        return self.compressed / "reference.json"

    @property
    def references(self) -> Path:
        """Run folders of the audit's reference models, by number."""
        return self.root / "references"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.jsonl"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def summary(self) -> Path:
        return self.root / "reports" / "summary.json"

    def predictions(self, subject: str, role: Role) -> Path:
        """`subject` is `source`, `dense`, or `<artifact name>/<device>`."""
        return self.root / "predictions" / subject / f"{role}.npz"

    def probes(self, subject: str) -> Path:
        """Answers to altered samples; `subject` is `source` or `dense`."""
        return self.root / "predictions" / subject / "probes.safetensors"

    def artifact(self, name: str) -> Path:
        return self.root / "artifacts" / name

    def artifacts(self) -> tuple[Path, ...]:
        """Folders of finished artifacts, by name."""
        return tuple(sorted(p.parent for p in self.root.glob("artifacts/*/artifact.json")))

    def private(self, artifact: str, device: str) -> Path:
        """What is told of single samples, to their owner alone."""
        return self.root / "private" / artifact / device

    def report(self, artifact: str, device: str) -> Path:
        return self.root / "reports" / artifact / device / "report.json"

    def manifest(self) -> Manifest:
        path = self.root / "manifest.json"
        return read_document(path, Manifest) if path.is_file() else Manifest(SCHEMA_VERSION, {})

    def is_done(self, stage: str, key: str) -> bool:
        """Whether the stage was finished from these very inputs and its files still hold.

        Raises IntegrityError if a file that the stage wrote has been changed since.
        """
        done = self.manifest().stages.get(stage)
        if done is None or done.key != key:
            return False
        digest.require_files(self.root, done.outputs)
        return True

    def require(self, stage: str) -> Stage:
        """A finished stage whose files still hold. Raises UsageError or IntegrityError."""
        done = self.manifest().stages.get(stage)
        if done is None:
            raise UsageError(
                f"{self.root} has no finished {stage!r} stage",
                remedy=f"run `scdeploy {stage.partition(':')[0]}` first",
            )
        digest.require_files(self.root, done.outputs)
        return done

    def finish(self, stage: str, key: str, outputs: tuple[Path, ...]) -> None:
        """Enter a stage and the digests of its files into the manifest."""
        names = [path.relative_to(self.root).as_posix() for path in outputs]
        stages = self.manifest().stages | {
            stage: Stage(key, digest.of_files(self.root, names)),
        }
        write_document(self.root / "manifest.json", Manifest(SCHEMA_VERSION, stages))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder alone, rid of what a killed process left half done.

        Raises UsageError if another process holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise UsageError(
                    f"{self.root} is in use by another scdeploy",
                    remedy="wait for it to end, or choose another -o folder",
                ) from error
            self._sweep()
            yield

    def _sweep(self) -> None:
        """Remove scratch samples and half-written files: whoever wrote them is dead.

        Reports are left alone, because `scdeploy report` writes them without the lock.
        """
        shutil.rmtree(self.cache, ignore_errors=True)
        written = ("artifacts", "compressed", "predictions", "private", "references", "state")
        for folder in written:
            for path in (self.root / folder).rglob(f".*{PART}"):
                path.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path, *, mode: int = 0o644) -> Iterator[BinaryIO]:
    """Write aside, fsync, rename: the file is the old one or the new one, never half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            # A full disk does not say which file it was.
            error.filename = str(path)
        raise
    sync_folder(path.parent)


def require_writable(folder: Path) -> None:
    """Raise UsageError where nothing could be written into this folder, or where it could not be
    made. It is tried, because what modes say does not hold for every user and file system."""
    at = next((place for place in (folder, *folder.absolute().parents) if _stands(place)), folder)
    if not at.is_dir():
        raise UsageError(
            f"{at} is not a folder, and the output folder {folder} would lie there",
            remedy="choose another folder with -o, or move what is there away",
        )
    try:
        with tempfile.TemporaryDirectory(dir=at, prefix=".scdeploy.", suffix=PART):
            pass
    except OSError as error:
        if (refusal := of_system(error)) is not None and not isinstance(refusal, UsageError):
            raise refusal from error
        raise UsageError(
            f"the output folder {folder} cannot be written: {at}: {error.strerror}",
            remedy="choose a folder with -o that you may write to",
        ) from error


def _stands(place: Path) -> bool:
    """Whether something is there, if only a link that leads nowhere."""
    try:
        return place.is_symlink() or place.exists()
    except OSError:
        return False


def write_bytes(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """The whole content at once; see `replacing`."""
    with replacing(path, mode=mode) as stream:
        stream.write(content)


def write_text(path: Path, content: str, *, mode: int = 0o644) -> None:
    write_bytes(path, content.encode(), mode=mode)


def sync_folder(folder: Path) -> None:
    """Make a rename in this folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish_folder(staged: Path, final: Path) -> None:
    """Rename a finished folder into place; an older one there is replaced as a whole."""
    for file in staged.rglob("*"):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        old = final.with_name(f".{final.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        final.rename(old)
        staged.rename(final)
        shutil.rmtree(old)
    else:
        staged.rename(final)
    sync_folder(final.parent)


def encode(value: object) -> str:
    """A value of `contracts` as indented JSON with a final newline."""
    # Any: the adapter is made for whatever type the value has.
    adapter: TypeAdapter[Any] = TypeAdapter(type(value))
    return adapter.dump_json(value, indent=2).decode() + "\n"


def write_document(path: Path, value: object, *, mode: int = 0o644) -> None:
    write_text(path, encode(value), mode=mode)


def read_document(path: Path, kind: type[ValueT]) -> ValueT:
    """A value from its JSON file. Raises IntegrityError unless it survives the round trip.

    The round trip refuses unknown keys and coerced values, which a dataclass would let pass.
    """
    try:
        text = path.read_text(encoding="utf-8")
        value = TypeAdapter(kind).validate_json(text)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise IntegrityError(
            f"{path} is not a readable {kind.__name__}: {error}",
            remedy="restore the file, or make it again with the command that wrote it",
        ) from error
    if json.loads(text) != json.loads(encode(value)):
        raise IntegrityError(
            f"{path} holds more or other than a {kind.__name__} of this version",
            remedy="use the scdeploy version that wrote it, or make it again",
        )
    return value
