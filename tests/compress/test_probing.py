from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from safetensors.numpy import save

from sc_deploy.compress import probe_file, probing, stage
from sc_deploy.compress.probed import write_probed
from sc_deploy.compress.probing import Samples, needed, probe
from sc_deploy.contracts import Channel, LoadedModel, Role
from sc_deploy.errors import IntegrityError
from sc_deploy.tasks import batches
from sc_deploy.workspace import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from sc_deploy.compress.job import Job
    from sc_deploy.contracts.arrays import Int64, NetworkInput

WANTED = (Role.MEMBER_AUDIT, Role.NON_MEMBER_AUDIT)


def bright(x: NetworkInput) -> Int64:
    """A model that counts bright quarters."""
    brightness = np.abs(x.reshape(len(x), -1)).mean(axis=1)
    return np.asarray(brightness * 4, dtype=np.int64) % 4


@pytest.fixture
def samples(job: Job) -> Samples:
    return Samples(job.task, job.roles)


def test_only_what_the_attacks_of_a_policy_read_is_asked() -> None:
    assert needed(("loss", "neural", "quantile")) == frozenset()
    assert needed(("loss", "label-only")) == {Channel.VOTES}
    assert needed(("boundary", "label-only")) == {Channel.VOTES, Channel.DISTANCE}


def test_the_first_vote_is_whether_the_sample_itself_is_answered_rightly(samples: Samples) -> None:
    known = probe(bright, samples, WANTED, frozenset({Channel.VOTES}))
    for role in WANTED:
        rows = samples.roles.rows(role)
        x = batches.read(samples.task, samples.roles.index[rows])
        found = known[role].votes
        assert found is not None
        np.testing.assert_array_equal(found[:, 0], bright(x) == samples.roles.label[rows])
        assert known[role].distance is None


def test_samples_that_do_not_fit_into_memory_together_get_the_same_votes(
    samples: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = probe(bright, samples, WANTED, frozenset({Channel.VOTES}))
    monkeypatch.setattr(probing, "IN_MEMORY", 8 * 64 * 7)
    parts = probe(bright, samples, WANTED, frozenset({Channel.VOTES}))
    for role in WANTED:
        assert np.array_equal(whole[role].votes, parts[role].votes)  # type: ignore[arg-type]


def test_the_measured_samples_are_those_with_the_least_ids(
    samples: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "MEASURED", 5)
    known = probe(bright, samples, WANTED, frozenset({Channel.DISTANCE}))
    for role in WANTED:
        distance = known[role].distance
        assert distance is not None
        ids = [row.tobytes() for row in samples.roles.sample_id[samples.roles.rows(role)]]
        measured = {ids[place] for place in np.flatnonzero(~np.isnan(distance))}
        assert measured == set(sorted(ids)[:5])


def test_a_job_that_is_asked_for_it_writes_what_its_model_tells(job: Job, tmp_path: Path) -> None:
    asked = replace(job, probed=frozenset({Channel.VOTES, Channel.DISTANCE}))
    run = RunFolder(tmp_path)
    module = asked.factory(0)
    model = LoadedModel(module, job.network, "0" * 64)
    (path,) = write_probed(model, asked, run, subject="source")
    assert path in stage.outputs(asked, run)
    assert path not in stage.outputs(job, run)
    assert path.stat().st_mode & 0o777 == 0o600
    found = probe_file.read(path)[Role.MEMBER_AUDIT]
    assert found.channels == {Channel.VOTES, Channel.DISTANCE}
    content = path.read_bytes()
    write_probed(model, asked, run, subject="source")
    assert path.read_bytes() == content


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "probes.safetensors"
    path.write_bytes(save({"nobody.votes": np.zeros(3, np.bool_)}))
    with pytest.raises(IntegrityError, match="altered samples"):
        probe_file.read(path)
    path.write_bytes(b"PK")
    with pytest.raises(IntegrityError, match="altered samples"):
        probe_file.read(path)
