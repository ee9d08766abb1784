"""The block structure of Markdown: which rows are headings, items, tables, and which hold no words."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import regex

from kb.markdown.marks import (
    ADMONITION,
    ALERT,
    ATTRIBUTES,
    BLOCK_ID,
    BULLET,
    CODE_SPAN,
    COLONS,
    DEFINED,
    DESTINATION,
    FENCE,
    HASHES,
    HUMAN,
    MODULE,
    NUMBER,
    OPTION,
    PROSE_FENCES,
    QUOTE,
    REMARK,
    RULE,
    SLASHES,
    TABLE_RULE,
    TAG,
    TEMPLATE,
    TOC,
    UNDERLINE,
    definitions,
    human_words,
    key,
)
from kb.markdown.settings import MARKDOWN
from kb.markdown.unseen import Unseen, inside
from kb.markdown.written import Written
from kb.text.tracked import Edit

__all__ = ["Blocks"]

_TAB = 4  # columns
_SPACES = regex.compile(r"[ \t]*")
_CODE_SPAN = regex.compile(CODE_SPAN)
_TAG = regex.compile(TAG)
_PRE = regex.compile(
    rf"(?:{TAG.replace('?P<name>', '?:').replace('?P<attributes>', '?:')}\s*)*?<pre\b[^<>]*>"
)
_HTML_HEADING = regex.compile(r"(?:<[^<>]{1,300}>\s*)*?<h(?P<level>[1-6])\b[^<>]*>", regex.IGNORECASE)
_IN_PRE = regex.compile(r"(?P<tag></?[A-Za-z][^<>]*>)|(?P<entity>&(?:\#\w{1,8}|\w{2,32});)")
_NESTS = r"(?:blockquote|center|details|div|dl|figure|ol|picture|section|table|tbody|td|th|thead|tr|ul)\b"
_OPENED, _CLOSED = (
    regex.compile(rf"<{_NESTS}", regex.IGNORECASE),
    regex.compile(rf"</{_NESTS}", regex.IGNORECASE),
)
_MATH = regex.compile(r"(?P<dollars>\$\$)|(?P<bracket>\\\[)\s*\Z|\\begin\{(?P<name>[a-zA-Z*]{1,30})\}")
_PIPE = regex.compile(r"(?<!\\)\|")
_ABBREVIATION = regex.compile(r"\*\[[^\[\]\n]{1,100}(?P<end>\]):[ \t]+(?=\S)")
_ONLY_TEMPLATE = regex.compile(
    rf"(?:{TEMPLATE.pattern.replace('?P<value>', '?:').replace('?P<statement>', '?:')}\s*)+"
)
_PICTURE = rf"!\[[^\[\]\n]{{0,300}}\](?:{DESTINATION}|\[[^\[\]\n]{{0,200}}\])"
_PICTURES = regex.compile(
    rf"(?:(?:\[\s*{_PICTURE}\s*\](?:{DESTINATION}|\[[^\[\]\n]{{0,200}}\])|{_PICTURE})[\s|·]*)+"
)
_TARGET = regex.compile(r"!\[[^\[\]\n]{0,300}\](?:\((?P<to>[^\s)]+)|\[(?P<label>[^\[\]\n]{0,200})\])")
_SOURCE = regex.compile(r"<img\b[^<>]*?\bsrc\s*=\s*[\"']?(?P<to>[^\s\"'<>]+)", regex.IGNORECASE)
_BADGE = regex.compile(
    r"badge|shield|travis-ci|codecov|coveralls|appveyor|circleci|/workflows/|(?:status|build)\.svg"
)
_BELOW = regex.compile(r"\n(?:[ \t]*\n)?([^\n]*)")
_CODE_TAG = regex.compile(r"\s*<code\b[^<>]*>")
_CLOSING_HASHES = regex.compile(r"(?:^|[ \t])\#+\Z")


@dataclass(slots=True)
class _Code:
    """Code that is being read: its rows without what stands before them, from column ``indent`` on."""

    indent: int
    fence: str = ""
    quoted: int = 0


class Blocks:
    """Reads a Markdown text row by row: ``written`` has its lines, ``unseen`` what readers do not see.

    ``labels``: where its references lead. ``own``: the file is our own export, which speaks no dialect.
    ``keep`` says of a span that it is not to be hidden.
    """

    def __init__(self, source: str, *, own: bool = False, keep: Callable[[int, int], bool]) -> None:
        self.written, self.unseen = Written(source), Unseen(source, keep)
        self._source, self._own = source, own
        self.labels, places = definitions(source)
        self._definitions = dict(places)
        self._code: _Code | None = None
        self._rows: list[tuple[int, int]] = []
        self._bases: list[int] = []  # columns at which the contents of open items and admonitions begin
        self._item: tuple[int, int, int] | None = None  # column, written number, number of the item before
        self._containers: list[str] = []
        self._options = self._table = False
        self._quoted = self._html = 0
        at = 0
        while at < len(source):
            end = source.find("\n", at)
            end = len(source) if end < 0 else end
            self._row(at, end)
            at = end + 1
        self._end_code()
        self.written.end_region()

    def _row(self, at: int, end: int) -> None:
        if self._code and self._goes_on(at, end):
            return
        if self.unseen.skip >= end and self.unseen.skip > at:
            return
        row = self._source[at:end]
        begun = self.unseen.skip > at  # is its beginning the end of what the rows above hold?
        if begun:
            row = " " * (self.unseen.skip - at) + row[self.unseen.skip - at :]
        quote = QUOTE.match(row)
        start = quote.end() if quote else 0
        quoted = row.count(">", 0, start)
        if not row[start:].strip():
            self._blank()
            return
        if quoted < self._quoted and not self.written.open:
            self._bases.clear()
        self._quoted = quoted
        column, first = column_of(row, start)
        if not begun and self._is_code(at, end, column, first):
            base = (self._bases[-1] if self._bases else 0) + _TAB
            self._code = _Code(base, quoted=quoted)
            self._rows = [(at + _after(row, start, base), end)]
            return
        row = row if self._own else self.unseen.shown(row, at, first)
        if row[first:].strip():
            self._read(row.rstrip(), at, column_of(row, start))
        elif self._source[at:end].strip():
            self.written.open = False

    def _blank(self) -> None:
        self.written.block += 1
        self.written.open = self._table = self._options = False

    def _is_code(self, at: int, end: int, column: int, first: int) -> bool:
        if self.written.open or self._own or self._html:
            return False
        while self._bases and column < self._bases[-1]:
            self._bases.pop()
        if self._options and OPTION.fullmatch(self._source[at + first : end].rstrip()):
            return False
        return column - (self._bases[-1] if self._bases else 0) >= _TAB

    # --- code -------------------------------------------------------------------------------------------

    def _goes_on(self, at: int, end: int) -> bool:
        """Is a row the code's?"""
        code = self._code
        assert code
        row = self._source[at:end]
        quote = QUOTE.match(row) if code.quoted else None
        start = quote.end() if quote else 0
        column, first = column_of(row, start)
        if not row[first:].strip():
            self._rows.append((at + _after(row, start, code.indent), end))
            return not code.quoted or bool(quote) or self._end_code()
        if code.quoted and not quote:
            return self._end_code()
        if code.fence:
            fence = FENCE.match(row, first)
            if fence and fence["fence"].startswith(code.fence) and not fence["info"].strip():
                self._end_code()
                return True
        elif column < code.indent:
            return self._end_code()
        self._rows.append((at + _after(row, start, code.indent), end))
        return True

    def _end_code(self) -> bool:
        """False, for the row at hand is not the code's."""
        rows = self._rows
        while rows and not self._source[slice(*rows[-1])].strip():
            rows.pop()
        while rows and not self._source[slice(*rows[0])].strip():
            rows.pop(0)
        if self._code and rows:
            self.written.add_code(rows[0][0], rows[-1][1])
            for (_, above), (start, _) in pairwise(rows):
                if start > above + 1:
                    self.written.edits.append(Edit(above + 1, start, ""))
        self._code, self._rows = None, []
        self.written.open = False
        self.written.block += 1
        return False

    # --- rows that are no code ---------------------------------------------------------------------------

    def _read(self, row: str, at: int, place: tuple[int, int]) -> None:
        """A row that is no code, ``place`` the column and the index of its first character."""
        column, first = place
        if self._continues_title(row, first):
            return
        hidden, self.unseen.skip = self.unseen.skip, 0
        self._piece(row, at, column, first)
        for _ in range(MARKDOWN.pieces):
            behind = self.unseen.skip - at
            if not first < behind < len(row):
                break
            first = len(row) - len(row[behind:].lstrip())
            self._piece(row, at, column, first)
        else:  # so many elements in one row are not told apart
            if first < self.unseen.skip - at < len(row):
                self.written.add(self.unseen.skip, at + len(row))
        self.unseen.skip = max(hidden, self.unseen.skip)
        self._html = max(0, self._html + len(_OPENED.findall(row)) - len(_CLOSED.findall(row)))

    def _piece(self, row: str, at: int, column: int, first: int) -> None:
        """A row from ``first`` on. What stands behind an element that ends in it is another piece."""
        if self._definitions.get(at + first):
            self.unseen.skip = self._definitions[at + first]
            self.written.open = False
        elif RULE.fullmatch(row, first) or TABLE_RULE.fullmatch(row, first):
            self.written.open = False
        elif not (self._begins_code(row, at, column, first) or self._heads(row, at, first)):
            dialect = not self._own and any(
                way(row, at, column, first)
                for way in (self._unseen, self._contains, self._defines, self._markup)
            )
            if not dialect:
                self._prose(row, at, column, first)

    def _continues_title(self, row: str, first: int) -> bool:
        """Is this the line below a heading?"""
        if not (self.written.open and not self._table and UNDERLINE.fullmatch(row, first)):
            return False
        lines = self.written.lines
        above = len(lines) - 1
        size = len(lines[above].text) if lines else 0
        while above > 0 and lines[above].joint != "new" and size <= MARKDOWN.longest_heading:
            above -= 1
            size += len(lines[above].text)
        title = lines[above:]
        if title and title[0].kind == "text" and size <= MARKDOWN.longest_heading:
            level = 1 if "=" in row else 2
            lines[above:] = [replace(line, kind="heading", level=level) for line in title]
        elif "=" in row:
            return False
        self.written.open = False
        return True

    def _begins_code(self, row: str, at: int, column: int, first: int) -> bool:
        fence = FENCE.match(row, first)
        if not fence:
            return False
        prose = not self._own and PROSE_FENCES.match(fence["info"])
        self.written.open, self._item = False, self._item if self._bases else None
        self.written.block += 1
        if self._containers and self._containers[-1] == fence["fence"] and not fence["info"]:
            self._containers.pop()
        elif prose:
            self._containers.append(fence["fence"])
            self._options = True
            self.written.title(at + fence.start("info") + prose.end(), at + len(row))
        else:
            named = None if self._own else HUMAN.search(fence["info"])
            if named and named["named"]:
                group = "double" if named["double"] else "single"
                offset = at + fence.start("info")
                self.written.title(offset + named.start(group), offset + named.end(group))
            self._code, self._rows = _Code(column, fence["fence"], self._quoted), []
        return True

    # --- what is written in dialects --------------------------------------------------------------------

    def _unseen(self, row: str, at: int, column: int, first: int) -> bool:
        """Rows that no reader sees: remarks, modules, tables of contents, attributes, badges."""
        words, start, end = row[first:], at + first, at + len(row)
        if TOC.fullmatch(words) or ATTRIBUTES.fullmatch(words):
            return True
        if REMARK.fullmatch(words):
            return self.unseen.hide(start, end, "comment")
        if not self.written.open and MODULE.match(words):
            return self.unseen.hide(start, self._module_end(start, end), "code of the page")
        if _ONLY_TEMPLATE.fullmatch(words) and not any(map(human_words, [words])):
            return self.unseen.hide(start, end, "template mark")
        return self._are_badges(words) and self.unseen.hide(start, end, "badge")

    def _module_end(self, start: int, end: int) -> int:
        """The end of an import or export, whose brackets must close before an empty line."""
        stop = self._source.find("\n\n", start, start + MARKDOWN.far)
        stop = stop if stop >= 0 else min(len(self._source), start + MARKDOWN.far)
        while end < stop:
            code = self._source[start:end]
            if all(code.count(opening) <= code.count(other) for opening, other in ("{}", "()", "[]")):
                break
            following = self._source.find("\n", end + 1)
            end = min(stop, following) if following >= 0 else stop
        return end

    def _are_badges(self, words: str) -> bool:
        if _PICTURES.fullmatch(words):
            found = list(_TARGET.finditer(words))
            targets = [match["to"] or self.labels.get(key(match["label"] or ""), "") for match in found]
        else:
            targets = [match["to"] for match in _SOURCE.finditer(words)]
            if targets and _TAG.sub("", words).strip():
                return False
        alike = all(_BADGE.search(target) or target.endswith(".svg") for target in targets)
        return alike and any(_BADGE.search(target) for target in targets)

    def _contains(self, row: str, at: int, column: int, first: int) -> bool:
        """The first and last rows of admonitions, whose titles are text."""
        if self._options and OPTION.fullmatch(row, first):
            return True
        self._options = False
        admonition = ADMONITION.fullmatch(row, first)
        if admonition and (admonition["title"] is not None or self._indented_below(at + len(row), column)):
            self.written.title(at + admonition.start("title"), at + admonition.end("title"))
            self._bases = [base for base in self._bases if base <= column] + [column + _TAB]
            return True
        alert = ALERT.match(row, first) if self._quoted and not self.written.open else None
        if alert:
            self.written.title(at + alert.end(), at + len(row))
            return True
        for kind, pattern in ((":", COLONS), ("/", SLASHES)):
            match = pattern.fullmatch(row, first)
            if not match:
                continue
            if match["name"] or (kind == ":" and (match["braced"] or match["label"] or match["title"])):
                self._containers.append(kind)
                self._options = True
                self._titles(at, match)
                return True
            if kind in self._containers:
                self._containers.remove(kind)
                self.written.open = False
                return True
        return False

    def _titles(self, at: int, match: regex.Match[str]) -> None:
        groups = match.groupdict()
        for group in ("label", "title"):
            if groups.get(group):
                self.written.title(at + match.start(group), at + match.end(group))
        if groups.get("braced"):
            offset = at + match.start("braced")
            for start, end in human_words(match["braced"]):
                self.written.title(offset + start, offset + end)
        self.written.open = False

    def _indented_below(self, end: int, column: int) -> bool:
        match = _BELOW.match(self._source, end)
        return (
            bool(match and match[1].strip()) and column_of(match[1], 0)[0] >= column + 2 if match else False
        )

    def _defines(self, row: str, at: int, column: int, first: int) -> bool:
        """Footnotes, terms, abbreviations."""
        short = _ABBREVIATION.match(row, first)
        if short:
            self.written.add(at + first + 2, at + len(row))
            self.written.edits.append(Edit(at + short.start("end"), at + short.end("end"), ""))
            return True
        match = DEFINED.match(row, first)
        if not match or (match[0][0] == ":" and not self._follows_term()):
            return False
        self._bases = [base for base in self._bases if base <= column] + [column + _TAB]
        if match.end() < len(row):
            self.written.add(at + match.end(), at + len(row))
        return True

    def _follows_term(self) -> bool:
        return (
            bool(self.written.lines)
            and self.written.lines[-1].kind == "text"
            and len(self.written.lines[-1].text) <= 200
        )

    def _markup(self, row: str, at: int, column: int, first: int) -> bool:
        """HTML headings, preformatted text, formulas on lines of their own."""
        words = row[first:]
        if words.startswith("<"):
            for pattern, name in ((_PRE, "pre"), (_HTML_HEADING, None)):
                match = pattern.match(row, first)
                if match:
                    closer = f"</{name or 'h' + match['level']}"
                    end = self.unseen.find(closer, at + match.end())
                    if end >= 0:
                        self._element(at + match.end(), end, int(match["level"]) if name is None else 0)
                        return True
            return False
        math = _MATH.match(row, first)
        if not math or self.written.open:
            return False
        start = at + (first if math["name"] else math.end())
        closer = "$$" if math["dollars"] else "\\]" if math["bracket"] else f"\\end{{{math['name']}}}"
        end = self.unseen.find(closer, at + math.end())
        if end < 0 or "\n\n" in self._source[start:end]:
            return False
        behind = end + len(closer)
        if self._source[behind : at + len(row)].strip():  # it stands in a sentence
            return False
        self.written.add_code(start, behind if math["name"] else end)
        self.unseen.skip = behind
        return True

    def _element(self, start: int, end: int, level: int) -> None:
        self.written.open = False
        self.unseen.skip = self._source.find(">", end) + 1 or len(self._source)
        if level:
            if self._source[start:end].strip():
                self.written.add(start, end, kind="heading", level=level)
            self.written.open = False
            return
        code = _CODE_TAG.match(self._source, start, end)
        self.written.add_code(code.end() if code else start, end)
        for match in _IN_PRE.finditer(self._source, start, end):
            self.written.edits.append(Edit(*match.span(), "" if match["tag"] else html.unescape(match[0])))

    # --- headings, items, tables, paragraphs ------------------------------------------------------------

    def _heads(self, row: str, at: int, first: int) -> bool:
        hashes = HASHES.match(row, first)
        if not hashes:
            return False
        end = self._trimmed(row, hashes.end())
        closing = _CLOSING_HASHES.search(row[:end], hashes.end())
        end = closing.start() if closing else end
        self._bases, self._item, self._html = [], None, 0
        self.written.add(at + hashes.end(), at + end, kind="heading", level=len(hashes[1]))
        self.written.open = False
        return True

    def _trimmed(self, row: str, first: int) -> int:
        """Where a row's words end: before its attributes and its anchor."""
        end = len(row)
        if self._own:
            return end
        for pattern in (BLOCK_ID, ATTRIBUTES):
            for match in pattern.finditer(row, first):
                if match.end() == end:
                    end = len(row[: match.start()].rstrip())
        return max(end, first)

    def _prose(self, row: str, at: int, column: int, first: int) -> None:
        number, bullet = NUMBER.match(row, first), BULLET.match(row, first)
        marker = number or bullet
        if marker:
            self._bases = [base for base in self._bases if base <= column]
            width = column_of(row, first)[0] if bullet is None else column
            self._bases.append(width + min(len(marker[0].replace("[ ] ", "").replace("[x] ", "")), 5))
            value = self._counted(column, int(number[1])) if number else None
            self._item = self._item if number else None
            start = marker.end()
            quote = None if self._own else QUOTE.match(row, start)
            start = quote.end() if quote else start
            fence = FENCE.match(row, start)
            if fence and not self._own:  # "- ```sh"
                self._begins_code(row, at, column_of(row, 0)[0] + start - first, start)
                return
            self.written.add(at + start, at + self._trimmed(row, start), kind="item", number=value)
        elif self._is_table(row, at, first):
            self._cells(row, at, first)
        else:
            if not self.written.open and not self._bases:
                self._item = None
            hard = self.written.open and _ends_hard(self._source[max(0, at - 50) : at - 1])
            joint = "hard" if hard else "soft" if self.written.open and self.written.lines else "new"
            self.written.add(at + first, at + self._trimmed(row, first), joint=joint)

    def _is_table(self, row: str, at: int, first: int) -> bool:
        if row[first] == "|" and row.endswith("|") and len(row) > first + 1:
            return True
        if self._own or "|" not in row:
            self._table = False
            return False
        if not self._table:
            below = self._source.find("\n", at + len(row))
            rule = self._source[below + 1 : below + 1000].partition("\n")[0] if below >= 0 else ""
            start = QUOTE.match(rule)
            rule = rule[start.end() if start else 0 :].strip()
            self._table = bool(TABLE_RULE.fullmatch(rule)) and bool(_PIPE.search(row, first))
        return self._table

    def _cells(self, row: str, at: int, first: int) -> None:
        """A table's row, its cells with " | " between; each is a region of its own."""
        code = [span.span() for span in _CODE_SPAN.finditer(row, first)]
        end = self._trimmed(row, first)
        pipes = [m.start() for m in _PIPE.finditer(row, first, end) if not inside(code, m.start())]
        if pipes and pipes[0] == first:
            first = pipes.pop(0) + 1
        if pipes and pipes[-1] == end - 1:
            end = pipes.pop()
        cells = list(zip([first, *(pipe + 1 for pipe in pipes)], [*pipes, end], strict=True))
        self.written.add_cells([(at + start, at + stop) for start, stop in cells])
        before = False
        for (_, left), (right, _) in pairwise(cells):
            stop, start = left, right
            while stop and row[stop - 1].isspace():
                stop -= 1
            while start < end and row[start].isspace():
                start += 1
            self.written.edits.append(
                Edit(at + max(stop, left if before else 0), at + start, "| " if before else " | ")
            )
            before = start >= end or row[start] == "|"

    def _counted(self, column: int, written: int) -> int:
        value = written
        if self._item and self._item[:2] == (column, written) and not self._own:
            value = self._item[2] + 1
        self._item = (column, written, value)
        return value


def column_of(row: str, start: int) -> tuple[int, int]:
    """(column, index) of the first character of ``row[start:]`` that is no white space."""
    match = _SPACES.match(row, start)
    assert match
    if "\t" not in match[0]:
        return match.end() - start, match.end()
    column = 0
    for char in match[0]:
        column += _TAB - column % _TAB if char == "\t" else 1
    return column, match.end()


def _after(row: str, start: int, indent: int) -> int:
    """The index in a row behind at most ``indent`` columns of white space."""
    column, at = 0, start
    while at < len(row) and column < indent and row[at] in " \t":
        column += _TAB - column % _TAB if row[at] == "\t" else 1
        at += 1
    return at


def _ends_hard(row: str) -> bool:
    """Does a row end in a hard line break: two spaces, or a backslash that is not itself escaped?"""
    return row.endswith("  ") or (len(row) - len(row.rstrip("\\"))) % 2 == 1
