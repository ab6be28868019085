from __future__ import annotations

import pytest

from sc_deploy.contracts import Rate
from sc_deploy.report import numbers

NBSP = "\u00a0"


def test_a_rate_is_never_written_without_interval_and_size() -> None:
    written = numbers.rate(Rate(0.531, 0.512, 0.55, 5000)).replace(NBSP, " ")
    assert written == "0.531 [0.512, 0.550], n = 5,000"


def test_a_narrow_interval_gets_a_fourth_decimal() -> None:
    written = numbers.rate(Rate(0.0012, 0.0003, 0.0035, 10_000)).replace(NBSP, " ")
    assert written == "0.0012 [0.0003, 0.0035], n = 10,000"


def test_a_change_shows_its_sign_and_a_true_minus() -> None:
    written = numbers.change(Rate(0.012, -0.0042, 0.028, 5000)).replace(NBSP, " ")
    assert written == "+0.012 [\u22120.004, +0.028], n = 5,000"


def test_what_was_rounded_to_zero_has_no_sign() -> None:
    assert numbers.change(Rate(-0.00001, -0.2, 0.2, 9)).startswith("0.000 [")


def test_a_bound_beside_its_limit_can_be_told_from_it() -> None:
    assert "0.5504]" in numbers.exact(Rate(0.5347, 0.519, 0.5504, 5000))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.912, "91.2 %"),
        (0.1, "10 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.001, "0.1 %"),
        (0.0012, "0.12 %"),
        (-0.02, "\u22122 %"),
    ],
)
def test_per_cents_have_the_digits_they_need(value: float, written: str) -> None:
    assert numbers.percent(value).replace(NBSP, " ") == written


def test_a_share_carries_its_interval_in_per_cent() -> None:
    written = numbers.share(Rate(0.031, 0.022, 0.043, 2500)).replace(NBSP, " ")
    assert written == "3.1 % [2.2, 4.3], n = 2,500"


@pytest.mark.parametrize(
    ("count", "written"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (48_213, "48.2 kB"),
        (999_600, "1.00 MB"),
        (431_264, "431 kB"),
        (97_800_000, "97.8 MB"),
        (2_500_000_000_000, "2,500 GB"),
    ],
)
def test_bytes_are_written_in_decimal_units(count: int, written: str) -> None:
    assert numbers.size_of(count).replace(NBSP, " ") == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(4.21, "4.2 s"), (59.97, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")],
)
def test_durations_read_as_people_say_them(seconds: float, written: str) -> None:
    assert numbers.duration(seconds).replace(NBSP, " ") == written


def test_latencies_have_three_figures() -> None:
    written = numbers.milliseconds(Rate(0.16, 0.1472, 0.1731, 50)).replace(NBSP, " ")
    assert written == "0.160 ms [0.147, 0.173], n = 50"


def test_a_ratio_says_times() -> None:
    assert numbers.times(25, 100) == "0.25\u00d7"
    assert numbers.times(1000, 100) == "10\u00d7"
