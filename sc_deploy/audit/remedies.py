"""What brings the evidence that an audit lacks: each names what is missing and the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sc_deploy.contracts import Channel
from sc_deploy.privacy.attacks import by_name

if TYPE_CHECKING:
    from collections.abc import Collection

AGAIN: Final = "audit again under this policy: `scdeploy audit RUN`"
FIRST: Final = "mend the checks above that did not hold, then `scdeploy audit RUN`"
ANSWERS: Final = "have the file answer the audit samples: `scdeploy audit RUN`"
SOURCE: Final = (
    "have the source answer too: `scdeploy audit RUN` asks it, and plain files take `--source "
    "FILE`; where nobody has it, set relative to none in the policy"
)
DENSE: Final = (
    "train a dense baseline (compress.dense_baseline: true, then `scdeploy compress`), or set "
    "accuracy.compression_loss to null in the policy"
)
HIGHER_TIER: Final = (
    "for T1 plant canaries (canaries.count of the recipe) and compress again; for T2 train "
    "reference models (`scdeploy references train RUN -n 4`) and gate on an attack that asks them; "
    "or set low_fpr_tier lower"
)
MORE_SAMPLES: Final = "raise roles.members and roles.non_members; `scdeploy plan` says how far"

BY_NEED: Final = {
    Channel.INPUTS: "give samples, not answers alone: `scdeploy audit --artifact FILE`",
    Channel.VOTES: "audit with the run's samples, which are altered: `scdeploy audit RUN`",
    Channel.DISTANCE: "audit with the run's samples, which are altered: `scdeploy audit RUN`",
    Channel.REFERENCES: "train reference models: `scdeploy references train RUN -n 4`",
    Channel.VERSIONS: "give an earlier release: `scdeploy audit RUN --previous OTHER`",
    Channel.FEATURES: "export to ONNX, where they can be read: `scdeploy export RUN --target onnx`",
    Channel.UNIT: "name the unit of each sample in the task, and compress again",
    Channel.ATTRIBUTE: "name an attribute in the task, and compress again",
}
"""Of what an attack needs beside answers."""


def not_measured(attack: str, wanted: Collection[str], measured: Collection[str]) -> str:
    """How a figure of this attack comes about; `wanted` are the models it is about, `measured`
    those that were attacked at all."""
    if not measured:
        return FIRST
    if "artifact" not in measured:
        return ANSWERS
    if set(wanted) - set(measured):
        return SOURCE
    needs = by_name(attack).needs
    told = [BY_NEED[need] for need in Channel if need in needs]
    return f"{'; '.join(told)}; or take {attack} out of the policy" if told else AGAIN
