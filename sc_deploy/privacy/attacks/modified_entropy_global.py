"""The modified-entropy attack with one scale for all classes."""

from __future__ import annotations

from typing import Final

from sc_deploy.privacy.attacks import modified_entropy
from sc_deploy.privacy.attacks.signal_attack import SignalAttack

MODIFIED_ENTROPY_GLOBAL: Final = SignalAttack("modified-entropy-global", modified_entropy.signal)
