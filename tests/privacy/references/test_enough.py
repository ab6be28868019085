from __future__ import annotations

import numpy as np

from sc_deploy.privacy.references.enough import Least


def table(*inside: str) -> np.ndarray:
    """A row a reference, a letter a sample; i stands for inside."""
    return np.array([[letter == "i" for letter in row] for row in inside])


def test_nothing_is_lacking_where_most_samples_have_them() -> None:
    assert Least(outside=1, inside=1).lacking([table("io", "oi"), table("ii", "io")]) == ""


def test_the_worst_set_of_samples_decides() -> None:
    found = Least(outside=2, inside=2).lacking(
        [table("i", "i", "o", "o"), table("i", "i", "i", "o")]
    )
    assert found == (
        "2 reference models not trained on a sample and 2 reference models trained on it for "
        "most samples (0% have them)"
    )


def test_the_share_is_told() -> None:
    assert "1 reference model not trained on a sample for most samples (25% have them)" in (
        Least(outside=1).lacking([table("iiio")])
    )


def test_no_references_are_not_enough() -> None:
    assert Least(outside=1).lacking([np.zeros((0, 5), np.bool_)])


def test_no_samples_are_not_enough() -> None:
    assert Least(outside=1).lacking([np.zeros((5, 0), np.bool_)])
