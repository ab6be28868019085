"""What the terms of an audit mean, in the words of someone who has to decide."""

from __future__ import annotations

from typing import Final

from sc_deploy.contracts import Cause, Outcome, Tier
from sc_deploy.errors import ExitCode

AUC: Final = "AUC"
TIERS: Final = {
    Tier.T0: "attacks that read the model's answers: thresholds and trained attack classifiers. "
    "They find broad leaks; they can miss a leak of a few single records.",
    Tier.T1: "T0, and canaries: records planted in training to see whether they can be found.",
    Tier.T2: "T0, and attacks that ask at least four reference models exported the same way, which "
    "show what a model that never saw a record would have answered.",
}
NEXT_TIER: Final = {
    Tier.T0: "T1 needs canaries planted in training (`canaries` in the recipe); T2 needs at least "
    "four reference models (`scdeploy references train RUN -n 4`) and a policy whose attacks use "
    "them.",
    Tier.T1: "T2 needs at least four reference models (`scdeploy references train RUN -n 4`) and a "
    "policy whose attacks use them.",
    Tier.T2: "There is no higher tier. More reference models find more, at the lowest rates above "
    "all.",
}
ATTACKS: Final = {
    "loss": "a small loss tells a member (Yeom et al. 2018)",
    "confidence": "a sure answer tells a member",
    "entropy": "an answer of little entropy tells a member",
    "modified-entropy": "entropy that knows the label, by class (Song and Mittal 2021)",
    "modified-entropy-global": "entropy that knows the label, one threshold for all classes",
    "loss-per-class": "the loss, with a threshold for each class",
    "gap": "a right answer tells a member: the least that any attack must reach",
    "risk-score": "how much more often members score like this (Song and Mittal 2021)",
    "neural": "a small network that learned to tell members by their answers",
    "neural-paper": "the attack of the MIA-SafeCompress paper, after Nasr et al. 2019",
    "label-only": "whether the label survives altered views of the sample",
    "boundary": "how far the sample lies from where the label changes",
    "quantile": "a loss below what such a non-member would have (Bertran et al. 2023)",
    "lira-online": "likelihood ratio of models with and without the sample (Carlini et al. 2022)",
    "lira-offline": "how unlikely the answer is for models without the sample",
    "lira-fixed": "the likelihood ratio with one variance for all samples",
    "rmia": "against reference models and other samples (Zarifzadeh et al. 2024)",
    "rmia-online": "the same, with models that saw the sample",
    "base": "against the mean of reference models (Lassila et al. 2025)",
    "student-t": "against few reference models, with their uncertainty",
    "version-difference": "what changed from one published version to another",
    "white-box": "the gradient of the last layer",
}
"""How each attack guesses, in a line."""
OUTCOMES: Final = {
    Outcome.PASS: "Every required check was measured and lies within its limit.",
    Outcome.FAIL: "At least one required check was measured and did not hold.",
    Outcome.INCONCLUSIVE: "The evidence does not decide. This is not a pass.",
    Outcome.INVALID: "The file does not work as a model, so its figures mean nothing.",
}
CAUSES: Final = {
    Cause.TOO_FEW_SAMPLES: "too few samples",
    Cause.NOT_EXECUTED: "built, not executed",
    Cause.BEYOND_MARGIN: "beyond the margin",
    Cause.DETECTOR_FAILED: "a detector raised an alarm",
    Cause.EVIDENCE_MISSING: "evidence missing",
    Cause.EVIDENCE_STALE: "evidence stale",
    Cause.TIER_TOO_LOW: "evidence tier too low",
    Cause.UNRESOLVED: "not resolved by these samples",
}
EXITS: Final = {
    int(ExitCode.OK): "every required check was measured and passed",
    int(ExitCode.NEGATIVE_VERDICT): "a file was refused",
    int(ExitCode.FAILED): "a file does not work as a model",
    int(ExitCode.INCONCLUSIVE): "some file is undecided, or was not executed",
}
GLOSSARY: Final = {
    "Member": "A record that the model was trained on. A non-member was never shown to it.",
    "Membership inference": "An attacker who sees only the model's answers guesses who was a "
    "member. If that works, the model tells who was in its training data.",
    "AUC": "The chance that the attacker ranks a random member above a random non-member. 0.5 "
    "is guessing, 1 is certainty.",
    "TPR at FPR": "The share of members found (true-positive rate) when only that share of "
    "non-members may be accused wrongly (false-positive rate). At 1\u00a0% FPR, guessing finds "
    "1\u00a0%.",
    "Interval": "The range [low, high] that the true figure plausibly lies in, given n samples. "
    "A check passes only if the whole of its bound lies within the limit.",
    "Attack accuracy": "How often the attacker is right about members and non-members, weighted "
    "equally, at a threshold frozen beforehand. 0.5 is guessing.",
    "Predictive value": "How often an attacker is right about a sample that it calls a member. It "
    "depends on how rare members are among those whom it asks about.",
    "Equal scores": "The share of samples with one and the same score. Rounded answers tie, and "
    "ties hide a leak.",
    "Slice": "The samples of one class or group. The worst of many slices looks leaky by luck, so "
    "its figures are corrected for their number.",
    "TM-score": "Task accuracy divided by attack accuracy (from the MIA-SafeCompress paper). "
    "Higher is better on both counts.",
    "Source and artifact": "The source is the compressed model before export; the artifact is "
    "the exported file that would ship. Both were asked about the very same records.",
    "Reference model": "A model of the same recipe, trained on other samples of the same data. An "
    "attacker who has some can tell a record that was learned by heart from one that is easy.",
    "Density": "The share of weights that were kept. The rest is exactly zero.",
}
