"""A source file becomes an article: mended, rid of page furniture, in blocks.

The steps, each in a module of its own: repairs → lines → furniture → structure. What is taken out is kept as
removed spans and repairs, whose offsets count in ``SourceFile.text``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import accumulate

from kb.cleaning.furniture import RULES, furniture
from kb.cleaning.line_rules import TEMPLATE_RESIDUE
from kb.cleaning.page import Encode, Finding, Page
from kb.cleaning.recurring import note
from kb.cleaning.repairs import (
    mend_entities,
    mend_forms,
    mend_glued_sentences,
    mend_mojibake,
    settle_layout,
    settle_tabs,
)
from kb.cleaning.structure import Draft, assemble, compose, mark_headings, soft_joined, take_title
from kb.errors import SourceRefused
from kb.markdown.markdown import markdown_lines
from kb.models import Article, Block, RemovedSpan, Repair, SourceFile
from kb.text.identify import identify
from kb.text.joining import Known
from kb.text.lines import Line, block_lines, text_lines
from kb.text.tracked import Tracked

__all__ = ["PIPELINE", "Hints", "Normalized", "normalize", "normalize_and_note"]

PIPELINE = "4"
"""Raised whenever the same file would become another article: libraries then re-read unchanged files, too."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known about a source beyond its own text.

    ``restored``: spans of the source text that a person put back; nothing that touches one is removed.
    ``repeated``: lines (as :func:`kb.cleaning.phrases.phrase_key` spells them) that recur on the site's other
    pages. ``encode``: texts to unit vectors, a row each, by which a list of links is told to be off the
    topic.
    """

    restored: tuple[tuple[int, int], ...] = ()
    repeated: Container[str] = ()
    encode: Encode | None = None


@dataclass(frozen=True, slots=True)
class Normalized:
    """An article; a note of its page's lines for :mod:`kb.cleaning.recurring` (none of our own export's)."""

    article: Article
    lines: bytes


_NO_HINTS = Hints()


def normalize(source: SourceFile, hints: Hints = _NO_HINTS) -> Article:
    """The article in a source file. Raises SourceRefused when nothing in it is an article's text."""
    return normalize_and_note(source, hints).article


def normalize_and_note(source: SourceFile, hints: Hints = _NO_HINTS) -> Normalized:
    """As ``normalize``, with what a build notes besides."""
    tracked = Tracked(source.text)
    tracked.literal = [(block.start, block.end) for block in source.blocks if block.kind == "code"]
    lines, hidden = _lines(source, tracked, hints)
    known = Known(tracked.text, source.language)
    lines = soft_joined(lines, known)
    page = Page(lines, hints.repeated, hints.encode)
    findings = _findings(source, page, tracked, hints)
    drafts = _drafts(lines, findings, known)
    if not _has_words(drafts) and (len(lines) == 1 or (source.format == "text" and source.title)):
        # One line, or what has its title elsewhere, has no page around it: a notice is all its author's.
        findings = [finding for finding in findings if finding.reason == TEMPLATE_RESIDUE]
        drafts = _drafts(lines, findings, known)
    if not _has_words(drafts):
        raise SourceRefused(source.source, "holds no text of its own, only page furniture; remove the file")
    if source.cleaned and source.title and source.format == "markdown":  # our own export: it stands apart
        title = source.title
    else:
        title, drafts = take_title(drafts, source.title)
    text, blocks = compose(mark_headings(drafts))
    removed = _with_hidden([span for finding in findings for span in _spans(finding, lines, tracked)], hidden)
    article = Article(
        source=source.source,
        title=title,
        language=source.language or identify(_spoken(title, text, blocks)).language,
        text=text,
        content_hash=source.content_hash,
        blocks=blocks,
        removed=removed,
        repairs=_outside(tracked.repairs, removed),
        date=source.date,
        url=source.url,
        author=source.author,
    )
    return Normalized(article, b"" if source.cleaned else note(lines, article.language))


def _drafts(lines: Sequence[Line], findings: Sequence[Finding], known: Known) -> list[Draft]:
    gone = {i for finding in findings for i in range(finding.first, finding.last + 1)}
    return assemble([line for i, line in enumerate(lines) if i not in gone], known)


def _has_words(drafts: Sequence[Draft]) -> bool:
    return any(any(map(str.isalnum, draft.text)) for draft in drafts)


def _mend(tracked: Tracked) -> None:
    settle_tabs(tracked)
    mend_mojibake(tracked)
    mend_forms(tracked)
    mend_entities(tracked)
    mend_glued_sentences(tracked)


def _spoken(title: str, text: str, blocks: Sequence[Block]) -> str:
    """What tells the language: all but code, which is in English more often than its article."""
    if not any(block.kind == "code" for block in blocks):
        return f"{title}\n{text}"
    words = (text[block.start : block.end] for block in blocks if block.kind != "code")
    return "\n".join((title, *words))


def _with_hidden(removed: Sequence[RemovedSpan], hidden: Sequence[RemovedSpan]) -> tuple[RemovedSpan, ...]:
    """All that was left out, in its order; what the markup hides inside of furniture is part of that."""
    gone = _Spread(removed)
    alone = [span for span in hidden if not gone.touches(span.start, span.end)]
    return tuple(sorted((*removed, *alone), key=lambda span: span.start))


def _lines(source: SourceFile, tracked: Tracked, hints: Hints) -> tuple[list[Line], list[RemovedSpan]]:
    """Mends the text and takes it apart: its lines, and what its markup hides from readers."""
    mend = settle_tabs if source.cleaned else _mend
    if source.format == "markdown":
        settle_layout(tracked, tabs=False)
        lines, hidden = markdown_lines(tracked, own=source.cleaned, mend=mend, restored=hints.restored)
        return lines, hidden
    settle_layout(tracked)
    mend(tracked)
    if source.format == "blocks":
        return block_lines(tracked, source.blocks), []
    return text_lines(tracked.text), []


def _findings(source: SourceFile, page: Page, tracked: Tracked, hints: Hints) -> list[Finding]:
    lines = page.lines

    def restored(finding: Finding) -> bool:
        start, end = tracked.span(lines[finding.first].start, lines[finding.last].end)
        return any(start < there_end and there_start < end for there_start, there_end in hints.restored)

    rules = () if source.cleaned else RULES
    return furniture(page, _dropped(source, lines, tracked), restored, rules)


def _dropped(source: SourceFile, lines: Sequence[Line], tracked: Tracked) -> list[Finding]:
    """What the reader dropped, as findings."""
    findings: list[Finding] = []
    at = 0
    for span in source.dropped:
        start, end = tracked.place(span.start), tracked.place(span.end)
        while at < len(lines) and lines[at].start < start:
            at += 1
        first = at
        while at < len(lines) and lines[at].end <= end:
            at += 1
        if first < at:
            findings.append(Finding(first, at - 1, span.reason, span.score))
    return findings


def _spans(finding: Finding, lines: Sequence[Line], tracked: Tracked) -> list[RemovedSpan]:
    """One removed span per part of a finding. A list's first marker belongs to it."""
    parts = finding.parts or ((lines[finding.first].start, lines[finding.last].end),)
    spans = []
    for part_start, part_end in parts:
        start, end = tracked.span(part_start, part_end)
        if lines[finding.first].kind != "text" and not finding.parts:
            row = tracked.source.rfind("\n", 0, start) + 1
            start = row + len(tracked.source[row:start]) - len(tracked.source[row:start].lstrip())
        spans.append(RemovedSpan(start, end, tracked.source[start:end], finding.reason, finding.score))
    return spans


def _outside(repairs: tuple[Repair, ...], removed: tuple[RemovedSpan, ...]) -> tuple[Repair, ...]:
    """The repairs that show: none inside what was removed."""
    gone = _Spread(removed)
    return tuple(repair for repair in repairs if not gone.holds(repair.start, repair.end))


class _Spread:
    """Spans that are asked by place: however many there are, an answer takes the same time."""

    def __init__(self, spans: Sequence[RemovedSpan]) -> None:
        inside = sorted((span.start, span.end) for span in spans)
        self._starts = [start for start, _ in inside]
        self._furthest = list(accumulate((end for _, end in inside), max))

    def touches(self, start: int, end: int) -> bool:
        """Does one of them share a character with ``start`` to ``end``?"""
        before = bisect_left(self._starts, end)
        return before > 0 and self._furthest[before - 1] > start

    def holds(self, start: int, end: int) -> bool:
        """Is ``start`` to ``end`` within one of them?"""
        before = bisect_right(self._starts, start)
        return before > 0 and self._furthest[before - 1] >= end
