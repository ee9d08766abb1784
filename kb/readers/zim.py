"""ZIM files (.zim) of offline sites, such as Wikipedia's: an article each, named ``file.zim#path``.

libzim, which reads them, is under the GPL: it is an extra that a user installs, and nothing here needs it
but this reader. It opens files, not bytes, so the bytes are put into one for as long as it takes.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from kb.errors import SourceRefused
from kb.models import SkippedSource, SourceFile
from kb.readers.common import RawFile, as_date, as_language, as_line, believed
from kb.readers.limits import LIMITS, too_large
from kb.readers.members import member

__all__ = ["read_zim"]

_MAGIC = b"ZIM\x04"

ReadPage = Callable[[RawFile], Iterator[SourceFile | SkippedSource]]


def read_zim(raw: RawFile, read_page: ReadPage) -> Iterator[SourceFile | SkippedSource]:
    """Each page, as ``read_page`` reads it. Raises SourceRefused without libzim, or when it is damaged."""
    if not raw.data.startswith(_MAGIC):
        raise SourceRefused(raw.source, "is no ZIM file; get it again")
    try:
        from libzim.reader import Archive
    except ImportError as error:
        raise SourceRefused(
            raw.source, "needs an extra to be read; install it: pip install 'rosetta-kb[zim]'"
        ) from error
    with tempfile.TemporaryDirectory(prefix="kb-zim-", ignore_cleanup_errors=True) as folder:
        path = Path(folder, "file.zim")
        path.write_bytes(raw.data)
        try:
            archive = Archive(path)
            count = archive.all_entry_count
        except Exception as error:  # libzim raises whatever a damaged file leads it to
            reason = as_line(str(error), 100) or type(error).__name__
            raise SourceRefused(raw.source, f"cannot be read as ZIM ({reason}); get it again") from error
        if count > LIMITS.zim_entries:
            raise SourceRefused(
                raw.source, f"has {count} entries, more than {LIMITS.zim_entries}; take a smaller selection"
            )
        yield from _pages(raw, archive, count, read_page)


def _pages(
    raw: RawFile, archive: Any, count: int, read_page: ReadPage
) -> Iterator[SourceFile | SkippedSource]:
    said = {key: _said(archive, key) for key in ("Language", "Date", "Creator")}
    found = False
    for n in range(count):
        try:
            page = _page(raw, archive, n)
        except SourceRefused as refused:
            yield SkippedSource(refused.source, refused.reason)
            continue
        if page is None:
            continue
        found = True
        entry, title = page
        for file in member(raw, entry.source, partial(read_page, entry)):
            yield _with(file, title, said) if isinstance(file, SourceFile) else file
    if not found:
        raise SourceRefused(raw.source, "holds no pages; get one with text")


def _page(raw: RawFile, archive: Any, n: int) -> tuple[RawFile, str | None] | None:
    """The n-th entry's bytes and title; None where it is no page, or leads to another."""
    name = f"{raw.source}#{n}"
    try:
        entry = archive._get_entry_by_id(n)
        if entry.is_redirect:
            return None
        item = entry.get_item()
        if not item.mimetype.startswith(("text/html", "application/xhtml")):
            return None
        name = f"{raw.source}#{as_line(entry.path, 300) or n}"
        if item.size > LIMITS.zim_entry:
            raise SourceRefused(name, too_large(LIMITS.zim_entry))
        data = bytes(item.content)
    except SourceRefused:
        raise
    except Exception as error:  # a damaged part of the file
        raise SourceRefused(name, f"cannot be read ({type(error).__name__}); get the file again") from error
    return raw.inside(name, data), as_line(entry.title)


def _said(archive: Any, key: str) -> str | None:
    try:
        return as_line(archive.get_metadata(key).decode("utf-8", "replace"))
    except Exception:  # a file need not say it
        return None


def _with(file: SourceFile, title: str | None, said: dict[str, str | None]) -> SourceFile:
    """The page with what the file says of all its pages, where it says nothing itself."""
    language = as_language((said["Language"] or "").split(",")[0])
    return dataclasses.replace(
        file,
        title=title or file.title,
        language=file.language or believed(language, file.text),
        date=file.date or as_date(said["Date"]),
        author=file.author or said["Creator"],
    )
