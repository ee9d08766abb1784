"""Bytes to text: byte-order marks, UTF-8, UTF-16, then the likeliest old encoding."""

from __future__ import annotations

import codecs
import unicodedata

import charset_normalizer

from kb.identify import identify
from kb.language_rules import LETTERS

__all__ = ["decode"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Encodings that real text files come in. The long tail (EBCDIC, UTF-7 …) only invites wrong guesses.
_LIKELY = """
    cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp866 koi8_r koi8_u iso8859_2 iso8859_5
    iso8859_7 iso8859_13 iso8859_15 cp874 shift_jis euc_jp gb18030 big5 euc_kr mac_roman mac_cyrillic
"""

# Those that decode nearly any bytes, so that a detector easily takes one for another.
_SINGLE_BYTE = "cp1252 cp1250 cp1251 cp1257 cp1254 cp1253 iso8859_2 koi8_r"

_SAMPLE = 20_000  # bytes shown to the detector
_JUDGED = 2_000  # characters judged by their language
_MARKS_OF_ANY = frozenset("–—‘’“”„«»‚…•§°€£\u00a0­")


def decode(data: bytes) -> tuple[str, str] | None:
    """(text, encoding) of ``data``, or None when it is not text in any encoding that we know."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, encoding)
    wide = _utf16_without_mark(data)
    if wide:
        return _strict(data, wide)
    if b"\x00" in data:
        return None
    return _strict(data, "utf-8") or _legacy(data)


def _strict(data: bytes, encoding: str) -> tuple[str, str] | None:
    try:
        return data.decode(encoding), encoding
    except (UnicodeDecodeError, LookupError):
        return None


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 of mostly Latin text shows as zero bytes at every other place."""
    sample = data[:4096]
    if len(sample) < 8 or len(data) % 2:
        return None
    half = len(sample) // 2
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    if even > 0.4 and odd < 0.05:
        return "utf-16-be"
    return None


def _legacy(data: bytes) -> tuple[str, str] | None:
    """The encoding in which the text's foreign letters are those of the language that its words are in."""
    sample = data[:_SAMPLE]
    guesses = charset_normalizer.from_bytes(sample, cp_isolation=_LIKELY.split())
    ranked = list(dict.fromkeys([*(guess.encoding for guess in guesses), *_SINGLE_BYTE.split()]))
    best, best_fit = None, 0.0
    for encoding in ranked:
        decoded = _strict(data, encoding)
        if decoded:
            # The detector's own order decides between encodings that fit as well as one another.
            fit = _fit(decoded[0]) + (0.05 if best is None else 0.0)
            if fit > best_fit + 0.01:
                best, best_fit = decoded, fit
    return best


def _fit(text: str) -> float:
    """0–1: how well the letters beyond ASCII suit the language that the text seems to be in."""
    lines = [line for line in text[:_SAMPLE].splitlines() if not line.isascii()]
    foreign = "\n".join(lines)[:_JUDGED]
    beyond = [char for char in foreign if ord(char) > 127]
    if not beyond:
        return 1.0
    guess = identify(foreign)
    alphabet = LETTERS.get(guess.language)
    if alphabet is None:  # another script: small letters inside words are what text mostly has
        known = sum(char.islower() or unicodedata.category(char) in ("Lo", "Mn", "Mc") for char in beyond)
    else:
        known = sum(char.lower() in alphabet or char in _MARKS_OF_ANY for char in beyond)
    return guess.probability * known / len(beyond)
