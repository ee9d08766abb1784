"""A vocabulary taken over from the generation before: its terms and what they mean stay, where they occur is
brought up to date.

Terms, their vectors and counterparts are statistics of the whole library, and a few sentences hardly change
them. A term that no sentence has any more is dropped; a word that only new sentences have becomes a term when
the vocabulary is made anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.mishaps import at_cost_of_all
from search.arrays.int8 import PARTS
from search.arrays.kept import KeptRows, joined_runs
from search.arrays.runs import offsets_of, runs_of
from search.arrays.strings import KeyIndex, StringTable, mapped
from search.arrays.vectors import Ints
from search.dictionary.own_vectors import AXES, ROW_FILES
from search.dictionary.settings import DICTIONARY
from search.language import analysis
from search.language.terms import Spans, units

__all__ = ["NewSentence", "carry_vocabulary"]


@dataclass(frozen=True, slots=True)
class NewSentence:
    """A new sentence, and where the encoder's ``pieces`` are in it."""

    text: str
    language: str
    pieces: Spans


@at_cost_of_all("carrying the vocabulary over")
def carry_vocabulary(before: Path, directory: Path, kept: KeptRows, added: Iterable[NewSentence]) -> None:
    """Writes the vocabulary in ``before`` into the new folder ``directory``, for the sentences that are
    ``kept`` and those ``added``."""
    old_rows, old_offsets = mapped(before / "rows.npy"), mapped(before / "term_rows.npy")
    terms, rows = _still(kept, old_rows, old_offsets)
    finder = _Finder(before)
    found = [
        (term, row)
        for row, sentence in enumerate(added, len(kept.rows))
        for term in finder.terms_in(sentence)
    ]
    new = np.array(found, dtype=np.int64).reshape(-1, 2)
    terms, rows = np.concatenate([terms, new[:, 0]]), np.concatenate([rows, new[:, 1]])
    order = np.argsort(terms, kind="stable")  # each term's rows stay ascending
    terms, rows = terms[order], rows[order]
    lengths = np.bincount(terms, minlength=len(old_offsets) - 1)
    held = KeptRows(np.flatnonzero(lengths), len(lengths), 0)
    np.save(directory / "rows.npy", rows.astype(np.uint32))
    np.save(directory / "term_rows.npy", offsets_of(lengths[held.rows]))
    # Occurrences are not noted one by one: of a sentence that came or went, one counts.
    counts = mapped(before / "counts.npy") + lengths - np.diff(old_offsets)
    np.save(directory / "counts.npy", np.maximum(counts, lengths)[held.rows].astype(np.int32))
    _copy_terms(before, directory, held)


def _still(kept: KeptRows, rows: NDArray[np.uint32], offsets: Ints) -> tuple[Ints, Ints]:
    """The occurrences that are there still, as terms and rows."""
    moved = kept.places()[rows]
    terms = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return terms[moved >= 0], moved[moved >= 0]


class _Finder:
    """Finds the terms of a vocabulary in sentences: by their forms, else by their words' lemmas."""

    def __init__(self, directory: Path) -> None:
        text = (directory / "languages.txt").read_text("utf-8")
        self._languages = text.split("\n") if text else []
        self._language: NDArray[np.int16] = mapped(directory / "language.npy")
        self._keys, self._lemmas = KeyIndex(directory, "keys"), StringTable(directory, "lemmas")
        self._known: dict[tuple[str, str], list[int]] = {}

    def terms_in(self, sentence: NewSentence) -> set[int]:
        """The terms of a sentence, each once."""
        return set(self._found(sentence))

    def _found(self, sentence: NewSentence) -> Iterator[int]:
        words = list(units(sentence.text, sentence.pieces))
        lemmas = [self._lemma(word.form, sentence.language) for word in words]
        for first, word in enumerate(words):
            yield from self._one_word(word.form, sentence.language)
            form, end = word.form, word.end
            for last in range(first + 1, min(first + DICTIONARY.longest_term, len(words))):
                following = words[last]
                if sentence.text[end : following.start].strip():
                    break
                form += f"{' ' if following.start > end else ''}{following.form}"
                end = following.end
                yield from self._named(form, sentence.language) or self._named(
                    " ".join(lemmas[first : last + 1]), sentence.language
                )

    def _one_word(self, form: str, language: str) -> list[int]:
        return self._named(form, language) or self._named(analysis.lemma(form, language), language)

    def _lemma(self, form: str, language: str) -> str:
        """The lemma that longer terms have a word under: that of its own term, where it is one."""
        terms = self._one_word(form, language)
        return self._lemmas[terms[0]] if terms else analysis.lemma(form, language)

    def _named(self, key: str, language: str) -> list[int]:
        found = self._known.get((key, language))
        if found is None:
            number = self._languages.index(language) if language in self._languages else -1
            found = [term for term in self._keys[key] if self._language[term] == number]
            self._known[key, language] = found
        return found


def _copy_terms(before: Path, directory: Path, held: KeptRows) -> None:
    """All that does not depend on where terms occur, of those that are ``held``."""
    for name in ("languages.txt", "space.npz", AXES, "context_map.npz"):
        shutil.copyfile(before / name, directory / name)
    contexts = (f"contexts_{part}" for part in PARTS)
    for name in ("language", *ROW_FILES, *contexts):
        np.save(directory / f"{name}.npy", mapped(before / f"{name}.npy")[held.rows])
    _copy_strings(before, directory, "lemmas", held)
    offsets = mapped(before / "term_forms.npy")
    np.save(directory / "term_forms.npy", joined_runs(held, offsets, held.rows[:0]))
    forms = held.of_runs(offsets, 0)
    _copy_strings(before, directory, "forms", forms)
    np.save(directory / "form_counts.npy", mapped(before / "form_counts.npy")[forms.rows])
    for name in ("keys", "folded"):
        numbers = held.places()[mapped(before / f"{name}_numbers.npy")]
        np.save(directory / f"{name}.npy", mapped(before / f"{name}.npy")[numbers >= 0])
        np.save(directory / f"{name}_numbers.npy", numbers[numbers >= 0].astype(np.int32))
    _copy_counterparts(before, directory, held)


def _copy_strings(before: Path, directory: Path, name: str, held: KeptRows) -> None:
    offsets = mapped(before / f"{name}_offsets.npy")
    np.save(directory / f"{name}.npy", mapped(before / f"{name}.npy")[runs_of(offsets, held.rows)])
    np.save(directory / f"{name}_offsets.npy", joined_runs(held, offsets, held.rows[:0]))


def _copy_counterparts(before: Path, directory: Path, held: KeptRows) -> None:
    places, offsets = held.places(), mapped(before / "term_counterparts.npy")
    owners = places[np.repeat(np.arange(held.before), np.diff(offsets))]
    others = places[mapped(before / "counterparts.npy")]
    there = (owners >= 0) & (others >= 0)
    np.save(directory / "counterparts.npy", others[there].astype(np.int32))
    np.save(directory / "probabilities.npy", mapped(before / "probabilities.npy")[there])
    np.save(directory / "term_counterparts.npy", offsets_of(np.bincount(owners[there], minlength=held.size)))
