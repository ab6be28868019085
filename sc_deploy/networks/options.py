"""What can be set on a network, checked before it is built."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, model_validator

from sc_deploy import userfile
from sc_deploy.userfile import Strict

if TYPE_CHECKING:
    from collections.abc import Mapping

    Values = Mapping[str, int | float | str]

TORCHVISION: Final = "torchvision/"
Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0.0, lt=1.0)]


class NoOptions(Strict):
    """Of networks that are what they are."""


class NormOptions(Strict):
    """Of networks for images, which come with batch norms."""

    norm: Literal["batch", "group"] = Field(
        "batch", description="Group norms do not mix the samples of a batch, as `dp-sgd` demands."
    )


class SmallCnnOptions(NormOptions):
    """Of `small-cnn`."""

    width: Count = Field(1, description="Multiplies every layer.")


class AlexNetOptions(NormOptions):
    """Of `alexnet`."""

    dropout: Share = Field(0.5, description="Before each of the two hidden linear layers.")


class MlpOptions(Strict):
    """Of `mlp`."""

    width: Count = Field(128, description="Of each hidden layer.")
    layers: Count = Field(2, description="Hidden layers.")


class TransformerOptions(Strict):
    """Of `transformer`."""

    layers: Count = Field(2, description="Encoder layers.")
    width: Count = Field(64, description="Features of a token; the feed-forward has four times.")
    heads: Count = Field(4, description="Attention heads, which share the width.")
    dropout: Share = Field(0.1, description="Within the layers.")
    vocabulary: Count = Field(description="Number of different tokens; a text task knows its own.")
    padding: Annotated[int, Field(ge=0)] = Field(
        0, description="The token that fills up short texts; a text task knows its own."
    )

    @model_validator(mode="after")
    def _consistent(self) -> TransformerOptions:
        if self.width % self.heads:
            raise ValueError(f"heads must divide width: {self.heads} does not divide {self.width}")
        if self.padding >= self.vocabulary:
            raise ValueError(f"padding {self.padding} is no token of {self.vocabulary}")
        return self


OPTIONS: Final[Mapping[str, type[Strict]]] = {
    "small-cnn": SmallCnnOptions,
    "wide-cnn": NormOptions,
    "resnet-20": NormOptions,
    "resnet-18": NormOptions,
    "vgg-16-bn": NormOptions,
    "alexnet": AlexNetOptions,
    "mlp": MlpOptions,
    "transformer": TransformerOptions,
}


def resolved(name: str, given: Values, known: Values) -> tuple[tuple[str, int | float | str], ...]:
    """All options of a network, defaults written out; `known` is what the task says of itself.

    Raises UsageError listing every option that is unknown, missing or out of range.
    """
    model = NormOptions if name.startswith(TORCHVISION) else OPTIONS.get(name, NoOptions)
    own = {key: value for key, value in known.items() if key in model.model_fields}
    source = f"network.options of {name}"
    checked = userfile.parse(json.dumps({**own, **given}), model, source=source)
    return tuple(checked.model_dump().items())
