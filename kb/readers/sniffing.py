"""What a file is by its first bytes, where its name does not say so, or says what it is not.

Only what is sure is told: a mark of the format, at its place. A format is a row in ``_MARKS`` or ``_IN_ZIP``.
"""

from __future__ import annotations

import re

from kb.readers.settings import READERS

__all__ = ["actual", "is_silent", "told"]


# Suffixes that say nothing; with others, unknown ones, only a format's mark counts.
_SAY_NOTHING = frozenset(["", ".asc", ".bak", ".download", ".file", ".log", ".nfo", ".old", ".orig", ".tmp"])
_NO_ARTICLES = frozenset(
    ["codeowners", "dockerfile", "gemfile", "jenkinsfile", "makefile", "pipfile", "procfile", "rakefile"]
)
# Formats whose marks hold whatever the name says.
_SURE = frozenset([".pdf", ".rtf", ".epub", ".odt", ".ods", ".odp", ".docx", ".pptx", ".xlsx", ".zim"])
_HTML_TOO = frozenset([".txt", ".text", ".pdf", ".doc", ".docx", ".rtf"])  # by these, pages are saved as well

_SPACE = rb"\A(?:\xef\xbb\xbf)?\s*"
_MARKS = (
    (".pdf", re.compile(rb"\A(?:\xef\xbb\xbf)?[\s\x00]{0,100}%PDF-\d")),
    (".rtf", re.compile(rb"\A\{\\rtf\d")),
    (
        ".html",
        re.compile(_SPACE + rb"(?:<\?xml[^>]{0,200}\?>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE),
    ),
    (
        ".eml",
        re.compile(
            rb"\A(?:Return-Path|Received|Delivered-To|Message-ID|MIME-Version): [^\r\n]*\r?\n", re.IGNORECASE
        ),
    ),
    (".fodt", re.compile(_SPACE + rb"(?:<\?xml[^>]{0,200}\?>\s*)?<office:document\b")),
    (".zim", re.compile(rb"\AZIM\x04")),
    (".mbox", re.compile(rb"\AFrom \S+@\S+ \w{3} \w{3} [ \d]\d ")),
    (".jsonl", re.compile(_SPACE + rb"\{\s*\"[^\"\n]{1,80}\"\s*:\s*[^\n]*\}\s*\n\s*\{\s*\"")),
    (".json", re.compile(_SPACE + rb"(?:\[\s*)?\{\s*\"[^\"\n]{1,80}\"\s*:")),
)
_ZIP = b"PK\x03\x04"
# Members by which an archive of a format is known; they are its first, or named in its first pages.
_IN_ZIP = (
    (".epub", b"mimetypeapplication/epub+zip"),
    (".odt", b"mimetypeapplication/vnd.oasis.opendocument.text"),
    (".ods", b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
    (".odp", b"mimetypeapplication/vnd.oasis.opendocument.presentation"),
    (".docx", b"word/"),
    (".pptx", b"ppt/"),
    (".xlsx", b"xl/"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


# Files that are no articles, and need not be opened to know it.
_PASSED_OVER = """
    .3gp .aac .ai .apk .app .asp .aspx .avi .avif .bat .bin .blend .bmp .bz2 .c .cc .cfg .class .cmd
    .conf .cpp .crt .cs .css .cur .db .deb .dll .dmg .ds_store .dylib .eot .eps .exe .fla .flac .fnt
    .fon .gif .go .gpg .h .heic .hpp .ico .ics .idx .img .ini .iso .jar .java .jfif .jpeg .jpg .js
    .jsx .kt .less .lnk .lock .lua .m4a .m4v .map .mid .mjs .mkv .mov .mp3 .mp4 .mpeg .mpg .msi .npy
    .npz .o .obj .ogg .ogv .otf .parquet .pem .php .pickle .pkl .pl .png .po .pot .properties .ps
    .psd .py .pyc .r .rb .rpm .rs .sass .scss .sh .so .sql .sqlite .sqlite3 .srt .sum .svg .swf
    .swift .tif .tiff .toml .ts .tsx .ttf .vtt .vue .wasm .wav .webm .webmanifest .webp .wma .wmv
    .woff .woff2 .xlsm .xsd .xsl .xslt .xz .yaml .yml .zst
"""
_SILENT = frozenset(_PASSED_OVER.split())


def is_silent(suffix: str) -> bool:
    """Is a file of this suffix passed over unopened and unsaid?"""
    return suffix in _SILENT


def actual(name: str, suffix: str, head: bytes, tail: bytes = b"") -> str:
    """The suffix that a file's content speaks for, in small letters; its own where nothing is sure.

    ``name`` is the file's without its suffix.
    """
    found = told(head, tail)
    if found is None or suffix == ".zip" or (not suffix and name.lower() in _NO_ARTICLES):
        return suffix
    if found in _SURE or suffix in _SAY_NOTHING or (found == ".html" and suffix in _HTML_TOO):
        return found
    return suffix


def told(head: bytes, tail: bytes = b"") -> str | None:
    """The suffix that a file of these first bytes (and these last ones) should have, if that is sure.

    ``.txt`` is what is nothing but UTF-8 text.
    """
    if head.startswith(_ZIP):
        inside = head + tail
        return next((suffix for suffix, mark in _IN_ZIP if mark in inside), ".zip")
    for suffix, mark in _MARKS:
        if mark.search(head):
            return suffix
    return ".txt" if _is_utf8_text(head) else None


def _is_utf8_text(head: bytes) -> bool:
    if not head.strip() or _CONTROL.search(head) or head.startswith((b"<?xml", b"#!", b"%!PS")):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:  # cut off within its last character
        return len(head) - error.start < 4 and len(head) >= READERS.head
    return True
