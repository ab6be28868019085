from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from sc_deploy import annotated, userfile
from sc_deploy.errors import UsageError
from sc_deploy.userfile import Strict


class Inner(Strict):
    rate: float = Field(0.5, ge=0.0, le=1.0, description="A share.")
    names: tuple[str, ...] = Field(("a",), description="Some names.")


class Outer(Strict):
    count: int = Field(description="How many.")
    inner: Inner = Field(Inner(), description="The rest.")


def parse(text: str, *overrides: str) -> Outer:
    return userfile.parse(text, Outer, source="test.yaml", overrides=overrides)


def test_defaults_fill_what_is_left_away() -> None:
    assert parse("count: 3") == Outer(count=3)


def test_every_problem_is_reported_at_once_with_its_path() -> None:
    with pytest.raises(UsageError) as caught:
        parse("{count: many, inner: {rate: 2.0, nmaes: [b]}}")
    assert [p.where for p in caught.value.problems] == ["count", "inner.rate", "inner.nmaes"]
    assert "'many'" in str(caught.value)


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(UsageError, match="count: is missing"):
        parse("{}")


@pytest.mark.parametrize("text", ["[1, 2]", "", "count: [", "count: 2020-01-01", "a: b: c"])
def test_what_is_no_mapping_of_plain_values_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse(text)


@pytest.mark.parametrize("value", [".nan", ".inf", "true", "'3'", "3.5"])
def test_values_are_never_coerced(value: str) -> None:
    with pytest.raises(UsageError):
        parse(f"count: {value}")


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "absent.yaml", tmp_path, binary):
        with pytest.raises(UsageError, match="cannot read"):
            userfile.load(path, Outer)


def test_overrides_reach_into_sections() -> None:
    assert parse("count: 3", "inner.rate=0.25", "count=4") == Outer(count=4, inner=Inner(rate=0.25))


@pytest.mark.parametrize("override", ["inner.rate", "=3", "count.deeper=1", "inner.rat=0.1"])
def test_a_wrong_override_is_refused(override: str) -> None:
    with pytest.raises(UsageError):
        parse("count: 3", override)


def test_dumped_and_annotated_files_give_the_model_back() -> None:
    model = Outer(count=3, inner=Inner(rate=0.125, names=("x", "y: z")))
    assert parse(userfile.dump(model)) == model
    assert parse(annotated.render(model)) == model


def test_annotated_files_explain_every_setting() -> None:
    text = annotated.render(Outer(count=3))
    assert all(f"# {words}" in text for words in ("How many.", "A share.", "Some names."))
