"""How processes find each other, or are told why not."""

from __future__ import annotations

import pytest

from sc_deploy.compress.processes import launch
from sc_deploy.compress.processes.ranks import ALONE, current
from sc_deploy.errors import UnavailableError, UsageError

LAUNCHER = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")


@pytest.mark.parametrize(
    ("setting", "value", "where"),
    [
        ("FSDP_VERSION", "1", "--fsdp_version"),
        ("FSDP_OFFLOAD_PARAMS", "true", "--fsdp_offload_params"),
        ("FSDP_ACTIVATION_CHECKPOINTING", "true", "--fsdp_activation_checkpointing"),
        ("FSDP_RESHARD_AFTER_FORWARD", "false", "--fsdp_reshard_after_forward"),
        ("FSDP_IGNORED_MODULES", "head", "--fsdp_ignored_modules"),
    ],
)
def test_settings_of_fsdp_that_nothing_obeys_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, where: str
) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    monkeypatch.setenv("FSDP_VERSION", "2")
    monkeypatch.setenv(setting, value)
    with pytest.raises(UsageError) as refusal:
        launch.join()
    assert {problem.where for problem in refusal.value.problems} == {where}
    assert "DDP" in refusal.value.remedy
    assert current() is ALONE


def test_fsdp_that_accelerate_sets_up_by_default_is_refused_for_its_version_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    monkeypatch.delenv("FSDP_VERSION", raising=False)
    with pytest.raises(UsageError) as refusal:
        launch.join()
    assert [p.remedy for p in refusal.value.problems] == ["launch with --fsdp_version 2"]


@pytest.mark.parametrize(("variable", "name"), launch.OTHERS_WAYS.items())
def test_ways_to_split_a_network_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, name: str
) -> None:
    monkeypatch.setenv(variable, "true")
    with pytest.raises(UsageError, match=f"{name} splits a network"):
        launch.join()
    assert current() is ALONE


def test_an_environment_that_says_half_is_refused_with_the_command_that_says_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in LAUNCHER:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UnavailableError, match="RANK") as refusal:
        launch.join()
    assert "torchrun" in refusal.value.remedy
