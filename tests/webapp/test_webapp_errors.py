"""Every error class has one meaning outside."""

import inspect

import pytest

import kb.errors
import search.errors
from webapp import errors

CLASSES = {
    kind
    for module in (kb.errors, search.errors)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, kb.errors.KBError)
}


def made(kind):
    return kind("a.txt", "is empty") if issubclass(kind, kb.errors.SourceRefused) else kind("it went wrong")


@pytest.mark.parametrize("kind", sorted(CLASSES, key=lambda kind: kind.__name__))
def test_each_class_has_an_exit_code_of_the_contract_and_an_error_status(kind):
    means = errors.meaning(made(kind))
    assert means.exit_code in (1, 2, 3)
    assert 400 <= means.status < 600
    assert means.code.isidentifier()
    assert means.title


@pytest.mark.parametrize(
    ("kind", "exit_code", "status", "code"),
    [
        (search.errors.QueryError, 2, 400, "bad_query"),
        (search.errors.ArticleMissing, 1, 404, "article_missing"),
        (search.errors.ModelMissing, 3, 503, "model_missing"),
        (search.errors.ModelMismatch, 3, 503, "model_mismatch"),
        (search.errors.BackendUnavailable, 3, 503, "backend_unavailable"),
        (search.errors.ExtraMissing, 2, 501, "extra_missing"),
        (kb.errors.LibraryMissing, 3, 503, "library_missing"),
        (kb.errors.LibraryDamaged, 3, 503, "library_damaged"),
        (kb.errors.LibraryVersionMismatch, 3, 503, "library_version"),
        (kb.errors.InputError, 2, 400, "bad_input"),
        (kb.errors.BuildFailed, 3, 500, "build_failed"),
        (search.errors.ArticlesFailed, 3, 500, "build_failed"),
        (PermissionError, 2, 500, "system_error"),
        (ZeroDivisionError, errors.BUG, 500, "internal_error"),
    ],
)
def test_the_table(kind, exit_code, status, code):
    means = errors.meaning(kind("it went wrong"))
    assert (means.exit_code, means.status, means.code) == (exit_code, status, code)


def test_a_message_is_one_line():
    assert errors.message(kb.errors.KBError("two\nlines  here")) == "two lines here"
    assert errors.message(OSError(13, "Permission denied", "/x")) == "/x: Permission denied"
    assert errors.message(ValueError()) == "ValueError"
