"""simplemma's dictionaries, without opening them.

A dictionary is one compressed stream of up to five million words, and simplemma makes all of it anew in each
process, which takes three seconds and hundreds of megabytes for Polish. Here the stream is cut once on a
machine into blocks of some words each, which are kept with the prepared model and mapped into memory: a word
costs 20 µs, and of a dictionary only the blocks that were looked at are in memory.
"""

from __future__ import annotations

import logging
import mmap
import re
import struct
import tempfile
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from threading import Lock

import simplemma
from simplemma.strategies import DefaultStrategy, DictionaryLookupStrategy
from simplemma.strategies.dictionaries import frontcode
from simplemma.strategies.dictionaries.dictionary_factory import DecodedStrMapping, _read_decompressed

from kb.text.cached_arrays import read_kept, write_kept

__all__ = ["Lemmatizer"]

_log = logging.getLogger(__name__)

# A file: a checksum of all that follows; the dictionary's name, how many words and blocks it has, whether its
# words are written backwards; where each block begins, and the last one's end; the blocks.
_CHECKSUM = struct.Struct("<I")
_HEAD = struct.Struct("<I24s2I?3x")
_PLACE, _PLACES = struct.Struct("<I"), struct.Struct("<2I")
_BLOCK = 32  # words
_READ = 1 << 20  # bytes at a time
# An index of a dictionary's words, as it was kept before.
_OLD_INDEX = re.compile(r"[a-z]{2,3}-\d+(?:\.\d+)*\.npz")


class Lemmatizer:
    """Lemmas by dictionary and rules, for every language that simplemma has; ``folder`` keeps the
    dictionaries in blocks."""

    def __init__(self, folder: Path | None) -> None:
        factory = _Dictionaries(folder)
        self._dictionary = DictionaryLookupStrategy(dictionary_factory=factory)
        self._lemmatizer = simplemma.Lemmatizer(
            lemmatization_strategy=DefaultStrategy(dictionary_factory=factory)
        )

    def lemma(self, form: str, language: str) -> str:
        """The dictionary form, or the form itself; ``language`` is simplemma's code."""
        return str(self._lemmatizer.lemmatize(form, lang=language))

    def held(self, form: str, language: str) -> str | None:
        """What the dictionary itself has a form under; None where it does not have it."""
        return self._dictionary.get_lemma(form, language)


class _Dictionaries:
    """simplemma's dictionaries by language; what it calls a dictionary factory."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._open: dict[str, _Dictionary] = {}
        self._lock = Lock()

    def get_dictionary(self, language: str) -> _Dictionary:
        with self._lock:
            found = self._open.get(language)
            if found is None:
                found = self._open[language] = _Dictionary(self._content(language))
            return found

    def _content(self, language: str) -> mmap.mmap:
        if self._folder is None:
            return _unnamed(_in_blocks(language))
        path = self._folder / f"{language}-{simplemma.__version__}.words"
        held = read_kept(path, partial(_mapped, language))
        if held is not None:
            return held
        made = _in_blocks(language)  # no file yet, a damaged one, or one of another simplemma
        try:
            write_kept(path, made)
            _remove_indexes(self._folder)
            return _mapped(language, path)
        except OSError as error:
            _log.warning("%s cannot be written (%s): the next process will take longer", path, error)
            return _unnamed(made)


class _Dictionary(DecodedStrMapping):
    """Lemmas by form. A block is its first word and the lemma of that, each ended by a zero, and the other
    words as simplemma writes them, each told from the one before."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content = content
        *_, self._words, self._blocks, self._backwards = _HEAD.unpack_from(content)

    def _lookup(self, key: str) -> str | None:
        wanted = key.encode()[:: -1 if self._backwards else 1]
        # With the zero behind it, a first word is below this where it is not above the wanted one.
        above = wanted + b"\1"
        block = bisect_left(range(self._blocks), above, key=partial(self._beginning, length=len(above))) - 1
        if block < 0:
            return None
        for word, lemma in self._read(block):
            if word >= wanted:
                return self._decoded(lemma) if word == wanted else None
        return None

    def _beginning(self, block: int, length: int) -> bytes:
        (start,) = _PLACE.unpack_from(self._content, _HEAD.size + _PLACE.size * block)
        return self._content[start : start + length]

    def _read(self, block: int) -> Iterator[tuple[bytes, bytes]]:
        start, end = _PLACES.unpack_from(self._content, _HEAD.size + _PLACE.size * block)
        word, lemma, others = self._content[start:end].split(b"\0", 2)
        yield word, lemma
        yield from ((word, lemma) for _, word, lemma in frontcode._iter_records(others, 0, word, lemma))

    def _decoded(self, stored: bytes) -> str:
        return stored[:: -1 if self._backwards else 1].decode()

    def __iter__(self) -> Iterator[str]:
        for block in range(self._blocks):
            yield from (self._decoded(word) for word, _ in self._read(block))

    def __len__(self) -> int:
        return int(self._words)


def _remove_indexes(folder: Path) -> None:
    """Removes what earlier versions kept here, which nobody reads any more: up to 6 MB a language."""
    for path in folder.glob("*-*.npz"):
        if _OLD_INDEX.fullmatch(path.name):
            with suppress(OSError):  # another process has done so, or must
                path.unlink()


def _name(language: str) -> bytes:
    return f"{language} {simplemma.__version__}".encode().ljust(24, b"\0")


def _in_blocks(language: str) -> bytes:
    """A dictionary as a file has it."""
    data = _read_decompressed(language)
    backwards, count, start = frontcode._read_header(data)
    records = frontcode._iter_records(data, start)
    words = 0
    firsts: list[bytes] = []
    begins: list[int] = []  # each block's first record, and its second
    seconds: list[int] = []
    while block := list(islice(records, _BLOCK)):
        words += len(block)
        begin, word, lemma = block[0]
        firsts.append(b"%b\0%b\0" % (word, lemma))
        begins.append(begin)
        seconds.append(block[1][0] if len(block) > 1 else len(data))
    if words != count:
        raise ValueError(f"simplemma's dictionary of {language} has {words:,} words, not {count:,}")
    ends = [*begins[1:], len(data)]
    blocks = [first + data[second:end] for first, second, end in zip(firsts, seconds, ends, strict=True)]
    first_place = _HEAD.size + _PLACE.size * (len(blocks) + 1)
    places = list(accumulate(map(len, blocks), initial=first_place))
    head = _HEAD.pack(0, _name(language), words, len(blocks), backwards)
    body = b"".join([head[_CHECKSUM.size :], struct.pack(f"<{len(places)}I", *places), *blocks])
    return _CHECKSUM.pack(zlib.crc32(body)) + body


def _mapped(language: str, path: Path) -> mmap.mmap:
    """A dictionary's file. Raises OSError; ValueError or struct.error where it is not as it was written."""
    with path.open("rb") as file:
        (expected,) = _CHECKSUM.unpack(file.read(_CHECKSUM.size))
        found = 0
        # Read, for what is looked at where it is mapped stays in memory.
        while piece := file.read(_READ):
            found = zlib.crc32(piece, found)
        if found != expected:
            raise ValueError("it is damaged")
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if _HEAD.unpack_from(content)[1] != _name(language):
        raise ValueError("it is another dictionary's")
    return content


def _unnamed(content: bytes) -> mmap.mmap:
    """A dictionary in a file that nobody else sees, which is gone with it."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
