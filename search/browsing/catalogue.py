"""A library's articles as a list, to look through: by language, folder, date and title."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from rapidfuzz import fuzz, process

from kb.store.snapshot import ArticleSummary
from kb.text.names import source_name
from search.answers.hits import best_of_articles
from search.answers.references import References
from search.arguments import count_of, one_of, text_of
from search.browsing.holdings import Listed, Listing
from search.browsing.settings import BROWSING
from search.errors import QueryError
from search.language.spelling import spelling_key
from search.ranking.index import Index
from search.ranking.scores import Ranking

__all__ = ["NO_BOUNDS", "Catalogue", "Narrowed", "folders", "kept_hits", "years"]

_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_ID = re.compile(r"[0-9a-f]{12}")
_ORDERS = ("title", "source", "date")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is kept of a list: articles below a ``folder``, of ``since`` to ``until`` (a year, a month or a
    day; both included). What has no date is kept only where no date is asked for."""

    folder: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, folder: str, since: str | None, until: str | None) -> Narrowed:
        """As callers say it. Raises QueryError for what is no date."""
        for name, value in (("since", since), ("until", until)):
            if value and not _DATE.fullmatch(text_of(value, name)):
                raise QueryError(f"{name} has to be a year, month or day, such as 2024-05-31, not {value!r}")
        return cls(source_name(text_of(folder, "folder")).strip("/"), since or "", until or "")

    def keeps(self, article: ArticleSummary) -> bool:
        if self.folder and not article.source.startswith((f"{self.folder}/", f"{self.folder}#")):
            return False
        if not (self.since or self.until):
            return True
        date = article.date or ""
        # Of two dates the vaguer one says how far they are compared: 2024 may be any day of it.
        after = date[: len(self.since)] >= self.since[: len(date)]
        return bool(date) and after and date[: len(self.until)] <= (self.until[: len(date)] or "9")


NO_BOUNDS = Narrowed()


def folders(articles: Iterable[ArticleSummary], below: str = "") -> MappingProxyType[str, int]:
    """How many of the articles each folder just ``below`` another one holds, the largest first."""
    start = f"{below}/" if below else ""
    counts: Counter[str] = Counter()
    for article in articles:
        path = article.source.partition("#")[0]
        name, slash, _ = path.removeprefix(start).partition("/")
        if slash and path.startswith(start):
            counts[start + name] += 1
    largest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return MappingProxyType(dict(largest[: BROWSING.listed]))


def years(articles: Iterable[ArticleSummary]) -> MappingProxyType[str, int]:
    """How many of the articles each year has, the last first."""
    begun = ((article.date or "")[:4] for article in articles)
    counts = Counter(year for year in begun if _DATE.fullmatch(year))
    return MappingProxyType(dict(sorted(counts.items(), reverse=True)[: BROWSING.listed]))


def _date(article: ArticleSummary) -> str:
    """What articles are sorted by, descending; those without a date come last."""
    return article.date or ""


def kept_hits(
    index: Index,
    ranking: Ranking,
    summaries: Mapping[int, ArticleSummary],
    collapse: bool,
    kept: Narrowed,
    by_date: bool,
) -> tuple[list[int], list[ArticleSummary]]:
    """The ranks of the hits that are shown, in order, and their articles."""
    narrowed = kept != NO_BOUNDS
    best = best_of_articles(index, ranking, collapse and not narrowed)
    keys = ranking.scores.pool.articles[ranking.places[best]].tolist()
    seen: set[int] = set()
    found = []
    for rank, key in zip(best, keys, strict=True):
        if key in seen or (narrowed and not kept.keeps(summaries[key])):
            continue
        found.append((rank, summaries[key]))
        if narrowed and collapse:  # of versions of one text, the best that is kept
            seen |= index.translations.keys_of(key)
    if by_date:
        found.sort(key=lambda hit: _date(hit[1]), reverse=True)
    return [rank for rank, _ in found], [summary for _, summary in found]


class Catalogue:
    """The articles of a library, in the orders that they are listed in. Thread-safe."""

    def __init__(self, summaries: Mapping[int, ArticleSummary], references: References) -> None:
        self._summaries = summaries
        self._references = references

    def browse(
        self, title: str, languages: Collection[str], kept: Narrowed, sort: str, limit: int, offset: int
    ) -> Listing:
        """A page of the list."""
        ordered = self._ordered[one_of(sort, "sort", _ORDERS)]
        first = count_of(offset, "offset")
        last = first + count_of(limit, "limit")
        within = list(self._titled(ordered, text_of(title, "title"), kept))
        found = [article for article in within if not languages or article.language in languages]
        counts = Counter(article.language for article in within)
        return Listing(
            articles=tuple(map(self._listed, found[first:last])),
            total=len(found),
            offset=first,
            languages=MappingProxyType(dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))),
            folders=folders(found, kept.folder),
            years=years(found),
        )

    def near(self, name: str) -> tuple[str, ...]:
        """Sources with names like one that is not there, the likest first."""
        if len(name) > BROWSING.longest_name or _ID.fullmatch(name):
            return ()
        found = process.extract(
            name, self._sources, scorer=fuzz.WRatio, limit=BROWSING.offered, score_cutoff=BROWSING.alike
        )
        return tuple(source for source, _score, _place in found)

    def _listed(self, article: ArticleSummary) -> Listed:
        return Listed(self._references.of(article.key), article.words, self._references.same_as(article.key))

    def _titled(
        self, articles: Iterable[ArticleSummary], title: str, kept: Narrowed
    ) -> Iterator[ArticleSummary]:
        wanted = spelling_key(title)
        for article in articles:
            if kept.keeps(article) and wanted in self._titles[article.key]:
                yield article

    @cached_property
    def _titles(self) -> dict[int, str]:
        return {key: spelling_key(article.title) for key, article in self._summaries.items()}

    @cached_property
    def _ordered(self) -> dict[str, Sequence[ArticleSummary]]:
        by_source = sorted(self._summaries.values(), key=lambda article: article.source)
        by_title = sorted(by_source, key=lambda article: self._titles[article.key])
        return {
            "source": by_source,
            "title": by_title,
            "date": sorted(by_title, key=_date, reverse=True),
        }

    @cached_property
    def _sources(self) -> list[str]:
        return [article.source for article in self._summaries.values()]
