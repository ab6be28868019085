"""Which problem, and who serves what in it?"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from sc_deploy.recipe.fields import Amount, Count, Fraction, Names
from sc_deploy.userfile import Strict

WORDS: Final = "words"
"""The `tokenizer` that needs no file."""

Channels = Annotated[tuple[float, ...], Field(min_length=1, max_length=3)]
Scale = tuple[float, Annotated[float, Field(gt=0.0)]]


class ImagesSection(Strict):
    """How images become arrays. Nothing here is random: augmentation has no place in a task."""

    size: Count | None = Field(
        None,
        description="Pixels of both sides: cut to a square around the middle, then scaled. Left "
        "out, images stay as they are and must all have one size.",
    )
    grayscale: bool = Field(False, description="One channel of luminance instead of three.")
    mean: Channels = Field(
        (0.0,), description="Subtracted from pixels in [0, 1]: one for all channels, or one each."
    )
    std: Annotated[tuple[Annotated[float, Field(gt=0.0)], ...], Field(min_length=1)] = Field(
        (1.0,), description="Pixels are divided by it, after the mean is gone."
    )


class TableSection(Strict):
    """Which columns of a table are samples, and which say something about them."""

    columns: Names | None = Field(
        None, description="Names of the columns of a CSV file without a header, in their order."
    )
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = Field(
        ",", description="Between the values of a CSV file."
    )
    label: str = Field("label", description="The column of classes, as words or numbers.")
    classes: Names | None = Field(
        None,
        description="All classes in their order; any other label is refused. Left out, they are "
        "those found, numbers in rising order, words by alphabet.",
    )
    text: Annotated[Names, Field(max_length=2)] = Field(
        (), description="The column of texts, or two whose texts form pairs."
    )
    image: str | None = Field(
        None,
        description="The column of images, as the `Image` feature of Hugging Face data sets holds "
        "them; `task.images` says how they become arrays.",
    )
    numeric: Names = Field((), description="Columns of numbers, for a tabular task.")
    categorical: Names = Field((), description="Columns of categories, one input a category.")
    scale: dict[str, Scale] = Field(
        {},
        description="Mean and deviation that standardise a numeric column. Left out, those of "
        "the whole pool: of members and non-members alike, so that they tell neither.",
    )
    unit: str | None = Field(
        None, description="The column that names the person or device behind a row."
    )
    attribute: str | None = Field(
        None, description="The column of a sensitive trait that answers must not betray."
    )
    duplicates: Literal["together", "refuse"] = Field(
        "together", description="Equal rows serve one purpose together, or are an error."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> TableSection:
        tabular = (*self.numeric, *self.categorical)
        image = () if self.image is None else (self.image,)
        if sum(map(bool, (self.text, tabular, image))) != 1:
            raise ValueError(
                "name the columns of text, or those that are numeric or categorical, or that of "
                "images"
            )
        named = Counter((*self.text, *tabular, *image, self.label))
        if twice := sorted(name for name, count in named.items() if count > 1):
            raise ValueError(f"a column serves one purpose; named twice: {', '.join(twice)}")
        if unknown := sorted(self.scale.keys() - set(self.numeric)):
            raise ValueError(f"scale names columns that are not numeric: {', '.join(unknown)}")
        return self


class TaskSection(Strict):
    """The classification problem."""

    name: str = Field(
        description="`digits` (comes with scikit-learn), `idx` (a folder in MNIST's layout), "
        "`cifar-10`, `cifar-100`, `svhn`, `stl-10`, `tiny-imagenet`, `image-folder`, `ag-news`, "
        "`yelp-5`, `csv`, `parquet`, `hf-dataset`, or `custom` with --trust-code on the command "
        "line."
    )
    path: str | None = Field(
        None,
        description="Folder or file of the data, for tasks that read one; relative to the recipe.",
    )
    download: bool = Field(
        False,
        description="Fetch the published archive into `path` if it is not there: of `cifar-10`, "
        "`cifar-100`, `svhn`, `stl-10`, `tiny-imagenet`, `ag-news` and `yelp-5`. Its sha256 is "
        "known beforehand; anything else is refused.",
    )
    images: ImagesSection = Field(ImagesSection(), description="For tasks of images.")
    table: TableSection | None = Field(
        None, description="For `csv`, `parquet` and `hf-dataset`: which column is what."
    )
    tokenizer: str | None = Field(
        None,
        description="For texts: a tokenizer.json, relative to the recipe, whose sha256 is locked "
        "to the run; or `words`, the words that several texts of the pool share.",
    )
    vocabulary: Annotated[int, Field(ge=3)] = Field(
        20_000, description="Most token ids that `tokenizer: words` may use."
    )
    length: Count | None = Field(
        None, description="Tokens that a network reads of a text: cut there, or padded up to it."
    )
    label_noise: Annotated[float, Field(ge=0.0, lt=1.0)] = Field(
        0.0,
        description="Share of labels replaced by another class at random, in every role but "
        "test. For experiments: it makes memorisation visible.",
    )

    @model_validator(mode="after")
    def _complete(self) -> TaskSection:
        if (self.tokenizer is None) != (self.length is None):
            raise ValueError("tokenizer and length go together: give both, or neither")
        return self


class Fractions(Strict):
    """How the members, and the non-members, are shared out among the attack roles."""

    search: Fraction = Field(0.15, description="Seen by safety tests while candidates compete.")
    reference: Fraction = Field(0.10, description="Population data; calibrates int8 ranges.")
    calibration: Fraction = Field(0.25, description="Fits attackers and freezes thresholds.")
    audit: Fraction = Field(0.50, description="Scored once a release, never for choosing.")

    @model_validator(mode="after")
    def _whole(self) -> Fractions:
        total = self.search + self.reference + self.calibration + self.audit
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"the four fractions must add up to 1, they add up to {total:.6g}")
        return self


class RolesSection(Strict):
    """Who is trained on and who is not. Amounts are counts (>= 1) or fractions of the pool."""

    key: str = Field(
        pattern=r"^[0-9a-f]{64}$",
        description="Secret of 32 bytes as 64 hex digits; draws the roles and keys the sample "
        "ids. Whoever has it and the data can tell who was trained on: keep it as such.",
    )
    members: Amount = Field(0.4, description="Samples to train on.")
    non_members: Amount = Field(0.4, description="Samples never trained on, for the attacks.")
    validation: Amount = Field(0.1, description="Chooses among candidates.")
    test: Amount = Field(0.1, description="Reports accuracy.")
    fractions: Fractions = Field(Fractions(), description="The attack roles within both sides.")
    min_per_class: Annotated[int, Field(ge=0)] = Field(
        1, description="Samples of each class that members, and non-members, must have."
    )
    declared_members: str | None = Field(
        None,
        description="Text file with the rows of the data set that `network.weights` was trained "
        "on, a number or a range `first-last` (both included, counted from 0) a line; relative "
        "to the recipe. Members are then drawn from these rows only, everyone else from the "
        "other rows only. Without it brought weights leave a verdict INCONCLUSIVE. It is a "
        "secret like `key`; the run keeps its sha256.",
    )
