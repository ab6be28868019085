from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from sc_deploy import annotated, userfile
from sc_deploy.errors import UsageError
from sc_deploy.policy import Policy, Slices, small
from sc_deploy.recipe import Recipe
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


@pytest.mark.parametrize("text", ["1e-4", "1E-04", "+1.e-4", ".1e-3", "0.0001"])
def test_numbers_with_an_exponent_are_numbers(text: str) -> None:
    assert parse(f"{{count: 3, inner: {{rate: {text}}}}}").inner.rate == 1e-4
    assert parse("count: 3", f"inner.rate={text}").inner.rate == 1e-4


def test_two_numbers_with_a_colon_are_a_name_and_not_a_number_to_the_base_of_sixty() -> None:
    assert parse("count: 3\ninner:\n  names: [2:4, b]").inner.names == ("2:4", "b")
    assert parse("count: 3", "inner.names=[1:16]").inner.names == ("1:16",)


def test_a_setting_that_stands_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="'rate' stands there twice"):
        parse("count: 3\ninner:\n  rate: 0.1\n  rate: 0.2\n")


def test_the_settings_that_differ_are_named_with_both_values() -> None:
    was, now = (userfile.dump(Outer(count=3, inner=Inner(rate=rate))) for rate in (0.1, 0.2))
    (problem,) = userfile.differences(was, now)
    assert problem.where == "inner.rate"
    assert problem.found == "is 0.2, the run has 0.1"


def test_a_secret_is_never_shown() -> None:
    (problem,) = userfile.differences("roles: {key: aaa}", "roles: {key: bbb}")
    assert not {"aaa", "bbb"} & set(problem.found.replace(",", "").split())
    with pytest.raises(UsageError) as caught:
        userfile.parse("{task: {name: digits}, roles: {key: abc-secret}}", Recipe, source="r")
    assert "roles.key" in str(caught.value)
    assert "abc-secret" not in str(caught.value)


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


def test_settings_that_do_not_go_together_are_told_without_their_section() -> None:
    text = (
        f"{{task: {{name: digits}}, roles: {{key: {'ab' * 32}}}, "
        "compress: {probation: 9, update_every: 8}}"
    )
    with pytest.raises(UsageError, match="must be shorter than") as caught:
        userfile.parse(text, Recipe, source="r")
    assert "ab" * 32 not in str(caught.value)


def test_a_value_that_fits_neither_of_two_kinds_is_one_problem() -> None:
    text = f"{{task: {{name: digits}}, roles: {{key: {'ab' * 32}, members: 1.5}}}}"
    with pytest.raises(UsageError) as caught:
        userfile.parse(text, Recipe, source="r")
    (problem,) = caught.value.problems
    assert (problem.where, problem.found) == ("roles.members", "is 1.5")
    assert "integer, or " in problem.remedy


def test_a_name_that_stands_twice_in_a_list_is_refused() -> None:
    text = f"{{task: {{name: digits}}, roles: {{key: {'ab' * 32}}}, export: {{targets: [a, a]}}}}"
    with pytest.raises(UsageError, match="name each once"):
        userfile.parse(text, Recipe, source="r")


def test_entries_of_lists_are_told_in_the_words_of_the_recipe() -> None:
    text = (
        f"{{task: {{name: digits}}, roles: {{key: {'ab' * 32}}}, "
        "defence: [{name: rlaxloss}, {alpha: 1.0}], "
        "compress: {safety_tests: [], pool: {drop: [magnitud]}}}"
    )
    with pytest.raises(UsageError) as caught:
        userfile.parse(text, Recipe, source="r")
    told = {problem.where: problem for problem in caught.value.problems}
    assert set(told) == {
        "defence.0.name", "defence.1", "compress.safety_tests", "compress.pool.drop.0",
    }  # fmt: skip
    assert told["defence.0.name"].found == "is 'rlaxloss'"
    assert "'relaxloss'" in told["defence.0.name"].remedy
    assert told["defence.1"].found == "has no name"
    assert told["compress.safety_tests"].found == "is empty"


def test_a_section_in_which_nothing_is_asked_is_left_out_of_a_first_file(tmp_path: Path) -> None:
    """Its bare name would be read as null, which no section is."""
    path = tmp_path / "policy.yaml"
    path.write_text(annotated.render(small()), encoding="utf-8")
    assert "slices:" not in path.read_text(encoding="utf-8")
    assert userfile.load(path, Policy) == small()
    strict = small().model_copy(update={"slices": Slices(auc=0.6)})
    path.write_text(annotated.render(strict), encoding="utf-8")
    assert userfile.load(path, Policy) == strict
