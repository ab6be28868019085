"""Every remedy names what is missing and the command that brings it."""

from __future__ import annotations

import pytest

from sc_deploy.audit import remedies
from sc_deploy.contracts import Channel
from sc_deploy.privacy.attacks import ATTACKS

ALL = ("artifact", "source")


def test_whatever_an_attack_can_need_has_a_remedy() -> None:
    assert remedies.BY_NEED.keys() == set(Channel)


@pytest.mark.parametrize("attack", [attack.name for attack in ATTACKS if attack.needs])
def test_an_attack_that_lacked_something_names_the_command(attack: str) -> None:
    told = remedies.not_measured(attack, ["artifact"], ALL)
    assert "`scdeploy " in told
    assert f"take {attack} out of the policy" in told


def test_what_lacks_most_is_told_first() -> None:
    assert remedies.not_measured("loss", ALL, ()) == remedies.FIRST
    assert remedies.not_measured("loss", ALL, ("source",)) == remedies.ANSWERS
    assert remedies.not_measured("loss", ALL, ("artifact",)) == remedies.SOURCE
    assert remedies.not_measured("loss", ALL, ALL) == remedies.AGAIN
