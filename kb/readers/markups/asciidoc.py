"""AsciiDoc (.adoc, .asciidoc): headings, paragraphs, lists, code and tables, line by line.

Written here, for no kept library in Python of a free licence reads it. Nothing is lost but marks; files that
it includes are named as removed, not read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from kb.models import SourceFile
from kb.readers.common import Composer, RawFile, as_date, as_language, as_line
from kb.readers.markups.asciidoc_words import Notes, words
from kb.readers.text import decoded
from kb.text.joining import join

__all__ = ["read_asciidoc"]

_HEADING = re.compile(r"(={1,6}|#{1,6})\s+(\S.*?)(?:\s+\1)?\s*\Z")
_ENTRY = re.compile(r":(!?[\w][\w-]{0,80}!?):(?:\s+(.*))?\Z")
_SETTINGS = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\]){0,1000}\]\s*\Z")
_ITEM = re.compile(r"\s*(\*{1,6}|-|\.{1,6}|\d{1,6}[.)]|<(?:\d{1,3}|\.)>)\s+(?=\S)")
_TERM = re.compile(r"\s*(\S.{0,500}?)(?:::{1,3}|;;)(?:\s+(.*))?\Z")
_FENCE = re.compile(r"(-{4,}|\.{4,}|\+{4,}|/{4,}|={4,}|\*{4,}|_{4,}|--|```)\s*\Z|```[\w+.-]{1,40}\s*\Z")
_TABLE = re.compile(r"([|,:!])={3,}\s*\Z")
_CELL = re.compile(r"(?:^|(?<=\s))(?:(\d{1,3})?(?:\.\d{1,3})?[+*])?[<^>]?(?:\.[<^>])?[adehlmsv]?(?<!\\)\|")
_MACRO = re.compile(
    r"(include|image|video|audio|toc|ifdef|ifndef|ifeval|endif)::?([^\[\]]{0,1000})\[(.*)\]\s*\Z"
)
_REVISION = re.compile(
    r"(?:v?[\d.]+\w*,\s*)?(\d{4}-\d\d-\d\d|[^\W\d_]+ \d{1,2}, \d{4}|\d{1,2}\.? [^\W\d_]+ \d{4})"
)
_NAMES = re.compile(r"[^\W\d_][^\n=*_\[\]]{1,200}\Z")
_UNDERLINE = re.compile(r"(={2,}|-{2,}|~{2,}|\^{2,}|\+{2,})\s*\Z")
_LEVELS = "=-~^+"
_RULES = ("'''", "<<<", "***", "---", "- - -", "* * *")
_VERBATIM = ("-", ".", "+", "`")
_SHOWS_BREAKS = ("verse", "%hardbreaks")


def read_asciidoc(raw: RawFile) -> Iterator[SourceFile]:
    """Raises SourceRefused when it is empty, binary or in no known encoding."""
    text, encoding = decoded(raw)
    made = _Document(text)
    composer = made.composer
    said = made.attributes
    yield composer.source_file(
        raw,
        encoding,
        title=as_line(made.title or said.get("doctitle")),
        language=as_language(said.get("lang")),
        date=as_date(said.get("revdate") or said.get("date") or said.get("docdate")),
        author=as_line(said.get("author") or said.get("authors")),
    )


class _Document:
    """Goes through the lines; a paragraph or an item is held until it ends."""

    def __init__(self, text: str) -> None:
        self.composer = Composer()
        self.title: str | None = None
        self.attributes: dict[str, str] = {}
        self._lines = text.removeprefix("\ufeff").splitlines()
        self._at = 0
        self._held: list[str] = []
        self._kind: tuple[str, int | None] = ("paragraph", None)
        self._settings = ""
        self._counts: dict[str, int] = {}
        self._open: list[str] = []  # the marks of the blocks around a line
        self._header()
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip()
            self._at += 1
            self._line(line)
        self._end()

    # --- the header

    def _header(self) -> None:
        while self._at < len(self._lines) and self._is_above(self._lines[self._at]):
            self._at += 1
        if self._at == len(self._lines):
            return
        heading = _HEADING.match(self._lines[self._at])
        if heading is None or len(heading[1]) != 1:
            return
        self._at += 1
        for n, line in enumerate(self._lines[self._at : self._at + 200]):
            if not line.strip() or not (self._is_above(line) or self._is_by(line, n)):
                break
            self._at += 1
        self.title = words(heading[2], self.attributes)

    def _is_by(self, line: str, n: int) -> bool:
        """The line that names the authors, or, below it, the one that says which revision of when it is."""
        revision = _REVISION.match(line)
        if revision and n <= 5:
            self.attributes.setdefault("revdate", revision[1])
        elif n == 0 and _NAMES.match(line) and len(line.split()) <= 12:
            names = (re.sub(r"<[^<>]*>", "", author).strip() for author in line.split(";"))
            self.attributes.setdefault("author", ", ".join(name for name in names if name))
        else:
            return False
        return True

    def _is_above(self, line: str) -> bool:
        """An empty line, a comment, or an attribute, which is noted."""
        entry = _ENTRY.match(line.rstrip())
        if entry:
            self._note(entry)
        return bool(entry) or not line.strip() or (line.startswith("//") and not line.startswith("///"))

    def _note(self, entry: re.Match[str]) -> None:
        name = entry[1].strip("!").lower()
        if "!" in entry[1]:
            self.attributes.pop(name, None)
        else:
            self.attributes[name] = words((entry[2] or "").strip(), self.attributes)[:10_000]

    # --- lines

    def _line(self, line: str) -> None:
        if not line.strip():
            self._end()
            return
        if line.startswith("//") and not line.startswith("///"):
            return
        for form in (self._underlined, self._fence, self._table, self._macro, self._mark, self._item):
            if form(line):
                return
        if not self._held and line[0] in " \t" and self._kind[0] == "paragraph":
            self._literal(line)
            return
        self._held.append(line)

    def _mark(self, line: str) -> bool:
        """Headings, attributes, settings, titles of blocks, rules, and the sign that an item goes on."""
        heading = _HEADING.match(line)
        entry = _ENTRY.match(line)
        if heading and not self._held:
            self._end()
            level = max(2, len(heading[1]))
            self.composer.add(words(heading[2], self.attributes), "heading", level=level)
            self._settings = ""
        elif entry and not self._held:
            self._note(entry)
        elif line == "+" or line in _RULES:
            self._end()
        elif _SETTINGS.match(line) and not (self._held and self._kind[0] == "paragraph"):
            self._end()
            self._quoted_by(line)
        elif re.match(r"\.[^\s.]", line) and not self._held:
            self.composer.add(words(line[1:], self.attributes))
        else:
            return False
        return True

    def _quoted_by(self, line: str) -> None:
        """Settings are for machines, but for who is quoted."""
        self._settings = line
        parts = [part.strip().strip('"') for part in line.strip("[] ").split(",")]
        if parts[0] in ("quote", "verse") and any(parts[1:]):
            self.composer.add(words(", ".join(part for part in parts[1:] if part), self.attributes))

    def _macro(self, line: str) -> bool:
        macro = _MACRO.match(line)
        if macro is None:
            return False
        name, _, inside = macro.groups()
        if name == "include":
            self._end()
            self.composer.add(line, dropped=("names another file, which is read by itself", 0.9))
        elif name in ("image", "video", "audio"):
            if macro[0].startswith(f"{name}::"):
                self._end()
                self.composer.add(words(f"image:x[{inside}]", self.attributes))
            else:
                return False
        elif name in ("ifdef", "ifndef") and inside:
            self._line(inside)
        return True

    def _item(self, line: str) -> bool:
        item = _ITEM.match(line)
        if item and not (self._held and self._kind[0] == "paragraph"):
            self._end()
            mark = item[1]
            self._kind = ("item", self._number(mark))
            self._held.append(re.sub(r"\A\[[ xX*]\]\s+", "", line[item.end() :]))
            return True
        term = _TERM.match(line)
        if term and "://" not in term[1] and not (self._held and self._kind[0] == "paragraph"):
            self._end()
            self.composer.add(words(term[1], self.attributes))
            self._kind = ("item", None)
            if term[2]:
                self._held.append(term[2])
            return True
        return False

    def _number(self, mark: str) -> int | None:
        if mark[0] in "*-":
            return None
        digits = re.sub(r"\D", "", mark)
        key = mark if mark[0] == "." else "1"
        for deeper in [other for other in self._counts if other[0] == "." and len(other) > len(key)]:
            del self._counts[deeper]
        self._counts[key] = int(digits) if digits else self._counts.get(key, 0) + 1
        return self._counts[key]

    def _end(self) -> None:
        """The held lines become a block."""
        if self._held:
            notes: Notes = []
            hard = any(mark in self._settings for mark in _SHOWS_BREAKS)
            text = re.sub(r"[ \t]+", " ", words(_joined(self._held, hard), self.attributes, notes))
            kind, number = self._kind
            if kind == "item":
                text = " ".join(text.split())
            else:
                self._counts.clear()
            self.composer.add(text, kind, number=number)
            for note in notes:
                self.composer.add(note)
        self._held, self._kind, self._settings = [], ("paragraph", None), ""

    # --- blocks

    def _underlined(self, line: str) -> bool:
        """The older form of a heading: a line of its length below it."""
        if len(self._held) != 1 or self._kind[0] != "paragraph" or not _UNDERLINE.match(line):
            return False
        if line in self._open:  # it ends a block
            return False
        text = self._held[0].strip()
        if abs(len(text) - len(line)) > 1 or not any(map(str.isalnum, text)):
            return False
        self._held = []
        if line[0] == "=" and self.title is None and not self.composer.blocks:
            self.title = words(text, self.attributes)
        else:
            level = max(2, _LEVELS.index(line[0]) + 1)
            self.composer.add(words(text, self.attributes), "heading", level=level)
        return True

    def _fence(self, line: str) -> bool:
        if not _FENCE.match(line):
            return False
        settings = self._settings
        self._end()
        mark = line.strip()
        closing = "```" if mark.startswith("```") else mark
        if mark[0] == "/":
            if closing in (below.rstrip() for below in self._lines[self._at :]):  # else it is no comment
                self._until(closing)
        elif (mark[0] in _VERBATIM and mark != "--") or "source" in settings or "listing" in settings:
            self._code(self._until(closing))
        elif "verse" in settings:
            self.composer.add(words("\n".join(self._until(closing)), self.attributes))
        elif mark in self._open:
            self._open.remove(mark)
        else:  # what is in it are blocks like any others
            self._open.append(mark)
        return True

    def _until(self, closing: str) -> list[str]:
        start = self._at
        while self._at < len(self._lines) and self._lines[self._at].rstrip() != closing:
            self._at += 1
        self._at += 1
        return self._lines[start : self._at - 1]

    def _code(self, lines: list[str]) -> None:
        kept = [re.sub(r"\s*(?://|#|--|;;)?\s*<(?:\d{1,3}|\.)>\s*\Z", "", line) for line in lines]
        self.composer.add("\n".join(kept), "code")

    def _literal(self, line: str) -> None:
        start = self._at - 1
        while self._at < len(self._lines) and self._lines[self._at].strip():
            self._at += 1
        lines = self._lines[start : self._at]
        common = min(len(code_line) - len(code_line.lstrip()) for code_line in lines)
        self._code([code_line[common:].rstrip() for code_line in lines])

    def _table(self, line: str) -> bool:
        table = _TABLE.match(line)
        if table is None:
            return False
        settings = self._settings
        self._end()
        lines = self._until(line)
        if table[1] in ",:" or 'format="csv"' in settings or "format=csv" in settings:
            mark = ":" if table[1] == ":" else ","
            rows = [row for row in csv.reader(lines, delimiter=mark) if any(row)]
        else:
            rows = _rows(lines, settings)
        shown = [[" ".join(words(cell, self.attributes).split()) for cell in row] for row in rows]
        self.composer.add("\n".join(" | ".join(row) for row in shown if any(row)))
        return True


def _joined(lines: list[str], hard: bool) -> str:
    """Lines of a block as one; ``hard``: their ends are the author's, as is one behind " +"."""
    pieces: list[str] = []
    last = lines[0].strip()
    for line in lines[1:]:
        breaks, row = hard or last.endswith(" +"), line.strip()
        last = last.removesuffix(" +")
        if breaks or last.endswith("-"):  # no program has broken these lines: their hyphens belong
            pieces += (last, "\n" if breaks else " ")
        elif last and row:
            pieces.append(join(last, row).removesuffix(row))
        last = row or last
    return "".join([*pieces, last.removesuffix(" +")])


def _columns(settings: str) -> int:
    said = re.search(r'cols\s*=\s*"?([^"\]]{1,500})', settings)
    if said is None:
        return 0
    count = 0
    for column in re.split(r"[,;]", said[1].strip()):
        times = re.match(r"\s*(\d{1,2})\*", column)
        count += int(times[1]) if times else 1
    alone = said[1].strip().rstrip("*")
    return int(alone) if alone.isdecimal() and len(alone) < 3 and "," not in said[1] else count


def _rows(lines: list[str], settings: str) -> list[list[str]]:
    """A table's cells, row by row. A cell may go on over lines, a row over cells that are a line each."""
    count = _columns(settings)
    rows: list[list[list[str]]] = []  # each cell in pieces
    wide = 0
    for line in (any_line for any_line in lines if any_line.strip()):
        marks = list(_CELL.finditer(line))
        if not marks or line[: marks[0].start()].strip():
            before = line[: marks[0].start()] if marks else line
            if rows:
                rows[-1][-1].append(before.strip())
            else:
                rows.append([[before.strip()]])
        if not count and marks:
            count = sum(int(mark[1] or 1) for mark in marks)
        for i, mark in enumerate(marks):
            end = marks[i + 1].start() if i + 1 < len(marks) else len(line)
            if not rows or wide >= count or (i == 0 and len(marks) > 1):
                rows.append([])
                wide = 0
            rows[-1].append([line[mark.end() : end].replace("\\|", "|").strip()])
            wide += int(mark[1] or 1)
    return [[" ".join(pieces) for pieces in row] for row in rows]
