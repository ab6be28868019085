"""Exported models, and what it takes to run one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sc_deploy.contracts.data import Role
from sc_deploy.contracts.model import TensorStat

if TYPE_CHECKING:
    from pathlib import Path


BROUGHT: Final = "brought"
"""The target of a file that nobody here exported."""


@dataclass(frozen=True, slots=True)
class FileDigest:
    """One file of an artifact: path relative to its folder, sha256 as hex, size in bytes."""

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """An input or output: `shape` without the batch dimension, which is dynamic.

    `dtype` is float32, or int64 for an input of token ids.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Quantization:
    """Which samples chose the integer ranges. They count as members of the artifact.

    `samples_digest` is the sha256 of their sorted sample ids; never the ids themselves.
    """

    role: Role
    samples: int
    samples_digest: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """An exported model: what ships, and what it was made from.

    `files` starts with the model file. `parent` is the checkpoint's digest; `tensors` are the
    weights that the source says must be found in the file, batch norms folded. Of a file whose
    `target` is BROUGHT nobody knows parent, roles and preprocessing; they are None.
    """

    target: str
    format: str
    precision: str
    encoding: str
    files: tuple[FileDigest, ...]
    parent: str | None
    roles_digest: str | None
    preprocessing_digest: str | None
    toolchain: tuple[tuple[str, str], ...]
    input: TensorSpec
    output: TensorSpec
    tensors: tuple[TensorStat, ...]
    quantization: Quantization | None

    @property
    def name(self) -> str:
        if self.target == BROUGHT:
            return self.files[0].path
        return f"{self.target}.{self.format}.{self.precision}.{self.encoding}"

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an artifact's answers may lie from its source's on the same real samples.

    `max_error` bounds max |Δlogit| divided by the standard deviation of the source's logits;
    `agreement` is the least share of equal top-1 answers, in (0, 1].
    """

    max_error: float
    agreement: float


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a device needs to run an artifact.

    `files` maps the name inside the working folder to the file on this host. `argv` may hold the
    placeholders `{python}`, `{inputs}`, `{outputs}`, `{record}` and `{batch}`: the interpreter, a
    `.npy` [N, ...] of `input`'s dtype to read, a float32 `.npy` [N, C] to write, a JSON file to
    write with `runtime`, `version`, `compute_unit` and `latency_ms` (a list, one entry a timed
    batch-1 run), and how many samples to give the model at once. `abi` names what the files run
    on.
    """

    files: tuple[tuple[str, Path], ...]
    argv: tuple[str, ...]
    abi: str
    input: TensorSpec
    output: TensorSpec
