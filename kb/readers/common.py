"""What readers share: a file's bytes, tidy metadata, and text with its blocks."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from kb.errors import SourceRefused
from kb.language_rules import close_to
from kb.languages import resolve
from kb.models import Block, RemovedSpan, SkippedSource, SourceFile
from kb.readers.settings import READERS
from kb.text.identify import identify
from kb.text.lines import without_blank_edges

__all__ = [
    "NO_FIELDS",
    "Composer",
    "Enter",
    "Fields",
    "Format",
    "RawFile",
    "Reader",
    "as_date",
    "as_language",
    "as_line",
    "as_web_address",
    "believed",
    "enter_all",
]

_JOINERS = "\u200c\u200d"
_INVISIBLE = "\u00ad\u200b\u200e\u200f\u2060\ufeff"


@dataclass(frozen=True, slots=True)
class Fields:
    """The names that an owner gave of the fields that hold the text and the title of her records."""

    text: str | None = None
    title: str | None = None

    def __str__(self) -> str:
        return f"{self.text or ''}\t{self.title or ''}"


NO_FIELDS = Fields()


Enter = Callable[[str], str | None]


def enter_all(_name: str) -> None:
    """Whatever it is, it is read."""


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file's bytes, with the names and the hash that its source files carry.

    ``fields``: what its owner says of the fields of records. ``enter`` is told of each member before it is
    read, and says why it is not to be, if so (:func:`kb.readers.members.member`).
    """

    source: str
    root: str
    data: bytes
    content_hash: str
    fields: Fields = NO_FIELDS
    enter: Enter = enter_all

    def inside(self, source: str, data: bytes) -> RawFile:
        """A file in this one."""
        return replace(self, source=source, data=data, content_hash=hashlib.sha256(data).hexdigest())


Reader = Callable[[RawFile], Iterable[SourceFile | SkippedSource]]
"""Raises SourceRefused where the file as a whole cannot be read."""


@dataclass(frozen=True, slots=True)
class Format:
    """How files of a suffix are read.

    ``limit`` is in bytes. ``many``: a file of it may hold many articles.
    """

    read: Reader
    limit: int
    many: bool = False


def as_line(value: object, limit: int = 1_000) -> str | None:
    """A one-line string, or None."""
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return None
    if isinstance(value, int) and value.bit_length() > READERS.number_bits:  # Python may refuse to spell it
        return None
    # A YAML escape can make a lone surrogate or a control character. The joiners spell words; other invisible
    # characters stand for nothing.
    kept = (
        c if c.isprintable() or c in _JOINERS else "" if c in _INVISIBLE else " "
        for c in str(value)[: 2 * limit]
    )
    printable = "".join(kept)
    return " ".join(printable.split())[:limit] or None


def as_date(value: object) -> str | None:
    """ISO 8601 where a date was understood, else the words that stand there."""
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return as_line(value, 100)


def as_web_address(value: object) -> str | None:
    address = as_line(value, 2_000)
    return address if address and re.match(r"https?://[^\s]+\Z", address) else None


def as_language(value: object) -> str | None:
    """The table's code for a language tag, else None."""
    return resolve(as_line(value, 50) or "")


def believed(declared: str | None, text: str) -> str | None:
    """The language a file says it is in, unless its text clearly speaks another one (None: look there).

    Templates say "en" on every page, and word processors the language of the program.
    """
    if declared is None:
        return None
    guess = identify(text[: READERS.language_sample])
    clear = guess.probability >= READERS.sure and guess.language not in close_to(declared)
    return None if clear else declared


class Composer:
    """Puts a source text together from blocks that are known."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.dropped: list[RemovedSpan] = []
        self._pieces: list[str] = []
        self._at = 0

    def add(
        self,
        text: str,
        kind: str = "paragraph",
        *,
        level: int = 0,
        number: int | None = None,
        page: int | None = None,
        dropped: tuple[str, float] | None = None,
    ) -> None:
        """Add a block; ``dropped`` is the reason and the score for which it is no part of the article.

        Of a block of kind "code" the indentation of its first line stays.
        """
        text = without_blank_edges(text) if kind == "code" else text.strip()
        if not text:
            return
        if self._pieces:
            self._pieces.append("\n\n")
            self._at += 2
        start, self._at = self._at, self._at + len(text)
        self._pieces.append(text)
        self.blocks.append(Block(kind, start, self._at, level, number, page))
        if dropped:
            self.dropped.append(RemovedSpan(start, self._at, text, *dropped))

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def source_file(
        self,
        raw: RawFile,
        encoding: str,
        *,
        title: str | None,
        language: str | None,
        date: str | None,
        author: str | None,
        url: str | None = None,
        cleaned: bool = False,
        plain: bool = False,
    ) -> SourceFile:
        """The source file that these blocks are; ``language`` is the one that the file says it is in.

        ``plain``: it is text without blocks, broken into lines of a width.
        Raises SourceRefused when no block that was not dropped has a letter or a digit.
        """
        if not any(map(str.isalnum, self.kept)):
            raise SourceRefused(raw.source, "holds no text; write some or remove the file")
        return SourceFile(
            raw.source,
            self.text,
            encoding,
            raw.content_hash,
            raw.root,
            format="text" if plain else "blocks",
            title=title,
            language=believed(language, self.kept),
            date=date,
            url=url,
            cleaned=cleaned,
            author=author,
            blocks=() if plain else tuple(self.blocks),
            dropped=tuple(self.dropped),
        )

    @property
    def kept(self) -> str:
        """The text of the blocks that were not dropped."""
        gone = {span.start for span in self.dropped}
        text = self.text
        return "\n".join(text[b.start : b.end] for b in self.blocks if b.start not in gone)
