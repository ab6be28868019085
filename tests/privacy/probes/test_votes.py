from __future__ import annotations

import numpy as np

from sc_deploy.privacy.probes.views import views_of
from sc_deploy.privacy.probes.votes import votes


def test_there_is_one_vote_for_every_view_and_the_first_is_the_plain_answer() -> None:
    table = np.random.default_rng(0).normal(size=(300, 2)).astype(np.float32)
    labels = (table[:, 0] > 0).astype(np.int64)
    views = views_of(table, pad=0)
    found = votes(lambda x: (x[:, 0] > 0).astype(np.int64), table, labels, views)
    assert found.shape == (300, views.count)
    assert found[:, 0].all()
    # Who lies far from the boundary keeps more votes.
    far = np.abs(table[:, 0]) > 1
    assert found[far].sum(axis=1).mean() > found[~far].sum(axis=1).mean() + 1
