from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from sc_deploy.errors import IntegrityError, UsageError
from sc_deploy.networks.weights import load

if TYPE_CHECKING:
    from pathlib import Path


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))


def weights(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def write(path: Path, content: dict[str, torch.Tensor]) -> Path:
    if path.suffix == ".safetensors":
        save_file(content, path)
    else:
        torch.save(content, path)
    return path


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt", "w.pth"])
def test_weights_survive_the_file(tmp_path: Path, name: str) -> None:
    first, second = network(), network()
    load(second, write(tmp_path / name, weights(first)))
    for key, tensor in first.state_dict().items():
        assert torch.equal(second.state_dict()[key], tensor)


class Malicious:
    def __init__(self, evidence: Path) -> None:
        self.evidence = evidence

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.evidence}",)


def test_a_malicious_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    path, evidence = tmp_path / "w.pt", tmp_path / "was-run"
    torch.save({"0.weight": Malicious(evidence)}, path)
    with pytest.raises(IntegrityError, match="was not opened"):
        load(network(), path)
    assert not evidence.exists()
    # The same file does its harm where pickles are trusted, so that this test can fail.
    torch.load(path, weights_only=False)
    assert evidence.exists()


def test_every_mismatch_is_listed_and_nothing_is_loaded(tmp_path: Path) -> None:
    module = network()
    before = weights(module)
    content = weights(network())
    del content["0.bias"]
    content["0.weight"] = torch.zeros(3, 3)
    content["1.weight"] = torch.tensor([1.0, float("nan")])
    content["2.weight"] = torch.zeros(1)
    with pytest.raises(UsageError) as caught:
        load(module, write(tmp_path / "w.safetensors", content))
    found = {problem.where: problem.found for problem in caught.value.problems}
    assert found == {
        "0.bias": "is missing in the file",
        "0.weight": "is [3, 3], expected [2, 3]",
        "1.weight": "holds values that are not finite",
        "2.weight": "is not in the network",
    }
    assert all(torch.equal(before[name], tensor) for name, tensor in weights(module).items())


@pytest.mark.parametrize("name", ["w.safetensors", "w.pt"])
@pytest.mark.parametrize("content", [None, b"", b"neither weights nor code"])
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises((UsageError, IntegrityError), match="w\\."):
        load(network(), tmp_path / name)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    for name in ("w.safetensors", "w.pt"):
        path = write(tmp_path / name, weights(network()))
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises((UsageError, IntegrityError), match="w\\."):
            load(network(), path)


def test_a_file_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="read safely"):
        load(network(), tmp_path / "w.pkl")


def test_what_is_no_flat_state_dict_is_refused(tmp_path: Path) -> None:
    for content, complaint in (([torch.zeros(1)], "a list"), ({"epoch": 3}, "epoch")):
        torch.save(content, tmp_path / "w.pt")
        with pytest.raises(UsageError, match=complaint):
            load(network(), tmp_path / "w.pt")
