from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sc_deploy import digest
from sc_deploy.errors import IntegrityError


def test_the_digest_of_a_file_is_its_sha256(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * (3 * digest.CHUNK + 1))
    assert digest.of_file(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_layout_of_json_does_not_count() -> None:
    assert digest.of_json({"a": 1, "b": [2]}) == digest.of_json({"b": [2], "a": 1})
    assert digest.of_json({"a": 1}) != digest.of_json({"a": 2})


def test_dtype_shape_and_name_count_for_arrays() -> None:
    base = np.arange(6, dtype=np.int64)
    digests = {
        digest.of_arrays({"a": base}),
        digest.of_arrays({"b": base}),
        digest.of_arrays({"a": base.reshape(2, 3)}),
        digest.of_arrays({"a": base.astype(np.int32)}),
        digest.of_arrays({"a": base.astype(np.float64)}),
    }
    assert len(digests) == 5


def test_an_array_larger_than_a_chunk_has_the_digest_of_its_whole() -> None:
    array = np.arange(700_000, dtype=np.float32).reshape(-1, 7)
    whole = hashlib.sha256(f"a|{array.dtype.str}|{array.shape}|".encode() + array.tobytes())
    assert digest.of_arrays({"a": array}) == whole.hexdigest()


def test_unchanged_files_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    digest.require_files(tmp_path, digest.of_files(tmp_path, ["a"]))


def test_every_changed_missing_or_escaping_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "artifact"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / name).write_text(name)
    intact, changed, gone = digest.of_files(folder, ["a", "b", "c"])
    (folder / "b").write_text("other")
    (folder / "c").unlink()
    (tmp_path / "outside").write_text("a")
    escaping = replace(intact, path="../outside")
    with pytest.raises(IntegrityError) as caught:
        digest.require_files(folder, [intact, changed, gone, escaping])
    assert [problem.where for problem in caught.value.problems] == ["b", "c", "../outside"]
