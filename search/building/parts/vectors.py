"""The passages' and sentences' vectors, centred by the library's own calibration, and their tokens."""

from __future__ import annotations

from pathlib import Path

from search.arrays.int8 import Int8Rows
from search.arrays.memory import give_back
from search.arrays.runs import offsets_of
from search.building.parts.background import Background
from search.building.parts.encoded import Encoded
from search.building.parts.part import Made, Making, Part
from search.passages.matrices import StoredVectors
from search.passages.tokens import TokenMatrix
from search.ranking.asking import fit_asking, write_asking
from search.ranking.calibration import Calibration, CentredRows, calibrate
from search.ranking.shapes import fit_shapes, write_shapes

__all__ = ["Calibrations", "PassageVectors", "Tokens"]


class Calibrations(Part[Calibration]):
    """How the library's vectors are centred, and the shapes of questions and what is one at all, told by
    centred ones."""

    doing = "indexing vectors"
    folders = sent = ("calibration",)
    needs = (Background, Encoded)

    def make(self, making: Making, made: Made) -> Calibration:
        known = made[Background]
        calibration = calibrate(known, made[Encoded].passages, making.texts.languages)
        calibration.write(making.directory / "calibration")
        questions, keywords = calibration.queries(known.questions), calibration.queries(known.keywords)
        write_shapes(fit_shapes(questions), making.directory / "calibration")
        write_asking(fit_asking(questions, keywords), making.directory / "calibration")
        return calibration

    @classmethod
    def opened(cls, directory: Path) -> Calibration:
        return Calibration.read(directory / "calibration")


class PassageVectors(Part[StoredVectors]):
    """The centred vectors of passages and sentences, a byte a coordinate."""

    doing = "indexing vectors"
    folders = ("vectors",)
    needs = needs_to_carry = (Calibrations, Encoded)

    def make(self, making: Making, made: Made) -> StoredVectors:
        calibration, raw, texts = made[Calibrations], made[Encoded], making.texts
        making.progress("indexing", 0, 1)
        StoredVectors.of(
            CentredRows(calibration, raw.passages, texts.languages),
            CentredRows(calibration, raw.sentences, texts.spoken),
            offsets_of(texts.counts),
            texts.kinds,
        ).write(making.directory / "vectors")
        give_back()
        return self.opened(making.directory)

    def carry(self, making: Making, made: Made) -> StoredVectors:
        calibration, raw, before, texts = made[Calibrations], made[Encoded], making.old, making.texts
        old = self.opened(before.directory)
        new = StoredVectors.made(
            Int8Rows.of(CentredRows(calibration, raw.passages, texts.languages), old.axes),
            Int8Rows.of(CentredRows(calibration, raw.sentences, texts.spoken), old.axes),
            old.axes,
            offsets_of(texts.counts),
            texts.kinds,
        )
        old.joined(before.passages, before.sentences, new).write(making.directory / "vectors")
        return self.opened(making.directory)

    @classmethod
    def opened(cls, directory: Path) -> StoredVectors:
        return StoredVectors.read(directory / "vectors")


class Tokens(Part[TokenMatrix]):
    """The tokens of sentences, for late interaction."""

    doing = "indexing vectors"
    folders = ("tokens",)
    needs = needs_to_carry = (Encoded,)

    def make(self, making: Making, made: Made) -> TokenMatrix:
        raw = made[Encoded]
        raw.tokens.write_matrix(raw.keys, making.directory / "tokens")
        return self.opened(making.directory)

    def carry(self, making: Making, made: Made) -> TokenMatrix:
        raw, before = made[Encoded], making.old
        kept = before.directory / "tokens", before.sentences
        raw.tokens.write_matrix(raw.keys, making.directory / "tokens", *kept)
        return self.opened(making.directory)

    @classmethod
    def opened(cls, directory: Path) -> TokenMatrix:
        return TokenMatrix(directory / "tokens")
