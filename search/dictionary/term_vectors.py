"""What a library says of its terms' meaning: their contextual vectors and the company they keep.

Both are means over all occurrences, gathered from matrices that the build has made anyway.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from search.arrays.runs import offsets_of, places_of
from search.arrays.vectors import Ints, Vectors, unit_rows
from search.dictionary.lexicography import Lexicon
from search.dictionary.settings import DICTIONARY
from search.language.terms import LanguageTokens, Spans
from search.passages.late import Packed, unpack

__all__ = ["company_vectors", "context_vectors", "piece_ends", "piece_keys", "sentence_rows"]


# A place in the library as one number: a sentence's row, and a character of it.
_CHARACTERS = 1 << 24


def sentence_rows(lexicon: Lexicon, tokens: LanguageTokens) -> tuple[Ints, Ints]:
    """The rows of the sentences of each term, ascending, each once: offsets (n + 1,) and rows."""
    rows = np.frombuffer(tokens.rows, np.int64)
    terms = np.repeat(np.arange(len(lexicon.lemmas)), np.diff(lexicon.offsets))
    size = int(rows.max(initial=0)) + 1
    both = np.unique(terms * size + rows[lexicon.begins])
    offsets = np.searchsorted(both // size, np.arange(len(lexicon.lemmas) + 1))
    return offsets.astype(np.int64), both % size


def company_vectors(
    offsets: Ints, rows: Ints, sentences: Callable[[Ints], Vectors], mean: Vectors
) -> Vectors:
    """The direction in which each term's sentences, given by row, differ from the language's ``mean``: unit
    rows (n, d)."""
    sums = _sums(sentences, len(mean), rows, offsets)
    return unit_rows(sums - np.diff(offsets)[:, None].astype(np.float32) * mean, DICTIONARY.shortest_sum)


def piece_ends(pieces: Spans) -> Ints:
    """The place of the last character of each piece of a sentence."""
    return np.array([max(0, end - 1) for _, end in pieces], dtype=np.int64)


def piece_keys(ends: Ints, offsets: Ints, counts: Ints, rows: Ints) -> Ints:
    """For each kept token of some sentences, given by their ``rows``, its last character's place in the
    library; so many tokens as ``counts`` were kept of sentence i, whose pieces have their last characters at
    ``ends[offsets[i]:offsets[i+1]]``. Where more pieces are told than were kept, the rest is left out, and
    where fewer, the places are past the sentence."""
    keys = np.full(int(counts.sum()), _CHARACTERS - 1, np.int64)
    told = np.minimum(np.diff(offsets), counts)
    keys[places_of(offsets_of(counts)[:-1], told)] = ends[places_of(offsets[:-1], told)]
    keys += np.repeat(rows * _CHARACTERS, counts)
    return keys


def context_vectors(
    lexicon: Lexicon, tokens: LanguageTokens, keys: Ints, kept: Callable[[Ints], Packed], width: int
) -> Vectors:
    """The mean direction of each term's kept tokens: unit rows (n, ``width``); ``keys`` are the places of the
    language's tokens, in order, and ``kept`` gives those asked for by number."""
    places = np.frombuffer(tokens.rows, np.int64) * _CHARACTERS
    starts = places + np.frombuffer(tokens.starts, np.int32)
    ends = places + np.frombuffer(tokens.ends, np.int32) - 1
    first = np.searchsorted(keys, starts[lexicon.begins])
    last = np.searchsorted(keys, ends[lexicon.ends - 1])
    # The piece that holds the last character is the word's; a sentence cut short may not have it.
    last = np.minimum(last + 1, len(keys))
    lengths = np.maximum(last - first, 0)
    per_term = np.add.reduceat(lengths, lexicon.offsets[:-1]) if len(lexicon.lemmas) else lengths
    offsets = offsets_of(per_term)

    def gather(rows: Ints) -> Vectors:
        return unpack(kept(rows))

    return unit_rows(_sums(gather, width, places_of(first, lengths), offsets), DICTIONARY.shortest_sum)


def _sums(gather: Callable[[Ints], Vectors], width: int, rows: Ints, offsets: Ints) -> Vectors:
    """The sum of the vectors of ``rows[offsets[i]:offsets[i+1]]`` for each i, float32 (n, width), gathered in
    chunks."""
    sums = np.zeros((len(offsets) - 1, width), np.float32)
    owners = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    for start in range(0, len(rows), DICTIONARY.gathered_at_a_time):
        part = owners[start : start + DICTIONARY.gathered_at_a_time]
        gathered = gather(rows[start : start + DICTIONARY.gathered_at_a_time])
        begins = np.flatnonzero(np.concatenate([[True], part[1:] != part[:-1]]))
        sums[part[begins]] += np.add.reduceat(gathered, begins, axis=0)
    return sums
