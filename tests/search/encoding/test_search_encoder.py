"""Texts in, unit vectors out: windows, empty text, threads, and models by name or folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from many_scripts import SENTENCES
from tiny_model import SIZES, write_weights

from search.arrays.batches import Window, cores, equal_length_batches, in_order
from search.encoding import preparation, sentence_transformer
from search.encoding.adapter import digest_of
from search.encoding.encoder import OnnxEncoder, load
from search.encoding.sentence_transformer import SentenceTransformerEncoder
from search.errors import ModelMissing
from search.reader.cross_encoder import CrossEncoderReader

ROOT = Path(__file__).parents[3]
NOTHING = ["", "   ", "\n\t", "\u3000", "\u200b\u200d", "\x01\x02"]


@pytest.fixture(scope="module")
def tiny_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared model with a window of 32 tokens."""
    folder = tmp_path_factory.mktemp("tiny")
    weights = write_weights(folder / "tiny.bin")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preparation, "weights_file", lambda: weights)
        return preparation.prepare_bundled(folder / "cache")


@pytest.fixture(scope="module")
def tiny(tiny_directory: Path) -> OnnxEncoder:
    return OnnxEncoder(tiny_directory)


@pytest.fixture(scope="module")
def by_folder(tiny_directory: Path) -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(str(tiny_directory))


def is_unit(vectors: np.ndarray) -> bool:
    return bool(np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5))


class Watched:
    """A session that counts how many run at once, and how often."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._lock = threading.Lock()
        self.now = self.most = self.runs = 0
        self.shapes: list[tuple[int, int]] = []

    def run(self, outputs: list[str], inputs: dict[str, np.ndarray]) -> Any:
        with self._lock:
            self.now += 1
            self.runs += 1
            self.most = max(self.most, self.now)
            self.shapes.append(inputs["input_ids"].shape)
        try:
            return self._session.run(outputs, inputs)
        finally:
            with self._lock:
                self.now -= 1


@pytest.fixture
def watched(encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch) -> Watched:
    session = Watched(encoder._session)
    monkeypatch.setattr(encoder, "_session", session)
    return session


# --- what a text comes to


def test_vectors_are_float32_of_unit_length_in_the_texts_order(encoder: OnnxEncoder) -> None:
    texts = list(SENTENCES.values())
    vectors = encoder.passages(texts)
    assert vectors.shape == (len(texts), 384)
    assert vectors.dtype == np.float32
    assert is_unit(vectors)
    for place in (0, 7, len(texts) - 1):
        assert vectors[place] @ encoder.passages([texts[place]])[0] > 0.995


def test_the_same_meaning_is_near_in_every_script(encoder: OnnxEncoder) -> None:
    texts = [*list(SENTENCES.values())[1:], "The stock exchange fell by two per cent on Monday."]
    cosines = encoder.passages(texts) @ encoder.passages([SENTENCES["Latin"]])[0]
    assert (cosines[:-1] > cosines[-1]).all()


def test_queries_and_passages_have_prompts_of_their_own(encoder: OnnxEncoder) -> None:
    assert encoder.queries(["loyalty"])[0] @ encoder.passages(["loyalty"])[0] < 0.999


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_a_text_without_a_token_is_zero(
    encoder: OnnxEncoder, by_folder: SentenceTransformerEncoder, text: str
) -> None:
    assert not encoder.queries([text]).any()
    mixed = encoder.passages(["one", text, "two"])
    assert not mixed[1].any()
    assert is_unit(mixed[[0, 2]])
    assert not by_folder.passages([text]).any()


def test_no_texts_give_no_rows(encoder: OnnxEncoder, by_folder: SentenceTransformerEncoder) -> None:
    assert encoder.passages([]).shape == encoder.queries([]).shape == (0, 384)
    assert by_folder.passages([]).shape == (0, SIZES.hidden)


def test_one_letter_is_a_text(encoder: OnnxEncoder) -> None:
    assert is_unit(encoder.queries(["a"]))


def test_lone_surrogates_are_taken_as_question_marks(
    encoder: OnnxEncoder, by_folder: SentenceTransformerEncoder
) -> None:
    np.testing.assert_array_equal(encoder.queries(["loyal\ud800ty"]), encoder.queries(["loyal?ty"]))
    assert by_folder.queries(["loyal\ud800ty"]).any()


# --- long texts


def test_a_long_text_is_the_mean_of_its_windows_weighted_by_their_tokens(
    tiny: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Watched(tiny._session)
    monkeypatch.setattr(tiny, "_session", session)
    text = " ".join("abcdefghijklmnopqrstuvwxyz" * 3)
    ids = tiny._tokenizer.ids("passage: " + text)
    (vector,) = tiny.passages([text])
    assert sorted(shape[1] for shape in session.shapes)[-1] == SIZES.positions
    assert sum(rows * (tokens - 2) for rows, tokens in session.shapes) == len(ids) - 2
    expected = np.zeros(SIZES.hidden)
    for start in range(1, len(ids) - 1, SIZES.positions - 2):
        window = [ids[0], *ids[start : min(start + SIZES.positions - 2, len(ids) - 1)], ids[-1]]
        expected += (
            len(window) * tiny._session.run(["sentence_embedding"], {"input_ids": np.array([window])})[0][0]
        )
    assert vector @ (expected / np.linalg.norm(expected)) > 0.995


def test_a_text_of_exactly_one_window_is_one_window(
    tiny: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Watched(tiny._session)
    monkeypatch.setattr(tiny, "_session", session)
    bare = len(tiny._tokenizer.ids("passage:"))
    letters = (SIZES.positions - bare) // 2  # each is two tokens: the space before it, and itself
    for count, windows in ((letters, 1), (letters + 1, 2)):
        session.shapes.clear()
        tiny.passages([" ".join("z" * count)])
        assert sum(rows for rows, _ in session.shapes) == windows, session.shapes


def test_the_end_of_a_long_text_counts(encoder: OnnxEncoder) -> None:
    filler = "The weather was mild and the streets were quiet. " * 150
    with_end = filler + "Customer loyalty grows with good service. " * 150
    query = encoder.queries(["how does service make customers loyal?"])[0]
    plain, ending = encoder.passages([filler, with_end]) @ query
    assert ending > plain + 0.02


def test_ten_thousand_words_are_one_unit_vector(encoder: OnnxEncoder) -> None:
    text = " ".join(["bread", "хлеб", "面包", "रोटी", "leipä"] * 2_000)
    assert is_unit(encoder.passages([text]))


def test_long_texts_go_through_sentence_transformers_in_windows_too(
    tiny: OnnxEncoder, by_folder: SentenceTransformerEncoder
) -> None:
    texts = [" ".join("abcdefghijklmnopqrstuvwxyz" * 3), "the service", "z", " ".join("yz" * 300)]
    cosines = (tiny.passages(texts) * by_folder.passages(texts)).sum(axis=1)
    assert cosines.min() > 0.98


# --- tokens


def test_token_vectors_come_with_their_place_in_the_text(
    encoder: OnnxEncoder, by_folder: SentenceTransformerEncoder
) -> None:
    texts = ["Лояльность grows with service.", "bread", "the loyal service"]
    for one in (encoder, by_folder):
        places = one.pieces(texts)
        for place, _, tokens in one.with_tokens(texts):
            assert len(places[place]) == len(tokens) > 0
            assert all(0 <= a <= b <= len(texts[place]) for a, b in places[place])
    assert {"with", "service"} <= {texts[0][a:b].strip() for a, b in encoder.pieces(texts)[0]}


@pytest.mark.parametrize("query", [True, False])
def test_texts_vectors_come_with_their_tokens_as_they_come_without(
    encoder: OnnxEncoder, by_folder: SentenceTransformerEncoder, query: bool
) -> None:
    texts = ["the service", "", "loyalty " * 3, "z"]
    for one in (encoder, by_folder):
        expected = one.queries(texts) if query else one.passages(texts)
        found = {place: vector for place, vector, _ in one.with_tokens(texts, query=query)}
        assert sorted(found) == [0, 2, 3]  # an empty text has no tokens
        for place, vector in found.items():
            assert vector @ expected[place] > 0.995


def test_a_texts_vectors_are_the_same_whatever_it_is_encoded_with(encoder: OnnxEncoder) -> None:
    """Bit for bit: a cache of which a part is made anew is as it was."""
    texts = list(SENTENCES.values())
    together, backwards = encoder.passages(texts), encoder.passages(texts[::-1])[::-1]
    with_tokens = {place: (vector, tokens) for place, vector, tokens in encoder.with_tokens(texts)}
    for place, text in enumerate(texts):
        (alone,) = encoder.passages([text])
        ((_, vector, tokens),) = encoder.with_tokens([text])
        for found in (together[place], backwards[place], vector, with_tokens[place][0]):
            assert np.array_equal(alone, found)
        assert np.array_equal(tokens, with_tokens[place][1])


def test_tokens_of_a_long_text_are_those_of_all_its_windows_in_order(tiny: OnnxEncoder) -> None:
    text = " ".join("abcdefghijklmnopqrstuvwxyz" * 3)
    ((_, vector, tokens),) = tiny.with_tokens([text])
    assert len(tiny.pieces([text])[0]) == len(tokens) > 2 * SIZES.positions
    assert vector @ tiny.passages([text])[0] > 0.995
    ids = tiny._tokenizer.ids("passage: " + text)
    first = tiny._session.run(
        ["token_embeddings"], {"input_ids": np.array([[*ids[: SIZES.positions - 1], ids[-1]]])}
    )[0][0]
    prompt = len(tiny._bare["passage: "]) - 1
    given = tokens[: SIZES.positions - 1 - prompt]
    cosines = (given * first[prompt:-1]).sum(axis=1)
    cosines /= np.linalg.norm(given, axis=1) * np.linalg.norm(first[prompt:-1], axis=1)
    assert cosines.min() > 0.98


# --- batches, memory and threads


def test_batches_hold_one_length_and_few_tokens() -> None:
    windows = [Window(n, [0] * (3 + n % 7)) for n in range(100)] + [Window(100, [0] * 600)]
    made = list(equal_length_batches(windows))
    assert all(len({len(one.ids) for one in batch}) == 1 for batch in made)
    assert all(len(batch) == 1 or len(batch) * len(batch[0].ids) <= 512 for batch in made)
    assert sorted(one.text for batch in made for one in batch) == list(range(101))
    lengths = [len(batch[0].ids) for batch in made]
    assert lengths == sorted(lengths, reverse=True)


def test_many_texts_are_tokenised_a_slice_at_a_time(
    tiny: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer, session = tiny._tokenizer, tiny._session
    tokenised = encoded = most = 0

    class Counted:
        def ids(self, text: str) -> list[int]:
            nonlocal tokenised
            tokenised += 1
            return tokenizer.ids(text)

    class Counting:
        def run(self, outputs: list[str], inputs: dict[str, np.ndarray]) -> Any:
            nonlocal encoded, most
            most = max(most, tokenised - encoded)
            encoded += len(inputs["input_ids"])
            return session.run(outputs, inputs)

    monkeypatch.setattr(tiny, "_tokenizer", Counted())
    monkeypatch.setattr(tiny, "_session", Counting())
    assert is_unit(tiny.passages([f"the {n % 7}" for n in range(5_000)]))
    assert tokenised == encoded == 5_000
    assert most <= 2 * 1024


def test_progress_grows_to_the_number_of_texts(encoder: OnnxEncoder) -> None:
    told: list[tuple[int, int]] = []
    texts = [*SENTENCES.values(), ""]
    encoder.passages(texts, lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][1] == len(texts)
    assert told[-1][0] >= len(texts) - 1


def test_sixteen_threads_run_no_more_encodes_than_cores(encoder: OnnxEncoder, watched: Watched) -> None:
    texts = list(SENTENCES.values())
    alone = encoder.queries(texts)
    start = threading.Barrier(16)

    def ask(number: int) -> np.ndarray:
        start.wait()
        if number % 4 == 0:
            return encoder.passages(texts)[:0]
        return np.stack([encoder.queries([text])[0] for text in texts])

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(16)))
    assert watched.most <= cores()
    for vectors in answers:
        if len(vectors):
            assert (vectors * alone).sum(axis=1).min() > 0.995


def test_both_cores_are_kept_busy_by_a_build(encoder: OnnxEncoder, watched: Watched) -> None:
    encoder.passages([f"{text} {n}" for text in SENTENCES.values() for n in range(6)])
    assert watched.most == cores()


def test_one_query_is_one_call_of_the_graph_in_the_callers_thread(
    encoder: OnnxEncoder, watched: Watched
) -> None:
    before = threading.active_count()
    encoder.queries(["how does service relate to loyalty"])
    assert watched.runs == 1
    assert threading.active_count() == before


def test_an_error_in_a_batch_is_raised_and_the_encoder_goes_on(
    encoder: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def run(self, outputs: list[str], inputs: dict[str, np.ndarray]) -> Any:
            raise RuntimeError("no memory")

    with monkeypatch.context() as patch:
        patch.setattr(encoder, "_session", Failing())
        for _ in range(3):
            with pytest.raises(RuntimeError, match="no memory"):
                encoder.passages(list(SENTENCES.values()))
    assert is_unit(encoder.queries(["bread"]))


def test_work_in_order_takes_items_only_as_they_are_needed() -> None:
    taken = []

    def items() -> Any:
        for n in range(100):
            taken.append(n)
            yield n

    with ThreadPoolExecutor(2) as pool:
        results = in_order(pool, lambda n: n * n, items(), ahead=4)
        assert next(results) == 0
        assert len(taken) <= 5
        results.close()
    assert len(taken) <= 5


def test_cores_are_those_the_process_may_use() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)


# --- which model


def test_the_bundled_model_is_known_by_name_weights_and_dimension(encoder: OnnxEncoder) -> None:
    identity = encoder.identity
    assert (identity.name, identity.dimension) == ("multilingual-e5-small", 384)
    assert identity.revision == f"1571fc982750-3-{digest_of()}"
    assert load("multilingual-e5-small").identity == identity


def test_a_query_imports_neither_torch_nor_sentence_transformers(library: Path) -> None:
    script = f"""
import sys, search
with search.open({str(library)!r}) as engine:
    assert engine.search("how does service relate to loyalty").hits
heavy = {{"torch", "transformers", "sentence_transformers", "onnx", "scipy", "sklearn"}}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_folder_is_taken_with_its_own_prompts(
    tiny: OnnxEncoder, by_folder: SentenceTransformerEncoder
) -> None:
    texts = ["the loyalty", "service"]
    assert (tiny.queries(texts) * by_folder.queries(texts)).sum(axis=1).min() > 0.99
    assert (tiny.passages(texts) * by_folder.passages(texts)).sum(axis=1).min() > 0.99
    assert by_folder.queries(texts[:1])[0] @ by_folder.passages(texts[:1])[0] < 0.999


def test_a_model_without_prompts_gets_none(tiny_directory: Path, tmp_path: Path) -> None:
    import shutil

    bare = tmp_path / "bare"
    shutil.copytree(tiny_directory, bare)
    (bare / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {}}))
    made = SentenceTransformerEncoder(str(bare))
    np.testing.assert_array_equal(made.queries(["the service"]), made.passages(["the service"]))
    assert made.identity.revision != SentenceTransformerEncoder(str(tiny_directory)).identity.revision


def test_words_are_told_apart_while_others_are_encoded(by_folder: SentenceTransformerEncoder) -> None:
    # Encoding sets the tokenizer's padding, which its library lets nobody else use meanwhile.
    texts = ["the loyal service " * count for count in range(1, 8)]
    told = by_folder.pieces(texts)
    with ThreadPoolExecutor(4) as pool:
        encoding = [pool.submit(by_folder.passages, texts) for _ in range(40)]
        telling = [pool.submit(by_folder.pieces, texts) for _ in range(40)]
        assert all(one.result().any() for one in encoding)
        assert all(one.result() == told for one in telling)


def test_a_folder_is_known_by_its_full_path_and_content(
    by_folder: SentenceTransformerEncoder, tiny_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_directory.parent)
    again = load(tiny_directory.name)
    assert isinstance(again, SentenceTransformerEncoder)
    assert again.identity == by_folder.identity
    assert Path(again.identity.name).is_absolute()
    assert again.identity.dimension == SIZES.hidden


def test_sixteen_threads_share_a_sentence_transformers_model(by_folder: SentenceTransformerEncoder) -> None:
    texts = [f"the service {letter}" for letter in "abcdefgh"]
    alone = by_folder.queries(texts)
    with ThreadPoolExecutor(16) as pool:
        for vectors in pool.map(by_folder.queries, [texts] * 32):
            np.testing.assert_allclose(vectors, alone, atol=1e-5)


@pytest.mark.parametrize("name", ["no/such-model", "./no-such-folder"])
def test_without_a_network_a_model_that_is_not_there_is_one_line_at_once(
    name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sentence_transformer, "_hub_is_reachable", lambda: False)
    started = time.monotonic()
    with pytest.raises(ModelMissing) as caught:
        load(name)
    text = str(caught.value)
    assert name in text
    assert "folder" in text
    assert "\n" not in text
    assert time.monotonic() - started < 10
    assert not capfd.readouterr().err


def test_a_folder_that_holds_no_model_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelMissing) as caught:
        load(str(tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("make", "role"), [(load, "model"), (CrossEncoderReader, "reader")])
def test_a_light_install_says_what_a_model_by_name_needs(
    make: Callable[[str], object], role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for absent in ("torch", "transformers", "transformers.utils", "sentence_transformers"):
        monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(ModelMissing) as caught:
        make("someone/else")
    assert str(caught.value) == (
        f"the {role} 'someone/else' needs sentence-transformers and torch, which a light install leaves out: "
        f"install Rosetta whole (`make install`), or take the bundled {role}"
    )
