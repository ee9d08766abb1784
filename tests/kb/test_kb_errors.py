"""Errors of the knowledge base: one tree, each with its remedy in its text."""

from __future__ import annotations

from kb import errors


def test_every_error_is_ours() -> None:
    named = [getattr(errors, name) for name in errors.__all__]
    assert all(issubclass(error, errors.KBError) for error in named)
    assert str(errors.SourceRefused("a.txt", "is empty; fill it")) == "a.txt: is empty; fill it"
