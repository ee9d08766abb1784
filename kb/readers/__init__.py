"""Readers: a file's bytes to source files. A format is a row in ``FORMATS``.

To read another format, write a function from :class:`RawFile` to source files and enter it here.
"""

from __future__ import annotations

from kb.readers.archive import read_zip
from kb.readers.common import NO_FIELDS, Enter, Fields, Format, RawFile, enter_all
from kb.readers.epub import read_epub
from kb.readers.front_matter import split_front_matter
from kb.readers.limits import LIMITS
from kb.readers.mail import read_eml, read_mbox
from kb.readers.markups.asciidoc import read_asciidoc
from kb.readers.markups.rst import read_rst
from kb.readers.office.docx import read_docx
from kb.readers.office.odf import read_odf, read_ods
from kb.readers.office.pptx import read_pptx
from kb.readers.office.rtf import read_rtf
from kb.readers.office.sheets import read_xlsx
from kb.readers.pdf.pdf import read_pdf
from kb.readers.records.records import read_csv, read_json
from kb.readers.sniffing import actual, is_silent
from kb.readers.text import read_markdown, read_text
from kb.readers.web.html import read_html
from kb.readers.zim import read_zim

__all__ = [
    "FORMATS",
    "NO_FIELDS",
    "Enter",
    "Fields",
    "Format",
    "RawFile",
    "actual",
    "enter_all",
    "is_silent",
    "read_csv",
    "read_docx",
    "read_html",
    "read_json",
    "read_markdown",
    "read_pdf",
    "read_text",
    "read_zip",
    "split_front_matter",
    "unread",
]

_TEXT, _MARKDOWN = Format(read_text, LIMITS.text), Format(read_markdown, LIMITS.text)
_HTML = Format(read_html, LIMITS.text)
_ASCIIDOC = Format(read_asciidoc, LIMITS.text)
_JSON = Format(read_json, LIMITS.records, many=True)
_ODF = Format(read_odf, LIMITS.document)
_TABLE = Format(read_csv, LIMITS.records, many=True)

FORMATS: dict[str, Format] = {
    ".adoc": _ASCIIDOC,
    ".asciidoc": _ASCIIDOC,
    ".csv": _TABLE,
    ".docx": Format(read_docx, LIMITS.document),
    ".eml": Format(lambda raw: read_eml(raw, FORMATS, unread), LIMITS.document, many=True),
    ".epub": Format(read_epub, LIMITS.archive, many=True),
    ".fodt": _ODF,
    ".htm": _HTML,
    ".html": _HTML,
    ".json": _JSON,
    ".jsonl": _JSON,
    ".markdown": _MARKDOWN,
    ".mbox": Format(lambda raw: read_mbox(raw, FORMATS, unread), LIMITS.archive, many=True),
    ".md": _MARKDOWN,
    ".ndjson": _JSON,
    ".odp": _ODF,
    ".ods": Format(read_ods, LIMITS.document),
    ".odt": _ODF,
    ".pdf": Format(read_pdf, LIMITS.document),
    ".pptx": Format(read_pptx, LIMITS.document),
    ".psv": _TABLE,
    ".rst": Format(read_rst, LIMITS.text),
    ".rtf": Format(read_rtf, LIMITS.document),
    ".tab": _TABLE,
    ".text": _TEXT,
    ".tsv": _TABLE,
    ".txt": _TEXT,
    ".xhtml": _HTML,
    ".xlsx": Format(read_xlsx, LIMITS.document),
    ".zim": Format(lambda raw: read_zim(raw, read_html), LIMITS.zim, many=True),
    ".zip": Format(lambda raw: read_zip(raw, FORMATS, unread), LIMITS.archive, many=True),
}

# Formats that hold articles but have no reader: their owner expects them to be there, so we say that they are
# not. Everything else (pictures, style sheets, programs) is passed over in silence.
_UNREAD_DOCUMENTS = frozenset(
    [
        ".7z",
        ".doc",
        ".gz",
        ".mht",
        ".mhtml",
        ".org",
        ".ppt",
        ".rar",
        ".tar",
        ".tex",
        ".tgz",
        ".wiki",
        ".xls",
        ".xml",
    ]
)


def unread(suffix: str, *, always: bool = False) -> str | None:
    """Why a file of this suffix is not read; None where that goes without saying, unless ``always``."""
    if not always and suffix not in _UNREAD_DOCUMENTS:
        return None
    offered = ", ".join(sorted(FORMATS))
    return f"{suffix or 'a file without a suffix'} is not read; save it as one of {offered}"
