"""Writing one generation of a library's own files out of batches, so that it may be killed at any time.

A build writes the same files from what it carries over (:mod:`search.building.generation`); this is for
passages that from elsewhere, in any order. Batches wait on the disk until all are there, then all are in
memory at once.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.runs import offsets_of
from search.disk import durable, layout
from search.language import analysis
from search.language.index_terms import indexed
from search.passages.backend import PassageBatch, Rows
from search.passages.keys import Keys
from search.passages.lexical import ExactIndexBuilder
from search.passages.matrices import StoredVectors
from search.passages.word_prints import WordPrintsBuilder

NO_PASSAGE = ""
"""The language of a row that has no passage; its code is −1."""


class EmbeddedWriter:
    """One generation being written into a library's folder; see
    :class:`search.passages.backend.BackendWriter`. One process at a time writes, under the library's lock.

    Rows keep their numbers: where one was deleted, or never written, is a gap that nothing finds.
    """

    def __init__(self, library: Path, generation: int, dimension: int, width: int) -> None:
        """``dimension`` is the vectors', ``width`` the bytes of a kept token."""
        self._library, self._generation = library, generation
        self._dimension, self._width = dimension, width
        self._waiting = library / "generations" / f".{generation}.batches"
        self._deleted: set[int] = set()

    def write(self, batch: PassageBatch) -> None:
        self._deleted.difference_update(range(batch.first_row, batch.first_row + len(batch.keys)))
        packed = io.BytesIO()
        np.savez(packed, allow_pickle=False, **{one.name: getattr(batch, one.name) for one in fields(batch)})
        durable.make_folder(self._waiting)
        durable.write(self._waiting / f"{batch.first_row:012d}.npz", packed.getvalue())

    def delete(self, rows: Rows) -> None:
        """Takes passages out again, when the generation is finished."""
        self._deleted.update(np.asarray(rows).tolist())

    def finish(self) -> None:
        """Makes what was written durable and searchable. Once it is, so it stays."""
        written = layout.generation_directory(self._library, self._generation).exists()
        if written and not self._waiting.exists():
            return
        batches = [_without(_read(path), self._deleted) for path in sorted(self._waiting.glob("*.npz"))]
        with layout.new_generation(self._library, self._generation) as folder:
            _write(folder, [self._empty(0, 0, 0, 0), *self._with_gaps(batches)])
        if self._waiting.exists():
            durable.remove_tree(self._waiting)

    def swap(self) -> None:
        layout.switch(self._library, self._generation)
        layout.sweep_generations(self._library, layout.keepers(self._library, self._generation))

    def _with_gaps(self, batches: Sequence[PassageBatch]) -> Iterator[PassageBatch]:
        """Batches that follow one another from row and sentence nought on."""
        row = sentence = 0
        for batch in batches:
            gap = batch.first_row - row, batch.first_sentence - sentence
            if any(gap):
                yield self._empty(row, sentence, *gap)
            yield batch
            row, sentence = batch.first_row + len(batch.keys), batch.first_sentence + len(batch.sentences)

    def _empty(self, first_row: int, first_sentence: int, rows: int, sentences: int) -> PassageBatch:
        """Rows and sentences that are not there. Raises ValueError where they would be of another batch."""
        if rows < 0 or sentences < 0 or (sentences and not rows):
            raise ValueError(f"row {first_row} or sentence {first_sentence} is in two batches")
        return PassageBatch(
            first_row=first_row,
            first_sentence=first_sentence,
            keys=np.zeros(rows, np.int64),
            articles=np.zeros(rows, np.int64),
            languages=[NO_PASSAGE] * rows,
            article_languages=[NO_PASSAGE] * rows,
            texts=[""] * rows,
            vectors=np.zeros((rows, self._dimension), np.float32),
            sentences=np.zeros((sentences, self._dimension), np.float32),
            bounds=np.append(np.zeros(rows, np.int64), sentences),
            kinds=np.zeros(sentences, np.uint8),
            tokens=np.zeros((0, self._width), np.uint8),
            token_offsets=np.zeros(sentences + 1, np.int64),
            terms=np.zeros(0, np.uint64),
            impacts=np.zeros(0, np.float32),
            term_offsets=np.zeros(rows + 1, np.int64),
        )


def _read(path: Path) -> PassageBatch:
    with np.load(path, allow_pickle=False) as held:
        values: dict[str, Any] = {name: held[name] for name in held.files}
    for name in ("first_row", "first_sentence"):
        values[name] = int(values[name])
    for name in ("languages", "article_languages", "texts"):
        values[name] = values[name].tolist()
    return PassageBatch(**values)


def _without(batch: PassageBatch, deleted: set[int]) -> PassageBatch:
    """A batch in which some rows are empty; their sentences keep their numbers and say nothing."""
    gone = np.array([batch.first_row + at in deleted for at in range(len(batch.keys))], np.bool_)
    if not gone.any():
        return batch
    silent = np.repeat(gone, np.diff(batch.bounds))
    of_tokens, of_terms = np.diff(batch.token_offsets), np.diff(batch.term_offsets)
    kept_tokens, kept_terms = ~np.repeat(silent, of_tokens), ~np.repeat(gone, of_terms)
    return replace(
        batch,
        languages=[NO_PASSAGE if out else one for out, one in zip(gone, batch.languages, strict=True)],
        texts=["" if out else one for out, one in zip(gone, batch.texts, strict=True)],
        vectors=np.where(gone[:, None], np.float32(0), batch.vectors),
        sentences=np.where(silent[:, None], np.float32(0), batch.sentences),
        kinds=np.where(silent, np.uint8(0), batch.kinds),
        tokens=batch.tokens[kept_tokens],
        token_offsets=offsets_of(np.where(silent, 0, of_tokens)),
        terms=batch.terms[kept_terms],
        impacts=batch.impacts[kept_terms],
        term_offsets=offsets_of(np.where(gone, 0, of_terms)),
    )


def _write(folder: Path, batches: Sequence[PassageBatch]) -> None:
    """Writes what :class:`search.passages.embedded.EmbeddedBackend` reads, of batches without gaps."""

    def every(name: str) -> Any:
        return np.concatenate([getattr(batch, name) for batch in batches])

    def offsets(name: str) -> Rows:
        return offsets_of(np.concatenate([np.diff(getattr(batch, name)) for batch in batches]))

    def strings(name: str) -> list[str]:
        return [one for batch in batches for one in getattr(batch, name)]

    for name in ("vectors", "tokens", "keys", "postings", "phrases", "prints"):
        (folder / name).mkdir()
    centred = every("vectors"), every("sentences")
    StoredVectors.of(*centred, offsets("bounds"), every("kinds")).write(folder / "vectors")
    np.save(folder / "tokens" / "tokens.npy", every("tokens"))
    np.save(folder / "tokens" / "offsets.npy", offsets("token_offsets"))
    spoken, of_articles = strings("languages"), strings("article_languages")
    names = [one for one in dict.fromkeys([*spoken, *of_articles]) if one != NO_PASSAGE]
    codes = {name: code for code, name in enumerate(names)} | {NO_PASSAGE: -1}
    languages = np.array([codes[one] for one in of_articles], np.int16)
    Keys(every("keys"), every("articles"), languages, tuple(names)).write(folder / "keys")
    exact, prints = ExactIndexBuilder(folder / "phrases"), WordPrintsBuilder()
    for text, language in zip(strings("texts"), spoken, strict=True):
        words = tuple(analysis.words(text))
        exact.add_words(indexed(words, language))
        prints.add(words, indexed(words, language), 0)
    exact.finish()
    prints.prints().write(folder / "prints")
    postings = folder / "postings"
    np.save(postings / "row_language.npy", np.array([codes[one] for one in spoken], np.int16))
    _write_postings(postings, every("terms"), every("impacts"), offsets("term_offsets"))


def _write_postings(
    folder: Path, terms: NDArray[np.uint64], impacts: NDArray[np.float32], offsets: Rows
) -> None:
    """The terms of passages, turned into the passages of terms."""
    order = np.argsort(terms, kind="stable")
    known, starts = np.unique(terms[order], return_index=True)
    np.save(folder / "terms.npy", known)
    np.save(folder / "offsets.npy", np.append(starts, len(terms)))
    owners = np.repeat(np.arange(len(offsets) - 1, dtype=np.uint32), np.diff(offsets))
    np.save(folder / "passages.npy", owners[order])
    np.save(folder / "impacts.npy", impacts[order].astype(np.float16))
