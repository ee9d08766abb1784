"""How sources are named: one spelling, whichever way a file system, an archive or a keyboard spells it."""

from __future__ import annotations

import unicodedata

__all__ = ["source_name"]


def source_name(name: str) -> str:
    """A name as sources carry it: in normal form C, and encodable.

    macOS spells "ä" as two characters where others take one; a name that is not UTF-8 comes from the disk
    with lone surrogates, which neither SQLite nor JSON can hold. The path on the disk keeps its own spelling.
    """
    return unicodedata.normalize("NFC", name.encode("utf-8", "backslashreplace").decode("utf-8"))
