"""The numbers of this room: what is read of a query, how deep is looked, and what counts how much.

A score is in standard deviations above unrelated texts unless another unit is named.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RANKING"]


@dataclass(frozen=True, slots=True)
class RankingSettings:
    # A query.
    query_characters: int = 10_000  # a longer one is refused
    # Words, and characters, that are searched with; the rest of a longer query is left out. It is more than
    # the model reads at a time.
    words_searched: int = 64
    characters_searched: int = 1_000
    operators: int = 16  # phrases and exclusions together; a query that has more is refused
    # Tokens of a query that look for their counterparts: three times what a long question has.
    query_tokens: int = 192
    scores_remembered: int = 32  # queries whose scores are: some tens of kilobytes each

    # A query's words.
    background_passages: int = 200  # that the background's word frequencies count as
    # What is taken off a word's IDF, in the language where it is most usual: what is left says how rare it
    # is.
    usual: float = 1.5
    # Words, and grams, whose terms are kept: some 3 KB each in a library of twelve languages.
    terms_remembered: int = 4_000
    # The rarity of all of a question's words together from which on they name something; the share of that
    # which keywords need.
    naming: float = 3.0
    keywords_naming: float = 0.1

    # Pools. Passages by their vectors, of all languages together, and at least of each; of each language by
    # their words, as a share of that. A library that is no larger is looked at whole.
    pool: int = 1200
    pool_each: int = 50
    pool_by_words: float = 0.5

    # Calibration. One in so many background questions says what questions' tokens have in common.
    questions_heard: int = 3
    # Dimensions of the language subspace: beyond about 40 it starts to carry meaning.
    language_axes: int = 20
    # A language's own mean counts half where the library has this many passages of it: with fewer, it says
    # more about their topics than about the language.
    half_trusted: float = 200.0
    calibrated_at_a_time: int = 8192  # vectors

    # Fusion.
    depth: int = 400  # to which each language's passages are ordered
    # Passages that are reranked by late interaction: in all, and at least in each language; and what that
    # counts beside the first score.
    reranked: int = 96
    reranked_each: int = 16
    late_share: float = 0.6
    # What a full match of the query's words, of its grams, and of its words' counterparts is worth.
    words: float = 3.5
    grams: float = 7.0
    translations: float = 1.5
    language_best: float = 0.5  # the share of its language's best score that is taken off a passage's
    # The k-th passage of a language stands so much times log(k) lower: many of one language, however good,
    # leave room for the best of the others.
    crowding: float = 0.35
    own_language: float = 0.5  # what being in the question's own language is worth
    # A passage with more than this share of the query's rare words, as when names, numbers or codes are asked
    # for, is meant whatever its language: each further share counts so much. Texts that do not answer have
    # some words of a question, too, so that no less is a reason to go first.
    named_from: float = 0.75
    named: float = 24.0

    # What is found. A passage of this score is a hit, if it has, where keywords are looked for, this share of
    # the best one's too; so is one that has this share of the query's rare words.
    relevant: float = 2.0
    keywords_relevant: float = 0.35
    words_relevant: float = 0.5
    whole: float = 0.99  # a passage has all of a query's rare words, as they stand, from this share on
    # Counterparts of the query's words rank passages from this probability on: where nothing is translated,
    # those less sure put wrong passages first.
    sure_counterpart: float = 0.8
    # Of a sentence's score, how well it covers all that is asked about: where a passage is shown by its best
    # sentence, and where sentences are to answer.
    covering: float = 0.3
    answer_covering: float = 0.5
    unknown: float = -9.0  # the score of what no model has read
    sentences_for_two_threads: int = 200  # whose tokens are worth them

    # Whether a query asks. From this probability on it is treated as a question.
    asks: float = 0.5
    asking_ridge: float = 100.0
    # What the words' log-odds count beside the regression's score (1 for a question, −1 for others), and
    # their bounds.
    asking_words: float = 0.05
    asking_words_most: float = 3.0
    # In how many of the background's texts a word says something, and the count added to each kind's.
    asking_seen: int = 3
    asking_smoothing: float = 0.5
    # The score at which half are questions, and the steepness: short questions score low more often than
    # keywords high.
    asking_half: float = 0.03
    asking_steepness: float = 6.0
    # What a word that asks or a mark adds, and what is taken off what has neither, nor any function word.
    asking_word: float = 0.4
    bare: float = 0.4
    alone: float = 0.5  # what is taken off a single word, which hardly asks anything
    # What is taken off where the library has the whole query, word for word, in one passage: it is a title or
    # a sentence that was pasted. Who puts a mark to it asks.
    quoted: float = 0.8

    # What a question asks for, its shape.
    shape_ridge: float = 10.0
    # What the words' log-odds count beside the regression's scores, and the count added to each shape's.
    shape_words: float = 0.05
    shape_smoothing: float = 0.3
    shape_seen: int = 2  # background texts that have a word from which on it says something
    binds: float = 0.2  # what a word that binds counts for a relation


RANKING = RankingSettings()
