"""What a page adds to an article as :mod:`kb.export.render` gives it: marks, and the language of foreign
sentences.

All that is known here of that HTML: a sentence is ``<span id="s…" class="sentence">`` with its place in the
article for a number, and holds escaped words and line breaks only; a heading has an id.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kb import languages

if TYPE_CHECKING:
    from search.models import Snippet

__all__ = ["heading_ids", "mark_range", "quote_anchor", "with_languages"]

_SENTENCE = re.compile(r'(<span id="s(\d+)" class="sentence">)(.*?)(</span>)', re.DOTALL)
_QUOTED = re.compile(r'<span id="(s\d+)" class="sentence">[^<]*(?:<br>[^<]*)*<mark class="quoted">')
_HEADING = re.compile(r'<h[2-6] id="([^"]+)">')


def heading_ids(rendered: str) -> list[str]:
    """The ids of its headings, in their order."""
    return _HEADING.findall(rendered)


def mark_range(rendered: str, text: str, start: int, end: int) -> str:
    """An article's rendered HTML with ``text[start:end]`` marked, sentence by sentence.

    A rendered sentence holds its escaped words and line breaks, so that counting characters finds the range.
    """

    def mark(found: re.Match[str]) -> str:
        opening, at, words, closing = found[1], int(found[2]), _unrendered(found[3]), found[4]
        low, high = max(start - at, 0), min(end - at, len(words))
        if low >= high:
            return found[0]
        if text[at : at + len(words)] != words:  # not as expected: mark the sentence whole
            return f'{opening}<mark class="quoted">{found[3]}</mark>{closing}'
        before, marked, after = (_rendered(part) for part in (words[:low], words[low:high], words[high:]))
        return f'{opening}{before}<mark class="quoted">{marked}</mark>{after}{closing}'

    return _SENTENCE.sub(mark, rendered)


def _unrendered(words: str) -> str:
    return html.unescape(words.replace("<br>\n", "\n"))


def _rendered(words: str) -> str:
    return html.escape(words).replace("\n", "<br>\n")


def quote_anchor(body: str) -> str | None:
    """The id of the sentence in which the marked quote begins; None where nothing is marked."""
    found = _QUOTED.search(body)
    return found[1] if found else None


def with_languages(rendered: str, foreign: Sequence[Snippet]) -> str:
    """An article's rendered HTML with the language of sentences that are in another than the article's, so
    that they are read aloud and laid out as what they are."""

    def tell(found: re.Match[str]) -> str:
        at = int(found[2])
        for passage in foreign:
            if passage.start <= at < passage.end:
                row = languages.get(passage.language)
                opening = found[1].removesuffix(">")
                return f'{opening} lang="{row.code}" dir="{row.direction}">{found[3]}{found[4]}'
        return found[0]

    return _SENTENCE.sub(tell, rendered) if foreign else rendered
