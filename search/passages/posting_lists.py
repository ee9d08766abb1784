"""Postings as arrays: made from passages, and brought up to date from those of the generation before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.arrays.kept import KeptRows
from search.arrays.runs import offsets_of
from search.arrays.strings import mapped
from search.passages.settings import PASSAGES

__all__ = ["PostingLists"]

_ARRAYS = ("terms", "offsets", "passages", "impacts", "row_language", "averages")
_LEMMAS = ("forms", "lemmas")
_SHARE_BITS = 60  # below the highest four, by which terms are dealt out


def _narrow(numbers: NDArray[Any], most: int) -> NDArray[Any]:
    """Numbers from 0 to ``most``, in as few bytes as hold them."""
    return numbers.astype(np.min_scalar_type(most))


@dataclass(frozen=True, slots=True)
class PostingLists:
    """Sorted ``terms`` (t,); the passages that have term i, ascending, are ``offsets[i]:offsets[i+1]`` of
    ``passages``, with their ``impacts``, BM25's saturated frequencies. ``lemmas`` are the terms of the lemmas
    of sorted ``forms``. ``row_language`` (P,) numbers the passages' ``languages``, ``averages`` are their
    usual lengths in words."""

    languages: tuple[str, ...]
    terms: NDArray[np.uint64]
    offsets: NDArray[np.int64]
    passages: NDArray[np.uint32]
    impacts: NDArray[np.float16]
    forms: NDArray[np.uint64]
    lemmas: NDArray[np.uint64]
    row_language: NDArray[np.int16]
    averages: NDArray[np.float32]

    @classmethod
    def made(
        cls,
        terms: NDArray[np.uint64],
        frequencies: NDArray[np.uint16],
        sizes: NDArray[np.int64],
        lengths: NDArray[np.float32],
        spoken: Sequence[str],
        lemmas: Mapping[int, int],
        averages: Mapping[str, float],
    ) -> PostingLists:
        """Of passages with ``sizes`` of the ``terms`` (T,) each, one after the other, which occur in them so
        many times (``frequencies``); with ``lengths`` in words, and languages ``spoken``. ``averages`` are
        lengths that count as usual, by language."""
        languages = tuple(dict.fromkeys(spoken))
        numbers = {language: number for number, language in enumerate(languages)}
        row_language = np.array([numbers[language] for language in spoken], dtype=np.int16)
        means = [lengths[row_language == number].mean() for number in range(len(languages))]
        usual = np.array(
            [
                averages.get(language, max(1.0, float(mean)))
                for language, mean in zip(languages, means, strict=True)
            ],
            dtype=np.float32,
        )
        long = 1 - PASSAGES.b + PASSAGES.b * lengths / usual[row_language]
        spread = (PASSAGES.k1 * long).astype(np.float32)
        owners = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)
        known, counts = [terms[:0]], [sizes[:0]]
        passages, impacts = np.empty(len(terms), np.uint32), np.empty(len(terms), np.float16)
        done = 0
        # Terms are hashes. A share of them at a time: what is sorted takes several times its own memory.
        share_of = (terms >> np.uint64(_SHARE_BITS)).astype(np.uint8)
        for share in range(int(share_of.max(initial=0)) + 1):
            some = np.flatnonzero(share_of == share)
            some = some[np.argsort(terms[some], kind="stable")]
            of_share, first = np.unique(terms[some], return_index=True)
            known.append(of_share)
            counts.append(np.diff(np.append(first, len(some))))
            part = slice(done, done + len(some))
            passages[part] = owners[some]
            often = frequencies[some].astype(np.float32)
            impacts[part] = often / (often + spread[passages[part]])
            done += len(some)
        forms = np.array(sorted(lemmas), dtype=np.uint64)
        return cls(
            languages,
            np.concatenate(known),
            offsets_of(np.concatenate(counts)),
            passages,
            impacts,
            forms,
            np.array([lemmas[int(form)] for form in forms], dtype=np.uint64),
            row_language,
            usual,
        )

    def joined(self, kept: KeptRows, new: PostingLists) -> PostingLists:
        """These with the passages that are ``kept``, and after them those of the ``new`` ones. What a passage
        scores stays as it is: usual lengths are those of when all were last made together."""
        mine = self._only(kept)
        terms = np.union1d(mine.terms, new.terms)
        counts = np.zeros(len(terms), np.int64)
        at_mine, at_new = np.searchsorted(terms, mine.terms), np.searchsorted(terms, new.terms)
        counts[at_mine] += np.diff(mine.offsets)
        counts[at_new] += np.diff(new.offsets)
        # A term's new passages come after all that it has.
        ends = np.zeros(len(terms) + 1, np.int64)
        ends[at_mine + 1] = np.diff(mine.offsets)
        at = np.repeat(np.cumsum(ends)[at_new + 1], np.diff(new.offsets))
        forms, first = np.unique(np.concatenate([new.forms, mine.forms]), return_index=True)
        languages, row_language, averages = self._languages(kept, new)
        return PostingLists(
            languages,
            terms,
            offsets_of(counts),
            np.insert(mine.passages, at, new.passages + np.uint32(len(kept.rows))),
            np.insert(mine.impacts, at, new.impacts),
            forms,
            np.concatenate([new.lemmas, mine.lemmas])[first],
            row_language,
            averages,
        )

    def _only(self, kept: KeptRows) -> PostingLists:
        """These without the passages that are gone, and the terms that nothing has any more."""
        gone = np.ones(kept.before, np.bool_)
        gone[kept.rows] = False
        lost = np.flatnonzero(gone[self.passages])
        of_terms = np.searchsorted(self.offsets, lost, "right") - 1
        counts = np.diff(self.offsets) - np.bincount(of_terms, minlength=len(self.terms))
        held = counts > 0
        there = np.delete(np.asarray(self.passages), lost)
        return PostingLists(
            self.languages,
            self.terms[held],
            offsets_of(counts[held]),
            kept.places().astype(np.uint32)[there],
            np.delete(np.asarray(self.impacts), lost),
            self.forms,
            self.lemmas,
            self.row_language[kept.rows],
            self.averages,
        )

    def _languages(
        self, kept: KeptRows, new: PostingLists
    ) -> tuple[tuple[str, ...], NDArray[np.int16], NDArray[np.float32]]:
        """The languages that any passage is in, those of all passages by number, and their usual lengths."""
        every = tuple(dict.fromkeys((*self.languages, *new.languages)))
        usual = dict(zip(new.languages, new.averages, strict=True))
        usual |= dict(zip(self.languages, self.averages, strict=True))
        moved = np.array([every.index(language) for language in new.languages], dtype=np.int16)
        rows = kept.joined(self.row_language, moved[new.row_language])
        spoken, numbers = np.unique(rows, return_inverse=True)
        languages = tuple(every[number] for number in spoken)
        averages = np.array([usual[language] for language in languages], dtype=np.float32)
        return languages, numbers.astype(np.int16), averages

    def write(self, directory: Path, lemmas: Path) -> None:
        """Saves the postings into a folder, and the lemmas, which every query needs, into another."""
        narrow = {"offsets": _narrow(self.offsets, len(self.passages))}
        narrow["passages"] = _narrow(self.passages, len(self.row_language))
        for names, folder in ((_ARRAYS, directory), (_LEMMAS, lemmas)):
            for name in names:
                np.save(folder / f"{name}.npy", narrow.get(name, getattr(self, name)))
        (directory / "languages.txt").write_text("\n".join(self.languages), "utf-8")

    @classmethod
    def read(cls, directory: Path, lemmas: Path) -> PostingLists:
        """The arrays are memory-mapped."""
        text = (directory / "languages.txt").read_text("utf-8")
        arrays = {
            name: mapped(folder / f"{name}.npy")
            for names, folder in ((_ARRAYS, directory), (_LEMMAS, lemmas))
            for name in names
        }
        return cls(tuple(text.split("\n")) if text else (), **arrays)
