"""Rules on single lines: template residue, skip links, tables of contents, what recurs on the site."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from kb.cleaning.page import Finding, Page
from kb.cleaning.phrases import (
    AUTHOR_PLACEHOLDERS,
    CONTENTS,
    LANGUAGE_NAMES,
    OTHER_LANGUAGES,
    SKIP,
    phrase_key,
)
from kb.cleaning.settings import CLEANING
from kb.text.line_shapes import looks_like_code

__all__ = [
    "TEMPLATE_RESIDUE",
    "author_placeholder",
    "language_switcher",
    "repeated_line",
    "skip_link",
    "table_of_contents",
    "template_residue",
]

TEMPLATE_RESIDUE = "template residue"

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
_BETWEEN_NAMES = regex.compile(r"[|·•/,;]|\s{2,}")


def template_residue(page: Page) -> Iterator[Finding]:
    """A line made of nothing but what a template engine left behind."""
    for i in page.left():
        line = page.lines[i]
        if len(line.text) > 500:
            continue
        for pattern, score in ((_FAILED, 0.95), (_SLOT, 0.8)):
            if pattern is _SLOT and not (page.at_edge(i) and len(page.lines) > 1):
                continue
            matches = list(pattern.finditer(line.text))
            if matches and not pattern.sub("", line.text).strip(" .,;|"):
                parts = tuple((line.start + m.start(), line.start + m.end()) for m in matches)
                yield Finding(i, i, TEMPLATE_RESIDUE, score, parts)
                break


def skip_link(page: Page) -> Iterator[Finding]:
    """ "Skip to main content", standing alone above or below the article."""
    for i in page.left():
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
    names = [key for name in _BETWEEN_NAMES.split(line[:2000]) if (key := phrase_key(name))]
    return len(names) >= 3 and all(name in LANGUAGE_NAMES for name in names)


def table_of_contents(page: Page) -> Iterator[Finding]:
    """ "Table of contents" above the article, with its entries: lines that come again as headings below."""
    covered = 0
    for i in page.left():
        if i < covered or page.keys[i] not in CONTENTS or page.is_only_title(i):
            continue  # an entry of the table above is none by itself
        end = i + 1
        while end < len(page.lines) and page.keys[end] and page.last_seen[page.keys[end]] > end:
            end += 1
        entries = end - i - 1
        if entries >= 2 or (page.in_head(i) and (entries or page.has_title_above(i))):
            covered = end
            yield Finding(i, end - 1, "table of contents", 0.95 if entries else 0.85)


def author_placeholder(page: Page) -> Iterator[Finding]:
    """ "Anonymous" or "admin" below the title: what a publishing system prints for want of a name."""
    for i in page.head():
        if page.keys[i] in AUTHOR_PLACEHOLDERS and page.has_title_above(i) and not page.on_topic(i):
            yield Finding(i, i, "author placeholder", 0.9)


def repeated_line(page: Page) -> Iterator[Finding]:
    """A line that the site prints on many of its pages: at the page's top or bottom, in a run, or a notice.

    One recurring short line between others is a heading that all the site's articles have ("Ingredients"). A
    command is what an author tells his readers to do, on however many pages.
    """
    there = {
        i
        for i in page.left()
        if page.keys[i] and page.keys[i] in page.repeated and not looks_like_code(page.lines[i].text)
    }
    if not there:
        return
    found = {i for i in there if len(page.lines[i].text) >= CLEANING.long_enough}
    order = page.left()
    for side in (order, order[::-1]):
        for i in side:
            if i not in there:
                break
            found.add(i)
    run: list[int] = []
    for i in [*order, -1]:
        if i in there:
            run.append(i)
            continue
        if len(run) >= CLEANING.run:
            found.update(run)
        run = []
    head = page.head()
    if head and found.issuperset(head):
        found.discard(head[-1])  # the title, even if other pages have the same
    if len(found) < len(order):
        for i in sorted(found):
            yield Finding(i, i, "repeated on other pages", 0.9)
