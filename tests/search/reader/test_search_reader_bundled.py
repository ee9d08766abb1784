"""The bundled reader, as it is installed."""

from __future__ import annotations

import numpy as np
import pytest

from search.encoding.protocol import Encoder
from search.reader.adapter import ADAPTER, read_adapter
from search.reader.loading import load_reader
from search.reader.protocol import Reader


@pytest.fixture(scope="module")
def reader(encoder: Encoder) -> Reader:
    found = load_reader(encoder.identity, name="bundled")
    assert found is not None
    return found


def test_what_it_adds_is_at_most_three_megabytes() -> None:
    assert ADAPTER.stat().st_size <= 3_000_000
    assert read_adapter().digest


def test_it_is_there_once_in_a_process(reader: Reader, encoder: Encoder) -> None:
    assert load_reader(encoder.identity, name="bundled") is reader


def test_scores_are_in_the_order_of_the_sentences(reader: Reader) -> None:
    sentences = ["The tram costs two euros.", "Dogs must be on a lead in the park at all times.", "Why?"]
    question = "What does a ride on the tram cost?"
    together = reader.score(question, sentences)
    assert together.dtype == np.float32
    assert together.shape == (3,)
    alone = [float(reader.score(question, [one])[0]) for one in sentences]
    np.testing.assert_allclose(together, alone, atol=0.3)
    assert int(together.argmax()) == 0
    assert reader.score(question, []).shape == (0,)


def test_long_and_odd_texts_are_read(reader: Reader) -> None:
    found = reader.score("word " * 3000, ["", "\ud800", "x" * 5000, "an ordinary sentence. " * 500])
    assert np.isfinite(found).all()
