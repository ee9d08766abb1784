"""A Word document's parts: found by their relationships, parsed without entities; styles and list numbers."""

from __future__ import annotations

import posixpath
import zipfile
from collections import Counter
from typing import Any

import regex

from kb.errors import SourceRefused
from kb.readers.archive import unpacked
from kb.readers.limits import LIMITS
from kb.readers.web.markup import local

__all__ = ["Numbers", "Package", "Styles", "outline_level"]

_HEADING = regex.compile(
    r"(?:heading|überschrift|titre|título|titolo|titlu|kop|rubrik|overskrift|otsikko|nagłówek|nadpis|címsor"
    r"|заголовок|başlık|επικεφαλίδα|tiêu đề|見出し|标题|標題|제목)\s*([1-9])",
    regex.IGNORECASE,
)
_TITLES = frozenset(
    ["cím", "otsikko", "titel", "title", "titolo", "titre", "titulek", "tytuł", "título", "название", "标题",
     "標題", "表題", "제목"]
)  # fmt: skip


class Package:
    """``main`` is the document's part, ``related`` the others by the kind of their relationship."""

    def __init__(self, archive: zipfile.ZipFile, source: str) -> None:
        self._archive, self._source = archive, source
        self._members = {member.filename.lower(): member for member in archive.infolist()}
        about = self._relations("")
        name = next((name for kind, name in about if kind == "officeDocument"), "word/document.xml")
        core = next((name for kind, name in about if kind == "core-properties"), "docProps/core.xml")
        main = self._part(name)
        if main is None:
            raise ValueError("it has no document part")
        self.main = main
        self.core = self._part(core)
        self.related: dict[str, list[Any]] = {}
        wanted = ("styles", "numbering", "footnotes", "endnotes", "comments", "header", "footer")
        for kind, other in self._relations(name):
            part = self._part(other) if kind in wanted else None
            if part is not None:
                self.related.setdefault(kind, []).append(part)

    def one(self, kind: str) -> Any:
        """The part of a kind, or None."""
        return next(iter(self.related.get(kind, ())), None)

    def _relations(self, name: str) -> list[tuple[str, str]]:
        """(kind, part) for what a part, or ("") the package, is related to."""
        folder, file = posixpath.split(name)
        part = self._part(posixpath.join(folder, "_rels", f"{file}.rels"))
        found = []
        for relation in () if part is None else part:
            if local(relation) == "Relationship" and relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target") or ""))
                found.append(((relation.get("Type") or "").rpartition("/")[2], target.lstrip("/")))
        return found

    def _part(self, name: str) -> Any:
        """A part's root, None where there is none. Raises what its damage leads the parser to."""
        import lxml.etree

        member = self._members.get(name.lower())
        if member is None:
            return None
        data = unpacked(self._archive, member, self._source, LIMITS.docx_part)
        parser = lxml.etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
        )
        root = lxml.etree.fromstring(data, parser)
        if root.getroottree().docinfo.doctype:  # entities could hide or multiply text; Word writes none
            raise SourceRefused(self._source, f"declares entities in {name}; open it and save it again")
        return root


class Styles:
    """What paragraphs' styles say: a heading's level, a list."""

    def __init__(self, part: Any, space: str) -> None:
        self._space = space
        self._styles: dict[str, Any] = {}
        for style in () if part is None else part.iter(f"{space}style"):
            self._styles[style.get(f"{space}styleId") or ""] = style

    def is_title(self, key: str | None) -> bool:
        return self._name(self._styles.get(key or "")).casefold() in _TITLES

    def heading(self, key: str | None) -> int | None:
        """1–9, by the style's name or its outline level, or those of the style that it is based on."""
        for style in self._chain(key):
            named = _HEADING.match(self._name(style))
            if named:
                return int(named[1])
            outline = style.find(f"{self._space}pPr/{self._space}outlineLvl")
            if outline is not None:
                return outline_level(outline.get(f"{self._space}val"))
        return None

    def listed(self, key: str | None) -> tuple[str, Any]:
        """(its name, its list's properties or None)."""
        for style in self._chain(key):
            properties = style.find(f"{self._space}pPr/{self._space}numPr")
            if properties is not None:
                return self._name(style), properties
        return self._name(self._styles.get(key or "")), None

    def _name(self, style: Any) -> str:
        name = None if style is None else style.find(f"{self._space}name")
        return "" if name is None else name.get(f"{self._space}val") or ""

    def _chain(self, key: str | None) -> list[Any]:
        chain: list[Any] = []
        style = self._styles.get(key or "")
        while style is not None and style not in chain:
            chain.append(style)
            base = style.find(f"{self._space}basedOn")
            style = None if base is None else self._styles.get(base.get(f"{self._space}val") or "")
        return chain


def outline_level(value: str | None) -> int | None:
    """Word counts from 0; 9 is running text."""
    return int(value) + 1 if value and value.isdecimal() and int(value) < 9 else None


class Numbers:
    """The numbers of lists' items, counted as Word does."""

    def __init__(self, part: Any, space: str) -> None:
        self._levels: dict[
            tuple[str, int], tuple[str, int]
        ] = {}  # (list, level): its format, its first number
        self._counts: Counter[tuple[str, int]] = Counter()
        if part is None:
            return
        value = f"{space}val"
        found: dict[str, dict[int, tuple[str, int]]] = {}
        for abstract in part.iter(f"{space}abstractNum"):
            levels = found.setdefault(abstract.get(f"{space}abstractNumId"), {})
            for level in abstract.iter(f"{space}lvl"):
                form, start = level.find(f"{space}numFmt"), level.find(f"{space}start")
                first = start.get(value) if start is not None else "1"
                shown = form.get(value) if form is not None else "decimal"
                levels[int(level.get(f"{space}ilvl"))] = (shown, int(first))
        for num in part.iter(f"{space}num"):
            link = num.find(f"{space}abstractNumId")
            key = num.get(f"{space}numId")
            for level, (shown, first) in found.get(link.get(value) if link is not None else "", {}).items():
                self._levels[key, level] = (shown, first)
            for override in num.iter(f"{space}startOverride"):
                level = int(override.getparent().get(f"{space}ilvl"))
                self._levels[key, level] = (
                    self._levels.get((key, level), ("decimal", 1))[0],
                    int(override.get(value)),
                )

    def next(self, key: str, level: int, numbered: bool | None = None) -> int | None:
        """The number of a list's next item; None in a bulleted list."""
        shown, first = self._levels.get((key, level), ("bullet" if not numbered else "decimal", 1))
        if shown in ("bullet", "none"):
            return None
        if (key, level) not in self._counts:
            self._counts[key, level] = first - 1
        self._counts[key, level] += 1
        for deeper in [other for other in self._counts if other[0] == key and other[1] > level]:
            del self._counts[deeper]
        return max(0, self._counts[key, level])
