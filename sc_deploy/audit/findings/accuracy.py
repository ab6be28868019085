"""Whether a model still does its job: its accuracy, and what it lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sc_deploy.audit import remedies
from sc_deploy.audit.questions import about, percent
from sc_deploy.audit.topic import ACCURACY, Topic
from sc_deploy.contracts import Cause, Rate
from sc_deploy.privacy.statistics.clustered import share, share_change
from sc_deploy.privacy.statistics.decision import samples_needed
from sc_deploy.privacy.statistics.proportion import mean_share, paired_change, proportion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sc_deploy.contracts import Check, Predictions
    from sc_deploy.contracts.arrays import Int64
    from sc_deploy.policy import Policy

INFORMED = Topic("answers depend on the sample", ACCURACY)
CONVERSION = "accuracy lost in conversion"
COMPRESSION = "accuracy lost in compression"


def accuracy(answers: Predictions, *, confidence: float, unit: Int64 | None = None) -> Rate:
    """`unit` int64 [N] names whose sample each is, where several may be one person's."""
    right = _right(answers)
    if unit is not None:
        return share(right, unit, confidence=confidence)
    return proportion(int(np.count_nonzero(right)), len(right), confidence=confidence)


def change(
    before: Predictions, after: Predictions, *, confidence: float, unit: Int64 | None = None
) -> Rate:
    """Accuracy of `after` minus that of `before` on the same samples in the same order."""
    if unit is not None:
        return share_change(_right(before), _right(after), unit, confidence=confidence)
    return paired_change(_right(before), _right(after), confidence=confidence)


def informed(test: Predictions, *, confidence: float, unit: Int64 | None = None) -> Check:
    """More right answers than a model gets that gives the same mix of answers blindly.

    Without it, a model that knows nothing passes every leakage check, and if its source knows
    nothing either, every comparison.
    """
    found = accuracy(test, confidence=confidence, unit=unit)
    classes = max(test.logits.shape[1], int(test.labels.max()) + 1)
    answered = np.bincount(test.logits.argmax(axis=1), minlength=classes) / found.n
    blind = float(answered @ (np.bincount(test.labels, minlength=classes) / found.n))
    told = (
        f"{percent(found.value)} of {found.n} test answers are right, {percent(blind)} if blindly"
    )
    if found.low > blind:
        return INFORMED.passed(told, found)
    if found.value <= blind:
        return INFORMED.failed(told, "look at the labels and at the conversion", found)
    return INFORMED.undecided(
        Cause.TOO_FEW_SAMPLES, told, "test on more samples, or look at the conversion", found
    )


def conversion(change: Rate | None, policy: Policy) -> Check:
    """Non-inferiority of the artifact to its source. A model without a source is not asked."""
    required = policy.relative != "none" or change is not None
    topic = Topic(CONVERSION, ACCURACY, policy.accuracy.conversion_loss, required=required)
    return _non_inferior(topic, change, ("the source's test answers", remedies.SOURCE))


def compression(change: Rate | None, policy: Policy, *, has_source: bool) -> Check:
    """Non-inferiority of the compressed source to the dense baseline.

    A model whose source nobody has, under a policy that takes it so, is not asked.
    """
    limit = policy.accuracy.compression_loss
    asked = policy.relative != "none" or has_source or change is not None
    topic = Topic(COMPRESSION, ACCURACY, limit, required=limit is not None and asked)
    needed = "finite test answers of both dense baseline and source"
    return _non_inferior(topic, change, (needed, remedies.DENSE))


def _non_inferior(topic: Topic, change: Rate | None, missing: tuple[str, str]) -> Check:
    """`missing` is what it takes, and how that comes about, where there is no change to judge."""
    if change is None:
        needed, remedy = missing
        return topic.undecided(Cause.EVIDENCE_MISSING, f"needs {needed}", remedy)
    lost = Rate(-change.value, -change.high, -change.low, change.n, change.confidence)
    told = f"{_points(lost.value)} lost on {lost.n} test samples, at most {_points(lost.high)}"
    if topic.limit is None:
        return topic.undecided(None, f"{told}; shown only, the policy sets no limit", "", lost)
    if lost.low > topic.limit:
        return topic.failed(
            f"{_points(lost.value)} lost on {lost.n} test samples, at least {_points(lost.low)}, "
            f"allowed are {_points(topic.limit)}",
            "export in a wider precision, or compress less",
            lost,
        )
    if lost.high < topic.limit:
        return topic.passed(told, lost)
    n = samples_needed(lost, topic.limit)
    if n is None:
        return topic.undecided(
            Cause.BEYOND_MARGIN,
            f"{told}; {_points(topic.limit)} are allowed",
            "more data will not help; export in a wider precision, or compress less",
            lost,
        )
    return topic.undecided(
        Cause.TOO_FEW_SAMPLES,
        f"{told}; {_points(topic.limit)} are allowed",
        f"test on about {about(n)} samples",
        lost,
    )


def _points(share: float) -> str:
    # Adding zero turns -0.00, which nobody can read, into 0.00.
    return f"{round(100 * share, 2) + 0.0:.2f} pp"


def balanced(answers: Predictions, *, confidence: float) -> Rate:
    """Mean over the classes that occur, so that rare ones count as much as frequent ones."""
    found, labels = _right(answers), answers.labels
    by_class = [found[labels == label] for label in np.unique(labels)]
    return mean_share(by_class, confidence=confidence)


def _right(answers: Predictions) -> NDArray[np.bool_]:
    right: NDArray[np.bool_] = answers.logits.argmax(axis=1) == answers.labels
    return right
