"""The verdict in one plain sentence for whoever must decide on the release."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sc_deploy.audit.findings.accuracy import COMPRESSION
from sc_deploy.audit.questions import percent
from sc_deploy.audit.topic import ABSOLUTE, ACCURACY, PARITY, RELATIVE
from sc_deploy.contracts import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sc_deploy.audit.questions import Question
    from sc_deploy.contracts import Audit, Check, Rate
    from sc_deploy.policy import Policy

LEAKAGE = (ABSOLUTE, RELATIVE)


def figure(question: Question, rate: Rate | None) -> str:
    """The measured figure with its interval, as `TPR at 1 % FPR 0.021 [0.011, 0.032]`."""
    if rate is None:
        return f"{question.metric} not measured"
    sign = "+" if question.kind == RELATIVE else ""
    return f"{question.metric} {rate.value:{sign}.4f} [{rate.low:{sign}.4f}, {rate.high:{sign}.4f}]"


def in_words(outcome: Outcome, checks: Sequence[Check], audit: Audit, policy: Policy) -> str:
    decisive = [check for check in checks if check.required and check.outcome is outcome]
    if outcome is Outcome.PASS:
        return _passed(audit, policy)
    if not decisive:
        return "Undecided: the policy requires no check."
    if outcome is Outcome.INVALID:
        return f"No verdict is possible: {_first(decisive)}."
    if outcome is Outcome.FAIL:
        return _failed(decisive)
    return f"Undecided, so it may not ship: {_first(decisive)}."


def _passed(audit: Audit, policy: Policy) -> str:
    limits = [f"AUC {policy.absolute.auc:g}"] + [
        f"TPR {percent(tpr.limit)} at {percent(tpr.fpr)} FPR"
        for tpr in policy.absolute.tpr
        if tpr.limit is not None
    ]
    n = next(result.auc.n for subject in audit.subjects for result in subject.attacks)
    looks = audit.audit_looks
    # Whoever tries until it passes must be seen to have tried.
    again = f", which were scored {looks} times by now" if looks > 1 else ""
    return (
        f"No leakage above {_and(limits)} was found by the attacks {_and(policy.attacks)} "
        f"on {n} samples{again} (evidence tier {audit.tier})."
    )


def _failed(decisive: Sequence[Check]) -> str:
    """A broken file is called broken: how little it leaks then says nothing."""
    broken = [check for check in decisive if _is_of_the_file(check)]
    if broken:
        return f"The file is broken, so its leakage figures mean nothing: {_first(broken)}."
    leaking = [check for check in decisive if check.kind in LEAKAGE]
    if leaking:
        return f"The file leaks more than the policy allows: {_first(_worst_first(leaking))}."
    return f"The file is not what the policy asks for: {_first(decisive)}."


def _worst_first(leaking: Sequence[Check]) -> list[Check]:
    """Of the metric that comes first, the largest figure is told, whichever attack reached it.

    AUC .98 of the third attack must not hide behind AUC .81 of the first.
    """
    asked = leaking[0].name.partition(", ")[0]
    alike = [check for check in leaking if check.name.partition(", ")[0] == asked]
    worst = max(alike, key=lambda check: check.measured.value if check.measured else -math.inf)
    return [worst, *(check for check in leaking if check is not worst)]


def _is_of_the_file(check: Check) -> bool:
    """Accuracy lost before export is a fault of the compression, not of the file."""
    return check.kind in {PARITY, ACCURACY} and check.name != COMPRESSION


def _first(checks: Sequence[Check]) -> str:
    more = len(checks) - 1
    rest = f" (and {more} more check{'s' if more > 1 else ''})" if more else ""
    return f"{_title(checks[0])}: {checks[0].reason}{rest}"


def _title(check: Check) -> str:
    """The check's name; without its metric where the reason begins with that."""
    metric, _, attack = check.name.partition(", ")
    return attack if attack and check.reason.startswith(f"{metric} ") else check.name


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))
