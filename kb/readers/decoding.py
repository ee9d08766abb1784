"""Bytes to text: byte-order marks, escapes, UTF-8, UTF-16 and UTF-32 without a mark, then old encodings.

A text is read as it was written, or not at all: letters that no one wrote can never be found.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from kb.readers.old_encodings import likeliest, reads_well
from kb.readers.settings import READERS

__all__ = ["decode"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Seven-bit encodings announce another alphabet by an escape; to UTF-8 all of it is plain ASCII.
_ESCAPED = (
    (re.compile(rb"\x1b\$\)C"), ("iso2022_kr",)),
    (re.compile(rb"\x1b(?:\$[@B]|\$\(D|\(I)"), ("iso2022_jp", "iso2022_jp_2", "iso2022_jp_ext")),
    (re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e]){2,}~\}"), ("hz",)),
)
_UTF_7 = re.compile(rb"\+[A-Za-z0-9+/]{3,}-")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def decode(data: bytes) -> tuple[str, str] | None:
    """(text, encoding) of ``data``, or None when it is not text in any encoding that we know.

    A few bytes that are no character become U+FFFD.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _marked(data, encoding)
    wide = _wide_without_mark(data)
    if wide:
        return wide
    if b"\x00" in data or _is_utf7(data):
        return None
    escaped = _escaped(data)
    if escaped:
        return escaped
    return _strict(data, "utf-8") or _mostly_utf8(data) or likeliest(data)


def _strict(data: bytes, encoding: str) -> tuple[str, str] | None:
    try:
        return data.decode(encoding), encoding
    except (UnicodeDecodeError, LookupError):
        return None


def _marked(data: bytes, encoding: str) -> tuple[str, str] | None:
    found = _strict(data, encoding)
    if found is None and encoding == "utf-8-sig":
        return _mostly_utf8(data)
    if found is None and encoding == "utf-16":  # cut off in the middle of its last character
        found = _strict(data[: len(data) // 2 * 2], encoding)
    return found


def _escaped(data: bytes) -> tuple[str, str] | None:
    for pattern, encodings in _ESCAPED:
        if pattern.search(data):
            for encoding in encodings:
                found = _strict(data, encoding)
                if found and not found[0].isascii():
                    return found
    return None


def _is_utf7(data: bytes) -> bool:
    """Three or more words with letters in the modified base 64 of UTF-7, in nothing but ASCII."""
    if b"+" not in data or not data.isascii():
        return False
    words = [_strict(match[0], "utf-7") for match in _UTF_7.finditer(data[:100_000])]
    return len(words) >= 3 and all(word is not None and not word[0].isascii() for word in words)


# --- UTF-16 and UTF-32 ------------------------------------------------------------------------------------


def _wide_without_mark(data: bytes) -> tuple[str, str] | None:
    if len(data) % 2 and data[-1:] in b"\n\x00\x1a":  # which a program added that knew nothing of it
        data = data[:-1]
    if len(data) < 8 or len(data) % 2:
        return None
    if len(data) % 4 == 0 and b"\x00" in data[: READERS.decoding_sample]:
        for encoding in ("utf-32-le", "utf-32-be"):  # which next to no other bytes can be
            found = _strict(data, encoding)
            if found and "\x00" not in found[0]:
                return found
    if not _CONTROL.search(data) and _strict(data, "utf-8"):
        return None
    order = _by_zeros(data[: READERS.decoding_sample])
    for encoding in (order,) if order else ("utf-16-le", "utf-16-be"):
        sample = data[: READERS.decoding_sample].decode(encoding, "ignore")
        if order or (_is_plain(sample) and reads_well(sample) > READERS.wide_fit):
            found = _strict(data, encoding)
            if found and "\x00" not in found[0]:
                return found
    return None


def _by_zeros(sample: bytes) -> str | None:
    """UTF-16 of mostly Latin text shows as zero bytes at every other place."""
    half = len(sample) // 2
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    if even > 0.4 and odd < 0.05:
        return "utf-16-be"
    return None


def _is_plain(text: str) -> bool:
    """Letters, marks and spaces, nearly all of them of a few kinds: what bytes read two by two are not."""
    kinds = [unicodedata.category(char) for char in text]
    odd = sum(
        kind in ("Cn", "Co", "Cs", "Cc") and char not in "\t\r\n"
        for kind, char in zip(kinds, text, strict=True)
    )
    rows = len({ord(char) >> 8 for char in text if ord(char) < 0x2E80 or ord(char) >= 0xFF00})
    return odd == 0 and rows <= 4 + len(text) // 100


# --- UTF-8 with a few bytes that are none ---------------------------------------------------------------


def _mostly_utf8(data: bytes) -> tuple[str, str] | None:
    """UTF-8 into which some lines of an old encoding were pasted, or that lost a few bytes."""
    lines = data.split(b"\n")
    read = [line.decode("utf-8", "replace") for line in lines]
    good = sum(map(_whole_letters, read))
    pasted = [i for i, line in enumerate(read) if "\ufffd" in line and not _whole_letters(line)]
    old = likeliest(b"\n".join(lines[i] for i in pasted)) if pasted and len(pasted) <= good else None
    if old:
        for i, line in zip(pasted, old[0].split("\n"), strict=True):
            read[i] = line
    text = "\n".join(read)
    lost = text.count("\ufffd")
    return (text, "utf-8") if lost <= max(3, READERS.lost * len(text)) and lost * 4 <= good else None


def _whole_letters(line: str) -> int:
    """How many characters beyond ASCII it has that are whole ones of UTF-8."""
    return sum(not char.isascii() and char != "\ufffd" for char in line)
