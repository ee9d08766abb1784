"""Pages whose every word is known: read from ``tests/clean``, and compared with the articles made of them.

A page is a text file of one block a line, each behind its kind::

    title Drizzle: a rain gauge
    lang en
    h2 Overview
    p It writes {em:one} line for every tipping.{note:1}
    code sh
    pip install drizzle
    end
    note 1 Or two.

Kinds are h2, h3, p, li, ol, row (cells between ``" | "``, the first row of a table its header), cap (the
caption of a table), quote, warn, term, def, note, and code and verse, which go on until a line ``end``. In a
line are ``{em:…}``, ``{b:…}``, ``{code:…}``, ``{sup:…}``, ``{sub:…}``, ``{a:address|words}``,
``{ruby:base|reading}``, ``{note:1}`` (a footnote's mark) and ``{-}`` (where the word may be hyphenated).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import regex

from kb.models import Article

__all__ = ["PAGES", "Block", "Page", "Span", "bare", "differences", "groups", "raised"]

HERE = Path(__file__).parent / "clean"

Inline = Mapping[str, Callable[["Span"], str]]

_SPAN = regex.compile(r"\{(?:(-)|(em|b|code|sup|sub|a|ruby|note):([^{}]*))\}")
_KIND = regex.compile(r"(h2|h3|p|li|ol|row|cap|quote|warn|term|def|note|code|verse) ?(.*)")
_RAISED = str.maketrans("0123456789+−-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+−-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of a block's words. ``about`` is a link's address, or the reading of a ruby base."""

    kind: str
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """``cells`` are a row's; all else has one. ``lines`` are those of code and verse. ``label`` is a note's
    number or a code's language."""

    kind: str
    cells: tuple[tuple[Span, ...], ...] = ()
    lines: tuple[str, ...] = ()
    label: str = ""

    @property
    def spans(self) -> tuple[Span, ...]:
        return self.cells[0]


@dataclass(frozen=True, slots=True)
class Page:
    """``site`` is the folder of the pages that belong together, ``name`` the page's own."""

    site: str
    name: str
    title: str
    language: str
    blocks: tuple[Block, ...]

    def note(self, label: str) -> Block:
        return next(block for block in self.blocks if block.kind == "note" and block.label == label)

    @property
    def body(self) -> tuple[Block, ...]:
        """All but the footnotes."""
        return tuple(block for block in self.blocks if block.kind != "note")

    @property
    def notes(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind == "note")


def _read(path: Path) -> Page:
    rows = iter(unicodedata.normalize("NFC", path.read_text(encoding="utf-8")).splitlines())
    title = next(rows).removeprefix("title ")
    language = next(rows).removeprefix("lang ")
    return Page(path.parent.name, path.stem, title, language, tuple(_blocks(rows)))


def _blocks(rows: Iterator[str]) -> Iterator[Block]:
    for row in rows:
        match = _KIND.fullmatch(row)
        assert match, f"a line of no kind: {row!r}"
        kind, rest = match[1], match[2]
        if kind in ("code", "verse"):
            lines = []
            while (line := next(rows)) != "end":
                lines.append(line)
            yield Block(kind, ((),), tuple(lines), rest)
        elif kind == "row":
            yield Block(kind, tuple(_spans(cell) for cell in rest.split(" | ")))
        else:
            label, text = rest.split(" ", 1) if kind == "note" else ("", rest)
            yield Block(kind, (_spans(text),), (), label)


def _spans(text: str) -> tuple[Span, ...]:
    found: list[Span] = []
    at = 0
    for match in _SPAN.finditer(text):
        if match.start() > at:
            found.append(Span("text", text[at : match.start()]))
        at = match.end()
        if match[1]:
            found.append(Span("hyphen", ""))
        elif match[2] == "a":
            address, words = match[3].split("|")
            found.append(Span("a", words, address))
        elif match[2] == "ruby":
            base, reading = match[3].split("|")
            found.append(Span("ruby", base, reading))
        else:
            found.append(Span(match[2], match[3]))
    if at < len(text):
        found.append(Span("text", text[at:]))
    return tuple(found)


PAGES: tuple[Page, ...] = tuple(_read(path) for path in sorted(HERE.glob("*/*.page")))


def groups(blocks: Sequence[Block]) -> Iterator[tuple[str, list[Block]]]:
    """Neighbouring items, rows, terms with what they mean, each list or table together; all else alone."""
    together = {"li": "li", "ol": "ol", "row": "row", "term": "terms", "def": "terms"}
    numbered = enumerate(blocks)
    for kind, run in groupby(numbered, lambda one: together.get(one[1].kind, f"{one[1].kind} {one[0]}")):
        yield kind.split()[0], [block for _, block in run]


def bare(spans: Sequence[Span], marks: Inline) -> str:
    """The spans, each written as ``marks`` says for its kind; a kind that is not there is its bare text."""
    return "".join(marks[span.kind](span) if span.kind in marks else span.text for span in spans)


def raised(span: Span) -> str:
    """A superscript or subscript in characters of its own, where there are such."""
    return span.text.translate(_RAISED if span.kind == "sup" else _LOWERED)


# --- what an article must have of a page -------------------------------------------------------------------

# What may stand right before and right behind a block: white space, and marks that belong to a format.
_BEFORE, _AFTER = r"(?<![^\s|•\[\]*>·–-])", r"(?![^\s|,;:.\]])"
_NUMBER = regex.compile(r"[\[(]?\^?\d{1,2}[\])]?[.:]?|[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LABELS = regex.compile(r"(?i)\b(?:warning|caution|important|note)\b")


def _escaped(text: str) -> str:
    """Any white space stands for any other."""
    return r"\s+".join(regex.escape(part, literal_spaces=True) for part in regex.split(r"\s+", text))


def _pattern_of(span: Span, before: str, page: Page) -> str:
    if span.kind in ("sup", "sub"):
        plain, own = _escaped(span.text), regex.escape(raised(span))
        ways = [own, rf"\s{own}", rf"[\^_][({{]?{plain}[)}}]?", rf"\s+{plain}"]
        if not (before[-1:].isdigit() and span.text[0].isdigit()):
            ways.append(plain)
        return f"(?:{'|'.join(ways)})"
    if span.kind == "note":
        text = _pattern(page.note(span.text).spans, page)
        label = span.text
        mark = rf"\s*[\[(]\^?{label}[\])]|\s+{label}\b|\^{label}|\s?{label.translate(_RAISED)}"
        return rf"(?:{mark}|\s*[\[(]{text}[\])])?(?!{label})"
    if span.kind == "ruby":
        return rf"{_escaped(span.text)}(?:\s?[(（《\[]{_escaped(span.about)}[)）》\]])?"
    return _escaped(span.text)


def _pattern(spans: Sequence[Span], page: Page) -> str:
    before, parts = "", []
    for span in spans:
        parts.append(_pattern_of(span, before, page))
        before = span.text or before
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A block, or a cell of a row: ``parts`` are its words and the patterns of how each may be spelt."""

    block: Block
    words: str
    parts: tuple[tuple[str, str], ...]
    whole: regex.Pattern[str]


def _parts(spans: Sequence[Span], page: Page) -> Iterator[tuple[str, str]]:
    before = ""
    for span in spans:
        if span.kind == "text":
            yield from ((word, _escaped(word)) for word in regex.findall(r"\s+|\S+", span.text))
        else:
            yield f"{span.kind} {span.text}", _pattern_of(span, before, page)
        before = span.text or before


_NOTED: Inline = {"note": lambda span: f"[{span.text}]"}


@cache
def _wanted(page: Page, verse_lines: bool) -> tuple[_Wanted, ...]:
    found = []
    for block in page.blocks:
        if block.lines:
            between = r"(?:[^\S\n]*\n[^\S\n]*)+" if verse_lines and block.kind == "verse" else r"\s+"
            rows = [(line, _escaped(line.strip())) for line in block.lines if line.strip()]
            parts = [part for row in rows for part in (("a line's end", between), row)][1:]
            found.append(_one(block, "\n".join(block.lines), parts))
            continue
        found += [_one(block, bare(cell, _NOTED), list(_parts(cell, page))) for cell in block.cells]
    return tuple(found)


def _one(block: Block, words: str, parts: Sequence[tuple[str, str]]) -> _Wanted:
    return _Wanted(block, words, tuple(parts), regex.compile(_BEFORE + _spelt(parts) + _AFTER))


def _spelt(parts: Sequence[tuple[str, str]]) -> str:
    return "".join(pattern for _, pattern in parts)


def differences(
    page: Page, article: Article, *, code: bool, verse: bool, gone: Collection[str] = (), loose: bool = False
) -> list[str]:
    """What is wrong with the article made of a page, a line each; nothing when all is right.

    ``code``: code is in blocks of its own, with all its white space. ``verse``: its lines are lines.
    ``gone``: what may have been removed. ``loose``: the format says neither what a page's title is nor in
    which order its cells are told, and may repeat a table's header.
    """
    wrong = []
    if not loose and article.title != page.title:
        wrong.append(f"title: {article.title!r}, not {page.title!r}")
    if not loose and article.language != page.language:
        wrong.append(f"language: {article.language}, not {page.language}")
    wrong += [
        f"removed as {span.reason}: {span.text[:200]!r}"
        for span in article.removed
        if any(row.strip() not in gone for row in span.text.split("\n") if row.strip())
    ]
    text = article.text
    taken: list[tuple[int, int]] = []
    at = 0
    for one in _wanted(page, verse):
        aside = loose or one.block.kind == "note"
        match = one.whole.search(text, 0 if aside else at)
        if match is None and one.block.kind == "note":  # a note may stand where its mark was
            match = regex.search(r"(?<=[\[(])" + _spelt(one.parts) + _AFTER, text)
        if match is None:
            wrong.append(f"{one.block.kind}: {_first_difference(one, text, 0 if aside else at)}")
            continue
        taken.append(match.span())
        at = at if aside else match.end()
    if code:
        made = [text[b.start : b.end] for b in article.blocks if b.kind == "code"]
        own = ["\n".join(block.lines) for block in page.blocks if block.kind == "code"]
        wrong += [f"code: no block is {one!r}, but {made!r}" for one in own if one not in made]
    if not wrong and not loose:
        wrong += _added(page, text, taken)
    return wrong


def _first_difference(one: _Wanted, text: str, at: int) -> str:
    """How far the words go along with the text, and what comes there instead."""
    for count in range(len(one.parts), 0, -1):
        found = regex.search(_BEFORE + _spelt(one.parts[:count]), text, pos=at)
        if found and found[0].strip():
            expected = "".join(word for word, _ in one.parts[count : count + 3]) or "and an end of the word"
            before, there = (
                text[max(at, found.end() - 24) : found.end()],
                text[found.end() : found.end() + 40],
            )
            return f"{one.words[:40]!r}…: expected {expected!r} after {before!r}, but there is {there!r}"
    somewhere = " (elsewhere it is)" if one.whole.search(text) else ""
    return f"{one.words[:60]!r} is not there{somewhere}; after the block before comes {text[at : at + 60]!r}"


def _added(page: Page, text: str, taken: Sequence[tuple[int, int]]) -> list[str]:
    """Letters and numbers that the page has not."""
    left = list(text)
    for start, end in taken:
        left[start:end] = " " * (end - start)
    rest = _LABELS.sub(" ", "".join(left))
    for block in page.blocks:
        for span in (span for cell in block.cells for span in cell if span.about):
            told = (
                regex.escape(span.text) if span.kind == "ruby" else ""
            )  # a reading may be told with its base
            rest = regex.sub(rf"(?:{told}\W?)?{regex.escape(span.about)}", " ", rest)
    rest = _NUMBER.sub(" ", rest)
    found = regex.findall(r"[\p{L}\p{N}]\S*", rest)
    return [f"added: {' '.join(found)[:200]!r}"] if found else []
