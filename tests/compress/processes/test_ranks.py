"""Several processes at one compression, started as a launcher starts them; gloo on the CPU."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from sc_deploy.compress.processes.ranks import ALONE, PLAIN, Ranks, current

PROGRAM = Path(__file__).with_name("side_by_side.py")
SECONDS = 120
"""Far more than any scene takes, and far less than a collective would wait for a dead process."""


@dataclass(frozen=True)
class Ended:
    codes: tuple[int, ...]
    said: tuple[str, ...]
    seconds: float


def play(scenes: str, folder: Path, *, count: int = 2) -> Ended:
    """So many processes play these scenes; neither outlives `SECONDS`."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    surroundings = os.environ | {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": str(count),
        "OMP_NUM_THREADS": "1",
    }
    start = time.monotonic()
    running = [
        subprocess.Popen(
            [sys.executable, str(PROGRAM), scenes, str(folder)],
            env=surroundings | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]
    try:
        said = [process.communicate(timeout=SECONDS)[1] for process in running]
    finally:
        for process in running:
            process.kill()
    codes = tuple(process.returncode for process in running)
    return Ended(codes, tuple(said), time.monotonic() - start)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes left of all scenes that end well; each scene in a folder of its name."""
    folder = tmp_path_factory.mktemp("played")
    ended = play("collectives,told_failure,gradients,data,candidates,resumed", folder)
    assert ended.codes == (0, 0), ended.said
    return folder


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process leaves of the compressions among them."""
    folder = tmp_path_factory.mktemp("alone")
    ended = play("data,candidates", folder, count=1)
    assert ended.codes == (0,), ended.said
    return folder


@pytest.fixture(scope="module")
def in_shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes left that hold shards of one network, or join batch norms."""
    folder = tmp_path_factory.mktemp("in-shards")
    ended = play("sharded,norms,sharded_norms", folder)
    assert ended.codes == (0, 0), ended.said
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process leaves of the same compressions."""
    folder = tmp_path_factory.mktemp("whole")
    ended = play("blocks,norms", folder, count=1)
    assert ended.codes == (0,), ended.said
    return folder


def tensors(path: Path) -> dict[str, torch.Tensor]:
    return safetensors.torch.load_file(path)


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a run but what says when or where it was made."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_alone_every_exchange_is_what_this_process_has() -> None:
    value = torch.ones(2)
    ALONE.add({"value": value})
    assert value.tolist() == [1.0, 1.0]
    assert ALONE.share(np.arange(5)).tolist() == [0, 1, 2, 3, 4]
    assert ALONE.shared(0, lambda: b"mine", PLAIN) == b"mine"
    assert ALONE.spread([lambda: b"a", lambda: b"b"], PLAIN) == [b"a", b"b"]
    assert not ALONE.differing(b"anything")
    assert current() is ALONE


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_shares_put_together_are_the_whole_in_order(count: int) -> None:
    rows = np.random.default_rng(0).permutation(23)
    shares = [Ranks(index, count).share(rows) for index in range(count)]
    assert np.array_equal(np.concatenate(shares), rows)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.slow
def test_exchanges_come_to_the_same_in_both_processes(played: Path) -> None:
    for scene in ("collectives", "told_failure"):
        assert {path.name for path in (played / scene).iterdir()} == {"0", "1"}


@pytest.mark.slow
def test_shares_of_unlike_size_give_the_gradient_of_the_whole_batch(played: Path) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(1)
        module, _, _ = nn.Linear(3, 2), nn.Linear(1, 1), nn.Linear(1, 1)
        x, y = torch.randn(7, 3), torch.randint(2, (7,))
    loss = nn.functional.cross_entropy(module(x), y)
    (gradient,) = torch.autograd.grad(loss, [module.weight])
    first, second = tensors(played / "gradients" / "0"), tensors(played / "gradients" / "1")
    assert torch.equal(first["gradient"], second["gradient"])
    torch.testing.assert_close(first["gradient"], gradient)
    torch.testing.assert_close(first["loss"], loss.detach().reshape(1))


@pytest.mark.slow
def test_two_processes_with_half_the_batch_each_choose_what_one_with_all_of_it_does(
    played: Path, alone: Path
) -> None:
    ours, theirs = alone / "data" / "compressed", played / "data" / "compressed"
    assert (ours / "history.jsonl").read_bytes() == (theirs / "history.jsonl").read_bytes()
    assert (ours / "masks.safetensors").read_bytes() == (theirs / "masks.safetensors").read_bytes()
    for name in ("model.safetensors", "dense.safetensors"):
        one, two = tensors(ours / name), tensors(theirs / name)
        assert any(not torch.equal(one[key], two[key]) for key in one), "sums in another order"
        for key in one:
            torch.testing.assert_close(one[key], two[key], rtol=1e-9, atol=1e-12)


def assert_same_choices(ours: Path, theirs: Path) -> None:
    """The same candidates, marks and masks, and weights that differ in rounding alone."""
    ours, theirs = ours / "compressed", theirs / "compressed"
    for name in ("history.jsonl", "masks.safetensors"):
        assert (ours / name).read_bytes() == (theirs / name).read_bytes()
    for name in {"model.safetensors", "dense.safetensors"} & {at.name for at in ours.iterdir()}:
        one, two = tensors(ours / name), tensors(theirs / name)
        assert one.keys() == two.keys()
        for key in one:
            torch.testing.assert_close(one[key], two[key], rtol=1e-6, atol=1e-9)


@pytest.mark.slow
def test_two_processes_that_hold_half_a_network_each_choose_what_one_that_holds_it_does(
    in_shards: Path, whole: Path
) -> None:
    assert_same_choices(whole / "blocks", in_shards / "sharded" / "run")


@pytest.mark.slow
def test_weights_gradients_and_moments_lie_in_shards(in_shards: Path) -> None:
    held = [json.loads((in_shards / "sharded" / f"held-{at}.json").read_text()) for at in (0, 1)]
    for kind in ("weights", "gradients", "moments"):
        assert held[0][kind] + held[1][kind] == held[0]["all"]
        assert 0.45 < held[0][kind] / held[0]["all"] < 0.55


@pytest.mark.slow
@pytest.mark.parametrize("scene", ["norms", "sharded_norms"])
def test_batch_norms_of_shares_are_those_of_the_whole_batch(
    in_shards: Path, whole: Path, scene: str
) -> None:
    assert_same_choices(whole / "norms", in_shards / scene)


@pytest.mark.slow
def test_a_network_in_shards_goes_on_after_a_kill_to_the_same_bytes(
    in_shards: Path, tmp_path: Path
) -> None:
    ended = play("killed", tmp_path)
    assert ended.codes == (4, -9)
    assert "another process of this command ended or failed" in ended.said[0]
    assert (tmp_path / "killed" / "state" / "standing.json").is_file()
    ended = play("killed", tmp_path)
    assert ended.codes == (0, 0), ended.said
    assert files(tmp_path / "killed") == files(in_shards / "sharded" / "run")


@pytest.mark.slow
def test_candidates_spread_over_processes_leave_the_very_bytes_of_one_process(
    played: Path, alone: Path
) -> None:
    assert files(alone / "candidates") == files(played / "candidates")


@pytest.mark.slow
def test_two_processes_go_on_from_where_one_was_interrupted_to_the_same_bytes(
    played: Path, alone: Path
) -> None:
    assert files(alone / "candidates") == files(played / "resumed")


@pytest.mark.slow
def test_a_process_that_fails_ends_the_other_with_its_code_and_its_words(tmp_path: Path) -> None:
    ended = play("raises", tmp_path)
    assert ended.codes == (4, 4)
    assert "another process of this command ended or failed" in ended.said[0]
    assert "said='planted'" in ended.said[0]


@pytest.mark.slow
def test_a_process_that_is_killed_ends_the_other_at_once(tmp_path: Path) -> None:
    ended = play("dies", tmp_path)
    assert ended.codes == (4, -9)
    assert "another process of this command ended or failed" in ended.said[0]
    assert ended.seconds < SECONDS / 2


@pytest.mark.slow
def test_processes_that_drift_apart_all_stop_and_say_in_what(tmp_path: Path) -> None:
    ended = play("differ", tmp_path)
    assert ended.codes == (4, 4)
    assert all("later: the weights of some process differ" in said for said in ended.said)
