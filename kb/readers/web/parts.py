"""A web page's blocks of text, and the one that is being put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import regex

from kb.text.joining import join_all

__all__ = ["BREAK", "Open", "Part", "glossary"]

BREAK = "\x00"
"""A line break in a block that is not finished; HTML has no such character."""

_WIDE = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u3000-\u303f\uff01-\uff60]"
_IS_WIDE = regex.compile(_WIDE)
# A line's end in a page's source, where the script puts no space between words.
_WRAP = regex.compile(rf"(?<={_WIDE})[ \t]*[\r\n]\s*(?={_WIDE})")


@dataclass(slots=True)
class Part:
    """A block of the page. ``linked`` is how many of its characters are in links.

    ``outside``: why it is no part of the article, by its elements' own word. ``hidden``: why a reader does
    not see it at once. ``own``: it is in an article's own foot or aside. ``article``: it is in an <article>.
    ``term``: what it means comes next. ``note``: it is one of the article's notes. ``of``: the block whose
    readings and abbreviations it tells.
    """

    text: str
    kind: str = "paragraph"
    level: int = 0
    number: int | None = None
    outside: str | None = None
    linked: int = 0
    hidden: str | None = None
    own: bool = False
    article: bool = False
    page: int | None = None
    term: bool = False
    note: bool = False
    of: Part | None = None

    @property
    def is_links(self) -> bool:
        return self.linked >= 0.5 * len(self.text)


@dataclass(slots=True)
class Open:
    """A block as long as its elements are being read.

    ``edge``: an element that is set off from its neighbours ended just now. ``pad``: what comes next may not
    glue to what is there. ``page``: where its text began.
    """

    kind: str = "paragraph"
    level: int = 0
    number: int | None = None
    page: int | None = None
    linked: int = 0
    edge: bool = False
    pad: bool = False
    after_ruby: bool = False
    holds_text: bool = False
    pieces: list[str] = field(default_factory=list)

    def put(self, text: str, *, page: int | None = None, linked: bool = False) -> None:
        if not text:
            return
        if self.pad and text[0].isalnum():
            self.pieces.append(" ")
        self.pad = self.edge = self.after_ruby = False
        if self.page is None and text.strip():
            self.page = page
        self.pieces.append(text)
        self.holds_text = self.holds_text or bool(text.strip(f"{BREAK} \t\r\n"))
        if linked:
            self.linked += len("".join(text.split()))

    @property
    def last(self) -> str:
        """The last character, "" at the beginning of a line."""
        return next((piece[-1] for piece in reversed(self.pieces) if piece), "").replace(BREAK, "")

    def finished(self) -> str:
        """Its text, a break in a paragraph as a new line."""
        text = _WRAP.sub("", "".join(self.pieces))
        rows = [row for row in (" ".join(row.split()) for row in text.split(BREAK)) if row]
        if self.kind == "paragraph" or not rows:
            return "\n".join(rows)
        return join_all(rows)


def glossary(pairs: Iterable[tuple[str, str]]) -> str:
    """``谷（たに）、奥（おく）``, ``NATO (North Atlantic Treaty Organization)``."""
    text = ""
    for base, said in pairs:
        wide = _IS_WIDE.search(base) is not None
        glossed = f"{base}（{said}）" if wide else f"{base} ({said})"
        text += (("、" if wide else ", ") if text else "") + glossed
    return text
