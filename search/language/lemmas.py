"""simplemma's dictionaries, opened in a moment.

A dictionary is one compressed stream of up to five million words, and finding words in it needs an index
of places to start reading from. simplemma makes the whole dictionary anew in each process, which takes
three seconds and hundreds of megabytes for Polish. Here the index is made once on a machine, in half the
time, and kept with the prepared model: then a dictionary opens in 0.2 s at most, and a word costs 20 µs.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import simplemma
from simplemma.strategies import DefaultStrategy, DictionaryLookupStrategy
from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamMap

from kb.text.cached_arrays import read_arrays, read_kept, write_arrays

__all__ = ["Lemmatizer"]

_log = logging.getLogger(__name__)
_PLACE = 200  # bytes


class Lemmatizer:
    """Lemmas by dictionary and rules, for every language that simplemma has; ``folder`` keeps the indexes,
    and of the dictionaries ``most`` bytes are open at a time, or one (None: all that were asked for)."""

    def __init__(self, folder: Path | None, most: int | None = None) -> None:
        factory = _Dictionaries(folder, most)
        self._dictionary = DictionaryLookupStrategy(dictionary_factory=factory)
        self._lemmatizer = simplemma.Lemmatizer(
            lemmatization_strategy=DefaultStrategy(dictionary_factory=factory)
        )

    def lemma(self, form: str, language: str) -> str:
        """The dictionary form, or the form itself; ``language`` is simplemma's code."""
        return str(self._lemmatizer.lemmatize(form, lang=language))

    def knows(self, form: str, language: str) -> bool:
        """Whether the dictionary itself has a form."""
        return self._dictionary.get_lemma(form, language) is not None


class _Dictionaries:
    """simplemma's dictionaries by language; what it calls a dictionary factory."""

    def __init__(self, folder: Path | None, most: int | None) -> None:
        self._folder = folder
        self._most = most
        # By language, that which was asked longest ago first.
        self._open: dict[str, Mapping[str, str]] = {}
        self._sizes: dict[str, int] = {}
        self._lock = Lock()

    def get_dictionary(self, language: str) -> Mapping[str, str]:
        with self._lock:
            found = self._open.pop(language, None)
            if found is None:
                found = self._dictionary(language)
                self._sizes[language] = _size(found)
            self._open[language] = found
            while self._most is not None and len(self._open) > 1 and self._bytes() > self._most:
                del self._open[next(iter(self._open))]
            return found

    def _bytes(self) -> int:
        return sum(self._sizes[language] for language in self._open)

    def _dictionary(self, language: str) -> Mapping[str, str]:
        if self._folder is None:
            return StreamMap(language)
        path = self._folder / f"{language}-{simplemma.__version__}.npz"
        held = read_kept(path, partial(_read, language))
        if held is not None:
            return held
        made = StreamMap(language)  # no index yet, a damaged one, or one of another simplemma
        try:
            _write(made, path)
        except (OSError, AttributeError) as error:
            _log.warning("%s cannot be written (%s): the next build will take longer", path, error)
        return made


def _size(dictionary: Any) -> int:
    """The bytes that an open dictionary takes, nearly: its stream, and a start and two short byte strings for
    each place in its index."""
    return len(dictionary._data) + _PLACE * len(dictionary._blocks)


def _read(language: str, path: Path) -> StreamMap:
    """A dictionary with the index that an earlier build wrote."""
    from simplemma.strategies.dictionaries import dictionary_factory, frontcode

    with read_arrays(path) as held:
        firsts, keys, values = (_unpacked(held, name) for name in ("firsts", "keys", "values"))
        starts = held["starts"].tolist()
        size = int(held["size"])
    made: Any = StreamMap.__new__(StreamMap)
    made._data = dictionary_factory._read_decompressed(language)
    if len(made._data) != size:
        raise ValueError("the index is another dictionary's")
    made._rev, made._count, made._pos = frontcode._read_header(made._data)
    made._firsts = firsts
    made._blocks = list(zip(starts, keys, values, strict=True))
    return made  # type: ignore[no-any-return]


def _write(made: Any, path: Path) -> None:
    starts, keys, values = zip(*made._blocks, strict=True)
    write_arrays(
        path,
        size=np.array(len(made._data)),
        starts=np.array(starts, np.int64),
        **_packed("firsts", made._firsts),
        **_packed("keys", keys),
        **_packed("values", values),
    )


def _packed(name: str, pieces: Any) -> dict[str, Any]:
    """Byte strings as one array and their lengths."""
    lengths = np.array([len(piece) for piece in pieces], np.int32)
    return {name: np.frombuffer(b"".join(pieces), np.uint8), f"{name}_lengths": lengths}


def _unpacked(held: Any, name: str) -> list[bytes]:
    joined = held[name].tobytes()
    ends = np.cumsum(held[f"{name}_lengths"]).tolist()
    return [joined[a:b] for a, b in zip([0, *ends], ends, strict=False)]
