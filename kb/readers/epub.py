"""Books (.epub, 2 and 3): an article for each chapter, named ``book.epub#chapter.xhtml``.

A book as one article could neither be listed nor read. Its files are no chapters either, for many programs
cut them by size: a file that the table of contents does not name goes on with the chapter before it.
"""

from __future__ import annotations

import hashlib
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import unquote

from kb.errors import SourceRefused
from kb.models import SkippedSource, SourceFile
from kb.readers.archive import opened, unpacked
from kb.readers.common import Composer, RawFile, as_date, as_language, as_line
from kb.readers.limits import LIMITS
from kb.readers.members import member
from kb.readers.settings import READERS
from kb.readers.text import decoded
from kb.readers.web.markup import add_page, called, html_of, local, xhtml_of, xml_of

__all__ = ["read_epub"]

_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_OF_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_TYPE = "{http://www.idpf.org/2007/ops}type"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class _About:
    """What a book says of itself, and its files: (name in the archive, is it the table of contents?)."""

    title: str | None
    language: str | None
    author: str | None
    date: str | None
    spine: tuple[tuple[str, bool], ...]
    labels: Mapping[str, str]


@dataclass(slots=True)
class _Chapter:
    name: str
    label: str | None
    language: str | None
    composer: Composer = field(default_factory=Composer)


def read_epub(raw: RawFile) -> Iterator[SourceFile | SkippedSource]:
    """Raises SourceRefused when it is damaged, locked or holds no text."""
    with opened(raw) as archive:
        about = _about(raw, archive)
        empty = True
        for chapter in _chapters(raw, archive, about):
            if isinstance(chapter, SkippedSource):
                yield chapter
                empty = False
            elif any(map(str.isalnum, chapter.composer.kept)):
                yield from member(
                    raw, f"{raw.source}#{chapter.name}", partial(_articles, raw, about, chapter)
                )
                empty = False
        if empty:
            raise SourceRefused(raw.source, "holds no text, only pictures; remove the file")


def _chapters(raw: RawFile, archive: zipfile.ZipFile, about: _About) -> Iterator[_Chapter | SkippedSource]:
    chapter: _Chapter | None = None
    seen: set[str] = set()
    for name, is_contents in about.spine:
        if name in seen:
            continue
        seen.add(name)
        source = f"{raw.source}#{name}"
        (root,) = member(raw, source, partial(_pages, raw, archive, name))
        if isinstance(root, SkippedSource):
            yield root
            continue
        label = about.labels.get(name)
        if chapter is None or label or not about.labels or len(chapter.composer.text) > READERS.chapter:
            if chapter is not None:
                yield chapter
            chapter = _Chapter(name, label, as_language(root.get("lang") or root.get(_LANG)))
        if not is_contents:
            yield from member(raw, source, partial(_added, chapter.composer, root))
    if chapter is not None:
        yield chapter


def _articles(raw: RawFile, about: _About, chapter: _Chapter) -> Iterator[SourceFile]:
    """The one article in a chapter."""
    composer = chapter.composer
    text = composer.text
    heading = next((text[b.start : b.end] for b in composer.blocks if b.kind == "heading"), None)
    named = as_line(chapter.label) or as_line(heading)
    title = " — ".join(dict.fromkeys(name for name in (named, about.title) if name)) or None
    language = chapter.language or about.language
    said = repr((title, language, about.date, about.author))
    digest = hashlib.sha256(f"{said}\n{text}".encode("utf-8", "backslashreplace")).hexdigest()
    yield composer.source_file(
        replace(raw, source=f"{raw.source}#{chapter.name}", content_hash=digest),
        "epub",
        title=title,
        language=language,
        date=about.date,
        author=about.author,
        cleaned=True,  # a book has no page furniture, but refrains
    )


# --- the package ------------------------------------------------------------------------------------------


def _about(raw: RawFile, archive: zipfile.ZipFile) -> _About:
    container = xml_of(raw, _member(raw, archive, "META-INF/container.xml"))
    found = next((element.get("full-path") for element in called(container.iter(), "rootfile")), None)
    if not found:
        raise SourceRefused(raw.source, "names no book in its container.xml; make it again")
    package = xml_of(raw, _member(raw, archive, found))
    here = posixpath.dirname(found)
    items = {
        item.get("id"): (_place(here, item.get("href")), item.get("media-type"), item.get("properties") or "")
        for item in called(package.iter(), "item")
        if item.get("href")
    }
    spine = next(called(package.iter(), "spine"), None)
    order = [] if spine is None else [items.get(ref.get("idref")) for ref in spine if local(ref) == "itemref"]
    pages = tuple((name, "nav" in of.split()) for name, kind, of in filter(None, order) if kind in _PAGES)
    locked = _locked(raw, archive)
    if any(name in locked for name, _ in pages):
        raise SourceRefused(raw.source, "is locked by its seller (DRM); get it without a lock")
    said = _metadata(package)
    labels: dict[str, str] = {}
    for name, _, properties in items.values():
        if "nav" in properties.split():
            labels |= _labels(raw, archive, name)
    if not labels:
        ncx = items.get(spine.get("toc")) if spine is not None else None
        ncx = ncx or next((item for item in items.values() if item[1] == "application/x-dtbncx+xml"), None)
        labels = _labels(raw, archive, ncx[0]) if ncx else {}
    return _About(
        as_line(next(iter(said.get("title", [])), None)),
        as_language(next(iter(said.get("language", [])), None)),
        as_line(", ".join(said.get("creator", []))),
        as_date(next(iter(said.get("date", [])), None)),
        pages,
        labels,
    )


def _metadata(package: Any) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for element in package.iter("{http://purl.org/dc/elements/1.1/}*"):
        words = " ".join("".join(element.itertext()).split())
        if words:
            said.setdefault(local(element), []).append(words)
    return said


def _labels(raw: RawFile, archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """What the table of contents (a page or an .ncx) calls each file: its first entry there."""
    try:
        root = xml_of(raw, _member(raw, archive, name))
    except SourceRefused:
        return {}  # a book is readable without one
    here = posixpath.dirname(name)
    labels: dict[str, str] = {}
    for point in root.iter():
        kind = local(point)
        if kind == "navPoint":
            words = next(("".join(element.itertext()) for element in called(point, "navLabel")), "")
            to = next((element.get("src") for element in called(point, "content")), None)
        elif kind == "a" and _in_contents(point):
            words, to = "".join(point.itertext()), point.get("href")
        else:
            continue
        if to and words.strip():
            labels.setdefault(_place(here, to), " ".join(words.split()))
    return labels


def _in_contents(link: Any) -> bool:
    navs = list(called(link.iterancestors(), "nav"))
    return bool(navs) and "toc" in (navs[0].get(_TYPE) or "toc").split()


def _locked(raw: RawFile, archive: zipfile.ZipFile) -> set[str]:
    """The files that are encrypted. Fonts may be, for which no key is needed."""
    if "META-INF/encryption.xml" not in archive.namelist():
        return set()
    names: set[str] = set()
    for data in xml_of(raw, _member(raw, archive, "META-INF/encryption.xml")).iter():
        if local(data) != "EncryptedData":
            continue
        methods = [element.get("Algorithm") for element in called(data.iter(), "EncryptionMethod")]
        if not any(method in _OF_FONTS for method in methods):
            names |= {_place("", element.get("URI")) for element in called(data.iter(), "CipherReference")}
    return names


# --- files ------------------------------------------------------------------------------------------------


def _pages(raw: RawFile, archive: zipfile.ZipFile, name: str) -> Iterator[Any]:
    """The one page in a file of the book."""
    source = f"{raw.source}#{name}"
    text, _ = decoded(raw.inside(source, _member(raw, archive, name)))
    root = xhtml_of(text)
    yield html_of(source, text) if root is None else root


def _added(composer: Composer, root: Any) -> tuple[()]:
    add_page(composer, root)
    return ()


def _member(raw: RawFile, archive: zipfile.ZipFile, name: str) -> bytes:
    source = f"{raw.source}#{name}"
    try:
        member = archive.getinfo(name)
    except KeyError:
        raise SourceRefused(source, "is not in the book, which names it; make the book again") from None
    return unpacked(archive, member, source, LIMITS.chapter)


def _place(folder: str, address: str | None) -> str:
    """The name in the archive that an address in one of its files leads to."""
    path = unquote((address or "").partition("#")[0])
    tidy = "".join(char if char.isprintable() else "\ufffd" for char in path)
    return posixpath.normpath(posixpath.join(folder, tidy)).lstrip("/")
