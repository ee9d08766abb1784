"""Terms of several words, on made-up texts."""

from __future__ import annotations

import numpy as np
import pytest

from search.language.collocations import TokenRow, collocations, log_likelihood_ratio

FUNCTION = {"of", "and", "the", "is", "to"}


def found(*sentences: str) -> list[tuple[str, ...]]:
    """The terms of sentences in which words are apart by spaces and cut off by full stops."""
    names: dict[str, int] = {}
    words, joined = [], []
    for sentence in sentences:
        for at, word in enumerate(sentence.replace(".", " . ").split()):
            words.append(word)
            joined.append(at > 0 and words[-2] != "." and word != ".")
            names.setdefault(word, len(names))
    content = np.array([word not in FUNCTION and word != "." for word in words], dtype=np.bool_)
    row = TokenRow(np.array([names[word] for word in words]), content, np.array(joined, dtype=np.bool_))
    by_number = {number: word for word, number in names.items()}
    return [tuple(by_number[word] for word in term.words) for term in collocations(row)]


def filler(count: int) -> list[str]:
    """Sentences whose words never meet twice."""
    return [f"a{at} b{at} c{at} d{at}" for at in range(count)]


def test_words_that_keep_each_other_company_are_a_term() -> None:
    terms = found(*[f"x{at} customer service y{at}" for at in range(6)], *filler(60))
    assert terms == [("customer", "service")]


def test_a_function_word_may_stand_inside_but_not_at_the_ends() -> None:
    terms = found(*[f"x{at} quality of life to y{at}" for at in range(6)], *filler(60))
    assert terms == [("quality", "of", "life")]


def test_words_that_meet_by_chance_are_no_term() -> None:
    rng = np.random.default_rng(0)
    words = [f"w{n}" for n in range(6)]
    assert found(*(" ".join(rng.choice(words, 8)) for _ in range(200))) == []


def test_a_full_stop_or_a_new_sentence_parts_words() -> None:
    assert found(*["customer. service"] * 8, *filler(60)) == []


def test_a_piece_of_a_longer_term_is_no_term_by_itself() -> None:
    terms = found(*[f"x{at} value added tax y{at}" for at in range(6)], *filler(60))
    assert terms == [("value", "added", "tax")]


def test_the_places_are_where_the_terms_begin() -> None:
    row = TokenRow(
        np.array([*range(100, 400), 1, 2, 3, 1, 2, 4, 1, 2]), np.ones(308, np.bool_), np.ones(308, np.bool_)
    )
    (term,) = collocations(row)
    assert term.words == (1, 2)
    assert term.starts.tolist() == [300, 303, 306]


def test_no_words_no_terms() -> None:
    empty = np.zeros(0, np.int64)
    assert collocations(TokenRow(empty, empty.astype(np.bool_), empty.astype(np.bool_))) == []


def test_the_ratio_is_dunnings() -> None:
    # Dunning (1993), table 2: "the swiss" and others; here a case one can check by hand, 2 Σ O ln(O/E).
    observed = np.array([[10, 20], [30, 940]])
    expected = observed.sum(1, keepdims=True) * observed.sum(0, keepdims=True) / 1000
    by_hand = 2 * (observed * np.log(observed / expected)).sum()
    assert log_likelihood_ratio(10, 30, 40, 1000) == pytest.approx(by_hand)


def test_the_ratio_is_nothing_for_words_that_avoid_each_other() -> None:
    assert log_likelihood_ratio(1, 100, 100, 1000) == 0.0
