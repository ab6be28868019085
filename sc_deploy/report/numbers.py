"""How a number is written: a measured rate never without its interval and sample size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sc_deploy.contracts import Rate

NBSP: Final = "\u00a0"
MINUS: Final = "\u2212"
TIMES: Final = "\u00d7"
ABSENT: Final = "\u2013"
FINE: Final = 0.01


def plain(value: float) -> str:
    """Three decimals, four where three would round a small figure: 0.531, 0.0012."""
    fine = 0 < abs(value) < FINE and round(value, 3) != round(value, 4)
    return _sign(f"{value:.{4 if fine else 3}f}")


def interval(measured: Rate) -> str:
    """[0.512, 0.550]"""
    decimals = _decimals(measured)
    low, high = (_sign(f"{end:.{decimals}f}") for end in (measured.low, measured.high))
    return f"[{low}, {high}]"


def rate(measured: Rate) -> str:
    """0.531 [0.512, 0.550], n = 5,000; a narrow interval gets a fourth decimal."""
    value = _sign(f"{measured.value:.{_decimals(measured)}f}")
    return f"{value} {interval(measured)}, {size(measured.n)}"


def exact(measured: Rate) -> str:
    """As `rate` with four decimals, to be held against a limit: 0.5310 [0.5123, 0.5497], …"""
    value, low, high = (
        _sign(f"{part:.4f}") for part in (measured.value, measured.low, measured.high)
    )
    return f"{value} [{low}, {high}], {size(measured.n)}"


def change(measured: Rate) -> str:
    """+0.012 [+0.004, +0.020], n = 5,000: as `rate`, with the sign always there."""
    decimals = _decimals(measured, narrow=2 * FINE)
    value, low, high = (
        _sign(f"{part:+.{decimals}f}") for part in (measured.value, measured.low, measured.high)
    )
    return f"{value} [{low}, {high}], {size(measured.n)}"


def share(measured: Rate) -> str:
    """3.1 % [2.2, 4.3], n = 2,500; below 1 % with two decimals throughout."""
    decimals = 2 if 0 < abs(measured.value) < FINE else 1
    value, low, high = (
        _sign(f"{100 * part:.{decimals}f}")
        for part in (measured.value, measured.low, measured.high)
    )
    return f"{value}{NBSP}% [{low}, {high}], {size(measured.n)}"


def percent(value: float) -> str:
    """A fraction as per cent with the digits that it needs: 91.2 %, 0.12 %, 10 %."""
    scaled = 100 * value
    decimals = 2 if 0 < abs(scaled) < 1 else 1
    return f"{_sign(f'{scaled:.{decimals}f}'.rstrip('0').rstrip('.'))}{NBSP}%"


def odds(p: float) -> str:
    """A p-value as one reads it: 0.031, and < 0.0001 where it is smaller."""
    return f"<{NBSP}0.0001" if p < 0.0001 else f"{p:.2g}" if p < 0.1 else f"{p:.2f}"


def size(n: int) -> str:
    """n = 5,000"""
    return f"n{NBSP}={NBSP}{n:,}"


def size_of(count: int) -> str:
    """Bytes in decimal units: 512 B, 48.2 kB, 1.07 MB."""
    if count < 1000:
        return f"{count}{NBSP}B"
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{_figures(value, 3)}{NBSP}{unit}"


def times(part: float, whole: float) -> str:
    """How many times the whole the part is, with a multiplication sign: 0.25, 2.7, 10."""
    return f"{_figures(part / whole, 2)}{TIMES}"


def milliseconds(measured: Rate) -> str:
    """0.42 ms [0.40, 0.47], n = 50"""
    value, low, high = (_figures(part, 3) for part in (measured.value, measured.low, measured.high))
    return f"{value}{NBSP}ms [{low}, {high}], {size(measured.n)}"


def duration(seconds: float) -> str:
    """Time as people say it: 4.2 s, 3 min 20 s, 2 h 05 min."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f}{NBSP}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{NBSP}min {rest}{NBSP}s"
    return f"{minutes // 60}{NBSP}h {minutes % 60:02d}{NBSP}min"


def _decimals(measured: Rate, *, narrow: float = FINE) -> int:
    return 4 if measured.high - measured.low < narrow else 3


def _figures(value: float, count: int) -> str:
    """So many significant figures, and never an exponent: 0.160, 10, 2,500."""
    return f"{value:,.0f}" if value >= 10**count else f"{value:#.{count}g}".rstrip(".")


def _sign(text: str) -> str:
    """A true minus; nothing that was rounded to zero keeps a sign."""
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", MINUS)
