"""The configuration of a `transformers` model, read without running what it may ask for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sc_deploy.errors import IntegrityError, Problem, UsageError
from sc_deploy.networks.hub import CONFIGURATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    Values = Mapping[str, int | float | str]

# Keys that make the library import code of the folder, of the hub, or of other packages.
CODE_KEYS: Final = ("auto_map", "custom_pipelines", "quantization_config", "kernel_config")
PLAIN_ATTENTION: Final = (None, "eager", "sdpa")
# Of the machine or the version that saved it; nothing that the network depends on.
INCIDENTAL: Final = ("_name_or_path", "transformers_version", "dtype", "torch_dtype")

SHIFTED: Final = (
    "camembert", "data2vec-text", "esm", "ibert", "lilt", "longformer", "luke", "mpnet",
    "roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod",
)  # fmt: skip

# Any: a configuration holds whatever its author gave it.
Configuration = dict[str, Any]


def read(folder: Path, *, trusted: bool) -> Configuration:
    """The folder's config.json without what is incidental.

    Raises UsageError if it cannot be read, IntegrityError if it asks for code that is not
    trusted.
    """
    path = folder / CONFIGURATION
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot read {path}: {error}",
            remedy="give a folder that save_pretrained() of transformers wrote",
        ) from error
    if not isinstance(found, dict) or not isinstance(found.get("model_type"), str):
        raise UsageError(
            f"{path} names no model_type",
            remedy="give a folder that save_pretrained() of transformers wrote",
        )
    if not trusted and (problems := tuple(_code(found, ""))):
        raise IntegrityError(
            f"{path} asks for code beside it, and nothing of it was run",
            remedy="take a model without, or read that code and set network.trust_remote_code",
            problems=problems,
        )
    return {key: value for key, value in found.items() if key not in INCIDENTAL}


def changed(configuration: Configuration, options: Values) -> Configuration:
    """The configuration with other values for some of its numbers and names.

    Raises UsageError listing options that it does not have, or has in another type.
    """
    problems = tuple(
        Problem(
            f"network.options.{key}",
            f"is {value!r}, the configuration has {configuration.get(key)!r}",
            "change a number or name that is there, to another of its kind",
        )
        for key, value in options.items()
        if type(configuration.get(key)) is not type(value)
    )
    if problems:
        raise UsageError(
            "network.options does not go with that configuration",
            remedy=f"look into {CONFIGURATION} of network.pretrained",
            problems=problems,
        )
    return configuration | dict(options)


def fitted(configuration: Configuration, *, classes: int, known: Values) -> Configuration:
    """The configuration for so many classes and the task's tokens.

    One label stays one where there are two classes: its logit is that of the second. Raises
    UsageError where the task's tokens are not those that the model was made for.
    """
    problems = tuple(_token_problems(configuration, known))
    if problems:
        raise UsageError(
            "the task's tokens are not what the network reads",
            remedy="give the tokenizer.json of network.pretrained, and texts that it can hold",
            problems=problems,
        )
    labels = {"id2label", "label2id", "num_labels"}
    single = _labels(configuration) == 1 and classes == 2
    count = 1 if single else classes
    return {key: value for key, value in configuration.items() if key not in labels} | {
        "id2label": {str(number): f"LABEL_{number}" for number in range(count)},
        "label2id": {f"LABEL_{number}": number for number in range(count)},
    }


def _labels(configuration: Configuration) -> int:
    names = configuration.get("id2label")
    return int(configuration.get("num_labels", 2)) if names is None else len(names)


def _token_problems(configuration: Configuration, known: Values) -> Iterator[Problem]:
    tokens, embedded = known.get("vocabulary"), configuration.get("vocab_size")
    if tokens is not None and embedded is not None and tokens > embedded:
        found = f"has {tokens} tokens, the network knows {embedded}"
        yield Problem("vocabulary", found, "use the network's own tokenizer")
    padding, own = known.get("padding"), configuration.get("pad_token_id")
    if padding is not None and own is not None and padding != own:
        found = f"pads with token {padding}, the network with {own}"
        yield Problem("padding", found, "use the network's own tokenizer")
    length, most = known.get("length"), _positions(configuration)
    if isinstance(length, int) and most is not None and length > most:
        found = f"is {length} tokens, the network has places for {most}"
        yield Problem("task.length", found, f"set it to {most} or less")


def _positions(configuration: Configuration) -> int | None:
    """How many tokens it has places for; None where nothing bounds them.

    RoBERTa and its kin number places from the padding token on, and lose as many.
    """
    places, padding = (
        configuration.get("max_position_embeddings"),
        configuration.get("pad_token_id"),
    )
    if not isinstance(places, int) or configuration.get("position_embedding_type") == "rotary":
        return None
    if str(configuration["model_type"]) in SHIFTED and isinstance(padding, int):
        return places - padding - 1
    return places


# Any: whatever JSON holds.
def _code(value: Any, where: str) -> Iterator[Problem]:
    """Everything, at any depth, that would make the library import code."""
    if not isinstance(value, dict):
        return
    for key, below in value.items():
        path = f"{where}.{key}" if where else key
        attention = "attn_implementation" in key and below not in PLAIN_ATTENTION
        if key in CODE_KEYS or attention:
            yield Problem(path, f"is {str(below)[:80]!r}", "remove it if the model needs no code")
        else:
            yield from _code(below, path)
