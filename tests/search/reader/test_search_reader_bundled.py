"""The bundled reader, as it is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import search
import search.building.build as building
from search.encoding.adapter import ADAPTERS, digest_of
from search.encoding.preparation import BUNDLED_NAME
from search.encoding.protocol import Encoder, ModelIdentity
from search.errors import ModelDamaged, ModelError
from search.reader import loading
from search.reader.loading import load_reader, prepare_beside
from search.reader.onnx_reader import OnnxReader
from search.reader.protocol import Reader


@pytest.fixture(scope="module")
def reader(encoder: Encoder) -> Reader:
    found = load_reader(encoder.identity, name="bundled")
    assert found is not None
    return found


def test_what_it_adds_is_at_most_three_megabytes() -> None:
    assert ADAPTERS.stat().st_size <= 3_000_000
    assert len(digest_of()) == 12


def test_it_is_there_once_in_a_process(reader: Reader, encoder: Encoder) -> None:
    assert load_reader(encoder.identity, name="bundled") is reader


def test_it_is_used_unless_none_is_named(reader: Reader, encoder: Encoder) -> None:
    assert load_reader(encoder.identity) is reader
    assert load_reader(encoder.identity, name="none") is None
    assert load_reader(ModelIdentity("intfloat/multilingual-e5-base", "1", 768)) is None


def test_a_build_leaves_it_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready: list[ModelIdentity] = []
    monkeypatch.setattr(building, "prepare_beside", lambda encoder, cache: ready.append(encoder))
    (tmp_path / "a.txt").write_text("Trams\n\nThe tram costs two euros.\n", "utf-8")
    search.build([tmp_path / "a.txt"], tmp_path / "kb")
    assert [one.name for one in ready] == [BUNDLED_NAME]


def test_where_it_cannot_be_made_ready_the_log_says_so(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise ModelError("the reader cannot be prepared: make room")

    monkeypatch.setattr(loading, "prepare_reader", full)
    prepare_beside(encoder.identity)
    assert "make room" in caplog.text


def test_scores_are_in_the_order_of_the_sentences(reader: Reader) -> None:
    sentences = ["The tram costs two euros.", "Dogs must be on a lead in the park at all times.", "Why?"]
    question = "What does a ride on the tram cost?"
    together = reader.score(question, sentences)
    assert together.dtype == np.float32
    assert together.shape == (3,)
    alone = [float(reader.score(question, [one])[0]) for one in sentences]
    np.testing.assert_allclose(together, alone, atol=1e-3)
    assert int(together.argmax()) == 0
    assert reader.score(question, []).shape == (0,)


def test_long_and_odd_texts_are_read(reader: Reader) -> None:
    found = reader.score("word " * 3000, ["", "\ud800", "x" * 5000, "an ordinary sentence. " * 500])
    assert np.isfinite(found).all()


def test_many_sentences_of_all_lengths_are_read_as_each_would_be_alone(reader: Reader) -> None:
    sentences = [f"The {number}th tram goes to the harbour" + " and back" * number for number in range(30)]
    question = "Where does the tram go?"
    together = reader.score(question, sentences)
    for number in (0, 7, 18, 29):
        assert abs(reader.score(question, [sentences[number]])[0] - together[number]) < 1e-3
    assert np.ptp(together) > 0.1


def test_nothing_is_opened_before_something_is_read() -> None:
    assert OnnxReader()._opened is None
    with pytest.raises(ModelDamaged, match="nowhere"):
        OnnxReader(Path("nowhere.npz"))
