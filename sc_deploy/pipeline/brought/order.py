"""What the user gives and asks: the files of a plain audit, read and refused all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sc_deploy import digest
from sc_deploy.contracts import BroughtFile
from sc_deploy.errors import DataError, IntegrityError, Problem, ScDeployError
from sc_deploy.pipeline.brought import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from sc_deploy.pipeline.brought.files import Layout
    from sc_deploy.pipeline.brought.rows import Rows

ReadT = TypeVar("ReadT")

MEMBERS, NON_MEMBERS, CALIBRATION, TEST, SOURCE, ARTIFACT = (
    "members", "non-members", "calibration", "test", "source", "artifact",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """A plain audit as it is asked for. `artifact` None: the files hold logits.

    `policy` None takes the default for plain audits. `seed` deals the samples and the attackers.
    """

    artifact: Path | None
    members: Path
    non_members: Path
    output: Path
    calibration: Path | None = None
    test: Path | None = None
    source: Path | None = None
    policy: Path | None = None
    device: str = "local"
    seed: int = 0

    @property
    def layout(self) -> Layout:
        return files.LOGITS if self.artifact is None else files.SAMPLES

    @property
    def given(self) -> Mapping[str, Path]:
        """Every file of it by purpose."""
        named = {
            ARTIFACT: self.artifact,
            MEMBERS: self.members,
            NON_MEMBERS: self.non_members,
            CALIBRATION: self.calibration,
            TEST: self.test,
            SOURCE: self.source,
        }
        return {purpose: path for purpose, path in named.items() if path is not None}


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """The samples of an order, as its files hold them. `source` are logits made elsewhere."""

    members: Rows
    non_members: Rows
    calibration: tuple[Rows, Rows] | None
    test: Rows | None
    source: Rows | None
    files: tuple[BroughtFile, ...]


def read(order: Order) -> Given:
    """Read every sample file. Raises DataError, or IntegrityError where one is unsafe, with the
    problems of all of them."""
    reader = _Reader(order)
    members = reader.attempt(MEMBERS, files.read)
    non_members = reader.attempt(NON_MEMBERS, files.read)
    calibration = reader.attempt(CALIBRATION, files.read_sides)
    test = reader.attempt(TEST, files.read)
    source = reader.attempt(SOURCE, files.read) if order.artifact is None else None
    reader.refuse(_absent(order))
    reader.refuse(_twice(order.given))
    parts = [p for p in (members, non_members, *(calibration or ()), test) if p is not None]
    reader.refuse(_unlike(parts))
    reader.finish()
    if members is None or non_members is None:
        raise DataError("members and non-members are missing", remedy="give both files")
    counts = {MEMBERS: members, NON_MEMBERS: non_members, TEST: test, SOURCE: source}
    sizes = {purpose: len(rows) for purpose, rows in counts.items() if rows is not None}
    if calibration is not None:
        sizes[CALIBRATION] = sum(map(len, calibration))
    return Given(members, non_members, calibration, test, source, tuple(_told(order, sizes)))


class _Reader:
    """Reads file after file and keeps what is wrong with each, to refuse them together."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._problems: list[Problem] = []
        self._unsafe = False

    def attempt(self, purpose: str, read: Callable[[Path, Layout], ReadT]) -> ReadT | None:
        path = self._order.given.get(purpose)
        if path is None:
            return None
        try:
            return read(path, self._order.layout)
        except ScDeployError as error:
            where = f"--{purpose} {path.name}"
            self._unsafe |= isinstance(error, IntegrityError)
            own = [Problem(f"{where}: {p.where}", p.found, p.remedy) for p in error.problems]
            self._problems += own or [Problem(where, error.what, error.remedy)]
            return None

    def refuse(self, problems: Iterator[Problem]) -> None:
        self._problems.extend(problems)

    def finish(self) -> None:
        if self._problems:
            kind = IntegrityError if self._unsafe else DataError
            raise kind(
                "the samples cannot be audited",
                remedy="correct all of it; docs/audit-any-file.md says what the files hold",
                problems=self._problems,
            )


def _absent(order: Order) -> Iterator[Problem]:
    """Model files that are not there; of sample files, reading says so."""
    models = (ARTIFACT, SOURCE) if order.artifact is not None else ()
    for purpose in models:
        path = order.given.get(purpose)
        if path is not None and not path.is_file():
            yield Problem(f"--{purpose} {path.name}", "is not there", "give the path of a file")


def _twice(given: Mapping[str, Path]) -> Iterator[Problem]:
    """Files that are given for two purposes; only test samples may also be non-members."""
    seen: dict[str, str] = {}
    allowed = {NON_MEMBERS, TEST}
    for purpose, path in given.items():
        if purpose in (ARTIFACT, SOURCE) or not path.is_file():
            continue
        content = digest.of_file(path)
        other = seen.setdefault(content, purpose)
        if other != purpose and {other, purpose} != allowed:
            yield Problem(
                f"--{purpose} {path.name}",
                f"is the file given as --{other}",
                "give every purpose samples of its own",
            )


def _unlike(parts: list[Rows]) -> Iterator[Problem]:
    """Files that do not go together: other shapes, or a unit or group in some of them only."""
    kinds = sorted({f"{p.values.dtype} {p.values.shape[1:]}" for p in parts})
    if len(kinds) > 1:
        yield Problem("samples", f"differ: {', '.join(kinds)}", "preprocess all of them alike")
    for name in files.OPTIONAL:
        have = [getattr(part, name) is not None for part in parts]
        if any(have) and not all(have):
            yield Problem(name, "is in some of the files only", "give it in all, or in none")


def _told(order: Order, sizes: Mapping[str, int]) -> Iterator[BroughtFile]:
    for purpose, path in order.given.items():
        if path.is_file():
            (file,) = digest.of_files(path.parent, [path.name])
            yield BroughtFile(purpose, path.name, file.sha256, file.bytes, sizes.get(purpose))
