"""Takes a network of real size through a whole SafeCompress round and its export, on the CPU.

    python benchmarks/real_size.py vgg-16-bn
    python benchmarks/real_size.py bert --target onnx --target android

Samples are noise and steps are few: this asks whether such a network gets through, in what time
and memory, and whether the files are the model. Its accuracy means nothing. One line of JSON on
standard output; BERT needs about 12 GB of memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sc_deploy import predictions, registry
from sc_deploy.contracts import Artifact, Role, Task, Tokens
from sc_deploy.pipeline import compress, execution, export, locate, models
from sc_deploy.pipeline.problem import Brought, Problem
from sc_deploy.policy import small
from sc_deploy.progress import Silent
from sc_deploy.recipe import Recipe
from sc_deploy.tasks import roles as role_files
from sc_deploy.tasks.arrays import ArrayTask
from sc_deploy.workspace import RunFolder

LENGTH, VOCABULARY, YELP_CLASSES, CIFAR_CLASSES = 32, 30_522, 5, 100
BERT_BASE = {
    "model_type": "bert",
    "vocab_size": VOCABULARY,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "pad_token_id": 0,
}
ROLES = {
    "key": "5c" * 32,
    "min_per_class": 0,
    "fractions": {"search": 0.25, "reference": 0.25, "calibration": 0.25, "audit": 0.25},
}


@dataclass(frozen=True, slots=True, eq=False)
class TokenTask(ArrayTask):
    """Token ids that say of themselves how many they are."""

    tokens: Tokens = field(default_factory=lambda: Tokens(VOCABULARY, 0))


def images() -> Task:
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (320, 3, 32, 32), dtype=np.uint8)
    y = random.integers(0, CIFAR_CLASSES, len(x))
    names = tuple(map(str, range(CIFAR_CLASSES)))
    return ArrayTask("noise", names, x, y, lambda raw: raw.astype(np.float32) / np.float32(255))


def texts() -> Task:
    random = np.random.default_rng(0)
    x = random.integers(1, VOCABULARY, (48, LENGTH))
    y = random.integers(0, YELP_CLASSES, len(x))
    return TokenTask(
        "noise", tuple(map(str, range(YELP_CLASSES))), x, y, lambda raw: raw.astype(np.int64)
    )


def recipe(network: dict[str, object], *, members: int, batch_size: int) -> Recipe:
    """Four steps with one round of all four candidates' kinds reduced to one, and the incumbent."""
    settings = {
        "task": {"name": "custom"},
        "roles": ROLES
        | {"members": members, "non_members": members, "validation": members // 3, "test": 4},
        "network": network,
        "train": {"epochs": 1, "batch_size": batch_size},
        "sparse": {"density": 0.1},
        "compress": {
            "update_every": 2,
            "probation": 1,
            "dense_baseline": False,
            "pool": {"drop": ["magnitude"], "grow": ["gradient"]},
            "threads": 2,
        },
        "export": {"targets": ["onnx"]},
    }
    return Recipe.model_validate_json(json.dumps(settings))


def problem(name: str, folder: Path) -> Problem:
    if name == "vgg-16-bn":
        asked = recipe({"name": name}, members=120, batch_size=30)
        return Problem(asked, small(), images(), Brought())
    (folder / "config.json").write_text(json.dumps(BERT_BASE), encoding="utf-8")
    network: dict[str, object] = {
        "name": "transformers",
        "pretrained": str(folder),
        "from_scratch": True,
    }
    return Problem(recipe(network, members=16, batch_size=4), small(), texts(), Brought())


def measure(name: str, targets: list[str]) -> dict[str, object]:
    """What compression and each export took, and what came of them. Raises ScDeployError."""
    with tempfile.TemporaryDirectory() as folder:
        run, asked = RunFolder(Path(folder) / "run"), problem(name, Path(folder))
        start = time.perf_counter()
        compress.compress(run, asked, Silent(), resume=False, overwrite=False)
        found: dict[str, object] = {"network": name, "compress_s": _since(start)}
        source = models.read(run).source
        found |= {"parameters": source.parameters, "density": round(source.density, 4)}
        for build in locate.builds(targets, formats=(), precisions=["fp32"]):
            start = time.perf_counter()
            (result,) = export.export(run, asked, [build], Silent())
            if result.error is not None:
                raise result.error
            assert result.artifact is not None
            found[build.name] = {
                "export_s": _since(start),
                "bytes": result.artifact.bytes,
                "peak_bytes": _peak(resource.RUSAGE_SELF),
                "largest_difference": disagreement(run, asked, build, result.artifact),
            }
    return found | {"runner_peak_bytes": _peak(resource.RUSAGE_CHILDREN)}


def disagreement(run: RunFolder, asked: Problem, build: locate.Build, artifact: Artifact) -> float:
    """The largest difference of a logit between the file, run as it ships, and its source."""
    bundle = build.format.bundle(artifact, run.artifact(build.name))
    roles = role_files.load(run.roles)
    reference, _ = predictions.read(run.predictions("source", Role.VALIDATION))
    with execution.prepared(asked.task, roles, [Role.VALIDATION], run.cache) as inputs:
        answers = execution.probe(registry.device("local"), bundle, inputs)
        ids = roles.sample_id[inputs.rows[: execution.PROBE_SAMPLES]]
    source = predictions.select(reference, ids).logits
    return float(max(np.abs(logits - source).max() for logits in answers.values()))


def _peak(who: int) -> int:
    return resource.getrusage(who).ru_maxrss * 1024


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("network", choices=("vgg-16-bn", "bert"))
    parser.add_argument("--target", action="append", choices=("onnx", "android"))
    options = parser.parse_args()
    print(json.dumps(measure(options.network, options.target or ["onnx"])))


if __name__ == "__main__":
    main()
