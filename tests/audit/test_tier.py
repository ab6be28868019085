"""What an audit may call its evidence."""

from __future__ import annotations

import pytest

from sc_deploy.audit.evidence import Evidence
from sc_deploy.audit.tier import tier
from sc_deploy.contracts import ReferenceEvidence, ReferenceModel, Tier, Tolerance


def evidence(*unmatched: str) -> Evidence:
    models = tuple(
        ReferenceModel(number, "0" * 64, "1" * 64, None, why)
        for number, why in enumerate(unmatched)
    )
    return Evidence(
        artifact={},
        source=None,
        dense=None,
        tensors_found=None,
        tensors_expected=None,
        tolerance=Tolerance(0.1, 0.9),
        batch_sizes=(),
        quantization=None,
        clean=None,
        looks=1,
        references=ReferenceEvidence("2" * 64, models, None) if unmatched else None,
    )


@pytest.mark.parametrize(
    ("found", "used", "expected"),
    [
        (evidence(), ("loss",), Tier.T0),
        (evidence(), ("base",), Tier.T0),
        (evidence("", "", "", ""), ("loss",), Tier.T0),
        (evidence("", "", "", ""), (), Tier.T0),
        (evidence("", "", ""), ("base",), Tier.T0),
        (evidence("", "", "", "was not exported"), ("base",), Tier.T0),
        (evidence("", "", "", ""), ("loss", "base"), Tier.T2),
        (evidence(*[""] * 8), ("rmia",), Tier.T2),
    ],
)
def test_it_takes_four_matched_references_and_a_gating_attack_that_asked_them(
    found: Evidence, used: tuple[str, ...], expected: Tier
) -> None:
    assert tier(found, used) is expected
