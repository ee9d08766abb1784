"""The numbers of this room: how passages are weighed by words, vectors and tokens, and how many at a time."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PASSAGES"]


@dataclass(frozen=True, slots=True)
class PassageSettings:
    # BM25: how soon further occurrences of a term count for little, and how much a long passage is marked
    # down.
    k1: float = 1.2
    b: float = 0.75
    words_remembered: int = 1 << 17  # whose terms are, while passages are indexed
    checked: int = 2048  # passages that may have a phrase, between two looks at the clock
    postings_at_a_time: int = 4096  # of several terms, read together: what one term's own steps cost

    # Vectors. Passages from which on prefixes choose what is looked at whole, and so many times more than are
    # asked for. They choose among such a share of each language's passages, those whose gists are nearest,
    # but among no more than so many, and among so many times more than are asked for at least.
    whole_below: int = 20_000
    surplus: int = 3
    nearest_share: float = 0.15
    nearest_most: int = 4_000
    nearest_times: int = 8
    # What the mean direction of its sentences counts beside a passage's own vector: in its gist, and in a
    # score its best sentence.
    gist_sentences: float = 0.5
    gists_at_a_time: int = 4096
    sentence_share: float = 0.5

    # The space of tokens.
    axes: int = 96  # principal ones that tell the contexts of words apart (search.dictionary.term_vectors)
    language_axes: int = 20
    null_step: int = 8  # every so-many background statements stand for unrelated texts when a query is scored
    sentences_at_a_time: int = 128  # whose tokens are brought into the space

    # Late interaction. Where |coordinate| of a unit vector of n coordinates, times sqrt(n), is at the outer
    # level; and the mean square of the levels then.
    outer_level: float = 0.98
    mean_square: float = 3.616
    floor: float = 0.05  # a token without any counterpart counts as this cosine
    # Tokens whose coordinates are taken apart at a time, and products that are held at a time until the
    # highest are taken: what stays in the core's own cache.
    tokens_at_a_time: int = 4096
    products_at_a_time: int = 1 << 18


PASSAGES = PassageSettings()
