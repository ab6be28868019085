"""A configuration may not bring code along unless the user trusts it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
import torch

from sc_deploy.contracts import Tokens
from sc_deploy.contracts.arrays import Int64
from sc_deploy.errors import IntegrityError, UsageError
from sc_deploy.networks import transformers_configuration
from sc_deploy.networks.build import build, spec_of
from sc_deploy.recipe import NetworkSection
from sc_deploy.tasks.arrays import ArrayTask


class Folder(Protocol):
    def __call__(self, kind: str, **settings: object) -> Path: ...


@dataclass(frozen=True, slots=True, eq=False)
class TokenTask(ArrayTask):
    tokens: Tokens = field(default_factory=lambda: Tokens(60, 0))


def texts() -> TokenTask:
    x = np.arange(300).reshape(30, 10) % 60
    y: Int64 = np.arange(30) % 3
    return TokenTask("texts", ("bad", "fair", "good"), x, y, lambda raw: raw.astype(np.int64))


CODE = """
from pathlib import Path
from transformers import BertConfig, BertForSequenceClassification
Path({evidence!r}).write_text("was run")
class Mine(BertForSequenceClassification):
    config_class = BertConfig
"""


def with_code(folder: Folder, evidence: Path) -> Path:
    reference = {"AutoModelForSequenceClassification": "mine.Mine"}
    path = folder("bert", auto_map=reference)
    (path / "mine.py").write_text(CODE.format(evidence=str(evidence)))
    return path


def test_code_beside_a_configuration_is_refused_and_not_run(folder: Folder, tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    path = with_code(folder, evidence)
    asked = NetworkSection(name="transformers", pretrained=str(path), from_scratch=True)
    with pytest.raises(IntegrityError, match="asks for code") as caught:
        spec_of(texts(), asked)
    assert [problem.where for problem in caught.value.problems] == ["auto_map"]
    assert not evidence.exists()


def test_code_that_is_trusted_is_run(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "hf"))
    path = with_code(folder, tmp_path / "evidence")
    asked = NetworkSection(
        name="transformers", pretrained=str(path), from_scratch=True, trust_remote_code=True
    )
    module = build(spec_of(texts(), asked), seed=0)
    assert (tmp_path / "evidence").read_text() == "was run"
    assert module.eval()(torch.ones(2, 10, dtype=torch.int64)).shape == (2, 3)


@pytest.mark.parametrize(
    "settings",
    [
        {"auto_map": {"AutoConfig": "mine.Config"}},
        {"_attn_implementation_internal": "someone/kernel"},
        {"attn_implementation": "someone/kernel"},
        {"text_config": {"auto_map": {}}},
        {"quantization_config": {"quant_method": "other"}},
    ],
)
def test_whatever_would_import_code_is_refused_at_any_depth(
    folder: Folder, settings: dict[str, object]
) -> None:
    path = folder("bert", **settings)
    with pytest.raises(IntegrityError, match="asks for code"):
        transformers_configuration.read(path, trusted=False)
    assert transformers_configuration.read(path, trusted=True)["model_type"] == "bert"


def test_plain_attention_is_no_code(folder: Folder) -> None:
    path = folder("bert", _attn_implementation="sdpa")
    assert transformers_configuration.read(path, trusted=False)


@pytest.mark.parametrize("content", [None, "{", "[]", "{}", '{"model_type": 3}'])
def test_what_is_no_configuration_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(UsageError, match=r"config\.json"):
        transformers_configuration.read(tmp_path, trusted=False)


@pytest.mark.parametrize(
    ("kind", "places", "fits"),
    [("bert", 10, True), ("bert", 9, False), ("roberta", 12, True), ("roberta", 11, False)],
)
def test_texts_that_are_too_long_for_the_network_are_refused_beforehand(
    kind: str, places: int, fits: bool
) -> None:
    """RoBERTa numbers places from behind its padding token, here 1: two of them hold nothing."""
    configuration = {
        "model_type": kind,
        "max_position_embeddings": places,
        "pad_token_id": 1 if kind == "roberta" else 0,
    }
    if fits:
        transformers_configuration.fitted(configuration, classes=3, known={"length": 10})
        return
    with pytest.raises(UsageError) as refused:
        transformers_configuration.fitted(configuration, classes=3, known={"length": 10})
    assert refused.value.problems[0].where == "task.length"


def test_the_length_of_a_task_reaches_its_network(folder: Folder) -> None:
    section = NetworkSection(
        name="transformers",
        pretrained=str(folder("bert", max_position_embeddings=9)),
        from_scratch=True,
    )
    with pytest.raises(UsageError, match="tokens"):
        spec_of(texts(), section)
