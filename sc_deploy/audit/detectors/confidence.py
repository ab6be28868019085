"""How sure must a detector be before it raises an alarm?"""

from __future__ import annotations

from typing import Final

DETECTOR_CONFIDENCE: Final = 0.998
"""Two-sided. Detectors look at every audit, so one alarm in a thousand is false, not in twenty."""


def shared(tests: int) -> float:
    """The confidence of each of several tests that together raise one alarm (Bonferroni)."""
    return 1.0 - (1.0 - DETECTOR_CONFIDENCE) / max(1, tests)
