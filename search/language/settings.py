"""The numbers of this room: what is forgiven in a spelling, what is a term, and what is remembered.

What is remembered by a process that answers is bounded to some megabytes.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LANGUAGE"]


@dataclass(frozen=True, slots=True)
class LanguageSettings:
    words_remembered: int = 10_000  # as they are analysed
    folded_remembered: int = 20_000  # words

    # Spelling. Lengths from which one slip and two are forgiven.
    one_slip: int = 4
    two_slips: int = 8
    spellings_compared: int = 64
    longest_spelling: int = 80  # characters that are compared
    # Inflections of a word begin with as many same letters, and have endings of this length at most.
    stem: int = 5
    ending: int = 3

    longest_word: int = 40  # characters

    # Words that belong together. Chi-squared with one degree of freedom has 10.83 at p = 0.001; Dunning's
    # ratio is distributed like it. Many pairs are tried in a text, so twice that.
    collocation_ratio: float = 21.7
    collocation_count: int = 3
    # What has this share of the time one of the same few words beside it is a piece of longer terms.
    collocation_piece: float = 0.7

    # The background. Of what asks nothing, so much of each language is taken.
    statements: int = 30
    single_words: int = 15
    word_pairs: int = 15
    # A word in this many of a language's 120 background texts, no two on one topic, is a function word.
    function_word_texts: int = 4


LANGUAGE = LanguageSettings()
