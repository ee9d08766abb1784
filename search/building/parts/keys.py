"""Which passages a generation has, and by which model and from what it was made."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from search.building.basis import Basis
from search.building.parts.part import Made, Making, Part
from search.building.parts.words import WordIndexes
from search.encoding.protocol import ModelIdentity
from search.passages.keys import Keys

__all__ = ["Foundation", "Model", "PassageKeys"]


class PassageKeys(Part[Keys]):
    """The passages' keys, and their articles' and those articles' languages."""

    doing = "indexing words"
    folders = ("keys",)
    needs = needs_to_carry = (WordIndexes,)

    def make(self, making: Making, made: Made) -> Keys:
        keys = np.array(making.snapshot.passage_keys(), np.int64).reshape(-1, 2)
        languages = {summary.key: summary.language for summary in making.snapshot.summaries()}
        spoken = made[WordIndexes]
        written = Keys.of(keys, spoken, [languages[key] for key in keys[:, 1].tolist()])
        written.write(making.directory / "keys")
        return written

    carry = make

    @classmethod
    def opened(cls, directory: Path) -> Keys:
        return Keys.read(directory / "keys")


class Foundation(Part[Basis]):
    """What statistics were made from, for the next generation."""

    doing = "indexing vectors"
    folders = ("basis",)

    def make(self, making: Making, made: Made) -> Basis:
        of_articles = [summary.language for summary in making.snapshot.summaries()]
        texts = making.texts
        basis = Basis.of(making.encoder, len(texts.sentences), (*texts.languages, *of_articles))
        basis.write(making.directory / "basis")
        return basis

    def carry(self, making: Making, made: Made) -> Basis:
        making.old.basis.write(making.directory / "basis")
        return making.old.basis

    @classmethod
    def opened(cls, directory: Path) -> Basis:
        return Basis.read(directory / "basis")


class Model(Part[ModelIdentity]):
    """The name of the model."""

    doing = "naming the model"
    folders = sent = ("model",)

    def make(self, making: Making, made: Made) -> ModelIdentity:
        making.encoder.identity.write(making.directory / "model")
        return making.encoder.identity

    @classmethod
    def opened(cls, directory: Path) -> ModelIdentity:
        return ModelIdentity.read(directory / "model")
