"""The record of an export: which files it wrote, of which articles. It stands at the top of its folder.

It is what gives an exported file its article's own name when it is read again. What a file says of itself
does not: anybody's file could say that it is another's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kb.export.settings import EXPORT
from kb.text.names import source_name

__all__ = ["RECORD", "Written", "pack", "unpack"]

RECORD = ".rosetta-export.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Written:
    """What was written into a file: the article of ``source``, and the content's SHA-256."""

    source: str
    sha256: str


def pack(files: Mapping[str, Written]) -> bytes:
    """``files`` are by their paths below the folder, with forward slashes."""
    listed = {path: {"source": written.source, "sha256": written.sha256} for path, written in files.items()}
    return json.dumps({"format": _FORMAT, "files": listed}, indent=1, ensure_ascii=True).encode()


def unpack(packed: bytes) -> Mapping[str, Written]:
    """Raises ValueError where it is no record."""
    try:
        value = json.loads(packed)
        if value["format"] != _FORMAT:
            raise ValueError("of another format")
        files = {
            str(path): Written(_source(entry["source"]), str(entry["sha256"]))
            for path, entry in value["files"].items()
        }
    except (KeyError, TypeError, AttributeError, RecursionError, UnicodeError) as error:
        raise ValueError("is no record of an export") from error
    return MappingProxyType(files)


def _source(value: object) -> str:
    """Raises ValueError where it is no source."""
    if not isinstance(value, str) or not value or len(value) > EXPORT.record_source:
        raise ValueError("names no source")
    return source_name(value)
