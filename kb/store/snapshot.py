"""Reading the library as it is at one generation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from kb.errors import LibraryDamaged
from kb.models import Article, Passage, RemovedSpan, Repair, Sentence, SkippedSource, SourceFile
from kb.store.removals import Removals, removals
from kb.store.rows import unpack_blocks, unpack_source
from kb.store.schema import at_generation, guarded
from kb.store.seals import SEAL, SPANS, seal, seal_of_article, seal_of_passage
from kb.text.names import source_name

__all__ = [
    "MEND",
    "ArticleSummary",
    "Cleanliness",
    "Connection",
    "LanguageCount",
    "Snapshot",
    "StoredArticle",
    "StoredPassage",
    "StoredSentence",
    "not_as_written",
]


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article with its row's ``key`` (internal) and its ``id`` (public: it follows from the source)."""

    key: int
    id: str
    article: Article


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its key, its place in the article, and the keys of its sentences in order.

    ``title`` is the article's; ``first_sentence`` is the place in the article of its first sentence.
    """

    key: int
    article_key: int
    article_id: str
    title: str
    ordinal: int
    passage: Passage
    sentence_keys: tuple[int, ...]
    first_sentence: int

    @property
    def searched(self) -> str:
        """What words are looked for in: the text, of an article's first passage with the title before it."""
        text = self.passage.text
        return f"{self.title}\n{text}" if self.ordinal == 0 and not text.startswith(self.title) else text

    def sentences(self) -> Iterator[StoredSentence]:
        for i, (key, sentence) in enumerate(zip(self.sentence_keys, self.passage.sentences, strict=True)):
            place = self.first_sentence + i
            yield StoredSentence(key, self.key, self.article_key, place, self.passage.language, sentence)


@dataclass(frozen=True, slots=True)
class StoredSentence:
    """A sentence with its key, its passage's key, its place in the article, and its passage's language."""

    key: int
    passage_key: int
    article_key: int
    ordinal: int
    language: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """What a list of articles shows. ``words`` counts characters in scripts without spaces."""

    key: int
    id: str
    source: str
    title: str
    language: str
    date: str | None
    url: str | None
    words: int
    passages: int
    sentences: int
    root: str
    content_hash: str
    pipeline: str
    is_sound: bool = True

    def checked(self) -> ArticleSummary:
        """This, to be shown. Raises LibraryDamaged where it is not as it was written."""
        if not self.is_sound:
            raise LibraryDamaged(f"{not_as_written(self.source)}; {MEND}")
        return self


@dataclass(frozen=True, slots=True)
class LanguageCount:
    """How much the library holds of one language (the articles' language)."""

    language: str
    articles: int
    passages: int
    sentences: int
    words: int


@dataclass(frozen=True, slots=True)
class Cleanliness:
    """What was done to the files of one language's articles: spans taken out and their characters, of how
    many there were, and places mended. ``untouched`` counts the articles in which nothing was done."""

    language: str
    articles: int
    untouched: int
    removed: int
    removed_characters: int
    characters: int
    repairs: int

    @property
    def removed_share(self) -> float:
        """The share of the characters that was taken out, 0–1."""
        return self.removed_characters / self.characters if self.characters else 0.0


Row = tuple[Any, ...]

_SHORT_ID = re.compile(r"[0-9a-f]{12}")

MEND = "put back a copy of the library, or delete it and run `kb build` on all its files"
"""What helps where the truth itself is damaged."""

_LIVE = at_generation("a")
_ARTICLE = (
    "a.key, a.id, a.source, a.title, a.language, a.text, a.content_hash, a.blocks, a.source_text, a.date,"
    " a.url, a.author, a.shown"
)
_SUMMARY = (
    "a.key, a.id, a.source, a.title, a.language, a.date, a.url, a.words, a.passages, a.sentences, a.root,"
    " a.content_hash, a.pipeline, a.summary"
)
# One row per sentence, with its passage; the passage's columns repeat.
_PASSAGE = (
    'p.key, p.article, a.id, a.title, p.ordinal, p.start, p."end", p.text, p.language, p.heading,'
    ' p.seal, s.key, s.ordinal, s.start, s."end", s.kind'
    " FROM passages p JOIN articles a ON a.key = p.article JOIN sentences s ON s.passage = p.key"
)
_KEYS = "IN (SELECT value FROM json_each(:keys))"
# The statements of SPANS, for some articles at once.
_SPANS_OF_SOME = tuple(sql.replace("SELECT ", "SELECT article, ").replace("= :key", _KEYS) for sql in SPANS)


class Connection(Protocol):
    """What a snapshot asks: SQLite, or another database that has the same tables."""

    def execute(self, sql: str, parameters: dict[str, Any], /) -> Iterable[Row]: ...


class Snapshot:
    """The library at one generation. Cheap to make; safe to share between threads.

    Passages and sentences come in order of their keys, which are stable for as long as the article is
    unchanged; so do articles. Raises LibraryDamaged where the file cannot be read.
    """

    def __init__(self, path: Path | str, connection: Callable[[], Connection], generation: int) -> None:
        self.generation = generation
        self._path = path
        self._connection = connection

    # --- articles

    def articles(self) -> Iterator[StoredArticle]:
        """All articles, whole."""
        for row in self._rows(f"SELECT {_ARTICLE} FROM articles a WHERE {_LIVE} ORDER BY a.key"):
            yield self._article(row)

    def article(self, article_id: str) -> StoredArticle | None:
        """The article of a public id; of one of twelve digits, as they were in links before, the only one
        whose id begins so."""
        sql = f"SELECT {_ARTICLE} FROM articles a WHERE {{}} AND {_LIVE} LIMIT 2"
        if not article_id.isascii():
            return None
        if not _SHORT_ID.fullmatch(article_id):
            return self._one(sql.format("a.id = :id"), id=article_id)
        begun = list(self._rows(sql.format("a.id >= :id AND a.id < :id || 'g'"), id=article_id))
        return self._article(begun[0]) if len(begun) == 1 else None

    def article_by_source(self, source: str) -> StoredArticle | None:
        """The article of a source, in whichever normal form its name is spelled, UTF-8 or not."""
        sql = f"SELECT {_ARTICLE} FROM articles a WHERE a.source = :source AND {_LIVE}"
        names = dict.fromkeys((source.encode("utf-8", "backslashreplace").decode(), source_name(source)))
        return next(filter(None, (self._one(sql, source=name) for name in names)), None)

    def articles_by_key(self, keys: Iterable[int]) -> dict[int, StoredArticle]:
        sql = f"SELECT {_ARTICLE} FROM articles a WHERE a.key {_KEYS} AND {_LIVE}"
        wanted = _json(keys)
        rows = list(self._rows(sql, keys=wanted))
        removed, repairs = (_by_first(self._rows(spans, keys=wanted)) for spans in _SPANS_OF_SOME)
        return {row[0]: self._made(row, removed.get(row[0], []), repairs.get(row[0], [])) for row in rows}

    def summaries(self) -> Iterator[ArticleSummary]:
        """All articles without their texts."""
        for row in self._rows(f"SELECT {_SUMMARY} FROM articles a WHERE {_LIVE} ORDER BY a.key"):
            yield _summary(row)

    def summaries_by_key(self, keys: Iterable[int]) -> dict[int, ArticleSummary]:
        sql = f"SELECT {_SUMMARY} FROM articles a WHERE a.key {_KEYS} AND {_LIVE}"
        return {row[0]: _summary(row) for row in self._rows(sql, keys=_json(keys))}

    def source_text(self, article_id: str) -> str | None:
        """The text of the source file, in which removed spans and repairs have their offsets."""
        sql = f"SELECT a.source_text FROM articles a WHERE a.id = :id AND {_LIVE}"
        row = next(self._rows(sql, id=article_id), None)
        return row[0] if row else None

    def source_file(self, article_id: str) -> SourceFile | None:
        """The source file as it was read."""
        return next(self._source_files("a.id = :id", id=article_id), None)

    def source_files(self, sources: Iterable[str]) -> Iterator[SourceFile]:
        """The source files of these articles, as they were read."""
        wanted = json.dumps(list(sources))
        yield from self._source_files("a.source IN (SELECT value FROM json_each(:wanted))", wanted=wanted)

    def _source_files(self, condition: str, **parameters: object) -> Iterator[SourceFile]:
        columns = "a.source, a.source_text, a.encoding, a.content_hash, a.root, a.date, a.url, a.author"
        sql = f"SELECT {columns}, a.source_meta FROM articles a WHERE {condition} AND {_LIVE} ORDER BY a.key"
        for source, text, encoding, content_hash, root, date, url, author, said in self._rows(
            sql, **parameters
        ):
            about = {"date": date, "url": url, "author": author, **unpack_source(said, text)}
            yield SourceFile(source, text, encoding, content_hash, root, **about)

    def recurring(self) -> Iterator[tuple[str, str | None, bytes]]:
        """(source, URL, what :mod:`kb.cleaning.recurring` notes of its lines) of every article."""
        return self._rows(f"SELECT a.source, a.url, a.lines FROM articles a WHERE {_LIVE} ORDER BY a.key")

    def hashes(self) -> dict[str, str]:
        """Content hash by source."""
        return dict(self._rows(f"SELECT a.source, a.content_hash FROM articles a WHERE {_LIVE}"))

    def files(self) -> Iterator[Row]:
        """What files were found to hold, at whatever generation: for :mod:`kb.building.files`."""
        return self._rows("SELECT root, source, signature, pipeline, held, skipped FROM files")

    # --- passages and sentences

    def passages(self) -> Iterator[StoredPassage]:
        return self._passages(f"SELECT {_PASSAGE} WHERE {_LIVE} ORDER BY p.key, s.key")

    def passage_keys(self) -> list[tuple[int, int]]:
        """The keys of all passages, and of their articles."""
        sql = (
            "SELECT p.key, p.article FROM passages p JOIN articles a ON a.key = p.article"
            f" WHERE {_LIVE} AND EXISTS (SELECT 1 FROM sentences s WHERE s.passage = p.key) ORDER BY p.key"
        )
        return list(self._rows(sql))

    def passages_by_key(self, keys: Iterable[int]) -> dict[int, StoredPassage]:
        sql = f"SELECT {_PASSAGE} WHERE p.key {_KEYS} AND {_LIVE} ORDER BY p.key, s.key"
        return {passage.key: passage for passage in self._passages(sql, keys=_json(keys))}

    def passages_of(self, article_key: int) -> list[StoredPassage]:
        sql = f"SELECT {_PASSAGE} WHERE p.article = :article AND {_LIVE} ORDER BY p.key, s.key"
        return list(self._passages(sql, article=article_key))

    def passages_of_each(self, articles: Iterable[int]) -> dict[int, list[StoredPassage]]:
        """The passages of some articles, by the article's key."""
        sql = f"SELECT {_PASSAGE} WHERE p.article {_KEYS} AND {_LIVE} ORDER BY p.key, s.key"
        found: dict[int, list[StoredPassage]] = {}
        for one in self._passages(sql, keys=_json(articles)):
            found.setdefault(one.article_key, []).append(one)
        return found

    def sentences(self) -> Iterator[StoredSentence]:
        for passage in self.passages():
            yield from passage.sentences()

    # --- the library as a whole

    def counts(self) -> list[LanguageCount]:
        """Per language, the largest first."""
        sql = (
            "SELECT a.language, count(*), sum(a.passages), sum(a.sentences), sum(a.words) FROM articles a"
            f" WHERE {_LIVE} GROUP BY a.language ORDER BY 2 DESC, 1"
        )
        return [LanguageCount(*row) for row in self._rows(sql)]

    def cleanliness(self) -> list[Cleanliness]:
        """Per language, in the order of codes."""
        sql = (
            "SELECT a.language, count(*),"
            " count(*) FILTER (WHERE coalesce(r.spans, 0) + coalesce(m.places, 0) = 0),"
            " sum(coalesce(r.spans, 0)), sum(coalesce(r.characters, 0)), sum(length(a.source_text)),"
            " sum(coalesce(m.places, 0)) FROM articles a"
            ' LEFT JOIN (SELECT article, count(*) AS spans, sum("end" - start) AS characters FROM removed'
            " GROUP BY article) r ON r.article = a.key"
            " LEFT JOIN (SELECT article, count(*) AS places FROM repairs GROUP BY article) m"
            f" ON m.article = a.key WHERE {_LIVE} GROUP BY a.language ORDER BY 1"
        )
        return [Cleanliness(*row) for row in self._rows(sql)]

    def removals(self, most: int) -> Removals:
        """What was taken out of all articles; at most so many sources are named."""
        join = f" FROM removed r JOIN articles a ON a.key = r.article WHERE {_LIVE} GROUP BY 1"
        sums = 'count(*), sum(r."end" - r.start)'
        return removals(
            dict(self._rows(f"SELECT a.source, length(a.source_text) FROM articles a WHERE {_LIVE}")),
            self._rows(f"SELECT r.reason, {sums}, sum(r.score){join}"),
            self._rows(f"SELECT a.source, {sums}{join}"),
            most,
        )

    def skipped(self) -> list[SkippedSource]:
        sql = f"SELECT k.source, k.reason FROM skipped k WHERE {at_generation('k')} ORDER BY k.source"
        return [SkippedSource(*row) for row in self._rows(sql)]

    def skipped_roots(self) -> list[tuple[SkippedSource, str]]:
        """Skipped sources, each with the SOURCE argument it was found under."""
        sql = f"SELECT k.source, k.reason, k.root FROM skipped k WHERE {at_generation('k')} ORDER BY k.source"
        return [(SkippedSource(source, reason), root) for source, reason, root in self._rows(sql)]

    def restored(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """Spans of source texts that a person put back, by source."""
        sql = f'SELECT r.source, r.start, r."end" FROM restored r WHERE {at_generation("r")} ORDER BY 1, 2'
        rows = list(self._rows(sql))
        by_source = groupby(rows, key=lambda row: row[0])
        return {source: tuple((start, end) for _, start, end in group) for source, group in by_source}

    def meta(self) -> dict[str, str]:
        return {name: value for name, value in self._meta() if name != SEAL}

    def seal(self) -> str:
        """Of the generation, as it was written (:mod:`kb.store.seals`); empty where it has none."""
        return next((value for name, value in self._meta() if name == SEAL), "")

    def _meta(self) -> Iterator[Row]:
        return self._rows(f"SELECT m.name, m.value FROM meta m WHERE {at_generation('m')}")

    # --- rows to models

    def _rows(self, sql: str, **parameters: object) -> Iterator[Row]:
        with guarded(self._path):
            yield from self._connection().execute(sql, {"generation": self.generation, **parameters})

    def _one(self, sql: str, **parameters: object) -> StoredArticle | None:
        row = next(self._rows(sql, **parameters), None)
        return self._article(row) if row else None

    def _article(self, row: Row) -> StoredArticle:
        removed, repairs = (list(self._rows(sql, key=row[0])) for sql in SPANS)
        return self._made(row, removed, repairs)

    def _made(self, row: Row, removed: Sequence[Row], repairs: Sequence[Row]) -> StoredArticle:
        (
            key,
            article_id,
            source,
            title,
            language,
            text,
            content_hash,
            blocks,
            source_text,
            date,
            url,
            author,
            sealed,
        ) = row
        if sealed != seal_of_article(row[:-1], removed, repairs):
            raise LibraryDamaged(f"{self._path}: {not_as_written(source)}; {MEND}")
        article = Article(
            source=source,
            title=title,
            language=language,
            text=text,
            content_hash=content_hash,
            blocks=unpack_blocks(blocks),
            removed=tuple(RemovedSpan(s, e, source_text[s:e], *rest) for s, e, *rest in removed),
            repairs=tuple(Repair(s, e, source_text[s:e], *rest) for s, e, *rest in repairs),
            date=date,
            url=url,
            author=author,
        )
        return StoredArticle(key, article_id, article)

    def _passages(self, sql: str, **parameters: object) -> Iterator[StoredPassage]:
        for key, group in groupby(self._rows(sql, **parameters), key=lambda row: row[0]):
            rows = list(group)
            _, article_key, article_id, title, ordinal, start, end, text, language, heading, sealed = rows[0][
                :11
            ]
            its_own = (key, article_key, ordinal, start, end, text, language, heading)
            if sealed != seal_of_passage(its_own, (row[11:] for row in rows)):
                raise LibraryDamaged(f"{self._path}: a passage of {not_as_written(title)}; {MEND}")
            sentences = tuple(
                Sentence(s_start, s_end, text[s_start - start : s_end - start], kind)
                for *_, s_start, s_end, kind in rows
            )
            passage = Passage(start, end, text, language, heading, sentences)
            keys = tuple(row[11] for row in rows)
            yield StoredPassage(key, article_key, article_id, title, ordinal, passage, keys, rows[0][12])


def not_as_written(source: str) -> str:
    """What is said of an article that was damaged."""
    return f"the article {source} is not as it was written"


def _summary(row: Row) -> ArticleSummary:
    *values, sealed = row
    return ArticleSummary(*(*values, sealed == seal(*values[:10], *values[11:])))


def _by_first(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Rows by their first value, and without it."""
    found: dict[int, list[Row]] = {}
    for first, *rest in rows:
        found.setdefault(first, []).append(tuple(rest))
    return found


def _json(keys: Iterable[int]) -> str:
    return json.dumps([int(key) for key in keys])
