"""The numbers of this room: how much of a text is looked at, and how it is cut."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TEXT"]


@dataclass(frozen=True, slots=True)
class TextSettings:
    abandoned: float = 3600.0  # seconds: no array takes so long to write
    language_sample: int = 5_000  # characters from which a language is told
    half: int = 3  # letters that a part of a compound has at least
    walked: int = 16  # bytes of a text that are walked one after the other
    stem: int = 5  # letters: a crude stem, the same word in another case or number mostly keeps them
    mostly_code: float = 0.6  # of lines, by which all of them are code
    # Sentences, in characters: a longer one is cut at a clause's end or at white space; given to the splitter
    # at once; and so many make up a sentence, about: between wide spaces a quarter of that is one.
    sentence: int = 600
    chunk: int = 20_000
    clauses: int = 100


TEXT = TextSettings()
