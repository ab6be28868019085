"""Who the training losses of a run say is most exposed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.contracts import Vulnerability
from sc_deploy.errors import IntegrityError
from sc_deploy.privacy.loss_traces import vulnerability

if TYPE_CHECKING:
    from sc_deploy.workspace import RunFolder


def most_exposed(run: RunFolder) -> Vulnerability | None:
    """Members of the calibration and audit roles by LT-IQR; None where no losses were recorded.

    Samples with too few epochs are left out. Raises IntegrityError if the file is not what
    `compress` wrote.
    """
    if not run.loss_traces.is_file():
        return None
    run.require("compress")
    try:
        with run.loss_traces.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            sample_id, loss = archive["sample_id"], archive["loss"]
    # A damaged archive raises whatever the bytes at that place lead zipfile and numpy to.
    except Exception as error:
        raise IntegrityError(
            f"{run.loss_traces} does not hold loss traces: {error}",
            remedy="restore the file, or compress again with --overwrite",
        ) from error
    score = vulnerability(loss)
    order = np.argsort(-score, kind="stable")[: int(np.isfinite(score).sum())]
    return Vulnerability(sample_id[order], score[order])
