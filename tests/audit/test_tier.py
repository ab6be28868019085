"""What an audit may call its evidence."""

from __future__ import annotations

import pytest

from sc_deploy.audit import tier
from sc_deploy.contracts import ReferenceEvidence, ReferenceModel, Tier


def references(*unmatched: str) -> ReferenceEvidence:
    models = tuple(
        ReferenceModel(number, "0" * 64, "1" * 64, None, why)
        for number, why in enumerate(unmatched)
    )
    return ReferenceEvidence("2" * 64, models, None)


@pytest.mark.parametrize(
    ("found", "used", "expected"),
    [
        (None, ("loss",), Tier.T0),
        (None, ("base",), Tier.T0),
        (references("", "", "", ""), ("loss",), Tier.T0),
        (references("", "", "", ""), (), Tier.T0),
        (references("", "", ""), ("base",), Tier.T0),
        (references("", "", "", "was not exported"), ("base",), Tier.T0),
        (references("", "", "", ""), ("loss", "base"), Tier.T2),
        (references(*[""] * 8), ("rmia",), Tier.T2),
    ],
)
def test_it_takes_four_matched_references_and_a_gating_attack_that_asked_them(
    found: ReferenceEvidence | None, used: tuple[str, ...], expected: Tier
) -> None:
    assert tier.of(found, used) is expected
