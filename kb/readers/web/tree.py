"""A web page's tree to its blocks of text, all of them, each with what its elements say about it."""

from __future__ import annotations

from typing import Any

import regex

from kb.readers.web import formulas
from kb.readers.web.code import NUMBER, code, is_line_numbers
from kb.readers.web.elements import (
    BESIDE,
    CODE,
    FALLBACKS,
    HEADINGS,
    SILENT,
    alternative,
    hidden,
    holds_blocks,
    in_sentence,
    is_block,
    is_formulas_double,
    is_icon,
    is_note_mark,
    leads_text,
    noted,
    notes,
    outside,
    owned,
    stands_apart,
    whole_number,
)
from kb.readers.web.parts import BREAK, Open, Part, glossary
from kb.readers.web.settings import WEB
from kb.readers.web.tables import grid
from kb.text.joining import join, join_all

__all__ = ["MARK", "Part", "flattened"]

MARK = "kb-mark-"
"""``<a id="kb-mark-page-3">`` in a tree of our own making: page 3 begins; ``kb-mark-number-2``: item 2."""

_EMPTY_END = regex.compile(r"(?: \|)+ *\Z")


def flattened(root: Any, *, marks: bool = False) -> list[Part]:
    """The page's blocks, in order. ``root`` is lxml's; with ``marks``, MARK is understood."""
    return _Flattener(root, marks).parts


class _Flattener:
    """Walks the tree. Its depth is bounded by the parser (256).

    What would interrupt a sentence (a reading, an expansion, what is hidden in it) is kept in ``_later`` for
    the end of its block, and then in ``_waiting`` for the end of its list.
    """

    def __init__(self, root: Any, marks: bool) -> None:
        self.parts: list[Part] = []
        self._marks, self._within = marks, 0
        self._noted = noted(root)
        self._formulas = next(root.iter("math"), None) is not None
        self._counts: dict[Any, int] = {}
        self._later: list[Part] = []
        self._waiting: list[Part] = []
        self._glosses: list[tuple[str, str]] = []
        self._told: set[tuple[str, str]] = set()
        self._readings: list[str] | None = None
        self._open = Open()
        self._page: int | None = None
        self._outside: str | None = None
        self._hidden: str | None = None
        self._own = self._article = self._term = self._in_link = self._raised = self._note = False
        self._depth = 2
        self._handlers = {
            **dict.fromkeys(("abbr", "acronym", "dfn"), self._glossed),
            "del": self._deleted,
            "img": self._picture,
            "math": self._formula,
            "q": self._quoted,
            "ruby": self._ruby,
            "script": self._script,
            **dict.fromkeys(("sub", "sup"), self._shifted),
            "svg": self._drawing,
            "table": self._table,
        }
        self._walk(root)
        self._flush()
        self._settle()

    # --- elements -----------------------------------------------------------------------------------------

    def _walk(self, element: Any) -> None:
        tag = element.tag if isinstance(element.tag, str) else None
        if tag is None:
            return
        handler = self._handlers.get(tag.rpartition(":")[2])
        if (handler is not None and handler(element)) or tag in SILENT or self._set_apart(element, tag):
            return
        block = is_block(element) and not (tag == "button" and in_sentence(element))
        about = (self._outside, self._hidden, self._own, self._article, self._note)
        before = (self._term, self._in_link)
        if block:
            self._flush()
        elif tag == "button":
            self._word(self._said(element))
            return
        elif stands_apart(tag) and self._open.edge:
            self._put(" ")
        self._enter(element, tag)
        if tag in CODE:
            self._code(element)
        else:
            self._children(element)
        if block:
            self._flush()
            if tag == "li" or tag in HEADINGS or tag in ("summary", "button"):
                self._open = Open()
        self._outside, self._hidden, self._own, self._article, self._note = about
        self._term, self._in_link = before
        self._open.edge = not block and stands_apart(tag) and bool(self._open.pieces)

    def _enter(self, element: Any, tag: str) -> None:
        if self._outside is None:
            self._outside = outside(element)
        note, sure = notes(element, self._noted)
        self._note = self._note or note
        if sure and self._outside in BESIDE:
            self._outside = None
        if self._hidden is None:
            self._hidden = hidden(element)
        self._article = self._article or tag == "article"
        if tag in ("aside", "footer") and self._outside is None:
            self._own = self._own or owned(element)
        self._in_link = self._in_link or tag == "a"
        self._term = tag == "dt" or (self._term and tag != "dd")
        if tag in HEADINGS:
            self._depth = max(2, HEADINGS[tag])
            self._open.kind, self._open.level = "heading", self._depth
        elif tag == "li":
            self._open.kind, self._open.number = "item", self._numbered(element)
        elif self._open.kind != "heading" and (tag == "summary" or (tag == "button" and leads_text(element))):
            self._open.kind, self._open.level = "heading", min(6, self._depth + 1)

    def _numbered(self, item: Any) -> int | None:
        """A list item's number, None in a bulleted list."""
        around = item.getparent()
        if around is None or around.tag != "ol":
            return None
        step = 1 if around.get("reversed") is None else -1
        if around not in self._counts:
            start = whole_number(around.get("start"))
            first = 1 if step > 0 else len(around.findall("li"))
            self._counts[around] = (first if start is None else start) - step
        value = whole_number(item.get("value"))
        self._counts[around] = self._counts[around] + step if value is None else value
        return max(0, self._counts[around])

    def _children(self, element: Any) -> None:
        self._add(element.text)
        for child in element:
            self._walk(child)
            self._add(child.tail)

    def _set_apart(self, element: Any, tag: str) -> bool:
        """Is it a break, a mark of ours, or something whose words would only interrupt the text around?"""
        if tag in ("br", "hr"):
            self._put(BREAK)
        elif tag in ("rt", "rtc") and self._readings is not None:
            self._readings.append(self._said(element))
        elif tag == "rp" and self._readings is not None:
            pass
        elif tag == "a" and self._marks and (element.get("id") or "").startswith(MARK):
            self._marked(element.get("id")[len(MARK) :])
        elif tag in FALLBACKS:
            self._later += self._apart(element, outside=outside(element))
            self._open.pad = bool(self._open.pieces)
        elif element.get("aria-hidden") == "true" and self._formulas and is_formulas_double(element):
            self._later += self._apart(element, outside="a formula's drawing (aria-hidden)")
        elif element.get("aria-hidden") == "true" and is_icon(element):
            self._later += self._apart(element, outside="a sign (aria-hidden)")
        elif hidden(element) and not holds_blocks(element) and next(element.iter("math"), None) is None:
            self._later += self._apart(element, outside=hidden(element))
        elif tag == "a":
            text = " ".join(element.text_content().split())
            if not is_note_mark(element, text) or not (self._raised or self._open.last.strip()):
                return False
            self._put(f"[{text}]")
        else:
            return False
        return True

    def _marked(self, name: str) -> None:
        what, _, number = name.partition("-")
        self._page = int(number) if what == "page" else self._page
        self._open.number = int(number) if what == "number" else self._open.number

    def _script(self, element: Any) -> bool:
        """A formula's source stands in a script; the page's own programs are no text."""
        before, text = element.getprevious(), " ".join((element.text or "").split())
        if (element.get("type") or "").startswith("math/tex") and (
            before is None or next(before.iter("math"), None) is None
        ):
            self._word(text)
        return True

    def _formula(self, element: Any) -> bool:
        around = self._flush if element.get("display") == "block" else lambda: None
        around()
        self._word(formulas.written(element))
        around()
        return True

    def _drawing(self, element: Any) -> bool:
        drawn = next(element.iter("text", "foreignobject"), None) is not None
        self._later += self._apart(element, outside=None if drawn else "a drawing's name (<svg>)")
        self._open.pad = bool(self._open.pieces)
        return True

    def _picture(self, element: Any) -> bool:
        text = alternative(element, inline=self._open.holds_text)
        self._put(f" {text} " if text and self._open.holds_text else text and f"{text}{BREAK}")
        return True

    def _quoted(self, element: Any) -> bool:
        self._put('"')
        self._children(element)
        self._put('"')
        return True

    def _deleted(self, element: Any) -> bool:
        self._later += self._apart(element, outside="struck out by its author (<del>)")
        return True

    def _ruby(self, element: Any) -> bool:
        """The base is the text; its reading follows the block."""
        around, self._readings = self._readings, []
        base = self._said(element)
        readings, self._readings = [reading for reading in self._readings if reading], around
        follows = self._glosses and self._open.after_ruby and len(self._glosses[-1][0]) <= WEB.abbreviation
        self._put(base or " ".join(readings))
        if base and readings:
            reading = join_all(readings)
            if follows:
                first, said = self._glosses.pop()
                base, reading = join(first, base), join(said, reading)
            self._glosses.append((base, reading))
            self._open.after_ruby = True
        return True

    def _glossed(self, element: Any) -> bool:
        """What an abbreviation stands for follows the block, too."""
        title = " ".join((element.get("title") or "").split())
        if len(title) > WEB.abbreviation or " " not in title or any(map(str.isdigit, title)):
            return False
        base = self._said(element)
        self._put(base)
        if base and title.casefold() != base.casefold():
            self._glosses.append((base, title))
        return True

    def _shifted(self, element: Any) -> bool:
        """What is raised or lowered does not run into the word or number before it."""
        if any(is_block(child) for child in element.iterdescendants() if isinstance(child.tag, str)):
            return False
        around, self._raised = self._raised, element.tag == "sup"
        text = self._said(element)
        self._raised = around
        if is_note_mark(element, text):
            text = f"[{text}]"
        elif self._open.last.strip() and "[" not in text:
            text = formulas.raised(text) if element.tag == "sup" else formulas.lowered(text)
            self._put(text)
            self._open.pad = text[:1] in ("^", "_")
            return True
        self._put(text)
        return True

    def _code(self, element: Any) -> None:
        text, others = code(element)
        for other, reason in others:
            self._later += self._apart(other, outside=reason)
        around = self._outside
        if is_line_numbers(element, text):
            self._outside = around or NUMBER
        if text:
            self._emit(Part(text, "code", page=self._page))
        self._outside = around
        self._open = Open()

    def _table(self, element: Any) -> bool:
        """A table of figures or words becomes one block, a row a line; one that lays out a page does not."""
        rows = grid(element)
        if rows is None:
            return False
        self._flush()
        before = (self._outside, self._hidden)
        self._enter(element, "table")
        for caption in element.iterchildren("caption"):
            self._walk(caption)
        said: dict[Any, str] = {}
        lines: list[str] = []
        page = self._page
        for row in rows:
            texts = []
            for cell, again in row:
                if cell is not None and cell not in said:
                    said[cell] = self._said(cell)
                text = "" if cell is None else said[cell]
                texts.append("" if again and len(text) > WEB.moved else text)
            if any(texts):
                page = page if lines else self._page  # of the first row that says something
                lines.append(_EMPTY_END.sub("", " | ".join(texts)))
        if lines:
            linked = sum(len(link.text_content()) for link in element.iter("a"))
            self._emit(Part("\n".join(lines), linked=linked, page=page))
        self._outside, self._hidden = before
        return True

    # --- text ---------------------------------------------------------------------------------------------

    def _add(self, text: str | None) -> None:
        if text:
            self._put(text.replace(BREAK, ""))

    def _put(self, text: str) -> None:
        self._open.put(text, page=self._page, linked=self._in_link)

    def _word(self, text: str) -> None:
        """Text that glues to none beside it."""
        if text:
            self._put(f" {text}" if self._open.last.isalnum() else text)
            self._open.pad = True

    def _said(self, element: Any) -> str:
        """An element's text on one line; what is no part of it waits."""
        here = (self._outside, self._hidden)
        parts = self._apart(element)
        self._later += [part for part in parts if (part.outside, part.hidden) != here]
        return " ".join(" ".join(p.text for p in parts if (p.outside, p.hidden) == here).split())

    def _apart(self, element: Any, *, outside: str | None = None) -> list[Part]:
        """An element's blocks, out of the text around it."""
        before = (self.parts, self._open, self._outside, self._term)
        parts: list[Part] = []
        self.parts, self._open, self._term = parts, Open(), False
        self._outside = self._outside or outside
        self._within += 1
        self._children(element)
        self._flush()
        self._within -= 1
        self.parts, self._open, self._outside, self._term = before
        return parts

    def _flush(self) -> None:
        done = self._open
        text = done.finished()
        if text:
            self._open = Open()
            about = (done.kind, done.level, done.number)
            self._emit(Part(text, *about, linked=done.linked, page=done.page))
        else:  # a heading or an item may begin with a block of its own
            self._open = Open(done.kind, done.level, done.number)
            if done.kind != "item":
                self._waiting += self._left(None)
                self._settle()

    def _emit(self, part: Part) -> None:
        part.outside, part.hidden, part.own, part.article = (
            self._outside,
            self._hidden,
            self._own,
            self._article,
        )
        part.note = self._note
        part.term = self._term and part.kind == "paragraph"
        if part.kind == "item":  # what waits for the end of a list does not come between its items
            self._waiting += self._left(part)
            self.parts.append(part)
            return
        self._settle()
        last = self.parts[-1] if self.parts else None
        same = last is not None and (last.outside, last.hidden) == (part.outside, part.hidden)
        defines = last is not None and last.term and same and len(last.text) <= WEB.defined
        if last is not None and defines and part.kind == "paragraph":
            last.text, last.term = f"{last.text}\n{part.text}", part.term  # a term and what it means
            last.linked += part.linked
            part = last
        else:
            self.parts.append(part)
        self._waiting += self._left(part)
        self._settle()

    def _left(self, block: Part | None) -> list[Part]:
        """What was kept out of the block that ends here."""
        if self._within:
            return []
        parts, self._later = self._later, []
        pairs = [pair for pair in dict.fromkeys(self._glosses) if pair not in self._told]
        self._glosses = []
        self._told.update(pairs)
        if pairs:
            parts.insert(0, Part(glossary(pairs), article=self._article, note=self._note, of=block))
            parts[0].outside, parts[0].hidden = self._outside, self._hidden
        return parts

    def _settle(self) -> None:
        if not self._within:
            self.parts += self._waiting
            self._waiting = []
