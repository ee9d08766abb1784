"""A stand-in for the engine: real articles, passages and models, but words are matched by equality.

The pages are tested over it with whatever texts a test needs, in milliseconds and without an encoder.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from functools import cached_property
from html.parser import HTMLParser
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import numpy as np
import regex
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from kb.article.normalize import normalize
from kb.article.passages import passages
from kb.languages import get
from kb.models import SourceFile
from kb.store.snapshot import ArticleSummary, Cleanliness, StoredArticle
from search.answers.overview import Overview, Sample, meaning_map, sharing
from search.browsing.catalogue import Catalogue, Narrowed, folders, years
from search.browsing.holdings import Term
from search.errors import ArticleMissing
from search.models import (
    Aligned,
    Answer,
    ArticleRef,
    Entry,
    Evidence,
    Example,
    Gloss,
    Highlight,
    Hit,
    Results,
    SideBySide,
    Snippet,
    Status,
    Suggestion,
    TermMatch,
    Translation,
    Version,
    Why,
)

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")


_TEXTS: dict[str, str] = {}


class Compiled(BytecodeCache):
    """Templates, compiled once for all the applications that tests make instead of once for each."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._held:
            bucket.bytecode_from_string(self._held[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._held[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": Compiled()}


def stored(source: str, text: str, language: str = "en", **fields: str) -> StoredArticle:
    """An article as the library would hold it."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    article = normalize(SourceFile(source, text, "utf-8", digest, language=language, **fields))
    made = StoredArticle(0, hashlib.sha256(source.encode()).hexdigest()[:12], article)
    _TEXTS[made.id] = text
    return made


class FakeEngine:
    """Answers from a handful of articles; keeps what it was asked in ``calls``."""

    generation = 1
    degraded = ""
    closed = False

    def __init__(self, *articles: StoredArticle, found: bool = True, did_you_mean: str | None = None) -> None:
        self._articles = articles
        self._found = found
        self._did_you_mean = did_you_mean
        self.calls: list[tuple[str, str]] = []

    def close(self):
        self.closed = True

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None

    def _hits(self, query: str, languages: list[str] | None) -> list[Hit]:
        asked = {word.casefold() for word in _WORD.findall(query)}
        hits = []
        for one in self._articles:
            if languages and one.article.language not in languages:
                continue
            best = max(
                (
                    (p, s, self._marks(s.start, s.text, asked))
                    for p in passages(one.article)
                    for s in p.sentences
                ),
                key=lambda three: len(three[2]),
            )
            if best[2]:
                passage, sentence, marks = best
                language = passage.language
                hits.append(
                    Hit(
                        self._ref(one),
                        float(len(marks)),
                        Snippet(passage.text, passage.start, passage.end, language),
                        Snippet(sentence.text, sentence.start, sentence.end, language),
                        marks,
                        self._why(query),
                    )
                )
        return sorted(hits, key=lambda hit: -hit.score)

    @staticmethod
    def _marks(start: int, text: str, asked: set[str]) -> tuple[Highlight, ...]:
        kinds = ("exact", "translation", "meaning")
        found = [match for match in _WORD.finditer(text) if match[0].casefold() in asked]
        return tuple(
            Highlight(start + match.start(), start + match.end(), kinds[number % 3], 1.0)
            for number, match in enumerate(found)
        )

    @staticmethod
    def _why(query: str) -> Why:
        return Why(0.71, 0.68, 0.5, 1, 2, (TermMatch(query[:20], 0.5),), "its words and its meaning are near")

    @staticmethod
    def _ref(one: StoredArticle) -> ArticleRef:
        return ArticleRef(
            one.id,
            one.article.source,
            one.article.title,
            one.article.language,
            one.article.date,
            one.article.url,
        )

    def search(
        self,
        query,
        *,
        limit=10,
        offset=0,
        languages=None,
        query_language=None,
        collapse=True,
        folder="",
        since=None,
        until=None,
        sort="best",
    ):
        self.calls.append(("search", query))
        kept = Narrowed.of(folder, since, until)
        hits = [hit for hit in self._hits(query, languages) if kept.keeps(hit.article)]
        if sort == "date":
            hits.sort(key=lambda hit: hit.article.date or "", reverse=True)
        articles = [hit.article for hit in hits]
        counts: dict[str, int] = {}
        for hit in hits:
            counts[hit.article.language] = counts.get(hit.article.language, 0) + 1
        page = tuple(hits[offset : offset + limit])
        held = folders(articles, kept.folder), years(articles)
        return Results(
            query, page, len(hits), offset, MappingProxyType(counts), "en", self._did_you_mean, *held
        )

    def ask(self, question, *, languages=None, per_language=3, query_language=None):
        self.calls.append(("ask", question))
        by_language: dict[str, tuple[Evidence, ...]] = {}
        for hit in self._hits(question, languages):
            item = Evidence(
                hit.article.language,
                hit.sentence.text,
                hit.article,
                hit.sentence.start,
                hit.sentence.end,
                hit.score,
                hit.highlights,
                hit.why,
            )
            by_language[item.language] = (*by_language.get(item.language, ()), item)[:per_language]
        evidence = tuple(item for items in by_language.values() for item in items)
        held = {
            one.article.language
            for one in self._articles
            if not languages or one.article.language in languages
        }
        silent = tuple(sorted(held - set(by_language)))
        found = self._found and bool(evidence)
        grouped = MappingProxyType(by_language if found else {})
        return Answer(question, found, 0.92 if found else 0.1, "relation", evidence, silent, grouped)

    def article(self, id_or_source):
        for one in self._articles:
            if id_or_source in (one.id, one.article.source):
                return one
        raise ArticleMissing(f"{id_or_source}: no such article in this library")

    def articles(self):
        return tuple(self._ref(one) for one in self._articles)

    def browse(self, *, title="", languages=None, folder="", since=None, until=None, sort="title", **page):
        kept = Narrowed.of(folder, since, until)
        page = {"limit": 50, "offset": 0, **page}
        return self._catalogue.browse(title, languages or (), kept, sort, **page)

    @cached_property
    def _catalogue(self):
        """The real one, over these articles."""
        held = {
            key: ArticleSummary(
                key, *astuple(self._ref(one)), len(one.article.text.split()), 1, 1, "", "", ""
            )
            for key, one in enumerate(self._articles)
        }
        named = SimpleNamespace(
            of=lambda key: self._ref(self._articles[key]),
            same_as=lambda key: tuple(one.article for one in self.translations(self._articles[key].id)),
        )
        return Catalogue(held, named)

    @property
    def telling_terms(self):
        """The first word of each title."""
        found = {}
        for one in self._articles:
            term = Term(one.article.title.split()[0], one.article.language, 3)
            found.setdefault(term.language, []).append(term)
        return {code: tuple(sorted(set(terms), key=lambda term: term.text)) for code, terms in found.items()}

    def suggest(self, prefix, limit=8, *, language=None):
        typed = prefix.casefold()
        found = [one for one in self._articles if typed and one.article.title.casefold().startswith(typed)]
        found.sort(key=lambda one: one.article.language != language)
        return tuple(Suggestion(one.article.title, one.article.language, "title") for one in found[:limit])

    def lookup(self, term, *, language=None):
        """Languages whose articles have the term as a word, whatever it means there."""
        self.calls.append(("lookup", term))
        found = {}
        for hit in self._hits(term, None):
            first = hit.highlights[0]
            start = first.start - hit.sentence.start
            word = hit.sentence.text[start : start + first.end - first.start]
            example = Example(
                hit.article, hit.sentence.text, hit.sentence.start, hit.sentence.end, start, start + len(word)
            )
            one = Entry(hit.article.language, word, (word,), 0.9, len(hit.highlights), (example,))
            found.setdefault(one.language, one)
        held = sorted({one.article.language for one in self._articles})
        return tuple(found.get(code, Entry(code, None, (), 0.0, 0)) for code in held)

    def dictionary(self):
        word = self._articles[0].article.title.split()[0]
        yield tuple(entry for entry in self.lookup(word) if entry.term)

    def translations(self, id_or_source):
        """Articles of the same name in other folders are versions of one text here."""
        mine = self.article(id_or_source)
        name = Path(mine.article.source).name
        return tuple(
            Translation(self._ref(one), 1.0, 0.9, 0.97, "translation")
            for one in self._articles
            if one is not mine and Path(one.article.source).name == name
        )

    def side_by_side(self, id_or_source, other):
        mine, theirs = self.article(id_or_source), self.article(other)
        found = [one for one in self.translations(mine.id) if one.article.id == theirs.id]
        if not found:
            raise ArticleMissing("they are not the same text")
        sides = [
            [Snippet(s.text, s.start, s.end, p.language) for p in passages(one.article) for s in p.sentences]
            for one in (mine, theirs)
        ]
        rows = tuple(
            Aligned((left,) if left else (), (right,) if right else (), 0.8)
            for left, right in zip_longest(*sides)
        )
        return SideBySide(self._ref(mine), found[0], rows)

    def version(self, id_or_source, start, end, language):
        for one in self.translations(id_or_source):
            if one.article.language == language:
                rows = self.side_by_side(id_or_source, one.article.id).rows
                found = [
                    row.right
                    for row in rows
                    if row.left and start < row.left[0].end and row.left[0].start < end
                ]
                return Version(one.article, tuple(sentence for right in found for sentence in right))
        return None

    def glosses(self, words, spoken, language, *, question=""):
        return tuple(Gloss(word, f"{word} ({language})", 0.9) for word in dict.fromkeys(words))

    def foreign_passages(self, id_or_source):
        one = self.article(id_or_source).article
        return tuple(
            Snippet(p.text, p.start, p.end, p.language) for p in passages(one) if p.language != one.language
        )

    def source_text(self, id_or_source):
        return _TEXTS[self.article(id_or_source).id]

    @property
    def cleanliness(self):
        return {
            one.article.language: Cleanliness(one.article.language, 2, 1, 3, 40, 1000, 5)
            for one in self._articles
        }

    @property
    def overview(self):
        texts = [one.article.text for one in self._articles]
        vectors = np.random.default_rng(0).normal(size=(len(texts), 8)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        spoken = np.array([one.article.language for one in self._articles], np.str_)
        drawn = meaning_map(
            Sample(np.arange(len(texts)), vectors, spoken),
            lambda rows: np.zeros(0, np.int64),
            lambda rows: [(self._ref(self._articles[row]), 0) for row in rows.tolist()],
            len(texts),
        )
        return Overview(self.cleanliness, drawn, sharing(vectors, spoken))

    def status(self):
        counts: dict[str, int] = {}
        for one in self._articles:
            assert get(one.article.language)
            counts[one.article.language] = counts.get(one.article.language, 0) + 1
        held = MappingProxyType(counts)
        return Status(
            "/somewhere/.kb",
            self.generation,
            1,
            "2026-01-02T03:04:05Z",
            "a model",
            384,
            held,
            held,
            held,
            held,
        )


def folder_of(path: Path) -> list[StoredArticle]:
    """The articles of a folder such as corpus/, their language by the first part of the path or name."""
    return [
        stored(
            file.relative_to(path).as_posix(),
            file.read_text("utf-8"),
            regex.split(r"[/-]", file.relative_to(path).as_posix())[0],
        )
        for file in sorted(path.rglob("*.*"))
    ]


@dataclass
class Element:
    """An element of a page with all the text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


class _Reader(HTMLParser):
    _EMPTY = frozenset({"meta", "link", "input", "br", "hr", "img"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in self._EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag):
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        for element in self._open:
            element.text += data


def elements(html: str, tag: str = "", **attributes: str) -> list[Element]:
    """The elements of a page in their order; fails where tags do not pair up."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader._open, f"never closed: {reader._open[-1].tag}"
    wanted = {name.rstrip("_"): value for name, value in attributes.items()}
    return [
        one
        for one in reader.elements
        if (not tag or one.tag == tag) and wanted.items() <= one.attributes.items()
    ]
