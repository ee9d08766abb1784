"""What passages and sentences are encoded to; other parts keep what they make of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.arrays.vectors import VectorRows
from search.building.parts.calibrations import NeutralCalibration, TokenSpaces
from search.building.parts.part import Made, Making, Part
from search.building.settings import BUILDING
from search.building.token_cache import TokenCache, encode_sentences
from search.encoding.vector_cache import CachedRows, encode_missing

__all__ = ["Encoded", "NeutralSentences", "Raw"]


@dataclass(frozen=True, slots=True)
class Raw:
    """Raw vectors of the ``passages`` (P, dimension) and ``sentences`` (S, dimension) that are encoded, and
    the sentences' ``keys`` in the cache of their ``tokens``."""

    passages: VectorRows
    sentences: VectorRows
    keys: list[bytes]
    tokens: TokenCache


class Encoded(Part[Raw]):
    """Passages and sentences, encoded."""

    doing = "encoding passages and sentences"
    needs = needs_to_carry = (TokenSpaces,)

    def make(self, making: Making, made: Made) -> Raw:
        space, texts = made[TokenSpaces], making.texts
        making.ahead(making.progress)
        passages = encode_missing(
            making.encoder,
            [passage.passage.text for passage in texts.passages],
            making.vectors,
            lambda done, total: making.progress("encoding passages", done, total),
        )
        tokens = TokenCache(making.vectors.path.parent, making.encoder, space, making.tokens)
        sentences, keys = encode_sentences(
            making.encoder,
            [(sentence.sentence.text, sentence.language) for sentence in texts.sentences],
            making.vectors,
            tokens,
            lambda done, total: making.progress("encoding sentences", done, total),
        )
        vectors = making.vectors
        return Raw(CachedRows(vectors, passages), CachedRows(vectors, sentences), keys, tokens)

    carry = make


@dataclass(frozen=True, slots=True)
class NeutralTexts:
    """Sentences centred on the background alone, float16 (S, dimension), and their keys."""

    vectors: NDArray[np.float16]
    keys: list[bytes]


class NeutralSentences(Part[NeutralTexts]):
    """Sentences as every library has them, for comparing articles."""

    doing = "comparing articles"
    needs = (Encoded, NeutralCalibration)

    def make(self, making: Making, made: Made) -> NeutralTexts:
        raw, neutral, languages = made[Encoded], made[NeutralCalibration], making.texts.spoken
        centred = np.zeros((len(raw.sentences), making.encoder.identity.dimension), np.float16)
        for start in range(0, len(centred), BUILDING.rows_at_a_time):
            part = slice(start, start + BUILDING.rows_at_a_time)
            centred[part] = neutral.texts(raw.sentences[part], languages[part])
        return NeutralTexts(centred, raw.keys)
