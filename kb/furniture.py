"""Page furniture: lines of a page that no author wrote, found by place, shape, and what the rest is about.

A rule is a function from a :class:`Page` to findings; ``RULES`` is their table. A finding above ``THRESHOLD``
is removed, and its reason and score stay with the article. In doubt a line stays.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import regex
from numpy.typing import NDArray

from kb.lines import Line
from kb.phrases import (
    AUTHOR_PLACEHOLDERS,
    CONTENTS,
    LANGUAGE_NAMES,
    OTHER_LANGUAGES,
    RELATED,
    SHARE,
    SKIP,
    phrase_key,
)
from kb.shapes import content_words, is_body, is_heading_like, is_short, is_terminated

__all__ = ["RULES", "THRESHOLD", "Closeness", "Finding", "Page", "furniture"]

THRESHOLD = 0.5

Closeness = Callable[[Sequence[str]], NDArray[np.floating]]
"""Texts to unit vectors, a row each; the nearer in meaning, the larger their product."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Lines ``first`` to ``last`` (inclusive) are furniture; ``parts`` are their spans, if not one whole."""

    first: int
    last: int
    reason: str
    score: float
    parts: tuple[tuple[int, int], ...] = ()


class Page:
    """The lines of one page, and what the rules ask about them."""

    def __init__(
        self, lines: Sequence[Line], repeated: Container[str] = (), encode: Closeness | None = None
    ) -> None:
        self.lines = lines
        self.repeated = repeated
        self.encode = encode
        self.gone: set[int] = set()
        """Lines that an earlier rule took."""
        self.dropped: frozenset[int] = frozenset()
        """Lines that the reader took already."""
        self.unsure = False
        """Would a rule have asked ``encode``, had there been one?"""

    @cached_property
    def body(self) -> list[int]:
        """The lines long enough to be an author's running text."""
        return [i for i, line in enumerate(self.lines) if i not in self.dropped and is_body(line.text)]

    @cached_property
    def keys(self) -> list[str]:
        return [phrase_key(line.text) if len(line.text) <= 120 else "" for line in self.lines]

    @cached_property
    def last_seen(self) -> dict[str, int]:
        """The last line with each key."""
        return {key: i for i, key in enumerate(self.keys) if key}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(word for i in self.body for word in content_words(self.lines[i].text))

    def in_head(self, i: int) -> bool:
        """Before the running text; on a page without any, among the first three lines."""
        return i < self.body[0] if self.body else i < 3

    def in_tail(self, i: int) -> bool:
        """After the running text; on a page without any, among the last three lines."""
        return i > self.body[-1] if self.body else i >= len(self.lines) - 3

    def at_edge(self, i: int) -> bool:
        return self.in_head(i) or self.in_tail(i)

    def left(self, start: int, stop: int) -> list[int]:
        """The lines of a range that no rule took yet."""
        return [i for i in range(max(0, start), min(stop, len(self.lines))) if i not in self.gone]

    def on_topic(self, i: int) -> bool:
        """Does a line share a content word with the running text?"""
        return not self.vocabulary.isdisjoint(content_words(self.lines[i].text))

    def is_only_title(self, i: int) -> bool:
        """Would taking this line leave the page without anything above its running text?"""
        if not self.in_head(i):
            return False
        stop = self.body[0] if self.body else len(self.lines)
        others = (j for j in range(stop) if j != i and j not in self.gone and self.lines[j].kind != "item")
        return next(others, None) is None and self.on_topic(i)


# --- template residue -------------------------------------------------------------------------------------

# What a template prints when its value is missing: an unmistakable message …
_FAILED = regex.compile(
    r"\$?\w+\[[\w.:-]+\]\s+not found|\[object \w+\]|\?\?\?[\w.-]+\?\?\?"
    r"|(?:Notice|Warning|Deprecated|Fatal error): .{1,200}? in \S+ on line \d+",
    regex.IGNORECASE,
)
# … or an unfilled slot, which an article on templates may well show: only at the page's edge.
_SLOT = regex.compile(
    r"\{\{[^{}]{1,80}\}\}|\{%[^%{}]{1,80}%\}|\$\{[\w.]{1,60}\}|%%[\w.-]{1,60}%%|<%=?[^%<>]{1,80}%>|\$\w+\[[\w.:-]+\]"
    r"|\[/?(?:caption|gallery|embed|vc_\w+|et_pb_\w+|shortcode)\b[^\]\n]{0,200}\]|\bundefined\b|\bNaN\b|\bnull\b"
)


def template_residue(page: Page) -> Iterator[Finding]:
    """A line made of nothing but what a template engine left behind."""
    for i in page.left(0, len(page.lines)):
        line = page.lines[i]
        if len(line.text) > 500:
            continue
        for pattern, score in ((_FAILED, 0.95), (_SLOT, 0.8)):
            if pattern is _SLOT and not (page.at_edge(i) and len(page.lines) > 1):
                continue
            matches = list(pattern.finditer(line.text))
            if matches and not pattern.sub("", line.text).strip(" .,;|"):
                parts = tuple((line.start + m.start(), line.start + m.end()) for m in matches)
                yield Finding(i, i, "template residue", score, parts)
                break


# --- phrases ----------------------------------------------------------------------------------------------


_BETWEEN_NAMES = regex.compile(r"[|·•/,;]|\s{2,}")


def skip_link(page: Page) -> Iterator[Finding]:
    """ "Skip to main content", standing alone above or below the article."""
    for i in page.left(0, len(page.lines)):
        if page.keys[i] in SKIP and page.at_edge(i) and not page.is_only_title(i):
            yield Finding(i, i, "skip link", 0.98)


def language_switcher(page: Page) -> Iterator[Finding]:
    """ "Other languages" with the languages' names below it, or three or more such names together."""
    i = 0
    while i < len(page.lines):
        headed = page.keys[i] in OTHER_LANGUAGES and page.at_edge(i) and not page.is_only_title(i)
        end = i + headed
        while end < len(page.lines) and page.keys[end] in LANGUAGE_NAMES:
            end += 1
        names = end - i - headed
        if headed or (names >= 3 and page.at_edge(i)):
            yield Finding(i, end - 1, "language switcher", 0.95 if names else 0.85)
        elif page.at_edge(i) and _names_languages(page.lines[i].text):
            yield Finding(i, i, "language switcher", 0.9)
            end = i + 1
        i = max(end, i + 1)


def _names_languages(line: str) -> bool:
    """Three or more names of languages in a row, and nothing else."""
    names = [phrase_key(name) for name in _BETWEEN_NAMES.split(line[:2000])]
    return len(names) >= 3 and all(name in LANGUAGE_NAMES for name in names if name)


def table_of_contents(page: Page) -> Iterator[Finding]:
    """ "Table of contents" above the article, with its entries: lines that come again as headings below."""
    for i in page.left(0, len(page.lines)):
        if page.keys[i] not in CONTENTS or page.is_only_title(i):
            continue
        end = i + 1
        while end < len(page.lines) and page.keys[end] and page.last_seen[page.keys[end]] > end:
            end += 1
        entries = end - i - 1
        if entries >= 2 or (page.in_head(i) and _has_title_above(page, i)) or (page.in_head(i) and entries):
            yield Finding(i, end - 1, "table of contents", 0.95 if entries else 0.85)


def author_placeholder(page: Page) -> Iterator[Finding]:
    """ "Anonymous" or "admin" below the title: what a publishing system prints for want of a name."""
    if not page.body:
        return
    for i in page.left(0, page.body[0]):
        if page.keys[i] in AUTHOR_PLACEHOLDERS and _has_title_above(page, i) and not page.on_topic(i):
            yield Finding(i, i, "author placeholder", 0.9)


def share_buttons(page: Page) -> Iterator[Finding]:
    """ "Share", "Print", "Follow us" above or below the article."""
    for i in page.left(0, len(page.lines)):
        if page.body and page.keys[i] in SHARE and page.at_edge(i) and not page.is_only_title(i):
            yield Finding(i, i, "share buttons", 0.85)


def repeated_line(page: Page) -> Iterator[Finding]:
    """A short line that the site prints on many of its pages."""
    for i in page.left(0, len(page.lines)):
        if page.keys[i] in page.repeated and is_short(page.lines[i].text) and not page.is_only_title(i):
            yield Finding(i, i, "repeated on other pages", 0.9)


def _has_title_above(page: Page, i: int) -> bool:
    return any(page.lines[j].kind != "item" for j in range(i) if j not in page.gone)


# --- structure --------------------------------------------------------------------------------------------

_ENOUGH_WORDS = 40  # distinct content words: below, "off the topic" means nothing


def section_label(page: Page) -> Iterator[Finding]:
    """One word above the title that names the section of the site, not this article.

    It comes first, the article never uses it, and the line after it is a title that the article does use.
    """
    if not page.body or len(page.vocabulary) < _ENOUGH_WORDS:
        return
    head = page.left(0, page.body[0])
    if len(head) < 2:
        return
    label, title = (page.lines[i] for i in head[:2])
    if label.kind == "item" or len(label.text.split()) != 1 or len(label.text) > 30:
        return
    if is_terminated(label.text) or not label.text[0].isalpha() or page.on_topic(head[0]):
        return
    words = content_words(title.text)
    used = sum(word in page.vocabulary for word in words)
    alone = label.block != title.block or title.kind == "heading"
    if alone and len(words) >= 2 and 2 * used >= len(words):
        yield Finding(head[0], head[0], "section label above the title", 0.7)


_LIST_AT_LEAST = 8
_LIST_AT_MOST = 0.4  # of the page's letters: a longer list is what the page is about


def link_list(page: Page) -> Iterator[Finding]:
    """A list of links below the article: short items, few ending as sentences, most of them off its topic.

    The line above it goes too if it is a heading off the topic. "Related articles" as heading is evidence.
    """
    if not page.body:
        return
    tail = page.left(page.body[-1] + 1, len(page.lines))
    runs = _runs(page, tail)
    for run in runs:
        first = run[0]
        above = page.left(first - 1, first)
        heading = page.lines[above[0]] if above and page.in_tail(above[0]) else None
        related = heading is not None and page.keys[above[0]] in RELATED
        score = 0.9 if related and len(run) >= 2 else _link_list_score(page, run, heading)
        if heading is not None and (related or _labels(page, above[0])):
            first = above[0]
        yield Finding(first, run[-1], "list of links off the article's topic", round(score, 2))
    for i in tail:
        if page.keys[i] in RELATED and i == tail[-1]:
            yield Finding(i, i, "heading of a list of links", 0.8)


def _runs(page: Page, tail: list[int]) -> list[list[int]]:
    """Neighbouring short list items; under "related articles" also plain short lines."""
    runs: list[list[int]] = []
    under_related = False
    for i in tail:
        line = page.lines[i]
        if page.keys[i] in RELATED:
            under_related = True
            continue
        listed = line.kind == "item" or (under_related and not is_terminated(line.text))
        if listed and is_short(line.text):
            if runs and runs[-1][-1] == i - 1:
                runs[-1].append(i)
            else:
                runs.append([i])
    return runs


def _link_list_score(page: Page, run: list[int], heading: Line | None) -> float:
    """0–1: how much a run of items looks like links elsewhere. 0 when there is too little to judge by."""
    items = [page.lines[i] for i in run]
    letters = sum(len(line.text) for line in page.lines)
    if len(items) < _LIST_AT_LEAST or len(page.vocabulary) < _ENOUGH_WORDS:
        return 0.0
    if sum(len(item.text) for item in items) > _LIST_AT_MOST * letters:
        return 0.0
    if heading is not None and heading.text.rstrip().endswith((":", "：")):
        return 0.0  # the author introduces it
    before = page.lines[run[0] - 1]
    if before.text.rstrip().endswith((":", "：")) or (heading is None and before.block == items[0].block):
        return 0.0
    off_topic = sum(not page.on_topic(i) for i in run) / len(run)
    unterminated = sum(not is_terminated(item.text) for item in items) / len(items)
    strange_heading = heading is not None and not page.on_topic(run[0] - 1)
    return min(1.0, 0.75 * off_topic + 0.15 * unterminated + 0.1 * strange_heading - 0.1)


def _labels(page: Page, i: int) -> bool:
    """Is this line a heading of the list below it: alone, not a sentence, and brief or off the topic?"""
    line = page.lines[i]
    if line.kind == "item" or not is_heading_like(line.text[0].upper() + line.text[1:]):
        return False
    alone = i == 0 or page.lines[i - 1].block != line.block
    return alone and not is_terminated(line.text) and (len(line.text.split()) <= 3 or not page.on_topic(i))


Rule = Callable[[Page], Iterator[Finding]]

# In this order: each rule sees what the ones before it left.
RULES: tuple[Rule, ...] = (
    template_residue,
    skip_link,
    repeated_line,
    language_switcher,
    table_of_contents,
    share_buttons,
    author_placeholder,
    section_label,
    link_list,
)


def furniture(
    page: Page, dropped: Sequence[Finding] = (), keep: Callable[[Finding], bool] = lambda finding: False
) -> list[Finding]:
    """The findings to remove, in page order, first of all the reader's own (``dropped``).

    ``keep`` may veto one (a part that a person restored).
    """
    taken = [finding for finding in dropped if not keep(finding)]
    page.gone = {i for finding in taken for i in range(finding.first, finding.last + 1)}
    page.dropped = frozenset(page.gone)
    for rule in RULES:
        for finding in list(rule(page)):
            lines = set(range(finding.first, finding.last + 1))
            if finding.score >= THRESHOLD and not lines & page.gone and not keep(finding):
                page.gone |= lines
                taken.append(finding)
    return sorted(taken, key=lambda finding: finding.first)
