"""Answers of made-up models, to time attacks on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sc_deploy.contracts import AuditSet, CalibrationSet, Predictions

CLASSES = 10
INPUTS = 64
"""Figures of each sample that attacks may read which learn from inputs."""


def answers(samples: int) -> tuple[CalibrationSet, AuditSet]:
    """Of a model that leaks a little; a quarter as many samples to learn from."""
    import numpy as np

    from sc_deploy.contracts import AuditSet, CalibrationSet, Knowledge

    def read(side: Predictions) -> Knowledge:
        rng = np.random.default_rng(len(side.labels))
        return Knowledge(inputs=rng.normal(size=(len(side.labels), INPUTS)).astype(np.float32))

    told = [draw(samples // 4, leak=leak, seed=seed) for seed, leak in enumerate((1.5, 0.0))]
    asked = [draw(samples, leak=leak, seed=seed) for seed, leak in enumerate((1.5, 0.0), start=2)]
    return (
        CalibrationSet(*told, (read(told[0]), read(told[1]))),
        AuditSet(*asked, (read(asked[0]), read(asked[1]))),
    )


def draw(n: int, *, leak: float, seed: int) -> Predictions:
    import numpy as np

    from sc_deploy.contracts import Predictions

    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, n)
    logits = rng.normal(size=(n, CLASSES))
    logits[np.arange(n), labels] += 3 + leak * rng.random(n)
    return Predictions(
        logits.astype(np.float32), labels, rng.integers(0, 256, (n, 32), dtype=np.uint8)
    )


def rounded(given: CalibrationSet | AuditSet) -> CalibrationSet | AuditSet:
    """The answers of an artifact: those of the source in steps of 1/32, as int8 has them."""
    import numpy as np

    from sc_deploy.contracts import Predictions

    members, others = (
        Predictions(np.round(32 * side.logits) / np.float32(32), side.labels, side.sample_id)
        for side in (given.members, given.non_members)
    )
    return type(given)(members, others)


def beside(n: int, models: int, seed: int) -> tuple[Predictions, object]:
    """Answers and those of references, each trained on half of the samples."""
    import numpy as np

    from sc_deploy.contracts import References

    rng = np.random.default_rng([seed, 1])
    own = draw(n, leak=0.0, seed=seed)
    logits = rng.standard_normal((models, n, CLASSES), dtype=np.float32)
    trained = rng.random((models, n)) < 0.5
    logits[:, np.arange(n), own.labels] += 3 + trained.astype(np.float32)
    return own, References(logits, trained)
