"""Which articles are the same text in another language."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from search.arrays.vectors import Vectors
from search.building.parts.calibrations import NeutralCalibration, TokenSpaces
from search.building.parts.encoded import Encoded, NeutralSentences
from search.building.parts.keys import Foundation, PassageKeys
from search.building.parts.part import Made, Making, Part
from search.building.parts.vectors import PassageVectors, Tokens
from search.building.passage_texts import PassageTexts
from search.encoding.vector_cache import encode_cached
from search.translations.comparing import ArticleTable, compare
from search.translations.pair_cache import PairCache, article_digest
from search.translations.same_text import METHOD, Compared, PreviousComparison
from search.translations.translations import Translations

__all__ = ["SameText"]


class SameText(Part[None]):
    """The translations among the articles, and how they were found."""

    doing = "comparing articles"
    folders = ("translations", "compared")
    sent = ("translations",)
    needs = (NeutralSentences, Tokens, TokenSpaces, PassageVectors, PassageKeys, Foundation)
    needs_to_carry = (Encoded, Tokens, TokenSpaces, PassageVectors, PassageKeys, NeutralCalibration)

    def make(self, making: Making, made: Made) -> None:
        neutral = made[NeutralSentences]
        numbers, bounds = made[PassageKeys].article_bounds(made[PassageVectors].bounds)

        def sentences(article: int) -> Vectors:
            return neutral.vectors[int(bounds[article]) : int(bounds[article + 1])].astype(np.float32)

        codes = made[Foundation].codes(made[PassageKeys].article_languages())
        digests = [article_digest(neutral.keys[a:b]) for a, b in pairwise(bounds.tolist())]
        pairs = PairCache(making.vectors.path.parent, making.encoder, METHOD)
        self._write(ArticleTable(numbers, codes, bounds, digests, sentences), making, made, pairs)

    def carry(self, making: Making, made: Made) -> None:
        making.progress("comparing articles", 0, 1)
        neutral, before = made[NeutralCalibration], making.old
        made[Encoded]  # the new sentences are in the cache then
        numbers, bounds = made[PassageKeys].article_bounds(made[PassageVectors].bounds)
        known: dict[int, Vectors] = {}

        def sentences(article: int) -> Vectors:
            found = known.get(article)
            if found is None:
                stored = making.snapshot.passages_of(int(numbers[article]))
                texts = PassageTexts(stored).sentences
                raw = encode_cached(making.encoder, [held.sentence.text for held in texts], making.vectors)
                found = known[article] = neutral.texts(raw, [held.language for held in texts])
            return found

        codes = before.basis.codes(made[PassageKeys].article_languages())
        table = ArticleTable(numbers, codes, bounds, [], sentences)
        compared = Compared.read(before.directory / "compared")
        was = PreviousComparison(
            Translations.read(before.directory / "translations"), compared, before.articles
        )
        self._write(table, making, made, None, was)

    def _write(
        self,
        table: ArticleTable,
        making: Making,
        made: Made,
        pairs: PairCache | None,
        before: PreviousComparison | None = None,
    ) -> None:
        axes = made[TokenSpaces].axes
        found, compared = compare(table, made[Tokens], axes, pairs, making.progress, before)
        found.placed(table.keys, table.bounds).write(making.directory / "translations")
        compared.write(making.directory / "compared")
