"""Which network is trained, and from which weights?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from sc_deploy.userfile import Strict

TRANSFORMERS = "transformers"
Option = int | float | str


class NetworkSection(Strict):
    """The network to train."""

    name: str = Field(
        "small-cnn",
        description="`small-cnn`, `wide-cnn`, `resnet-20`, `resnet-18`, `vgg-16-bn` and `alexnet` "
        "for small images; `torchvision/<name>` for any of torchvision's classifiers, untrained; "
        "`mlp` for tables; `transformer` for text; `transformers` for a model folder of that "
        "library; or `custom` for the network of a trusted task.",
    )
    options: dict[str, Option] = Field(
        {},
        description="Settings of that network: `norm`, batch or group, of those for images; "
        "`width` of small-cnn; `dropout` of alexnet; "
        "`width` and `layers` of mlp; `layers`, `width`, `heads`, `dropout`, `vocabulary` and "
        "`padding` of transformer; with `from_scratch`, what to change in a transformers "
        "configuration.",
    )
    weights: str | None = Field(
        None,
        description="Start from these weights instead of random ones: `.safetensors`, or a `.pt` "
        "state dict, read without unpickling code; relative to the recipe. Who trained them may "
        "have seen samples that pose as non-members here, so without "
        "`roles.declared_members` verdicts are INCONCLUSIVE.",
    )
    pretrained: str | None = Field(
        None,
        description="For `transformers`: a folder with config.json and safetensors weights, "
        "relative to the recipe, or `organisation/name` on the hub. Weights count as brought, as "
        "above.",
    )
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = Field(
        None, description="The commit of a model on the hub; there it is required."
    )
    from_scratch: bool = Field(
        False, description="Take only the configuration of `pretrained`, and random weights."
    )
    trust_remote_code: bool = Field(
        False,
        description="Run the Python files that come with `pretrained`. They can do whatever you "
        "can; their digest is locked to the run.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> NetworkSection:
        if (self.name == TRANSFORMERS) != (self.pretrained is not None):
            raise ValueError(f"`pretrained` and name {TRANSFORMERS} need each other")
        if self.pretrained is None and (
            self.revision or self.from_scratch or self.trust_remote_code
        ):
            raise ValueError("revision, from_scratch and trust_remote_code belong to `pretrained`")
        if self.weights is not None and self.pretrained is not None:
            raise ValueError("give `weights` or `pretrained`, not both")
        return self
