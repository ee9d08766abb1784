"""The nouns of searching: what an engine returns. Each is frozen; ``to_dict()`` gives the JSON of every door.

All offsets count Unicode code points of the article's text, the end exclusive, so that
``article text[start:end]`` is the text named. Scores are comparable within one result list only,
confidences are probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from search.shown import Document, card, counted, frame, pieces, sheet, short

__all__ = [
    "KEYWORDS",
    "Aligned",
    "Answer",
    "ArticleRef",
    "Candidate",
    "Entry",
    "Evidence",
    "Example",
    "Gloss",
    "Highlight",
    "Hit",
    "Matrix",
    "Results",
    "SideBySide",
    "Snippet",
    "Status",
    "Suggestion",
    "TermMatch",
    "Translation",
    "Version",
    "Why",
]


KEYWORDS = "keywords"
"""The shape of a query that is no question: keywords, a title, a sentence to be found."""


@dataclass(frozen=True, slots=True)
class ArticleRef(Document):
    """An article named, not carried: ``id`` is its stable public id, ``source`` its file's relative path."""

    id: str
    source: str
    title: str
    language: str
    date: str | None = None
    url: str | None = None

    def __repr__(self) -> str:
        return f"<ArticleRef {self.language} {self.source}: {short(self.title)!r}>"


@dataclass(frozen=True, slots=True)
class Snippet(Document):
    """A stretch of an article: ``article text[start:end] == text``."""

    text: str
    start: int
    end: int
    language: str


@dataclass(frozen=True, slots=True)
class Highlight(Document):
    """Words of an article that carry the match; offsets into the article's text, on whole words.

    ``kind`` says how they were found: ``"exact"`` (the query's own word or a form of it), ``"translation"``
    (its counterpart in this language) or ``"meaning"`` (its share of the similarity). ``weight`` is 0–1.
    """

    start: int
    end: int
    kind: str
    weight: float


@dataclass(frozen=True, slots=True)
class TermMatch(Document):
    """A word of the query that the lexical leg found, with its share of the query's IDF mass (0–1)."""

    term: str
    share: float


@dataclass(frozen=True, slots=True)
class Why(Document):
    """Why a hit stands where it does.

    ``passage`` and ``sentence`` are centred cosines in standard deviations above unrelated texts,
    ``lexical`` is the matched share of the query's IDF mass (0–1), ``dense_rank`` and ``lexical_rank``
    count from 1 (None: the leg did not find it).
    ``summary`` says the same in words.
    """

    passage: float
    sentence: float
    lexical: float
    dense_rank: int | None
    lexical_rank: int | None
    terms: tuple[TermMatch, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class Hit(Document):
    """One article that matches, with its best passage and that passage's best sentence."""

    article: ArticleRef
    score: float
    passage: Snippet
    sentence: Snippet
    highlights: tuple[Highlight, ...]
    why: Why
    also_in: tuple[ArticleRef, ...] = ()

    def __repr__(self) -> str:
        return f"<Hit {self.article.language} {self.article.source}: {short(self.article.title)!r}>"


@dataclass(frozen=True, slots=True)
class Results(Document):
    """A page of hits, best first. ``languages`` counts the articles per language over all hits that
    passed the cut-off, not only this page; ``total`` is their sum. ``did_you_mean`` is the query as it was
    probably meant; what was typed in the wrong keyboard layout altogether was searched for so already.
    ``folders`` and ``years`` count the same articles, by the folders directly below the one asked for."""

    query: str
    hits: tuple[Hit, ...]
    total: int
    offset: int
    languages: MappingProxyType[str, int]
    query_language: str | None = None
    did_you_mean: str | None = None
    folders: MappingProxyType[str, int] = field(default_factory=lambda: MappingProxyType({}))
    years: MappingProxyType[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)

    def __getitem__(self, index: int) -> Hit:
        return self.hits[index]

    def __repr__(self) -> str:
        return f"<Results {short(self.query)!r}: {len(self)} of {self.total} ({counted(self.languages)})>"

    def _repr_html_(self) -> str:
        """The hits for a notebook."""
        cards = (
            card(
                hit.passage.language,
                hit.article.title,
                pieces(hit.sentence.text, hit.sentence.start, hit.highlights),
                hit.article.source,
                hit.article.url,
            )
            for hit in self
        )
        return sheet(f"{self.query}: {len(self)} of {self.total} ({counted(self.languages)})", cards)

    def to_frame(self) -> Any:
        """The hits as a pandas DataFrame, a row each. Raises ExtraMissing where pandas is not installed."""
        columns = ("language", "title", "source", "date", "score", "start", "end", "sentence")
        rows = [
            (
                *(hit.article.language, hit.article.title, hit.article.source, hit.article.date),
                *(hit.score, hit.sentence.start, hit.sentence.end, hit.sentence.text),
            )
            for hit in self
        ]
        return frame(rows, columns)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that was looked at as evidence, from ``start`` to ``end`` of an article's text, and what it
    scored."""

    source: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Evidence(Document):
    """A verbatim quote that bears on the question: ``article text[start:end] == quote``.

    ``confidence`` is the estimated probability that it answers; the surest is shown first. ``before`` and
    ``after`` are the neighbouring sentences, for context. ``also_in`` lists articles that say the same, which
    were counted once.
    """

    language: str
    quote: str
    article: ArticleRef
    start: int
    end: int
    score: float
    highlights: tuple[Highlight, ...]
    why: Why
    confidence: float = 0.0
    before: str = ""
    after: str = ""
    also_in: tuple[ArticleRef, ...] = ()

    def __repr__(self) -> str:
        return (
            f"<Evidence {self.language} {self.confidence:.2f} {short(self.quote)!r}"
            f" {self.article.source} {self.start}–{self.end}>"
        )


@dataclass(frozen=True, slots=True)
class Answer(Document):
    """The evidence for a question. ``found`` is False when the library does not say; then ``evidence``
    holds what came nearest in each language, which does not answer. ``confidence`` is the estimated
    probability that the best of the evidence answers. ``silent`` names the languages that have nothing to the
    point; where others do, ``nearest`` holds what came nearest in these. ``shape`` is what the question asks
    for (:mod:`search.ranking.shapes`), or KEYWORDS: then nobody asked, and there is no evidence."""

    question: str
    found: bool
    confidence: float
    shape: str
    evidence: tuple[Evidence, ...]
    silent: tuple[str, ...] = ()
    by_language: MappingProxyType[str, tuple[Evidence, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    nearest: tuple[Evidence, ...] = ()

    def __repr__(self) -> str:
        return f"<Answer {short(self.question)!r}: {self._said()}>"

    def _repr_html_(self) -> str:
        """The evidence for a notebook; of a question that is not answered, what came nearest."""
        cards = (
            card(
                quote.language,
                quote.article.title,
                pieces(quote.quote, quote.start, quote.highlights),
                f"{quote.article.source} {quote.start}–{quote.end}",
                quote.article.url,
            )
            for quote in self.evidence
        )
        return sheet(f"{self.question}: {self._said()}", cards)

    def to_frame(self) -> Any:
        """The evidence as a pandas DataFrame, a row each. Raises ExtraMissing where pandas is not
        installed."""
        columns = ("language", "quote", "confidence", "title", "source", "date", "start", "end")
        rows = [
            (
                *(quote.language, quote.quote, quote.confidence, quote.article.title),
                *(quote.article.source, quote.article.date, quote.start, quote.end),
            )
            for quote in self.evidence
        ]
        return frame(rows, columns)

    def _said(self) -> str:
        counts = {language: len(found) for language, found in self.by_language.items()}
        return f"found, {self.confidence:.2f} ({counted(counts)})" if self.found else "not found"


@dataclass(frozen=True, slots=True)
class Example(Document):
    """A sentence in which a term occurs; ``text[mark_start:mark_end]`` is the term."""

    article: ArticleRef
    text: str
    start: int
    end: int
    mark_start: int
    mark_end: int


@dataclass(frozen=True, slots=True)
class Entry(Document):
    """What one language's articles call a term; ``term`` is None where it was not found in that language.

    ``score`` is how likely it is to be the counterpart, 0–1 in two digits; ``count`` how often it occurs.
    """

    language: str
    term: str | None
    forms: tuple[str, ...]
    score: float
    count: int
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Translation(Document):
    """An article that is the same text in another language, or nearly the same in one.

    ``coverage`` is the share, by tokens, of the article asked about that aligns, in order, with this one's
    sentences; ``other_coverage`` is the share of this one. ``confidence`` is the estimated probability that
    the two are the same text; ``kind`` is "translation" or "copy".
    """

    article: ArticleRef
    coverage: float
    other_coverage: float
    confidence: float
    kind: str


@dataclass(frozen=True, slots=True)
class Aligned(Document):
    """A row of two texts side by side: sentences that say the same, or, one side being empty, sentences
    that only one of the texts has. ``similarity`` is a cosine; 0 where a side is empty."""

    left: tuple[Snippet, ...]
    right: tuple[Snippet, ...]
    similarity: float


@dataclass(frozen=True, slots=True)
class SideBySide(Document):
    """Two articles that are the same text, sentence by sentence. ``translation`` is the right one, as
    :meth:`search.Engine.translations` gives it; ``rows`` hold every sentence of both, in order."""

    article: ArticleRef
    translation: Translation
    rows: tuple[Aligned, ...]


@dataclass(frozen=True, slots=True)
class Version(Document):
    """What a translation of an article says in the place of a quote: the ``sentences`` of ``article`` that
    are aligned with those of the quote."""

    article: ArticleRef
    sentences: tuple[Snippet, ...]


@dataclass(frozen=True, slots=True)
class Gloss(Document):
    """What another language calls a ``word``: ``meaning``, with the probability that it does."""

    word: str
    meaning: str
    probability: float


@dataclass(frozen=True, slots=True)
class Suggestion(Document):
    """A completion for the search box."""

    text: str
    language: str
    kind: str


@dataclass(frozen=True, slots=True)
class Status(Document):
    """What a library holds; counts are per language code."""

    path: str
    generation: int
    format_version: int
    created: str
    model: str
    dimension: int
    articles: MappingProxyType[str, int]
    passages: MappingProxyType[str, int]
    sentences: MappingProxyType[str, int]
    words: MappingProxyType[str, int]
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """Values by row and column, 0–1, higher is better; None where there was nothing to measure."""

    name: str
    row_name: str
    column_name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
