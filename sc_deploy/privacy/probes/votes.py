"""Which altered views of a sample does a model still answer rightly?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.contracts.arrays import Int64, NetworkInput
    from sc_deploy.privacy.probes import Ask
    from sc_deploy.privacy.probes.views import Views


def votes(ask: Ask, samples: NetworkInput, labels: Int64, views: Views) -> NDArray[np.bool_]:
    """bool [n, V] of samples [n, ...] and labels int64 [n]; the model is asked V times."""
    answered = [ask(views.altered(samples, number)) == labels for number in range(views.count)]
    return np.stack(answered, axis=1)
