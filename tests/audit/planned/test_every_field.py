"""Every field of a policy changes the plan, or is known to ask nothing of samples."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from sc_deploy.audit.planned import evidence
from sc_deploy.audit.planned.demand import Part
from sc_deploy.audit.planned.planner import Given, Plan, Request, plan
from sc_deploy.policy import Policy, small

if TYPE_CHECKING:
    from collections.abc import Iterator

PLANTED = Request(
    given=Given(dict.fromkeys((Part.AUDIT, Part.REFERENCE, Part.TEST), (900, 900)), (90, 90), 120)
)

# Any: what a user may write at that place of a policy.
CHANGES: dict[str, Any] = {
    "confidence": 0.99,
    "low_fpr_tier": "T2",
    "attacks": ["loss", "entropy"],
    "min_audit_samples": 40_000,
    "absolute.auc": 0.52,
    "absolute.tpr": [{"fpr": 0.01, "limit": 0.02}],
    "absolute.tpr.fpr": [{"fpr": 0.02, "limit": 0.04}, {"fpr": 0.001, "limit": None}],
    "absolute.tpr.limit": [{"fpr": 0.01, "limit": 0.04}, {"fpr": 0.001, "limit": 0.005}],
    "relative": "none",
    "relative.auc": 0.003,
    "relative.tpr": [],
    "relative.tpr.fpr": [{"fpr": 0.001, "limit": 0.02}],
    "relative.tpr.limit": [{"fpr": 0.01, "limit": 0.01}],
    "relative.quantization_auc": None,
    "accuracy.conversion_loss": 0.005,
    "accuracy.compression_loss": None,
    "attribute": 0.02,
    "canaries.epsilon": 0.4,
    "canaries.auc": 0.6,
    "canaries.guesses": 0.1,
    "canaries.least": 300,
    "slices.auc": 0.6,
    "slices.required": True,
}
NOT_OF_SAMPLES = {
    "schema_version": "the layout of the file",
    "name": "told in reports; no limit",
    "shown": "attacks whose figures never gate",
    "most_looks": "held against the files of a recipe, in tests/pipeline/test_plan.py",
    "without_inputs": "what handed-in answers are worth, which no number of samples changes",
}
# A section as a whole asks what its fields ask.
SECTIONS = {"absolute", "accuracy", "canaries", "slices"}


def fields(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """Every field by its dotted path, those of sections and of lists of sections included."""
    for name, field in model.model_fields.items():
        yield before + name
        for inner in _models(field.annotation):
            yield from fields(inner, f"{before}{name}.")


# Any: annotations are types, unions and aliases alike.
def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models(part)


def written(path: str, *, change: bool) -> Policy:
    """The small policy with a limit on slices, on which a PASS rests where that is the question."""
    policy = small().model_dump(mode="json")
    policy["slices"] = {"auc": 0.62, "required": path == "slices.auc"}
    *sections, name = path.removesuffix(".fpr").removesuffix(".limit").split(".")
    place = policy
    for section in sections:
        place = place[section]
    if change:
        place[name] = CHANGES[path]
    return Policy.model_validate_json(json.dumps(policy))


def decisions(found: Plan) -> tuple[object, ...]:
    return (
        [(c.name, c.limit, c.times, c.needed, c.given) for c in found.checks],
        [(role.name, role.members, role.non_members) for role in found.roles],
        found.canaries,
        found.reference_models,
    )


def test_the_planner_knows_every_field_of_a_policy() -> None:
    """A new field belongs into CHANGES, with what the planner makes of it."""
    assert set(fields(Policy)) == CHANGES.keys() | NOT_OF_SAMPLES.keys() | SECTIONS


@pytest.mark.parametrize("path", CHANGES)
def test_another_value_gives_another_plan_or_is_refused(path: str) -> None:
    before, after = written(path, change=False), written(path, change=True)
    refused = list(evidence.never(after)) != list(evidence.never(before))
    assert refused or decisions(plan(after, PLANTED)) != decisions(plan(before, PLANTED))


@pytest.mark.parametrize(
    "beside", [{"name": "other"}, {"shown": ("confidence",)}, {"without_inputs": "accepted"}]
)
def test_what_asks_nothing_of_samples_leaves_the_plan_as_it_is(beside: dict[str, Any]) -> None:
    other = small().model_copy(update=beside)
    assert decisions(plan(other, PLANTED)) == decisions(plan(small(), PLANTED))
