"""The bundled model's tokenizer as Rosetta runs it: the ids of ``tokenizer.json``, without reading it.

What ``tokenizer.json`` says to the ``tokenizers`` library, in the same order: characters deleted or made
spaces, NFKC, one space between words, none at the ends, every word cut by :mod:`search.encoding.unigram`. The
tests hold both against each other.
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import NamedTuple

import regex

from search.encoding.bundled import Tokenization
from search.encoding.unigram import Unigram, write_trie

__all__ = ["CHARACTERS", "KEPT", "PIECES", "STAND_IN", "Tokenizer", "unlike_nfkc", "write_tokenizer"]

PIECES, CHARACTERS = "pieces.npy", "characters.json"

# NFKC turns the full-width tilde, common in Chinese and Japanese, into "~"; the table leaves it alone.
# It sits out the NFKC step as a noncharacter, which no text contains.
KEPT = "～"
STAND_IN = "\ufdd0"
# White space that neither the table nor NFKC makes a space; it is stripped from the ends.
_ENDS = " \x85"
_WORD = regex.compile("[^ ]+")
_CLUSTER = regex.compile(r"\X", regex.DOTALL)
_UP_TO_SPACE = regex.compile(" *[^ ]+| +")


def write_tokenizer(tokenization: Tokenization, directory: Path) -> None:
    """Saves what :class:`Tokenizer` reads."""
    write_trie(tokenization, directory / PIECES)
    deleted, spaced = unlike_nfkc(tokenization.characters)
    ids = {"bos": tokenization.bos, "eos": tokenization.eos, "unk": tokenization.unk}
    held = {**ids, "deleted": deleted, "spaced": spaced}
    (directory / CHARACTERS).write_text(json.dumps(held) + "\n", "utf-8")


def unlike_nfkc(characters: dict[int, str]) -> tuple[list[int], list[int]]:
    """Which characters the table deletes, and which it makes spaces, that NFKC would not."""
    unlike = {
        code: output
        for code, output in characters.items()
        if output != unicodedata.normalize("NFKC", chr(code))
    }
    deleted = sorted(code for code, output in unlike.items() if output == "")
    return deleted, sorted(code for code, output in unlike.items() if output == " ")


class _Aligned(NamedTuple):
    """A normalised text, not yet rid of superfluous spaces; where each of its characters begins and ends in
    the text that was given."""

    text: str
    starts: list[int]
    ends: list[int]


class Tokenizer:
    """Texts as token ids, and where tokens are in a text. Safe to be used by many threads."""

    def __init__(self, directory: Path) -> None:
        """Raises OSError, ValueError or KeyError where the files are missing or not what they should be."""
        held = json.loads((directory / CHARACTERS).read_text("utf-8"))
        self._begin, self._end = [int(held["bos"])], [int(held["eos"])]
        self._mapped: dict[int, str] = dict.fromkeys(held["deleted"], "") | dict.fromkeys(held["spaced"], " ")
        self._unigram = Unigram(directory / PIECES, int(held["unk"]))

    def ids(self, text: str) -> list[int]:
        """``<s> … </s>``. The text has no lone surrogates (:func:`search.encoding.protocol.cleaned`)."""
        cut = self._unigram.cut
        words = _nfkc(text.translate(self._mapped)).strip(_ENDS).split(" ")
        found = self._begin.copy()
        for word in words:
            if word:
                found += cut(word)[0]
        return found + self._end

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """From where to where in the text each token is, without the special ones; the first of a word has
        the space before it."""
        aligned = self._aligned(text)
        start = len(aligned.text) - len(aligned.text.lstrip(_ENDS))
        end = len(aligned.text.rstrip(_ENDS))
        found: list[tuple[int, int]] = []
        for word in _WORD.finditer(aligned.text, start, max(start, end)):
            # The mark of a text's first word is in no place of the text.
            mark = word.start() - 1 if word.start() > start else word.start()
            places = [mark, *range(*word.span())]
            begin = 0
            for stop in self._unigram.cut(word.group())[1]:
                found.append((aligned.starts[places[begin]], aligned.ends[places[stop - 1]]))
                begin = stop
        return found

    def _aligned(self, text: str) -> _Aligned:
        mapped = text.translate(self._mapped)
        if len(mapped) == len(text):
            places = list(range(len(text)))
        else:
            places = [place for place, character in enumerate(text) if self._mapped.get(ord(character)) != ""]
        normal = _nfkc(mapped)
        if normal == mapped:
            return _Aligned(normal, places, [place + 1 for place in places])
        parts = _parts(mapped)
        if "".join(map(_nfkc, parts)) != normal:
            parts = _UP_TO_SPACE.findall(mapped)  # nothing is composed with what is before a space
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for part in parts:
            size = len(_nfkc(part))
            starts += [places[at]] * size
            at += len(part)
            ends += [places[at - 1] + 1] * size
        return _Aligned(normal, starts, ends)


def _nfkc(text: str) -> str:
    """NFKC but for the one character that the original leaves alone."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text.replace(KEPT, STAND_IN)).replace(STAND_IN, KEPT)


def _parts(text: str) -> list[str]:
    """The smallest parts that are normalised by themselves: characters, or letters with the marks that join
    them."""
    parts: list[str] = []
    for cluster in _CLUSTER.findall(text):
        apart = len(cluster) == 1 or "".join(map(_nfkc, cluster)) == _nfkc(cluster)
        parts += cluster if apart else [cluster]
    return parts
