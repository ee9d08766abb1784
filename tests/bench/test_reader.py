"""What reading a question with sentences costs, against the bare graph of the encoder.

The *bare graph* is what ONNX Runtime takes for the int8 encoder on as many tokens: the question's and a
sentence's in one text, for every sentence, in the batches that the encoder makes, on all cores.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import Board, interleaved

from search.arrays.batches import Window, cores, equal_length_batches
from search.encoding.encoder import OnnxEncoder
from search.encoding.preparation import PASSAGE_PROMPT, QUERY_PROMPT
from search.language import background
from search.reader.onnx_reader import OnnxReader

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parent.parent.parent
QUESTIONS = [
    "Why does dough rise?",
    "jak obsługa klienta wpływa na lojalność?",
    "なぜ潮は満ち引きするのですか",
]
SENTENCES = 24
# Opens the encoder, then the reader; prints the seconds that this took, and the megabytes when it has read.
_OPENED = """
import re, time
from pathlib import Path
from search.encoding.encoder import load
from search.reader.loading import load_reader
encoder = load()
encoder.queries(["Why does dough rise?"])
def megabytes():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before, started = megabytes(), time.process_time()
reader = load_reader(encoder.identity)
reader.score("Why does dough rise?", ["Yeast makes gas, and the gas lifts the dough."])
taken = time.process_time() - started
for number in range(5):
    reader.score("Why does dough rise?", [f"Yeast {number} makes" + " air" * size for size in range(24)])
print(taken, megabytes() - before)
"""


@pytest.fixture(scope="module")
def reader() -> OnnxReader:
    found = OnnxReader()
    found.score(QUESTIONS[0], ["It is prepared, if it was not."])
    return found


def sentences() -> list[str]:
    """Statements of many languages, two together: as long as sentences with their titles are."""
    texts = [row.text for row in background.rows("statement")]
    rows = np.random.default_rng(0).choice(len(texts), 2 * SENTENCES, replace=False)
    return [f"{texts[one]} {texts[other]}" for one, other in rows.reshape(-1, 2)]


def test_reading_takes_little_more_than_the_bare_graph_on_as_many_tokens(
    encoder: OnnxEncoder, reader: OnnxReader, board: Board
) -> None:
    texts = sentences()
    ids, run = encoder._tokenizer.ids, encoder._session.run
    ratios, times, tokens = [], [], 0
    with ThreadPoolExecutor(cores()) as pool:
        for question in QUESTIONS:
            asked = ids(QUERY_PROMPT + question)
            pairs = [Window(at, asked + ids(PASSAGE_PROMPT + text)) for at, text in enumerate(texts)]
            batches = [
                np.array([window.ids for window in batch], np.int64) for batch in equal_length_batches(pairs)
            ]
            tokens += sum(batch.size for batch in batches)

            def bare(batches: list[np.ndarray] = batches) -> None:
                list(pool.map(lambda ids: run(["sentence_embedding"], {"input_ids": ids}), batches))

            ours, theirs = interleaved(9, lambda q=question: reader.score(q, texts), bare)
            ratios.append(ours / theirs)
            times.append((1000 * ours, 1000 * theirs))
    ours, theirs = np.median(np.array(times), axis=0)
    board.add(
        f"reading {SENTENCES} sentences, of the bare graph's time on as many tokens",
        float(np.median(ratios)),
        "×",
        "at most",
        1.3,
        f"{tokens / len(QUESTIONS) / SENTENCES:.0f} tokens a pair: {ours:.0f} ms and {theirs:.0f} ms",
    )


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc, which only Linux has")
def test_the_reader_is_opened_quickly_and_shares_the_encoders_weights(
    reader: OnnxReader, board: Board
) -> None:
    found = subprocess.run([sys.executable, "-c", _OPENED], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    seconds, megabytes = map(float, found.stdout.split())
    board.add("opening the reader beside the encoder", seconds, "s", "at most", 0.5, "of processor time")
    board.add(
        "the reader's memory beside the encoder's",
        megabytes,
        "MB",
        "at most",
        80,
        "resident, when it has read 121 sentences",
    )
