"""The cache of vectors: nothing is encoded twice, and nothing damaged is used."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from many_scripts import SENTENCES
from tiny_model import SIZES, write_weights

import search
from search.arrays import int8
from search.arrays.int8 import Int8Query, Int8Rows, principal_axes
from search.arrays.matmul import matmul
from search.arrays.settings import ARRAYS
from search.arrays.vectors import Vectors, unit_rows
from search.disk.record_cache import content_key
from search.encoding import preparation
from search.encoding.encoder import OnnxEncoder
from search.encoding.protocol import Encoder, ModelIdentity, Progress
from search.encoding.vector_cache import CachedRows, VectorCache, encode_cached, packed
from search.errors import ModelMismatch
from search.passages.matrices import StoredVectors, best_per_passage

TEXTS = list(SENTENCES.values())


class Counting:
    """The encoder underneath, with a note of every text that it was given."""

    def __init__(self, encoder: Encoder, revision: str | None = None) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        own = encoder.identity
        self.identity = ModelIdentity(own.name, revision or own.revision, own.dimension)
        self.texts: list[str] = []

    def later(self, rank: int) -> Counting:
        return self

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.queries(texts)

    def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self._note(texts)
        return self._encoder.passages(texts, progress)

    def with_tokens(
        self, texts: Sequence[str], *, query: bool = False
    ) -> Iterator[tuple[int, Vectors, Vectors]]:
        if not query:
            self._note(texts)
        return self._encoder.with_tokens(texts, query=query)

    def pieces(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        return self._encoder.pieces(texts)

    def _note(self, texts: Sequence[str]) -> None:
        with self._lock:
            self.texts += texts


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    """A tiny model: what is tested here is not what vectors mean."""
    folder = tmp_path_factory.mktemp("tiny")
    weights = write_weights(folder / "tiny.bin")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preparation, "weights_file", lambda: weights)
        return OnnxEncoder(preparation.prepare_bundled(folder / "cache"))


@pytest.fixture
def counting(tiny: OnnxEncoder) -> Counting:
    return Counting(tiny)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


# --- each text once


def test_each_text_is_encoded_once_however_often_it_occurs(counting: Counting, folder: Path) -> None:
    cache = VectorCache(folder, counting)
    vectors = encode_cached(counting, TEXTS + TEXTS[::-1], cache)
    assert sorted(counting.texts) == sorted(TEXTS)
    np.testing.assert_array_equal(vectors[: len(TEXTS)], vectors[len(TEXTS) :][::-1])


def test_a_second_build_encodes_only_what_is_new(counting: Counting, folder: Path) -> None:
    first = encode_cached(counting, TEXTS, VectorCache(folder, counting))
    counting.texts.clear()
    again = encode_cached(counting, [*TEXTS, "a new text"], VectorCache(folder, counting))
    assert counting.texts == ["a new text"]
    np.testing.assert_array_equal(again[:-1], first)


def test_rows_are_the_encoders_but_for_rounding_in_a_byte_a_coordinate(
    tiny: OnnxEncoder, counting: Counting, folder: Path
) -> None:
    vectors = encode_cached(counting, TEXTS, VectorCache(folder, counting))
    assert vectors.dtype == np.float32
    assert (unit_rows(vectors) * tiny.passages(TEXTS)).sum(axis=1).min() > 0.99
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-2


def test_vectors_take_a_byte_a_coordinate_and_are_read_when_they_are_asked_for(
    counting: Counting, folder: Path
) -> None:
    cache = VectorCache(folder, counting)
    exact = unit_rows(np.random.default_rng(5).standard_normal((9, SIZES.hidden)).astype(np.float32))
    keys = [content_key(str(row)) for row in range(9)]
    cache.append(keys, packed(exact))
    cache.reload()
    rows = CachedRows(cache, keys)
    steps = np.abs(exact).max(axis=1, keepdims=True) / 127
    assert (np.abs(rows[:] - exact) <= 0.51 * steps).all()
    np.testing.assert_array_equal(rows[np.array([7, 0])], rows[:][[7, 0]])
    assert cache.path.stat().st_size == 9 * (SIZES.hidden + 24)


def test_an_empty_text_has_the_zero_vector_from_the_cache_too(counting: Counting, folder: Path) -> None:
    for _ in range(2):
        assert not encode_cached(counting, ["", "a"], VectorCache(folder, counting))[0].any()


def test_no_texts_are_no_rows(counting: Counting, folder: Path) -> None:
    assert encode_cached(counting, [], VectorCache(folder, counting)).shape == (0, SIZES.hidden)


def test_another_revision_of_the_model_has_a_cache_of_its_own(
    tiny: OnnxEncoder, counting: Counting, folder: Path
) -> None:
    encode_cached(counting, TEXTS, VectorCache(folder, counting))
    newer = Counting(tiny, revision="newer")
    encode_cached(newer, TEXTS, VectorCache(folder, newer))
    assert len(newer.texts) == len(TEXTS)


def test_progress_grows_evenly_to_the_number_of_new_texts(counting: Counting, folder: Path) -> None:
    texts = [f"{'the service ' * (n % 40)}{n}" for n in range(3000)]
    told: list[tuple[int, int]] = []
    encode_cached(counting, texts, VectorCache(folder, counting), lambda *report: told.append(report))
    done = [one for one, _ in told]
    assert done == sorted(done)
    assert told[-1] == (3000, 3000)
    assert len(told) >= 6
    assert max(np.diff([0, *done])) < 3000 / 3


def test_work_is_kept_as_it_is_done(tiny: OnnxEncoder, folder: Path) -> None:
    class Failing(Counting):
        def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
            if len(self.texts) > 1000:
                raise MemoryError
            return super().passages(texts, progress)

    texts = [f"text {n}" for n in range(4000)]
    failing = Failing(tiny)
    with pytest.raises(MemoryError):
        encode_cached(failing, texts, VectorCache(folder, failing))
    resumed = Counting(tiny)
    encode_cached(resumed, texts, VectorCache(folder, resumed))
    assert 1000 < len(resumed.texts) < 3500


def test_two_slices_are_encoded_at_a_time_and_no_more(tiny: OnnxEncoder, folder: Path) -> None:
    both = threading.Barrier(2)

    class Slow(Counting):
        begun = now = most = 0

        def passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
            with self._lock:
                self.begun += 1
                self.now += 1
                self.most = max(self.most, self.now)
                first = self.begun <= 2
            if first:  # the second slice is begun before the first is done
                both.wait(timeout=60)
            time.sleep(0.02)  # and there is time for a third, which must not be
            made = super().passages(texts, progress)
            with self._lock:
                self.now -= 1
            return made

    slow = Slow(tiny)
    encode_cached(slow, [f"text {n}" for n in range(3000)], VectorCache(folder, slow))
    assert slow.most == 2


# --- damage


def test_a_torn_last_record_is_made_again(counting: Counting, folder: Path) -> None:
    cache = VectorCache(folder, counting)
    encode_cached(counting, TEXTS, cache)
    with cache.path.open("r+b") as file:
        file.truncate(cache.path.stat().st_size - 5)
    counting.texts.clear()
    vectors = encode_cached(counting, TEXTS, VectorCache(folder, counting))
    assert len(counting.texts) == 1
    assert vectors.any(axis=1).all()
    counting.texts.clear()
    encode_cached(counting, TEXTS, VectorCache(folder, counting))
    assert not counting.texts


@pytest.mark.parametrize("at", [3, 17, 21, 60], ids=["key", "checksum", "vector's start", "vector"])
def test_a_damaged_record_is_made_again(
    counting: Counting, folder: Path, caplog: pytest.LogCaptureFixture, at: int
) -> None:
    cache = VectorCache(folder, counting)
    expected = encode_cached(counting, TEXTS, cache)
    content = bytearray(cache.path.read_bytes())
    content[len(content) // len(TEXTS) * 4 + at] ^= 0x40
    cache.path.write_bytes(content)
    counting.texts.clear()
    with caplog.at_level(logging.WARNING):
        vectors = encode_cached(counting, TEXTS, VectorCache(folder, counting))
    assert len(counting.texts) == 1
    # A record whose key is damaged is that of no text.
    assert ("1 damaged" in caplog.text) == (at >= 16)
    assert (vectors * expected).sum(axis=1).min() > 0.99


def test_records_of_zeros_as_a_power_cut_leaves_them_are_not_taken(counting: Counting, folder: Path) -> None:
    cache = VectorCache(folder, counting)
    encode_cached(counting, TEXTS, cache)
    record = cache.path.stat().st_size // len(TEXTS)
    with cache.path.open("r+b") as file:
        file.seek(-record // 2, os.SEEK_END)
        file.write(bytes(record // 2))
    with cache.path.open("ab") as file:
        file.write(bytes(3 * record))
    cache = VectorCache(folder, counting)
    counting.texts.clear()
    assert encode_cached(counting, TEXTS, cache).any(axis=1).all()
    assert len(counting.texts) == 1


def test_a_file_of_something_else_is_not_taken(counting: Counting, folder: Path) -> None:
    cache = VectorCache(folder, counting)
    cache.path.write_bytes(os.urandom(100_000))
    assert encode_cached(counting, TEXTS, VectorCache(folder, counting)).any(axis=1).all()


# --- what the library no longer holds


def test_vectors_of_texts_that_are_gone_are_dropped_once_they_are_most(
    counting: Counting, folder: Path
) -> None:
    def build(texts: list[str]) -> VectorCache:
        cache = VectorCache(folder, counting)
        encode_cached(counting, texts, cache)
        cache.compact()
        return cache

    texts = [f"text {n}" for n in range(100)]
    build(texts)
    assert len(build(texts[:60])) == 100  # they may come back
    small = build(texts[:10])
    assert len(small) == 10
    counting.texts.clear()
    build(texts[:10])
    assert not counting.texts
    assert not list(folder.glob("*.new"))


# --- a library


@pytest.fixture
def articles(tmp_path: Path, corpus: Path) -> Path:
    return Path(shutil.copytree(corpus, tmp_path / "articles"))


def test_rebuilding_after_one_article_changed_encodes_that_article_only(
    articles: Path, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(encoder)
    monkeypatch.setattr(sys.modules["search.building.build"], "load", lambda *args, **options: counting)
    library = tmp_path / "kb"
    search.build([articles], library)
    everything = set(counting.texts)
    counting.texts.clear()
    changed = next(articles.glob("pl-*"))
    paragraph = "Ostatni akapit mówi coś zupełnie nowego o chlebie."
    changed.write_text(f"{changed.read_text('utf-8').rstrip()}\n\n{paragraph}\n", "utf-8")
    search.build([articles], library)
    assert everything.isdisjoint(counting.texts), "nothing is encoded twice"
    # The changed passage and sentences, and each new word of the vocabulary.
    assert 0 < len(counting.texts) <= 6 + len(paragraph.split()) < len(everything)
    assert any("o chlebie" in text for text in counting.texts)
    counting.texts.clear()
    search.build([articles], library)
    assert not counting.texts


def test_a_library_says_which_model_made_it_and_refuses_another(
    library: Path, tiny: OnnxEncoder, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with search.open(library) as engine:
        assert engine.status().model == encoder.identity.name
        assert engine.status().dimension == 384
    from search.ranking import index as ranking

    monkeypatch.setattr(ranking, "load", lambda *args, **options: tiny)
    with pytest.raises(ModelMismatch) as caught:
        search.open(library)
    assert encoder.identity.revision in str(caught.value)
    assert "\n" not in str(caught.value)


# --- matrices


@pytest.fixture
def rows() -> Vectors:
    return unit_rows(np.random.default_rng(0).normal(size=(501, 160)).astype("f4"))


def test_cosines_of_a_byte_a_coordinate_are_nearly_those_of_floats(rows: Vectors, tmp_path: Path) -> None:
    axes = principal_axes(rows)
    Int8Rows.of(rows, axes).write(tmp_path, "rows")
    kept, some = Int8Rows.read(tmp_path, "rows"), np.array([7, 3, 499])
    query = Int8Query.of(rows[5], axes)
    np.testing.assert_allclose(kept.cosines(query), rows @ rows[5], atol=0.006)
    np.testing.assert_allclose(kept.cosines_of(some, query), (rows @ rows[5])[some], atol=0.006)
    np.testing.assert_allclose(kept.floats(some, axes), rows[some], atol=0.005)


def test_prefixes_tell_most_of_a_cosine(rows: Vectors) -> None:
    axes = principal_axes(rows)
    query = Int8Query.of(rows[5], axes)
    kept = Int8Rows.of(rows, axes)
    assert kept.prefix.shape[1] == ARRAYS.prefix
    assert np.corrcoef(kept.rough_cosines(query), rows @ rows[5])[0, 1] > 0.9


def test_rows_that_are_scanned_by_two_have_the_same_cosines(
    rows: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    axes = principal_axes(rows)
    kept, query = Int8Rows.of(rows, axes), Int8Query.of(rows[5], axes)
    alone = kept.cosines(query)
    monkeypatch.setattr(int8, "ARRAYS", replace(ARRAYS, two_threads_from=10))
    np.testing.assert_array_equal(kept.cosines(query), alone)


def test_a_gist_is_near_to_its_passage_and_to_each_of_its_sentences(rows: Vectors, tmp_path: Path) -> None:
    passages, sentences = rows[:100], rows[100:500]
    bounds = np.concatenate([[0, 0], np.arange(1, 100) * 400 // 99])
    StoredVectors.of(passages, sentences, bounds, np.zeros(400, np.uint8)).write(tmp_path)
    stored = StoredVectors.read(tmp_path)
    axes, gists = stored.axes, stored.gists
    assert len(gists) == 100
    nearer = []
    for row in range(100):
        of_passage, *of_sentences = (
            gists.rough_cosines(Int8Query.of(vector, axes))
            for vector in (passages[row], *sentences[bounds[row] : bounds[row + 1]])
        )
        assert of_passage.argmax() == row
        nearer += [(nearness > nearness[row]).sum() for nearness in of_sentences]
    assert len(nearer) == 400
    assert np.median(nearer) < 3


def test_a_few_rows_are_multiplied_as_many_are(rows: Vectors) -> None:
    matrix = rows[:160]
    whole = rows @ matrix
    np.testing.assert_allclose(matmul(rows, matrix), whole, atol=1e-5)
    np.testing.assert_allclose(matmul(rows[:3], matrix), whole[:3], atol=1e-5)
    np.testing.assert_allclose(matmul(rows[7], matrix), whole[7], atol=1e-5)


def test_no_rows_have_no_cosines() -> None:
    axes = np.eye(160, dtype=np.float32)
    kept = Int8Rows.of(np.zeros((0, 160), np.float32), axes)
    query = Int8Query.of(axes[0], axes)
    assert len(kept.cosines(query)) == len(kept.cosines_of(np.zeros(0, np.int64), query)) == 0


def test_a_passages_best_sentence_counts_and_none_is_minus_one() -> None:
    scores = np.array([0.1, 0.5, 0.3, 0.9], np.float32)
    bounds = np.array([0, 2, 2, 3, 4])
    np.testing.assert_allclose(best_per_passage(scores, bounds), [0.5, -1, 0.3, 0.9])
    np.testing.assert_allclose(best_per_passage(scores[:0], np.array([0, 0])), [-1])
