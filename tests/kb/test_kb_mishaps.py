"""Whose cost a mishap is."""

from __future__ import annotations

import pytest

from kb.errors import BuildFailed, LibraryLocked, SourceRefused
from kb.mishaps import at_cost_of, at_cost_of_all, refusal


class PanicException(BaseException):
    """A panic in Rust, as Python sees it."""


@pytest.mark.parametrize("error", [KeyError("x"), OSError(5, "no"), MemoryError(), PanicException("slice")])
def test_a_files_mishap_is_a_refusal_that_names_the_step_and_a_remedy(error: BaseException) -> None:
    with pytest.raises(SourceRefused) as raised, at_cost_of("a.md", "cleaning it"):
        raise error
    assert raised.value.source == "a.md"
    assert "cleaning it" in raised.value.reason
    assert "; " in raised.value.reason
    assert raised.value.__cause__ is error


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), SystemExit(1), LibraryLocked("x"), SourceRefused("b", "c")]
)
def test_interrupts_and_errors_that_are_meant_are_let_through(error: BaseException) -> None:
    for guard in (at_cost_of("a.md", "reading it"), at_cost_of_all("reading files")):
        with pytest.raises(type(error)) as raised, guard:
            raise error
        assert raised.value is error


def test_what_the_disk_refuses_is_no_mishap_of_a_build() -> None:
    with pytest.raises(OSError, match="full"), at_cost_of_all("indexing words"):
        raise OSError(28, "disk full")


def test_a_builds_mishap_is_one_line_with_its_step() -> None:
    with pytest.raises(BuildFailed, match="while indexing words") as raised, at_cost_of_all("indexing words"):
        raise ValueError("of\nmany lines " * 100)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 500
    assert raised.value.stage == "indexing words"


def test_the_inner_step_is_the_one_that_is_named() -> None:
    with pytest.raises(BuildFailed, match="linking"), at_cost_of_all("writing"), at_cost_of_all("linking"):
        raise ValueError


def test_memory_and_nesting_have_remedies_of_their_own() -> None:
    assert refusal(MemoryError(), "reading it").endswith("split it")
    assert refusal(RecursionError(), "reading it").endswith("flatten it")
