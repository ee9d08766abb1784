"""Late interaction and its cache."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from damaged_caches import DAMAGES, Damage, append

from search.arrays.vectors import Vectors
from search.building.token_cache import TokenCache, drop_tokens
from search.encoding.protocol import Encoder
from search.passages import late
from search.passages.late import best_matches, cosines, pack, summary, unpack
from search.passages.settings import PASSAGES
from search.passages.tokens import TokenMatrix, TokenSpace

DIMENSION = 64


@pytest.fixture
def space() -> TokenSpace:
    zeros = np.zeros(DIMENSION, np.float32)
    rotation = np.linalg.qr(np.random.default_rng(5).standard_normal((DIMENSION, DIMENSION)))[0]
    nothing = np.zeros((0, DIMENSION // 4), np.uint8)
    return TokenSpace({}, zeros, zeros, rotation.astype(np.float32), zeros[None], nothing, np.zeros(1, int))


def rows(*places: int) -> Vectors:
    return np.eye(DIMENSION, dtype=np.float32)[list(places)]


def test_two_bits_a_coordinate_keep_the_cosines() -> None:
    vectors = np.random.default_rng(1).standard_normal((200, 364)).astype(np.float32)
    vectors[:100] += vectors[100:]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    query, kept = vectors[:100], pack(vectors[100:])
    assert kept.shape == (100, 91)
    found = cosines(query, kept)
    assert np.abs(found - vectors[100:] @ query.T).max() < 0.15
    assert found == pytest.approx(unpack(kept) @ query.T, abs=5e-3)  # the query is rounded, too
    assert (found.argmax(axis=0) == np.arange(100)).all()


def test_a_sentence_with_every_token_scores_nearly_one(space: TokenSpace) -> None:
    kept = space.text(rows(0, 1, 2), "en")
    scores = summary(best_matches(space.query(rows(0, 1)), kept, np.array([0, 3])))
    assert scores[0] == pytest.approx([0.95, -0.05], abs=0.1)


def test_a_sentence_that_lacks_one_thing_pays_for_it(space: TokenSpace) -> None:
    both, half = space.text(rows(0, 1), "en"), space.text(rows(0, 2), "en")
    kept = np.concatenate([both, half])
    scores = summary(best_matches(space.query(rows(0, 1)), kept, np.array([0, 2, 4])))
    assert scores[1, 0] == pytest.approx(0.5, abs=0.15)
    assert scores[1, 1] < scores[0, 1] - 0.7


def test_a_sentence_without_tokens_scores_lowest(space: TokenSpace) -> None:
    kept = space.text(rows(0), "en")
    scores = summary(best_matches(space.query(rows(0)), kept, np.array([0, 0, 1])))
    assert (scores[0] < scores[1]).all()


def test_matches_are_the_same_however_few_are_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    query, kept = (rng.standard_normal((rows, 16)).astype(np.float32) for rows in (5, 60))
    query /= np.linalg.norm(query, axis=1, keepdims=True)
    packed = pack(kept / np.linalg.norm(kept, axis=1, keepdims=True))
    offsets = np.array([0, 0, 7, 7, 30, 31, 60, 60])
    whole = best_matches(query, packed, offsets)
    for most in (1, 40, 5 * 24, 5 * 31):
        monkeypatch.setattr(late, "PASSAGES", replace(PASSAGES, products_at_a_time=most))
        assert np.array_equal(best_matches(query, packed, offsets), whole)
    assert (whole[[0, 2, 6]] == whole[0, 0]).all()
    assert whole[1] == pytest.approx(cosines(query, packed[:7]).max(axis=0))


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
    both = matrix.of(np.array([0, 1]))
    scores = best_matches(space.query(rows(2)), both.tokens, both.offsets)
    assert scores[0, 0] > 0.8 > scores[1, 0]
    assert len(matrix.of(np.array([1])).tokens) == 2
    assert not len(matrix.of(np.zeros(0, np.int64)).tokens)


def test_tokens_that_a_generation_has_are_taken_from_it(
    space: TokenSpace, encoder: Encoder, tmp_path: Path
) -> None:
    keys = [TokenCache.key(text, "en") for text in ("one", "two", "three")]
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir(), second.mkdir()
    cache = TokenCache(tmp_path / "cache", encoder, space)
    cache.append([(keys[0], "en", rows(0, 1)), (keys[1], "en", rows(2))])
    cache.write_matrix(keys[:2], first)
    drop_tokens(tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())
    later = TokenCache(tmp_path / "cache", encoder, space, first)
    assert later.missing(keys) == {keys[2]}
    assert set(later.keys()) == set(keys[:2])
    later.append([(keys[2], "en", rows(1))])
    later.write_matrix([keys[2], keys[0]], second)
    before, after = TokenMatrix(first), TokenMatrix(second)
    assert after.offsets.tolist() == [0, 1, 3]
    assert np.array_equal(after.tokens[1:], before.tokens[:2])
    assert after.places(keys).tolist() == [[1, 2], [-1, -1], [0, 1]]


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


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("suffix", ["tokens", "index"])
def test_tokens_of_a_damaged_cache_are_as_they_were_or_not_there(
    space: TokenSpace, encoder: Encoder, tmp_path: Path, suffix: str, damage: Damage
) -> None:
    rng = random.Random(28)
    whole = TokenCache(tmp_path / "whole", encoder, space)
    keys = [TokenCache.key(str(number), "en") for number in range(201)]  # blocks end within records
    whole.append(
        [(key, "en", rows(*rng.choices(range(DIMENSION), k=1 + at % 9))) for at, key in enumerate(keys)]
    )
    whole.write_matrix(keys, tmp_path)
    before = TokenMatrix(tmp_path)
    noticed = 0
    for number in range(30):
        here = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", here)
        (file,) = here.glob(f"*.{suffix}")
        content = bytearray(file.read_bytes())
        damage(rng, content)
        file.write_bytes(content)
        cache = TokenCache(here, encoder, space)
        missing = cache.missing(keys)
        noticed += bool(missing)
        there = [key for key in keys if key not in missing]
        cache.write_matrix(there, here)
        after = TokenMatrix(here)
        for at, key in enumerate(there):
            first, count = before.places([key])[0]
            start, end = after.offsets[at : at + 2]
            assert np.array_equal(after.tokens[start:end], before.tokens[first : first + count])
    # What is appended belongs to no text; all else hits what does.
    assert noticed == (0 if damage is append else 30)
