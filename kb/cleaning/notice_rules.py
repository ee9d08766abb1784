"""Notices that every page of a site prints: cookies, rights, newsletters, small print."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from kb.cleaning.page import Finding, Page
from kb.cleaning.phrases import CONSENT, COOKIES, NEWSLETTER, NOTICES, RIGHTS
from kb.cleaning.settings import CLEANING
from kb.text.line_shapes import content_words, is_body, is_terminated, width
from kb.text.lines import Line

__all__ = ["notice"]


# Pattern, most characters, whether at the page's top as well, reason, score.
_NOTICES = (
    (NOTICES, CLEANING.notice, True, "small print", 0.9),
    (COOKIES, CLEANING.notice, True, "cookie notice", 0.9),
    (RIGHTS, 200, False, "copyright notice", 0.95),
    (NEWSLETTER, 250, False, "newsletter", 0.8),
)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Lines ``first`` to ``last`` that are one paragraph, broken to fit a width or not."""

    first: int
    last: int
    text: str


def notice(page: Page) -> Iterator[Finding]:
    """Cookies, copyright, newsletters, small print: at the page's edge, in an article on something else."""
    order = _paragraphs(page)
    bottom = order[-CLEANING.bottom :]
    top = [paragraph for paragraph in order[: CLEANING.top] if paragraph not in bottom]
    found: dict[_Paragraph, tuple[str, float]] = {}
    # From the article outwards, so that a notice's second line finds its first.
    for paragraph in (*top[::-1], *bottom):
        if (
            width(paragraph.text) > CLEANING.notice
        ):  # no notice, whatever it speaks of: reading it for all of them takes long
            continue
        for pattern, longest, anywhere, reason, score in _NOTICES:
            if not pattern.search(paragraph.text):
                continue
            near = anywhere or (paragraph in bottom and not page.is_only_title(paragraph.first))
            consent = (
                pattern is not COOKIES or CONSENT.search(paragraph.text) or not is_terminated(paragraph.text)
            )
            others = [other for other in order if other is not paragraph and other not in found]
            about = width(paragraph.text) <= longest and not _speak_of(others, pattern)
            if near and consent and about and not _is_woven_in(paragraph, others):
                found[paragraph] = reason, score
            break
    for paragraph in _at_the_edge(order, found):
        yield Finding(paragraph.first, paragraph.last, *found[paragraph])


def _paragraphs(page: Page) -> list[_Paragraph]:
    """What is left of the page, the lines of a paragraph together."""
    together: list[list[int]] = []
    for i in page.left():
        if together and together[-1][-1] == i - 1 and _goes_on(page.lines[i - 1], page.lines[i]):
            together[-1].append(i)
        else:
            together.append([i])
    return [_Paragraph(rows[0], rows[-1], " ".join(page.lines[i].text for i in rows)) for rows in together]


def _goes_on(above: Line, below: Line) -> bool:
    """Is a sentence broken at the end of a line?"""
    together = above.block == below.block and above.kind == below.kind == "text" and below.joint is None
    return (
        together
        and width(above.text) >= CLEANING.too_short
        and not is_terminated(above.text)
        and below.text[0].islower()
    )


def _speak_of(paragraphs: Iterable[_Paragraph], pattern: regex.Pattern[str]) -> bool:
    """Does the article's own text speak of it?"""
    return any(
        pattern.search(paragraph.text)
        for paragraph in paragraphs
        if width(paragraph.text) > CLEANING.too_short
    )


def _is_woven_in(paragraph: _Paragraph, others: Iterable[_Paragraph]) -> bool:
    """Does it go on with what the running text around it speaks of? A notice has hardly a word of that."""
    around = {word for other in others if is_body(other.text) for word in content_words(other.text)}
    return len(around & content_words(paragraph.text)) >= CLEANING.woven_in


def _at_the_edge(order: Sequence[_Paragraph], found: Container[_Paragraph]) -> Iterator[_Paragraph]:
    """Those found above the article's first paragraph, or below its last: one in between is a part of it."""
    own = [at for at, paragraph in enumerate(order) if paragraph not in found and is_body(paragraph.text)]
    first, last = (own[0], own[-1]) if own else (len(order), -1)
    return (paragraph for at, paragraph in enumerate(order) if paragraph in found and not first < at < last)
