"""Rules on what surrounds an article: menus, breadcrumbs, bylines, share bars, notices, the page's foot."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

import regex

from kb.cleaning.page import Finding, Page
from kb.cleaning.phrases import (
    ADVERT,
    AUTHOR_LABEL,
    AUTHOR_PLACEHOLDERS,
    BYLINE,
    COMMENTS,
    DATE_LABEL,
    LEGAL,
    NAVIGATION,
    PAGER,
    READING_TIME,
    RELATED,
    SHARE_START,
    SHARING,
    SOCIAL,
    TAG_LABEL,
    VIEWS,
    phrase_key,
)
from kb.cleaning.settings import CLEANING
from kb.text.line_shapes import has_letters, is_short, is_terminated, word_count

__all__ = [
    "advertisement",
    "breadcrumb",
    "byline",
    "kind_of",
    "label_row",
    "menu_above",
    "page_foot",
    "read_also",
    "share_buttons",
]


_SEPARATOR = regex.compile(r"\s*[|·•⋅∙]\s*|\s+[–—/-]\s+|\s{2,}")
_SEPARATOR_OR_COMMA = regex.compile(r"\s*[|·•⋅∙,]\s*|\s+[–—/-]\s+|\s{2,}")
_ROW = regex.compile(r"\s*[|·•⋅∙,/]\s*|\s{2,}")
_CRUMBS = regex.compile(r"\s*[›»→>]\s*|\s+/\s+|\s+::?\s+")
_COUNT = regex.compile(r"[\s\d.,:()\[\]+]+")
_NAME_WORD = regex.compile(
    r"[\p{Lu}\p{Lt}\p{Lo}][\p{L}\p{M}'’.-]*|(?:de|da|di|von|van|der|den|la|le|af|av|bin|al|el|y|e|i|и|та|und|and|et)"
)
_DATE = regex.compile(
    r"\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,4}\.?|\d{4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]"
)
_YEAR = regex.compile(r"(?<!\d)(?:1[3-9]\d\d|2[05]\d\d|[۱][۳۴]\d\d|[١٢]\d{3})(?!\d)")
_DAY = regex.compile(r"(?<!\d)(?:[1-9]|[12]\d|3[01]|0[1-9]|[۰-۹٠-٩]{1,2})(?!\d)")
_LETTERS = regex.compile(r"[\p{L}\p{M}]{3,}")


def kind_of(key: str) -> str | None:
    """What a line that is nothing but this phrase is for, or None."""
    bare = _COUNT.sub(" ", key).strip()
    for phrase in dict.fromkeys((key, bare)):
        if phrase in SHARING or phrase in SOCIAL:
            return "share buttons"
        if phrase in COMMENTS:
            return "comments"
        if phrase in PAGER:
            return "paging"
        if phrase in LEGAL:
            return "page foot"
        if phrase in NAVIGATION:
            return "menu"
    return None


def _row_kind(line: str) -> str | None:
    """The kind of a row of such phrases, "Home | About | Blog" or "Facebook Twitter": most must be known."""
    if len(line) > 300:
        return None
    parts = [phrase_key(part) for part in _ROW.split(line)]
    parts = [part for part in parts if part]
    if len(parts) < 2:
        words = [key for word in line.split() if (key := phrase_key(word))]
        return "share buttons" if len(words) >= 2 and all(word in SOCIAL for word in words) else None
    kinds = [kind for part in parts if (kind := kind_of(part))]
    short = all(word_count(part) <= 5 for part in parts)
    if short and len(kinds) >= 2 and 2 * len(kinds) >= len(parts):
        return max(set(kinds), key=kinds.count)
    return None


def _shares(line: str, key: str) -> bool:
    """ "Share on Facebook", "Поделиться в соцсетях": a share phrase and little else."""
    if kind_of(key) == "share buttons":
        return True
    start = SHARE_START.match(key)
    if not start or len(line) > 60 or is_terminated(line) or word_count(line) > 6:
        return False
    rest = regex.findall(r"[\p{L}\p{M}+]+", key[start.end() :])
    named = [word for word in rest if word in SOCIAL]
    return bool(named) and len(rest) - len(named) <= 3


# --- advertisements and links beside the text ------------------------------------------------------------


def advertisement(page: Page) -> Iterator[Finding]:
    """ "Advertisement" on a line of its own, in an article that is not on advertising."""
    for i in page.left():
        if page.keys[i] not in ADVERT or not page.body or page.on_topic(i) or page.is_only_title(i):
            continue
        if page.at_edge(i) or _stands_alone(page, i):
            yield Finding(i, i, "advertisement", 0.85)


def _stands_alone(page: Page, i: int) -> bool:
    """Between two paragraphs, so that it heads nothing but one of them."""
    return 0 < i < len(page.lines) - 1 and page.has_body(i - 1) and page.lines[i].kind == "text"


def read_also(page: Page) -> Iterator[Finding]:
    """ "Read also: the title of another article", on a line of its own."""
    for i in page.left():
        line = page.lines[i].text
        label, mark, rest = line.replace("：", ":").partition(":")
        if not mark or not rest.strip() or len(line) > 160 or line.rstrip().endswith((".", "。", "।")):
            continue
        if phrase_key(label) in RELATED and page.body:
            yield Finding(i, i, "link to another article", 0.85)


# --- above the article ------------------------------------------------------------------------------------


def breadcrumb(page: Page) -> Iterator[Finding]:
    """ "Home › Garden › Bees" above or below the title."""
    for i in page.left(0, 12):
        line = page.lines[i].text
        if len(line) > 200 or not page.in_head(i) or is_terminated(line) or not has_letters(line):
            continue
        parts = [part for part in _CRUMBS.split(line) if part.strip()]
        if len(parts) < 2 or any(word_count(part) > 10 for part in parts):
            continue
        home = phrase_key(parts[0]) in NAVIGATION
        if home or (len(parts) >= 3 and regex.search(r"[›»→>]", line)):
            yield Finding(i, i, "breadcrumb", 0.95 if home else 0.8)


def label_row(page: Page) -> Iterator[Finding]:
    """A row of menu entries or of networks to share on, above or below the article."""
    for i in page.left():
        kind = _row_kind(page.lines[i].text)
        if kind and page.body and page.at_edge(i) and not page.is_only_title(i):
            yield Finding(i, i, kind, 0.9)


def menu_above(page: Page) -> Iterator[Finding]:
    """Short lines from the page's top on, down to the last one that is a menu's, and more of their like."""
    head = page.head()[: CLEANING.menu_deep]
    if len(head) < 2 or len(page.vocabulary) < 10:
        return
    run: list[int] = []
    known = 0
    for i in head:
        line = page.lines[i]
        if word_count(line.text) > 4 or len(line.text) > 40 or is_terminated(line.text):
            break
        run.append(i)
        if kind_of(page.keys[i]) in ("menu", "page foot") and not (len(run) > 1 and page.lines[i].level):
            known = len(run)
    if not known:
        return
    # Entries that no table knows may follow; a title must be left, and the first line on the topic is one.
    while known < len(run) and _is_like_entry(page, run[known]):
        known += 1
    if known >= len(head):
        known -= 1
    menu = run[:known]
    entries = sum(kind_of(page.keys[i]) is not None for i in menu)
    if menu and (entries >= 2 or len(menu) == entries):
        for i in menu:
            yield Finding(i, i, "menu above the article", 0.85)


def _is_like_entry(page: Page, i: int) -> bool:
    text = page.lines[i].text
    return has_letters(text) and word_count(text) <= 3 and not page.on_topic(i)


def byline(page: Page) -> Iterator[Finding]:
    """Who wrote it and when, how long it takes to read, under which tags: beside the title or at the end."""
    dated = {i for i in page.left() if len(page.lines[i].text) <= 60 and _is_date(page.lines[i].text)}
    diary = sum(not page.at_edge(i) for i in dated) >= 2  # dates as headings
    for i in page.left():
        text = page.lines[i].text
        if len(text) > 160 or not page.at_edge(i) or not page.body or page.is_only_title(i):
            continue
        above = page.in_head(i)
        if above and not page.has_title_above(i) and i + 1 >= page.body[0]:
            continue
        if TAG_LABEL.match(text):
            yield Finding(i, i, "tags", 0.85)
        elif above and i in dated:
            if not diary:
                yield Finding(i, i, "date line", 0.85)
        elif _about_the_article(text, labelled=not above):
            yield Finding(i, i, "byline", 0.85)


def _about_the_article(text: str, *, labelled: bool) -> bool:
    """Are all parts of a line bylines, dates, counts? ``labelled``: only such as say what they are."""
    for pattern in (_SEPARATOR, _SEPARATOR_OR_COMMA):
        parts = [part for part in pattern.split(text) if part.strip()]
        if parts and all(_is_credit(part, labelled=labelled) for part in parts[:8]) and len(parts) <= 8:
            return any(_is_credit(part, labelled=True) for part in parts) or not labelled
    return False


def _is_credit(part: str, *, labelled: bool) -> bool:
    part = part.strip(" ,.;:")
    key = phrase_key(part)
    if kind_of(key) == "comments" or TAG_LABEL.match(part):
        return True
    if _is_date(part):
        return not labelled or bool(DATE_LABEL.match(part.casefold()))
    if READING_TIME.search(part) and word_count(part) <= 6:
        return True
    if VIEWS.search(part.casefold()) and regex.search(r"\d", part) and word_count(part) <= 5:
        return True
    return _is_by(part)


def _is_by(part: str) -> bool:
    """ "By Anna Smith"."""
    match = BYLINE.match(part)
    if not match:
        return False
    colon = not match["mark"].isspace()
    if phrase_key(match["label"]) in AUTHOR_LABEL and not colon:
        return False
    words = regex.findall(r"[^\s,]+", match["rest"])
    if not 1 <= len(words) <= 6 or len(match["rest"]) > 60:
        return False
    if colon and phrase_key(match["rest"]) in AUTHOR_PLACEHOLDERS:
        return True
    named = all(_NAME_WORD.fullmatch(word) for word in words)
    return named and (colon or len(words) >= 2)


def _is_date(text: str) -> bool:
    """A date and nothing else, with or without the time, behind "published" or not."""
    if len(text) > 60 or not regex.search(r"\d", text):
        return False
    rest = text.strip(" ,.;")
    for _ in range(2):
        label = DATE_LABEL.match(rest.casefold())
        rest = rest[label.end() :] if label and label.end() < len(rest) else rest
    numbers = _DATE.match(rest)
    if numbers:
        parts = [int(part) for part in regex.findall(r"\d+", numbers[0])]
        if not all(parts) or sum(part > 31 for part in parts) > 1:  # a version
            return False
        return len(_LETTERS.findall(_DATE.sub("", rest))) <= 1
    year = _YEAR.search(rest)
    if not year or not _DAY.search(rest[: year.start()] + " " + rest[year.end() :]):
        return False
    return len(_LETTERS.findall(rest)) <= 3 and len(rest) <= 40


# --- below the article ------------------------------------------------------------------------------------


def share_buttons(page: Page) -> Iterator[Finding]:
    """ "Share", "Print", the names of networks, above or below the article."""
    for i in page.left():
        if not page.body or not page.at_edge(i) or page.is_only_title(i):
            continue
        if not _shares(page.lines[i].text, page.keys[i]):
            continue
        if word_count(page.lines[i].text) <= 1 and page.in_head(i) and page.on_topic(i):
            continue  # one word that the article uses: its heading
        yield Finding(i, i, "share buttons", 0.85)


def page_foot(page: Page) -> Iterator[Finding]:
    """Comments, paging, links to the imprint: below the article, and short lines in between them."""
    tail = page.tail()
    kinds = {i: kind for i in tail if (kind := kind_of(page.keys[i]))}
    company = len(kinds) + sum(i in page.gone for i in range(tail[0] if tail else 0, len(page.lines)))
    known = [i for i in tail if i in kinds and (kinds[i] != "menu" or company >= 2 or i == tail[-1])]
    for i in known:
        yield Finding(i, i, kinds[i], 0.85)
    for above, below in pairwise(known):
        between = tail[bisect_right(tail, above) : bisect_left(tail, below)]
        pages = {kinds[above], kinds[below]} == {"paging"}  # "1", "2" between "previous" and "next"
        if 0 < len(between) <= 3 and all(_is_entry(page, i, numbers=pages) for i in between):
            for i in between:
                yield Finding(i, i, "page foot", 0.6)


def _is_entry(page: Page, i: int, *, numbers: bool) -> bool:
    text = page.lines[i].text
    if not has_letters(text) and not (numbers and regex.search(r"\d", text)):
        return False
    return is_short(text) and word_count(text) <= 5 and not is_terminated(text) and not page.on_topic(i)
