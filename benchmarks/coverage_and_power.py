"""Does each procedure of the audit keep its promise, and is the gate as strong as planned?

    python benchmarks/coverage_and_power.py [--draws 1.0] [--seed 0] [--only WORDS] [--json]

Every row simulates one procedure where the truth is known, and counts how often it errs. `--draws`
scales the numbers of draws; the table of docs/statistics.md has 1.0.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.simulated.by_unit import by_unit
from benchmarks.simulated.decisions import decisions
from benchmarks.simulated.gates import gates
from benchmarks.simulated.intervals import intervals
from benchmarks.simulated.study import run

if TYPE_CHECKING:
    from benchmarks.simulated.study import Row, Study


def every() -> list[Study]:
    return [*intervals(), *decisions(), *by_unit(), *gates()]


def table(rows: list[Row]) -> str:
    lines = ["| procedure | setting | promised | measured | draws |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.name} | {row.setting} | {row.promised} | {row.measured:.4f}"
        f"{'' if row.kept else ' **broken**'} | {row.draws:,} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--draws", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="words that the row must contain")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    chosen = [s for s in every() if arguments.only in f"{s.name} {s.setting}"]
    rows = [run(study, scale=arguments.draws, seed=arguments.seed) for study in chosen]
    print(json.dumps([asdict(row) for row in rows]) if arguments.json else table(rows))
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
