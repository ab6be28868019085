"""Holds a report against published figures: `python check.py RUN/reports/.../report.json`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

EXPECTED = Path(__file__).with_name("expected.yaml")
AUC = "AUC"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A published figure: which it is, and between what it must come out."""

    subject: str
    attack: str
    metric: str
    least: float
    most: float


def anchors(path: Path = EXPECTED) -> list[Anchor]:
    return [Anchor(**row) for row in yaml.safe_load(path.read_text())["anchors"]]


# Any: the report is JSON.
def measured(report: dict[str, Any], anchor: Anchor) -> float | None:
    """The figure of the report; None where it was not measured."""
    for subject in report["audit"]["subjects"]:
        for attack in subject["attacks"]:
            if (subject["name"], attack["attack"]) != (anchor.subject, anchor.attack):
                continue
            if anchor.metric == AUC:
                return float(attack["auc"]["value"])
            wanted = float(anchor.metric.removeprefix("TPR at "))
            points = (p for p in attack["tpr"] if p["fpr"] == wanted and p["rate"])
            return next((float(point["rate"]["value"]) for point in points), None)
    return None


def compare(report: dict[str, Any], expected: list[Anchor]) -> list[tuple[bool, str]]:
    """For each anchor, whether it holds, and a line that says so."""
    lines = []
    for anchor in expected:
        value = measured(report, anchor)
        holds = value is not None and anchor.least <= value <= anchor.most
        told = "not measured" if value is None else f"{value:.4f}"
        name = f"{anchor.subject}, {anchor.attack}, {anchor.metric}"
        verdict = "ok" if holds else "NO"
        lines.append((holds, f"{verdict}  {name}: {told}, {anchor.least:g} to {anchor.most:g}"))
    return lines


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    found = compare(json.loads(Path(arguments[0]).read_text()), anchors())
    sys.stdout.write("\n".join(line for _, line in found) + "\n")
    return 0 if all(holds for holds, _ in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
