"""How processes find each other, or are told why not."""

from __future__ import annotations

import pytest

from sc_deploy.compress.processes import launch
from sc_deploy.compress.processes.ranks import ALONE, current
from sc_deploy.errors import UnavailableError, UsageError

LAUNCHER = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")


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
