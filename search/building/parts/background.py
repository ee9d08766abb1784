"""What a model makes of the background set: the same for every library, so it lies in the user's cache."""

from __future__ import annotations

from search.building.artifacts import background_vectors, context_map, word_space
from search.building.parts.part import Made, Making, Part
from search.dictionary.in_context import ContextMap
from search.dictionary.word_space import WordSpace
from search.ranking.calibration import BackgroundVectors

__all__ = ["Background", "ContextMaps", "WordSpaces"]


class Background(Part[BackgroundVectors]):
    """The background set as the model encodes it."""

    doing = "encoding the background"

    def make(self, making: Making, made: Made) -> BackgroundVectors:
        return background_vectors(making.encoder, making.cache, making.progress)


class WordSpaces(Part[WordSpace]):
    """The model's word space."""

    doing = "encoding the background's words"

    def make(self, making: Making, made: Made) -> WordSpace:
        return word_space(making.encoder, making.cache, making.progress)


class ContextMaps(Part[ContextMap]):
    """The model's map from words where they stand to their own vectors."""

    doing = "encoding the background's words"
    needs = (Background, WordSpaces)

    def make(self, making: Making, made: Made) -> ContextMap:
        tokens = made[Background].tokens
        return context_map(making.encoder, making.cache, tokens, made[WordSpaces], making.progress)
