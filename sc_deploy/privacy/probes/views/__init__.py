"""Altered views of samples, one kind of sample a file; the same view of the same sample always."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from sc_deploy.privacy.probes.views.images import ImageViews
from sc_deploy.privacy.probes.views.tables import TableViews
from sc_deploy.privacy.probes.views.texts import TextViews

if TYPE_CHECKING:
    from sc_deploy.contracts.arrays import Float32, NetworkInput


class Views(Protocol):
    """V ways to alter samples [n, ...]; the first leaves them as they are."""

    @property
    def count(self) -> int: ...
    def altered(self, samples: NetworkInput, number: int) -> NetworkInput:
        """View `number` in [0, count) of each sample, of the samples' shape and dtype."""
        ...


def views_of(typical: NetworkInput, *, pad: int) -> Views:
    """The views that suit samples such as `typical` [n, ...].

    int64 are texts, float32 [n, C, H, W] images, and whatever else is float32 a table, whose
    spread is that of `typical`. `pad` is the token id that a dropped word becomes.
    """
    if typical.dtype == np.int64:
        return TextViews(pad)
    values = cast("Float32", typical)
    return ImageViews(max(values.shape[2:])) if values.ndim == 4 else TableViews.of(values)
