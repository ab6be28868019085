"""How a number is written: a measured rate never without its interval and sample size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sc_deploy.contracts import Rate

NBSP: Final = "\u00a0"
MINUS: Final = "\u2212"
ABSENT: Final = "\u2013"
FINE: Final = 0.01


def plain(value: float) -> str:
    """Three decimals, four where three would round a small figure: 0.531, 0.0012, −0.015."""
    fine = 0 < abs(value) < FINE and round(value, 3) != round(value, 4)
    return _sign(f"{value:.{4 if fine else 3}f}")


def signed(value: float) -> str:
    """As `plain`, with the sign always there: +0.012."""
    text = plain(value)
    return text if value < 0 else f"+{text}"


def interval(rate: Rate) -> str:
    """[0.512, 0.550]"""
    return f"[{plain(rate.low)}, {plain(rate.high)}]"


def rate(measured: Rate) -> str:
    """0.531 [0.512, 0.550], n = 5,000"""
    return f"{plain(measured.value)} {interval(measured)}, {size(measured.n)}"


def change(measured: Rate) -> str:
    """+0.012 [−0.004, +0.028], n = 5,000"""
    ends = f"[{signed(measured.low)}, {signed(measured.high)}]"
    return f"{signed(measured.value)} {ends}, {size(measured.n)}"


def share(measured: Rate) -> str:
    """3.1 % [2.2, 4.3], n = 2,500"""
    ends = f"[{_hundredths(measured.low)}, {_hundredths(measured.high)}]"
    return f"{percent(measured.value)} {ends}, {size(measured.n)}"


def percent(value: float) -> str:
    """A fraction as per cent with the digits that it needs: 91.2 %, 0.12 %, 10 %."""
    return f"{_hundredths(value)}{NBSP}%"


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
    return f"{value:#.3g}".rstrip(".") + f"{NBSP}{unit}"


def milliseconds(measured: Rate) -> str:
    """0.42 ms [0.40, 0.47], n = 50"""
    ends = f"[{_three(measured.low)}, {_three(measured.high)}]"
    return f"{_three(measured.value)}{NBSP}ms {ends}, {size(measured.n)}"


def duration(seconds: float) -> str:
    """Time as people say it: 4.2 s, 3 min 20 s, 2 h 05 min."""
    if seconds < 60:
        return f"{seconds:.1f}{NBSP}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{NBSP}min {rest}{NBSP}s"
    return f"{minutes // 60}{NBSP}h {minutes % 60:02d}{NBSP}min"


def short(digest: str) -> str:
    """The first 12 of a digest's 64 hex digits; enough to tell files of a run apart."""
    return digest[:12]


def _hundredths(value: float) -> str:
    scaled = 100 * value
    decimals = 2 if 0 < abs(scaled) < 1 else 1
    return _sign(f"{scaled:.{decimals}f}".removesuffix(".0"))


def _three(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def _sign(text: str) -> str:
    return text.replace("-", MINUS)
