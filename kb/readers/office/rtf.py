"""Rich text (.rtf): paragraphs, headings by their styles, lists, tables, notes and text boxes.

Written here, for the kept libraries leave out what authors wrote (footnotes, text boxes), put in what they
had deleted, and know no headings.
"""

from __future__ import annotations

import codecs
import locale
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kb.errors import SourceRefused
from kb.models import SourceFile
from kb.readers.common import Composer, RawFile, as_language, as_line
from kb.readers.limits import LIMITS
from kb.readers.office.rtf_words import BELOW, CHARSETS, HEADS, KEPT, READ, SCRIPTS, SIGNS, SILENT, WORDS
from kb.readers.office.settings import OFFICE
from kb.readers.web.markup import scripted

__all__ = ["read_rtf"]

_TOKEN = re.compile(
    r"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.S
)


def read_rtf(raw: RawFile) -> Iterator[SourceFile]:
    """Raises SourceRefused when it is no RTF, nested too deeply, in an unknown encoding, or empty."""
    if not raw.data.lstrip().startswith(b"{\\rtf"):
        raise SourceRefused(raw.source, "is no RTF; save it as .rtf, or name it after what it is")
    made = _Document(raw)
    made.read(raw.data.decode("latin-1"))
    composer = made.composer
    if composer.text.count("\ufffd") > 2 + OFFICE.bad_share * len(composer.text):
        raise SourceRefused(raw.source, "is in an encoding that it does not name; save it as .rtf again")
    yield composer.source_file(
        raw,
        "rtf",
        title=made.title or as_line(made.said.get("title")),
        language=made.language,
        date=made.date,
        author=as_line(made.said.get("author")),
    )


@dataclass(slots=True)
class _Flow:
    """Paragraphs one after another: the document's, or a note's, which is put below its place."""

    reason: tuple[str, float] | None = None
    words: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    below: list[_Flow] = field(default_factory=list)
    made: list[tuple[str, str, int, int | None]] = field(default_factory=list)
    """(text, kind, level, number) of the paragraphs that are done."""
    level: int = 0
    is_title: bool = False
    in_table: bool = False
    listed: bool = False
    marker: str = ""


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits from the one around it."""

    flow: _Flow
    silent: bool = False
    keep: str = ""  # the key under which text that is no part of the document is kept
    table: str = ""  # "fonttbl" or "stylesheet", which are read for what they say
    skip: int = 1
    font: int = -1
    deleted: bool = False
    script: str = ""


class _Document:
    def __init__(self, raw: RawFile) -> None:
        self.composer = Composer()
        self.said: dict[str, str] = {}
        self.title: str | None = None
        self.language: str | None = None
        self.date: str | None = None
        self._raw = raw
        self._encoding = "cp1252"
        self._fonts: dict[int, str] = {}
        self._levels: dict[int, int] = {}
        self._titles: set[int] = set()
        self._style = 0
        self._main = _Flow()
        self._heads: list[_Flow] = []
        self._state = _State(self._main)
        self._stack: list[_State] = []
        self._skipping = 0
        self._starts = False
        self._bytes = bytearray()
        self._when: dict[str, int] = {}
        self._default_font = -1

    def read(self, text: str) -> None:
        at = 0
        while at < len(text) and (token := _TOKEN.match(text, at)):
            at = token.end()
            word, number, byte, sign, brace, plain = token.groups()
            if byte or plain:
                self._take(plain, byte)
                continue
            self._decode()
            if brace == "{":
                self._open()
            elif brace == "}":
                if self._stack:
                    self._close()
                if not self._stack:  # what stands behind the document is no part of it
                    break
            elif word == "bin":
                at += max(0, int(number or 0))
            elif self._skipping and (word or sign):
                self._skipping -= 1
            elif word:
                self._word(word, int(number) if number else None)
            elif sign:
                self._sign(sign)
        self._decode()
        self._end(self._main)
        self._compose()

    # --- groups

    def _open(self) -> None:
        if len(self._stack) >= LIMITS.rtf_deep:
            raise SourceRefused(self._raw.source, "is nested too deeply to be read; flatten it")
        self._stack.append(self._state)
        self._starts, self._skipping = True, 0

    def _close(self) -> None:
        gone, self._state = self._state, self._stack.pop()
        self._starts, self._skipping = False, 0
        if gone.flow is not self._state.flow:
            self._end(gone.flow)

    def _word(self, word: str, number: int | None) -> None:
        self._starts = False
        state = self._state
        if word in ("fonttbl", "stylesheet"):
            self._state = replace(state, silent=True, table=word)
        elif word in KEPT and (word not in ("title", "author") or state.silent):
            self._state = replace(state, silent=True, keep=KEPT[word])
        elif word in HEADS:
            flow = _Flow((HEADS[word], 0.95))
            self._heads.append(flow)
            self._state = replace(state, flow=flow, silent=False)
        elif word in READ:
            self._read_inside(word)
        elif word in SILENT:
            self._state = replace(state, silent=True, keep="")
        elif word in ("u", "uc"):
            self._unicode(word, number)
        elif state.silent and not state.keep:
            self._table_word(word, number)
        else:
            self._text_word(word, number)

    def _read_inside(self, word: str) -> None:
        state = self._state
        if word in BELOW:
            note = _Flow()
            state.flow.below.append(note)
            self._state = replace(state, flow=note, silent=False, keep="", script="")
        else:
            self._state = replace(state, silent=False)

    def _sign(self, sign: str) -> None:
        starts, self._starts = self._starts, False
        if sign == "*" and starts:
            self._state = replace(self._state, silent=True, keep="")
        elif sign in "\r\n":
            self._text_word("par", None)
        else:
            self._put(SIGNS.get(sign, ""))

    # --- what tables say

    def _table_word(self, word: str, number: int | None) -> None:
        state = self._state
        if state.table == "fonttbl" and word == "f":
            self._state = replace(state, font=number or 0)
        elif state.table == "fonttbl" and word == "fcharset" and number in CHARSETS:
            self._fonts[state.font] = CHARSETS[number or 0]
        elif state.table == "fonttbl" and word == "cpg":
            self._fonts[state.font] = _known(f"cp{number}") or self._encoding
        elif state.table == "stylesheet" and word == "s":
            self._style = number or 0
        elif state.table == "stylesheet" and word == "outlinelevel" and number is not None and number < 9:
            self._levels[self._style] = number + 1
        elif word in ("yr", "mo", "dy"):
            self._when.setdefault(word, number or 0)
            if len(self._when) == 3 and self.date is None and self._when["yr"] > 1900:
                self.date = f"{self._when['yr']:04}-{self._when['mo']:02}-{self._when['dy']:02}"

    def _style_name(self, name: str) -> None:
        name = name.strip().rstrip(";").lower()
        heading = re.fullmatch(r"heading (\d)", name)
        if heading:
            self._levels[self._style] = int(heading[1])
        elif name == "title":
            self._titles.add(self._style)

    # --- text

    def _unicode(self, word: str, number: int | None) -> None:
        if word == "uc":
            self._state = replace(self._state, skip=max(0, min(number or 0, 16)))
            return
        code = (number or 0) % 0x10000
        self._put(chr(code))
        self._skipping = self._state.skip

    def _text_word(self, word: str, number: int | None) -> None:
        state, flow = self._state, self._state.flow
        on = number != 0
        if word in WORDS:
            self._put(WORDS[word])
        elif word in ("par", "sect", "page", "column"):
            self._paragraph(flow)
        elif word in ("cell", "row", "trowd"):
            self._cell(flow, word)
        elif word == "pard":
            flow.level, flow.is_title, flow.in_table, flow.listed = 0, False, False, False
        elif word == "s":
            flow.level, flow.is_title = self._levels.get(number or 0, 0), (number or 0) in self._titles
        elif word == "outlinelevel":
            flow.level = (number or 0) + 1 if (number or 0) < 9 else 0
        elif word == "intbl":
            flow.in_table = True
        elif word == "ls":
            flow.listed = (number or 0) > 0
        elif word == "f":
            self._state = replace(state, font=number or 0)
        elif word == "plain":
            self._state = replace(state, font=self._default_font, script="", deleted=False)
        elif word == "deleted":
            self._state = replace(state, deleted=on)
        elif word in ("super", "sub", "nosupersub"):
            self._state = replace(state, script=word if on and word != "nosupersub" else "")
        else:
            self._document_word(word, number)

    def _document_word(self, word: str, number: int | None) -> None:
        if word == "ansicpg" and number:
            self._encoding = _known(f"cp{number}") or self._encoding
        elif word in ("mac", "pc", "pca"):
            self._encoding = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
        elif word == "deff":
            self._default_font = number or 0
            self._state = replace(self._state, font=self._default_font)
        elif word == "deflang":
            self.language = as_language(locale.windows_locale.get(number or 0, "").replace("_", "-"))

    def _take(self, plain: str | None, byte: str | None) -> None:
        """Bytes of text, of which those that stand in for a character that is known already are left out."""
        self._starts = False
        data = bytes.fromhex(byte) if byte else (plain or "").encode("latin-1")
        if self._skipping:
            left = data[self._skipping :]
            self._skipping -= len(data) - len(left)
            data = left
        self._bytes += data

    def _decode(self) -> None:
        if self._bytes:
            encoding = self._fonts.get(self._state.font, self._encoding)
            text, self._bytes = self._bytes.decode(encoding, "replace"), bytearray()
            self._put(text)

    def _put(self, text: str) -> None:
        state = self._state
        if state.table == "stylesheet":
            self._style_name(text)
        elif state.keep == "marker":
            state.flow.marker = (state.flow.marker + text)[: OFFICE.said]
        elif state.keep:
            self.said[state.keep] = (self.said.get(state.keep, "") + text)[: OFFICE.said]
        elif not state.silent and not state.deleted:
            state.flow.words.append(scripted(text, SCRIPTS.get(state.script, "")))

    # --- paragraphs

    def _paragraph(self, flow: _Flow) -> None:
        if flow.in_table:
            flow.words.append(" ")
            return
        self._end_table(flow)
        text = _whole("".join(flow.words))
        marker, flow.words, flow.marker = flow.marker.strip(), [], ""
        if flow.is_title and not self.title and flow is self._main and text.strip():
            self.title = as_line(text)
        elif flow.level:
            level = min(6, max(2, flow.level + (self.title is not None)))
            flow.made.append((" ".join(text.split()), "heading", level, None))
        elif marker or flow.listed:
            number = re.match(r"\(?(\d{1,6})[.)]?\Z", marker)
            flow.made.append((" ".join(text.split()), "item", 0, int(number[1]) if number else None))
        else:
            flow.made.append((text, "paragraph", 0, None))
        self._end_below(flow)

    def _cell(self, flow: _Flow, word: str) -> None:
        if word == "cell":
            flow.cells.append(" ".join(_whole("".join(flow.words)).split()))
            flow.words, flow.marker = [], ""
        elif word == "row":
            if any(flow.cells):
                flow.rows.append(" | ".join(flow.cells))
            flow.cells = []

    def _end_table(self, flow: _Flow) -> None:
        if flow.cells:  # a row that never ended
            flow.rows.append(" | ".join(flow.cells))
        if flow.rows:
            flow.made.append(("\n".join(flow.rows), "paragraph", 0, None))
        flow.rows, flow.cells = [], []

    def _end(self, flow: _Flow) -> None:
        flow.in_table = False
        self._paragraph(flow)

    def _end_below(self, flow: _Flow) -> None:
        for note in flow.below:
            flow.made += note.made
        flow.below = []

    def _compose(self) -> None:
        for flow in (self._main, *self._heads):
            for text, kind, level, number in flow.made:
                self.composer.add(text, kind, level=level, number=number, dropped=flow.reason)


def _known(encoding: str) -> str | None:
    name = {"cp65001": "utf-8", "cp10000": "mac_roman", "cp936": "gb18030"}.get(encoding, encoding)
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _whole(text: str) -> str:
    """Characters beyond the first plane come as two halves."""
    if not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
