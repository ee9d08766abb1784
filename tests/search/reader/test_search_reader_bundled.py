"""The bundled reader, as it is installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from search.encoding.protocol import Encoder
from search.errors import ModelDamaged
from search.reader.adapter import ADAPTER, digest_of
from search.reader.loading import load_reader
from search.reader.onnx_reader import OnnxReader
from search.reader.protocol import Reader


@pytest.fixture(scope="module")
def reader(encoder: Encoder) -> Reader:
    found = load_reader(encoder.identity, name="bundled")
    assert found is not None
    return found


def test_what_it_adds_is_at_most_three_megabytes() -> None:
    assert ADAPTER.stat().st_size <= 3_000_000
    assert len(digest_of()) == 12


def test_it_is_there_once_in_a_process(reader: Reader, encoder: Encoder) -> None:
    assert load_reader(encoder.identity, name="bundled") is reader


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
