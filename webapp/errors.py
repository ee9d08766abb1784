"""The one place that says what an error means outside: an exit code of ``kb``, an HTTP status, a hint.

The table names classes of :mod:`kb.errors` and :mod:`search.errors`; those know neither shell nor web.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from webapp.interface.i18n import later as _

__all__ = ["BUG", "NOTHING_FOUND", "Meaning", "known", "meaning", "message", "status_meaning"]

NOTHING_FOUND = 1
BUG = 70
"""Exit code of a fault of ours (EX_SOFTWARE of sysexits.h), told apart from everything in the contract."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error means outside: ``kb``'s exit code, the HTTP status, its code in JSON, the heading of its
    page, what to do. The error's own text stands between the last two."""

    exit_code: int
    status: int
    code: str
    title: str
    hint: str = ""


_SEE_LOG = _("The server's log says more.")
_VERIFY = _("`kb verify` says what is wrong with it, `kb build` makes it anew.")
_AGAIN = _("Load this page again in a few seconds.")
_BUG = Meaning(BUG, 500, "internal_error", _("Something went wrong here"), _SEE_LOG)


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[type[BaseException], Meaning], ...]:
    """Class and meaning, the more special class first."""
    # Imported on the first error only: `kb --help` must not load the search packages.
    from kb import errors as kb
    from search import errors as search
    from webapp.gate import Busy
    from webapp.translating import NotTranslated

    return (
        (Busy, Meaning(2, 503, "busy", _("Too busy at the moment"), _AGAIN)),
        (NotTranslated, Meaning(2, 503, "not_translated", _("That cannot be translated now"), _AGAIN)),
        (search.SearchTooSlow, Meaning(2, 503, "too_slow", _("That takes too long"), _AGAIN)),
        (
            search.ArticleMissing,
            Meaning(1, 404, "article_missing", _("No such article"), _("Search for it.")),
        ),
        (search.ModelMismatch, Meaning(3, 503, "model_mismatch", _("Another model"))),
        (search.ModelError, Meaning(3, 503, "model_missing", _("No model"))),
        (
            search.BackendUnavailable,
            Meaning(3, 503, "backend_unavailable", _("The library cannot be used"), _AGAIN),
        ),
        (kb.LibraryMissing, Meaning(3, 503, "library_missing", _("No library yet"))),
        (kb.LibraryVersionMismatch, Meaning(3, 503, "library_version", _("A library of another version"))),
        (kb.LibraryDamaged, Meaning(3, 503, "library_damaged", _("The library is damaged"), _VERIFY)),
        (kb.LibraryLocked, Meaning(3, 503, "library_locked", _("The library is being written"))),
        (kb.BuildFailed, Meaning(3, 500, "build_failed", _("Something went wrong here"), _SEE_LOG)),
        (kb.LibraryError, Meaning(3, 503, "library_error", _("The library cannot be used"), _VERIFY)),
        (search.QueryError, Meaning(2, 400, "bad_query", _("That cannot be searched for"))),
        (search.ExtraMissing, Meaning(2, 501, "extra_missing", _("That does not work"))),
        (kb.UsageError, Meaning(2, 400, "bad_request", _("That does not work"))),
        (kb.InputError, Meaning(2, 400, "bad_input", _("That cannot be read"))),
        (kb.KBError, Meaning(2, 500, "error", _("Something went wrong here"), _SEE_LOG)),
        (OSError, Meaning(2, 500, "system_error", _("Something went wrong here"), _SEE_LOG)),
    )


_STATUSES = {
    404: Meaning(1, 404, "not_found", _("There is no such page"), _("Search for what you need.")),
    405: Meaning(2, 405, "method_not_allowed", _("Not that way"), _("Rosetta only reads: use GET.")),
    429: Meaning(2, 429, "too_many", _("Too many requests"), _AGAIN),
    413: Meaning(2, 413, "too_large", _("Too much"), _("A request may have 64 KB.")),
    500: _BUG,
}


def meaning(error: BaseException) -> Meaning:
    """What ``error`` means outside; anything not in the table is a fault of ours."""
    for kind, means in _table():
        if isinstance(error, kind):
            return means
    return _BUG


def status_meaning(status: int, name: str) -> Meaning:
    """The same for an HTTP error that no class of ours stands for; ``name`` is HTTP's own ("Not Found")."""
    return _STATUSES.get(status) or Meaning(2, status, name.lower().replace(" ", "_"), name)


def known() -> tuple[Meaning, ...]:
    """Every meaning there is, by HTTP status and code."""
    every = {means.code: means for means in (*(means for _kind, means in _table()), *_STATUSES.values())}
    return tuple(sorted(every.values(), key=lambda means: (means.status, means.code)))


def message(error: BaseException) -> str:
    """The error in one line for a person."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__
