"""Readers: a file's bytes to source files. A format is a row in ``FORMATS``.

To read another format, write a function from :class:`RawFile` to source files and enter it here.
"""

from __future__ import annotations

from kb.readers.archive import read_zip
from kb.readers.common import Format, RawFile
from kb.readers.docx import read_docx
from kb.readers.html import read_html
from kb.readers.pdf import read_pdf
from kb.readers.records import read_csv, read_jsonl
from kb.readers.text import read_markdown, read_text, split_front_matter

__all__ = [
    "ARCHIVE_LIMIT",
    "DOCUMENT_LIMIT",
    "FORMATS",
    "RECORDS_LIMIT",
    "TEXT_LIMIT",
    "Format",
    "RawFile",
    "read_csv",
    "read_docx",
    "read_html",
    "read_jsonl",
    "read_markdown",
    "read_pdf",
    "read_text",
    "read_zip",
    "split_front_matter",
    "unread",
]

# Bytes: larger files are skipped. One article is not longer than TEXT_LIMIT; records are many articles; a
# document's bytes are mostly pictures.
TEXT_LIMIT = 10_000_000
DOCUMENT_LIMIT = 50_000_000
RECORDS_LIMIT = 100_000_000
ARCHIVE_LIMIT = 100_000_000

_TEXT, _MARKDOWN = Format(read_text, TEXT_LIMIT), Format(read_markdown, TEXT_LIMIT)
_HTML = Format(read_html, TEXT_LIMIT, guarded=True)
_JSONL = Format(read_jsonl, RECORDS_LIMIT, many=True)

FORMATS: dict[str, Format] = {
    ".csv": Format(read_csv, RECORDS_LIMIT, many=True),
    ".docx": Format(read_docx, DOCUMENT_LIMIT, guarded=True),
    ".htm": _HTML,
    ".html": _HTML,
    ".jsonl": _JSONL,
    ".markdown": _MARKDOWN,
    ".md": _MARKDOWN,
    ".ndjson": _JSONL,
    ".pdf": Format(read_pdf, DOCUMENT_LIMIT, guarded=True),
    ".text": _TEXT,
    ".txt": _TEXT,
    ".xhtml": _HTML,
    ".zip": Format(lambda raw: read_zip(raw, FORMATS, unread), ARCHIVE_LIMIT, guarded=True, many=True),
}

# Formats that hold articles but have no reader: their owner expects them to be there, so we say that they are
# not. Everything else (pictures, style sheets, programs) is passed over in silence.
_UNREAD_DOCUMENTS = frozenset(
    [
        ".7z",
        ".adoc",
        ".doc",
        ".epub",
        ".gz",
        ".json",
        ".mht",
        ".mhtml",
        ".odt",
        ".org",
        ".ppt",
        ".pptx",
        ".rar",
        ".rst",
        ".rtf",
        ".tar",
        ".tex",
        ".tgz",
        ".tsv",
        ".wiki",
        ".xls",
        ".xlsx",
        ".xml",
    ]
)


def unread(suffix: str, *, always: bool = False) -> str | None:
    """Why a file of this suffix is not read; None where that goes without saying, unless ``always``."""
    if not always and suffix not in _UNREAD_DOCUMENTS:
        return None
    offered = ", ".join(sorted(FORMATS))
    return f"{suffix or 'a file without a suffix'} is not read; save it as one of {offered}"
