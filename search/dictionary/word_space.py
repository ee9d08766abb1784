"""Words as points of meaning: how single words and short terms are encoded, and freed of their language.

A multilingual sentence encoder puts a lone word near other words of its language and spelling. Three
things bring it near its translations instead, each measured on some 1,400 pairs of words mined from
parallel sentences in ten languages with English (share whose translation is the nearest of ~1,300 words):

* the word said twice, as a sentence, ``service, service.``: 0.49 → 0.56;
* the mean over a word's most frequent forms: → 0.62;
* without what the languages' means over the same sixty background words span: in place of each language's
  own mean, equally good, and it needs no guess at a query's language.

One more direction is read off the background set: what function words have in common, in every language.
Fisher's discriminant (1936) between its function words and its content words tells *że*, *который* and *ay*
from content words, also in languages and for words that it does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from kb.text.cached_arrays import read_arrays, write_arrays
from search.arrays.matmul import matmul
from search.arrays.vectors import Vectors
from search.dictionary.settings import DICTIONARY
from search.language import analysis, background

__all__ = ["Encode", "WordSpace", "fit_word_space", "said"]

Encode = Callable[[Sequence[str]], Vectors]
"""Texts to raw unit passage vectors, (n, dimension)."""


def said(form: str) -> str:
    """A word as the encoder is given it."""
    # Casefolding took the final sigma.
    shown = form[:-1] + "ς" if form.endswith("σ") else form
    return f"{shown}, {shown}."


@dataclass(frozen=True, slots=True)
class WordSpace:
    """How one model's vectors of single words are centred; made from the background set only.

    ``mean`` (dimension,) is that of all ``languages``; ``subspace`` (languages − 1, dimension), orthonormal,
    is what their means span, so that a word of any of them is centred without saying which. In it lie the
    languages' means, ``centres``, and words spread around them as ``precision`` says, the inverse of their
    common covariance. A placed word is a function word where ``vector @ function + offset > 0``; of the
    background's own function words, ``forms``, that is kept: their ``likeness``.
    """

    mean: Vectors
    languages: tuple[str, ...]
    subspace: Vectors
    centres: Vectors
    precision: Vectors
    function: Vectors
    offset: float
    forms: tuple[str, ...]
    likeness: Vectors

    def place(self, raw: Vectors, language: str | None = None) -> Vectors:
        """Raw vectors of words, centred, unit rows. ``language`` is that of a whole vocabulary: one that the
        background does not have is centred by its own words, too, the more of them the more."""
        mean = self.mean
        if language is not None and language not in self.languages and len(raw):
            share = np.float32(len(raw) / (len(raw) + DICTIONARY.half_trusted))
            mean = mean + (raw.mean(axis=0) - mean) * share
        return self._neutral(raw - mean)

    def strangeness(self, raw: Vectors, language: str) -> Vectors:
        """How much likelier each raw vector of a word is another language's than this one's: the log of the
        ratio (linear discriminant analysis); 0 of a language that the background does not have."""
        if language not in self.languages:
            return np.zeros(len(raw), np.float32)
        inside = (raw - self.mean) @ self.subspace.T
        weighted = self.centres @ self.precision
        scores = inside @ weighted.T - np.einsum("lk,lk->l", weighted, self.centres) / 2
        own = self.languages.index(language)
        stranger: Vectors = np.delete(scores, own, axis=1).max(axis=1) - scores[:, own]
        return stranger

    def function_words(self, placed: Vectors) -> Vectors:
        """How much each placed word looks like a function word: above 0 more so than like a content word."""
        score: Vectors = matmul(placed, self.function[:, None])[:, 0] + np.float32(self.offset)
        return score

    def _neutral(self, vectors: Vectors) -> Vectors:
        flat = vectors - matmul(matmul(vectors, self.subspace.T), self.subspace)
        lengths = np.linalg.norm(flat, axis=1, keepdims=True)
        unit: Vectors = (flat / np.maximum(lengths, 1e-6)).astype(np.float32)
        return unit

    def write(self, path: Path) -> None:
        arrays: dict[str, Any] = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        write_arrays(path, **arrays)

    @classmethod
    def read(cls, path: Path) -> WordSpace:
        with read_arrays(path) as held:
            arrays = {field.name: held[field.name] for field in fields(cls)}
        arrays["languages"] = tuple(str(name) for name in arrays["languages"])
        arrays["offset"] = float(arrays["offset"])
        arrays["forms"] = tuple(str(form) for form in arrays["forms"])
        return cls(**arrays)


def fit_word_space(encode: Encode) -> WordSpace:
    """The word space of the model behind ``encode``."""
    rows = background.rows("word")
    languages = tuple(dict.fromkeys(row.language for row in rows))
    raw = encode([said(row.text) for row in rows])
    by_language = raw.reshape(len(languages), -1, raw.shape[1])
    means = by_language.mean(axis=1)
    mean = means.mean(axis=0)
    subspace = np.linalg.svd(means - mean, full_matrices=False)[2][: len(languages) - 1].astype(np.float32)
    spread = ((by_language - means[:, None]) @ subspace.T).reshape(-1, len(subspace))
    precision = np.linalg.inv(_rounded(spread.T @ spread / len(spread))).astype(np.float32)
    centres = (means - mean) @ subspace.T
    plain = WordSpace(mean, languages, subspace, centres, precision, np.zeros_like(mean), 0.0, (), mean[:0])
    function, content = _examples()
    positive = plain.place(encode([said(form) for form in function]))
    negative = plain.place(np.concatenate([raw, encode([said(form) for form in content])]))
    direction, offset = _discriminant(positive, negative)
    likeness = positive @ direction + np.float32(offset)
    return replace(plain, function=direction, offset=offset, forms=tuple(function), likeness=likeness)


def _examples() -> tuple[list[str], list[str]]:
    """Function words of all background languages, and words that only one text of a language has."""
    function: list[str] = []
    content: list[str] = []
    for language, counts in background.word_counts().items():
        # Pairs of characters, of scripts without spaces, are no words.
        whole = {form: count for form, count in counts.items() if not analysis.is_unspaced(form)}
        function += [form for form in whole if background.is_function_word(form, language)]
        content += [
            form for form, count in whole.items() if count == 1 and len(form) >= DICTIONARY.content_length
        ][:: DICTIONARY.content_every]
    return list(dict.fromkeys(function)), list(dict.fromkeys(content))


def _discriminant(positive: Vectors, negative: Vectors) -> tuple[Vectors, float]:
    """Fisher's linear discriminant: a direction and an offset, positive examples above 0."""
    above, below = positive.mean(axis=0), negative.mean(axis=0)
    residuals = np.concatenate([positive - above, negative - below])
    covariance = _rounded(residuals.T @ residuals / len(residuals))
    direction = np.linalg.solve(covariance, above - below)
    return direction.astype(np.float32), float(-direction @ (above + below) / 2)


def _rounded(covariance: Vectors) -> Vectors:
    size = len(covariance)
    round_part = np.eye(size, dtype=np.float32) * (np.trace(covariance) / size)
    rounded: Vectors = (1 - DICTIONARY.shrinkage) * covariance + DICTIONARY.shrinkage * round_part
    return rounded
