from __future__ import annotations

import pytest

from sc_deploy.report import svg


def test_text_and_attributes_are_escaped() -> None:
    drawn = svg.picture((1, 1), '<b>"&', [svg.text((0, 0), "<script>", "a")])
    assert "<script>" not in drawn
    assert 'aria-label="&lt;b&gt;&quot;&amp;"' in drawn
    assert "<title>&lt;b&gt;&quot;&amp;</title>" in drawn


def test_a_picture_says_what_it_shows() -> None:
    drawn = svg.picture((100, 50), "a curve", [])
    assert 'role="img"' in drawn
    assert 'viewBox="0 0 100 50"' in drawn


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.0, "1"), (100.0, "100"), (1.239, "1.24"), (-0.001, "0"), (0.5, "0.5"), (-2.5, "-2.5")],
)
def test_coordinates_are_short(value: float, written: str) -> None:
    assert svg.coordinate(value) == written


def test_a_path_of_no_points_is_nothing() -> None:
    assert svg.path([], "curve") == ""
    assert 'd="M1 2L3 4"' in svg.path([(1, 2), (3, 4)], "curve")


def test_a_disc_can_be_asked_what_it_is() -> None:
    assert "<title>0.5</title>" in svg.disc((1, 1), 2, "dot", "0.5")
    assert "<title>" not in svg.disc((1, 1), 2, "dot")
