"""Late interaction and its cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from search.encoder import Encoder, Vectors
from search.tokens import TokenCache, TokenMatrix, TokenSpace, max_sim


@pytest.fixture
def space() -> TokenSpace:
    zeros = np.zeros(4, np.float32)
    identity = np.eye(4, dtype=np.float32)
    return TokenSpace({}, zeros, zeros, identity, np.zeros((0, 4), np.int8), np.zeros(1, np.int64))


def rows(*places: int) -> Vectors:
    return np.eye(4, dtype=np.float32)[list(places)]


def test_a_sentence_with_every_token_scores_one(space: TokenSpace) -> None:
    kept = space.text(rows(0, 1, 2), "en")
    scores = max_sim(space.query(rows(0, 1)), kept, np.array([0, 3]))
    assert scores[0] == pytest.approx([1.0, 0.0], abs=0.01)


def test_a_sentence_that_lacks_one_thing_pays_for_it(space: TokenSpace) -> None:
    both, half = space.text(rows(0, 1), "en"), space.text(rows(0, 2), "en")
    kept = np.concatenate([both, half])
    scores = max_sim(space.query(rows(0, 1)), kept, np.array([0, 2, 4]))
    assert scores[1, 0] == pytest.approx(0.5, abs=0.01)
    assert scores[1, 1] < scores[0, 1] - 1


def test_a_sentence_without_tokens_scores_lowest(space: TokenSpace) -> None:
    scores = max_sim(space.query(rows(0)), space.text(rows(1), "en"), np.array([0, 0, 1]))
    assert scores[0, 0] == 0
    assert scores[0, 1] <= scores[1, 1]


def test_kept_tokens_come_back_in_the_order_asked_for(
    space: TokenSpace, encoder: Encoder, tmp_path: Path
) -> None:
    cache = TokenCache(tmp_path / "cache", encoder, space)
    keys = [TokenCache.key(text, "en") for text in ("one", "two")]
    cache.append([(keys[0], "en", rows(0, 1)), (keys[1], "en", rows(2))])
    again = TokenCache(tmp_path / "cache", encoder, space)
    assert all(key in again for key in keys)
    again.write_matrix([keys[1], keys[0]], tmp_path)
    matrix = TokenMatrix(tmp_path)
    assert matrix.offsets.tolist() == [0, 1, 3]
    (scores,) = matrix.score(space.query(rows(2)), np.array([[0, 2]]))
    assert scores[0, 0] > 0.9 > scores[1, 0]


def test_a_torn_record_counts_as_not_there(space: TokenSpace, encoder: Encoder, tmp_path: Path) -> None:
    cache = TokenCache(tmp_path / "cache", encoder, space)
    keys = [TokenCache.key(text, "en") for text in ("one", "two")]
    for key in keys:
        cache.append([(key, "en", rows(0, 1))])
    (blob,) = (tmp_path / "cache").glob("*.tokens")
    blob.write_bytes(blob.read_bytes()[:-2])
    again = TokenCache(tmp_path / "cache", encoder, space)
    assert keys[0] in again
    assert keys[1] not in again


def test_the_same_words_in_another_language_are_kept_apart() -> None:
    assert TokenCache.key("den", "nb") != TokenCache.key("den", "sv")
