"""How results name articles."""

from __future__ import annotations

from collections.abc import Mapping

from kb.store.snapshot import ArticleSummary
from search.models import ArticleRef
from search.translations.translations import Translations

__all__ = ["References"]


class References:
    """A library's articles by their keys, as results name them, and those that are the same text."""

    def __init__(self, summaries: Mapping[int, ArticleSummary], translations: Translations) -> None:
        self._summaries = summaries
        self._translations = translations

    def of(self, key: int) -> ArticleRef:
        """One article. Raises LibraryDamaged where its summary is not as it was written."""
        held = self._summaries[key].checked()
        return ArticleRef(held.id, held.source, held.title, held.language, held.date, held.url)

    def same_as(self, key: int) -> tuple[ArticleRef, ...]:
        """The articles that are the same text as one."""
        return tuple(self.of(other) for other in sorted(self._translations.keys_of(key)))
