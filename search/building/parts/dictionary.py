"""The library's own dictionary."""

from __future__ import annotations

from search.building.parts.background import ContextMaps, WordSpaces
from search.building.parts.calibrations import TokenSpaces
from search.building.parts.part import Made, Making, Part
from search.building.parts.vectors import PassageVectors, Tokens
from search.dictionary.spoken_words import SpokenWords
from search.dictionary.vocabulary_carrying import NewSentence, carry_vocabulary
from search.dictionary.vocabulary_writer import SentenceTable, write_vocabulary

__all__ = ["Dictionary"]


class Dictionary(Part[None]):
    """The terms of all languages, and what they are called in the others. Its words keep the cores busy where
    passages and sentences do not, so it begins at once, and waits for these when it needs them."""

    doing = "making the vocabulary"
    folders = sent = ("vocabulary",)
    needs = (WordSpaces, ContextMaps, TokenSpaces, PassageVectors, Tokens)

    def make(self, making: Making, made: Made) -> None:
        texts = making.texts
        said = [held.sentence.text for held in texts.sentences]

        def indexed() -> SentenceTable:
            return SentenceTable(made[PassageVectors].of_sentences, made[Tokens])

        with SpokenWords(said, texts.spoken, making.encoder, making.aside) as spoken:
            write_vocabulary(
                spoken,
                indexed,
                made[TokenSpaces].axes,
                made[WordSpaces],
                made[ContextMaps],
                making.encoder,
                making.vectors,
                making.directory / "vocabulary",
                made.check,
                making.progress,
            )

    def carry(self, making: Making, made: Made) -> None:
        before, sentences = making.old, making.texts.sentences
        pieces = making.encoder.pieces([held.sentence.text for held in sentences])
        added = [
            NewSentence(held.sentence.text, held.language, spans)
            for held, spans in zip(sentences, pieces, strict=True)
        ]
        folders = before.directory / "vocabulary", making.directory / "vocabulary"
        carry_vocabulary(*folders, before.sentences, added)
