"""Rules on lists of links, judged by what the article is about, and on labels above a title."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from kb.cleaning.edge_rules import kind_of
from kb.cleaning.page import Finding, Page
from kb.cleaning.phrases import RELATED
from kb.cleaning.settings import CLEANING
from kb.text.line_shapes import has_letters, is_heading_like, is_short, is_terminated
from kb.text.lines import Line

__all__ = ["link_list", "related_articles", "section_label"]


def related_articles(page: Page) -> Iterator[Finding]:
    """ "Related articles" below the article, and the titles below that."""
    tail = page.tail()
    for place, i in enumerate(tail):
        if page.keys[i] not in RELATED:
            continue
        last = i
        for j in tail[place + 1 :]:
            text = page.lines[j].text
            if not is_short(text) or page.keys[j] in RELATED or kind_of(page.keys[j]):
                break
            last = j if has_letters(text) else last
        below = last - i
        if below or i == tail[-1] or not page.on_topic(i):
            yield Finding(i, last, "related articles", 0.9 if below else 0.8)


def section_label(page: Page) -> Iterator[Finding]:
    """One word above the title that names the section of the site, not this article.

    It comes first, the article never uses it, and the line after it is a title that the article does use.
    What is marked as a heading, and no lower than that title, is itself the title.
    """
    if not page.body or len(page.vocabulary) < CLEANING.enough_words:
        return
    head = page.head()
    if len(head) < 2:
        return
    label, title = (page.lines[i] for i in head[:2])
    if label.kind == "heading" and (title.kind != "heading" or label.level <= title.level):
        return
    if label.kind in ("item", "code") or len(label.text.split()) != 1 or len(label.text) > 30:
        return
    if is_terminated(label.text) or not label.text[0].isalpha() or page.on_topic(head[0]):
        return
    words = page.words(head[1])
    used = sum(word in page.vocabulary for word in words)
    alone = label.block != title.block or title.kind == "heading"
    if alone and len(words) >= 2 and 2 * used >= len(words):
        yield Finding(head[0], head[0], "section label above the title", 0.7)


def link_list(page: Page) -> Iterator[Finding]:
    """A list of links below the article: short items, few ending as sentences, most of them off its topic.

    The line above it goes too if it is a heading off the topic.
    """
    if not page.body:
        return
    for run in _runs(page, page.tail()):
        first = run[0]
        above = page.left(first - 1, first)
        heading = page.lines[above[0]] if above and page.in_tail(above[0]) else None
        score = _score(page, run, heading)
        if heading is not None and _labels(page, above[0]):
            first = above[0]
        yield Finding(first, run[-1], "list of links off the article's topic", round(score, 2))


def _runs(page: Page, tail: Sequence[int]) -> list[list[int]]:
    """Neighbouring short list items."""
    runs: list[list[int]] = []
    for i in tail:
        line = page.lines[i]
        if line.kind == "item" and is_short(line.text):
            if runs and runs[-1][-1] == i - 1:
                runs[-1].append(i)
            else:
                runs.append([i])
    return runs


def _score(page: Page, run: list[int], heading: Line | None) -> float:
    """0–1: how much a run of items looks like links elsewhere. 0 when there is too little to judge by."""
    items = [page.lines[i] for i in run]
    if len(items) < CLEANING.few_items or len(page.vocabulary) < CLEANING.enough_words:
        return 0.0
    if sum(len(item.text) for item in items) > CLEANING.list_at_most * page.letters:
        return 0.0
    if heading is not None and heading.text.rstrip().endswith((":", "：")):
        return 0.0  # the author introduces it
    before = page.lines[run[0] - 1]
    if before.text.rstrip().endswith((":", "：")) or (heading is None and before.block == items[0].block):
        return 0.0
    # Numbers and marks are on no topic, and on none that is not the article's.
    off_topic = sum(bool(page.words(i)) and not page.on_topic(i) for i in run) / len(run)
    unterminated = sum(not is_terminated(item.text) for item in items) / len(items)
    strange_heading = heading is not None and not page.on_topic(run[0] - 1)
    by_words = min(1.0, 0.75 * off_topic + 0.15 * unterminated + 0.1 * strange_heading - 0.1)
    if off_topic < 0.3 or len(items) >= 2 * CLEANING.list_at_least:
        return by_words if len(items) >= CLEANING.list_at_least else 0.0
    if page.encode is None:
        return by_words if len(items) >= CLEANING.list_at_least else 0.0
    return 0.4 * by_words + 0.6 * _strangeness(page, run) if by_words > 0.3 else 0.0


def _strangeness(page: Page, run: Sequence[int]) -> float:
    """The share of items further from the article's meaning than its own paragraphs are."""
    assert page.encode is not None
    body = page.body[: CLEANING.body_shown]
    vectors = np.asarray(page.encode([page.lines[i].text for i in (*body, *run)]), dtype=np.float32)
    own, items = vectors[: len(body)], vectors[len(body) :]
    if len(own) < 2:
        return 0.0
    total = own.sum(axis=0)
    without = total - own  # each paragraph is compared with the others, the items with all
    near = np.einsum("ij,ij->i", own, without / np.linalg.norm(without, axis=1, keepdims=True))
    far = items @ (total / np.linalg.norm(total))
    return float((far < near.mean() - 2 * max(CLEANING.spread, float(near.std()))).mean())


def _labels(page: Page, i: int) -> bool:
    """Is this line a heading of the list below it: alone, not a sentence, and brief or off the topic?"""
    line = page.lines[i]
    if line.kind in ("item", "code") or not is_heading_like(line.text[0].upper() + line.text[1:]):
        return False
    alone = i == 0 or page.lines[i - 1].block != line.block
    return alone and not is_terminated(line.text) and (len(line.text.split()) <= 3 or not page.on_topic(i))
