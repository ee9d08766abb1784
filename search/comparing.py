"""From a build's sentences to the translations among its articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.build import Progress
from kb.snapshot import StoredPassage
from search.calibration import BackgroundVectors, calibrate
from search.encoder import Vectors
from search.pair_cache import PairCache, article_digest
from search.tokens import TokenMatrix
from search.translations import Articles, find_translations

__all__ = ["Sentences", "write_translations"]

_AT_A_TIME = 8192


@dataclass(frozen=True, slots=True)
class Sentences:
    """All sentences of a build in row order: the ``passages`` that hold them, their raw vectors (S, d), their
    languages, and their keys by text and language."""

    passages: Sequence[StoredPassage]
    raw: Vectors
    languages: Sequence[str]
    keys: Sequence[bytes]


def write_translations(
    sentences: Sentences,
    article_languages: Mapping[int, str],
    known: BackgroundVectors,
    pairs: PairCache,
    directory: Path,
    progress: Progress,
) -> None:
    """Finds the articles that are the same text and saves them into the generation at ``directory``, which
    has the sentences' tokens already. ``article_languages`` go by article key."""
    articles = _articles(sentences, article_languages, _neutral(sentences, known), known, directory)
    find_translations(articles, pairs, progress).write(directory / "translations")
    pairs.write()
    articles.tokens.release()


def _neutral(sentences: Sentences, known: BackgroundVectors) -> NDArray[np.float16]:
    """Sentences centred on the background alone, so that they are the same in every library."""
    plain = calibrate(known, sentences.raw[:0], [])
    centred = np.zeros(sentences.raw.shape, np.float16)
    for start in range(0, len(centred), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        centred[part] = plain.texts(sentences.raw[part], sentences.languages[part])
    return centred


def _articles(
    sentences: Sentences,
    languages: Mapping[int, str],
    vectors: NDArray[np.float16],
    known: BackgroundVectors,
    directory: Path,
) -> Articles:
    # Passages are in the order of their keys, and so are their articles.
    keys, first = np.unique([held.article_key for held in sentences.passages], return_index=True)
    bounds = np.cumsum([0, *(len(held.sentence_keys) for held in sentences.passages)], dtype=np.int64)
    ends = np.append(bounds[first], bounds[-1])
    codes = {language: code for code, language in enumerate(sorted(set(languages.values())))}
    return Articles(
        keys.astype(np.int64),
        [article_digest(sentences.keys[a:b]) for a, b in pairwise(ends.tolist())],
        np.array([codes[languages[key]] for key in keys.tolist()], dtype=np.int64),
        ends,
        vectors,
        TokenMatrix(directory / "vectors"),
        known.tokens.axes,
    )
