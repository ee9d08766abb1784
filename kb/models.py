"""The nouns of the knowledge base: a source file becomes an article, passages and sentences.

All offsets count Unicode code points (Python string indices), the end exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Article", "Block", "Passage", "RemovedSpan", "Repair", "Sentence", "SkippedSource", "SourceFile"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file as it was read: decoded, not yet understood.

    ``source`` is the path relative to the folder it came from, with forward slashes;
    ``content_hash`` is the SHA-256 of the bytes, in hexadecimal.
    ``root`` is the folder (or the file itself, when that was named) that it came from.
    ``format`` says how ``text`` is marked up: "text", "markdown", or "blocks" (not at all: ``blocks`` says
    what its parts are, and ``dropped`` which of them the reader holds to be no part of the article).
    The rest is what the file says about itself (front matter, page metadata), None where it says nothing;
    ``cleaned`` marks our own export, and what has no page furniture (a book, a sheet, slides): nothing is to
    be removed or repaired in it but what the reader itself ``dropped``.
    """

    source: str
    text: str
    encoding: str
    content_hash: str
    root: str = ""
    format: str = "text"
    title: str | None = None
    language: str | None = None
    date: str | None = None
    url: str | None = None
    cleaned: bool = False
    author: str | None = None
    blocks: tuple[Block, ...] = ()
    dropped: tuple[RemovedSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class RemovedSpan:
    """Page furniture taken out: ``source_text[start:end] == text``, by which rule, and how sure (0–1)."""

    start: int
    end: int
    text: str
    reason: str
    score: float


@dataclass(frozen=True, slots=True)
class Repair:
    """Text mended in place: ``source_text[start:end] == before`` became ``after``."""

    start: int
    end: int
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Block:
    """One block of an article's Markdown body: a heading, a paragraph, a list item or code.

    ``text[start:end]`` of the article is the block's words, without its marker (``## ``, ``1. ``, ``- ``).
    ``kind`` is "heading", "paragraph", "item" or "code" (whose line breaks and
    indentation are the author's). ``level`` is 2–6 for a heading, 0 otherwise; ``number`` is
    a numbered item's number, else None (a bulleted item). ``page`` is the page of a paged document that the
    block begins on, from 1.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    number: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned article. ``text`` is its body in a small Markdown (headings, paragraphs, lists, bare code).

    Only block markers are Markdown; inside a block every character is literal, so that a quote is
    ``text[start:end]`` word for word. The title is not repeated in ``text``.
    ``language`` is a code of :mod:`kb.languages` or ``"und"``.
    """

    source: str
    title: str
    language: str
    text: str
    content_hash: str
    blocks: tuple[Block, ...] = ()
    removed: tuple[RemovedSpan, ...] = ()
    repairs: tuple[Repair, ...] = ()
    date: str | None = None
    url: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: ``article.text[start:end] == text``. ``kind`` is its block's kind."""

    start: int
    end: int
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring blocks that are indexed together: ``article.text[start:end] == text``.

    ``heading`` is the path of headings above it (" › " between), for context; ``language`` may differ
    from the article's where a passage is in another language.
    """

    start: int
    end: int
    text: str
    language: str
    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class SkippedSource:
    """A file that did not become an article, and why.

    ``passing``: it, or the folder ``source``, could not be read at the moment; what the library has of it
    stays.
    """

    source: str
    reason: str
    passing: bool = False
