"""What can go wrong in searching; each is raised where it happens, with the remedy in its text."""

from __future__ import annotations

from collections.abc import Iterable

from kb.errors import BuildFailed, KBError, LibraryError, UsageError

__all__ = [
    "ArticleMissing",
    "ArticlesFailed",
    "BackendUnavailable",
    "ExtraMissing",
    "ModelDamaged",
    "ModelError",
    "ModelMismatch",
    "ModelMissing",
    "QueryError",
    "SearchTooSlow",
]


class QueryError(UsageError):
    """The query cannot be searched for: empty, too long, or in an unknown language."""


class SearchTooSlow(KBError):
    """The search was stopped, for the time that it may take was spent."""


class ArticleMissing(KBError):
    """The library has no article of that id or source."""


class ExtraMissing(UsageError):
    """What was asked for needs a package that is installed by one of Rosetta's extras only."""

    @classmethod
    def of(cls, what: str, extra: str) -> ExtraMissing:
        return cls(f"{what} needs an extra that is not installed: pip install 'rosetta-kb[{extra}]'")


class BackendUnavailable(LibraryError):
    """The server that holds the library does not answer, or not as it should."""


class ModelError(KBError):
    """The embedding model cannot be used."""


class ModelMissing(ModelError):
    """The embedding model is not on this machine."""


class ModelDamaged(ModelError):
    """The embedding model's files are there but wrong."""


class ModelMismatch(LibraryError):
    """The library was made with another model than the one it was opened with."""


class ArticlesFailed(BuildFailed):
    """Indexing failed for some articles, given by the ``keys`` of their rows, and would go well without."""

    def __init__(self, stage: str, why: str = "", keys: Iterable[int] = ()) -> None:
        super().__init__(stage, why)
        self.keys = tuple(keys)
