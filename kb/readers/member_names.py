"""Names in an archive that does not say how they are written: told from all of them together.

The standard's answer (code page 437) is hardly ever right: Windows packs in the code page of its language,
others in UTF-8 without saying so. They are too short for their language to be told, as
:mod:`kb.readers.old_encodings` does it for texts; their letters alone are weighed, by the same measure.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Sequence
from zlib import crc32

import regex

from kb.readers.old_encodings import commonness, misplaced
from kb.readers.settings import READERS
from kb.text.language_letters import IN_OLD_ENCODINGS
from kb.text.names import source_name

__all__ = ["member_names"]

_FLAG_UTF8 = 0x800
_UNICODE_NAME = 0x7075  # Info-ZIP's extra field: the name in UTF-8, with a checksum of the other one
# What names are packed in, the likelier first, and the languages whose letters they then have (none: Latin).
_ENCODINGS = {
    "gbk": "zh",
    "shift_jis": "ja",
    "big5": "zh",
    "cp949": "ko",
    "cp866": "ru uk bg be",
    "cp437": "",
    "cp850": "",
    "cp852": "",
    "cp1251": "ru uk bg be sr mk",
    "cp1250": "",
    "cp1252": "",
    "cp857": "",
    "cp775": "",
    "cp737": "el",
    "cp1253": "el",
    "cp862": "he",
    "cp1255": "he",
    "cp1256": "ar fa",
    "cp874": "th",
    "koi8_r": "ru",
    "euc_jp": "ja",
}
_COMMON_LATIN = frozenset("äöüßéèêëàâáíîïóôúûñçåæøãõąćęłńśźżčďěňřšťůýžőűţşăîâığœ")
_MIXED = regex.compile(r"(?=\p{L}*[A-Za-z])(?=\p{L}*[^\x00-\x7f])\p{L}+")  # words of ASCII and other letters


def member_names(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    """The names of the members, in their order, in normal form C."""
    unsaid = [None if _is_said(member) else _bytes(member) for member in members]
    encoding = _encoding({name for name in unsaid if name})
    return [
        source_name(_unicode_name(member, raw) or raw.decode(encoding, "replace"))
        if raw
        else source_name(member.filename)
        for member, raw in zip(members, unsaid, strict=True)
    ]


def _is_said(member: zipfile.ZipInfo) -> bool:
    return bool(member.flag_bits & _FLAG_UTF8) or member.orig_filename.isascii()


def _bytes(member: zipfile.ZipInfo) -> bytes | None:
    """The name as it is written; None where it was not read as code page 437 after all."""
    try:
        return member.orig_filename.partition("\x00")[0].encode("cp437")
    except UnicodeEncodeError:
        return None


def _unicode_name(member: zipfile.ZipInfo, raw: bytes) -> str | None:
    at, extra = 0, member.extra
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + size]
        is_name = kind == _UNICODE_NAME and len(field) > 5 and field[0] == 1
        if is_name and struct.unpack_from("<I", field, 1)[0] == crc32(raw):
            return field[5:].decode("utf-8", "replace")
        at += 4 + size
    return None


def _encoding(names: Iterable[bytes]) -> str:
    """The encoding in which all of the names read best; code page 437 where none does."""
    together = b"\n".join(sorted(names))
    try:
        together.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    best, best_fit = "cp437", READERS.names_read
    for encoding, languages in _ENCODINGS.items():
        try:
            text = together.decode(encoding)
        except UnicodeDecodeError:
            continue
        fit = _fit(text, languages.split())
        if fit > best_fit + 0.01:
            best, best_fit = encoding, fit
    return best


def _fit(text: str, languages: Sequence[str]) -> float:
    """0–1: how many of the letters beyond ASCII are such as these languages have, the commoner the better."""
    beyond = [char for char in text.lower() if not char.isascii()]
    mixed = sum(len(word) - sum(map(str.isascii, word)) for word in _MIXED.findall(text))
    if not languages:
        found = sum(char in _COMMON_LATIN for char in beyond)
        score = READERS.names_latin * min(found, mixed)
    else:
        score = max(sum(commonness(char, language) for char in beyond) for language in languages)
        if languages[0] in IN_OLD_ENCODINGS:
            score -= mixed + (READERS.names_few_less * len(beyond) if len(beyond) < READERS.names_few else 0)
    return (score - misplaced(text)) / len(beyond)
