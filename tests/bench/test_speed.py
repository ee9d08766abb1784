"""How fast texts are encoded, libraries built and questions answered, against the bare graph and torch.

The *bare graph* is what ONNX Runtime takes for the same token ids, in the same batches on all cores, with
nothing around it: no tokenizer, no files, no index. *torch* is ``SentenceTransformer(prepared directory)``
in float32 with its own batching. Both have the same weights as the encoder.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asked import note_searches, questions
from conftest import Board, interleaved

import search
from search.arrays.batches import cores
from search.encoding.encoder import OnnxEncoder
from search.encoding.preparation import PASSAGE_PROMPT, QUERY_PROMPT, bundled_directory

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parent.parent.parent
SOURCES = [ROOT / "corpus", ROOT / "tests" / "eval" / "library"]
TATOEBA = ROOT.parent / "shared" / "eval" / "tatoeba-dev"
QUESTIONS = [
    "how does service relate to loyalty",
    "jak obsługa klienta wpływa na lojalność?",
    "как обслуживание связано с лояльностью?",
    "なぜ潮は満ち引きするのですか",
    "why does dough rise",
]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, encoder: OnnxEncoder) -> Path:
    """A library of corpus/ and the evaluation's articles; built once before what is timed, so that what is
    made once on a machine (the model, the background's vectors) is there."""
    to = tmp_path_factory.mktemp("bench") / "kb"
    search.build(SOURCES, to)
    return to


class Recording:
    """The encoder, with a note of every text that it was given."""

    def __init__(self, encoder: OnnxEncoder) -> None:
        self._encoder = encoder
        self.identity = encoder.identity
        self.texts: dict[str, None] = {}

    def later(self, rank: int) -> Recording:
        return self

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._encoder, name)

        def noted(texts: Sequence[str], *args: Any, **options: Any) -> Any:
            self.texts |= dict.fromkeys(texts)
            return method(texts, *args, **options)

        return noted if name in ("passages", "queries", "with_tokens") else method


@pytest.fixture(scope="session")
def texts(built: Path, encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every text that the build of that library encodes, each once."""
    recording = Recording(encoder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["search.building.build"], "load", lambda *args, **options: recording)
        search.build(SOURCES, tmp_path_factory.mktemp("recorded") / "kb")
    return list(recording.texts)


@pytest.fixture(scope="session")
def torch_model() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(bundled_directory()), device="cpu")


def bare_runs(encoder: OnnxEncoder, texts: list[str]) -> list[np.ndarray]:
    """The token ids of texts, in the batches that the encoder makes of them."""
    return [
        np.array([window.ids for window in batch], dtype=np.int64)
        for batch in encoder._batches(PASSAGE_PROMPT, texts)
    ]


def run_bare(encoder: OnnxEncoder, batches: list[np.ndarray]) -> None:
    with ThreadPoolExecutor(cores()) as pool:
        for _ in pool.map(
            lambda ids: encoder._session.run(["sentence_embedding"], {"input_ids": ids}), batches
        ):
            pass


def test_encoding_is_nearly_as_fast_as_the_bare_graph(
    encoder: OnnxEncoder, texts: list[str], board: Board
) -> None:
    batches = bare_runs(encoder, texts)
    tokens = sum(batch.size for batch in batches)
    whole, bare = interleaved(3, lambda: encoder.passages(texts), lambda: run_bare(encoder, batches))
    board.add(
        "encoding, of the bare graph's throughput",
        bare / whole,
        "",
        "at least",
        0.9,
        f"{len(texts)} texts, {tokens} tokens: {tokens / whole:,.0f} and {tokens / bare:,.0f} tokens/s",
    )


def test_a_build_is_nearly_as_fast_as_the_bare_graph(
    encoder: OnnxEncoder, texts: list[str], built: Path, tmp_path: Path, board: Board
) -> None:
    batches = bare_runs(encoder, texts)

    def build() -> None:
        shutil.rmtree(tmp_path / "kb", ignore_errors=True)
        search.build(SOURCES, tmp_path / "kb")

    # The chip's own speed drifts by a tenth within minutes: more runs than elsewhere.
    whole, bare = interleaved(9, build, lambda: run_bare(encoder, batches))
    board.add(
        "a build from files, of the bare graph's throughput",
        bare / whole,
        "",
        "at least",
        0.8,
        f"{len(texts)} texts in {whole:.1f} s and {bare:.1f} s",
    )


def test_a_build_is_several_times_as_fast_as_torch(
    encoder: OnnxEncoder, texts: list[str], torch_model: Any, built: Path, tmp_path: Path, board: Board
) -> None:
    def build() -> None:
        shutil.rmtree(tmp_path / "kb", ignore_errors=True)
        search.build(SOURCES, tmp_path / "kb")

    # Only the encoding of the other build, and of every fourth text, by tokens: the rest would be the same
    # and take minutes, and would flatter us.
    sample = texts[::4]
    tokens, sampled = (sum(ids.size for ids in bare_runs(encoder, some)) for some in (texts, sample))
    whole, torch = interleaved(
        3, build, lambda: torch_model.encode(sample, prompt_name="passage", show_progress_bar=False)
    )
    ours, theirs = tokens / whole, sampled / torch
    board.add(
        "a build from files, of torch's throughput in encoding alone",
        ours / theirs,
        "×",
        "at least",
        4,
        f"{len(texts)} texts at {ours:,.0f} tokens/s, {len(sample)} at {theirs:,.0f}",
    )


def test_a_query_takes_little_more_than_the_bare_graph(
    encoder: OnnxEncoder, torch_model: Any, board: Board
) -> None:
    ratios, times = [], []
    for question in QUESTIONS:
        ids = np.array([encoder._tokenizer.ids(QUERY_PROMPT + question)], dtype=np.int64)
        # torch apart: what runs after it finds nothing of its own in the cores' caches.
        ours, bare = interleaved(
            60,
            lambda q=question: encoder.queries([q]),
            lambda ids=ids: encoder._session.run(["sentence_embedding"], {"input_ids": ids}),
        )
        (torch,) = interleaved(
            20, lambda q=question: torch_model.encode([q], prompt_name="query", show_progress_bar=False)
        )
        ratios.append((ours / bare, torch / ours))
        times.append([1000 * one for one in (ours, bare, torch)])
    ours, bare, torch = np.median(np.array(times), axis=0)
    detail = f"{len(QUESTIONS)} questions: {ours:.2f} ms, bare {bare:.2f} ms, torch {torch:.1f} ms"
    over_bare, over_torch = np.median(np.array(ratios), axis=0).tolist()
    board.add("one query's encode, of the bare graph's time", over_bare, "×", "at most", 1.2, detail)
    board.add("one query's encode, how much faster than torch", over_torch, "×", "at least", 5, detail)


def test_a_search_takes_a_few_encodes_time(built: Path, board: Board) -> None:
    with search.open(built) as engine:
        passages = sum(engine.status().passages.values())
        note_searches(engine, questions(120), board, f"{passages:,} passages")


def test_int8_finds_as_many_translations_as_the_exact_weights(
    encoder: OnnxEncoder, torch_model: Any, board: Board
) -> None:
    if not TATOEBA.is_dir():
        pytest.skip(f"{TATOEBA} is not here: it is shared/, outside the repository")
    scores = []
    for path in sorted(TATOEBA.glob("*.tsv")):
        pairs = [line.split("\t")[:2] for line in path.read_text("utf-8").splitlines()[:200]]
        left, right = ([pair[side] for pair in pairs] for side in (0, 1))
        exact = [
            torch_model.encode(one, prompt_name="query", show_progress_bar=False) for one in (left, right)
        ]
        scores.append((accuracy(encoder.queries(left), encoder.queries(right)), accuracy(*exact)))
    int8, fp32 = 100 * np.mean(scores, axis=0)
    board.add(
        "translations found (Tatoeba), points lost by int8",
        float(fp32 - int8),
        "points",
        "at most",
        1.5,
        f"{len(scores)} languages to and from English, 200 sentences each: {int8:.1f} % and {fp32:.1f} %",
    )


def accuracy(left: np.ndarray, right: np.ndarray) -> float:
    """Share of sentences whose nearest in the other language is their translation, both ways."""
    cosines = left @ right.T
    places = np.arange(len(left))
    return float((np.mean(cosines.argmax(1) == places) + np.mean(cosines.argmax(0) == places)) / 2)


def test_a_search_from_a_cold_start_is_quick(built: Path, tmp_path: Path, board: Board) -> None:
    search.build([ROOT / "corpus"], tmp_path / "kb")
    command = [sys.executable, "-m", "webapp", "search", QUESTIONS[0], "--kb", str(tmp_path / "kb"), "--json"]

    def run() -> None:
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    run()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    (taken,) = interleaved(5, run)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 5
    detail = f"the five-article library, median of 5; {busy:.2f} s of processor time"
    board.add("`kb search` from a cold start", taken, "s", "at most", 2.5, detail)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc, which only Linux has")
def test_a_serving_process_stays_small(built: Path, board: Board) -> None:
    command = [sys.executable, "-m", "webapp", "serve", "--port", "0", "--kb", str(built)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert server.stdout is not None
        address = re.search(r"http://\S+?:\d+", server.stdout.readline())
        assert address is not None
        for number in range(50):
            question = urllib.parse.quote(f"{QUESTIONS[number % len(QUESTIONS)]} {number}")
            for page in ("/api/search?q=", "/api/ask?q="):
                with urllib.request.urlopen(address.group() + page + question, timeout=60) as answer:
                    assert answer.status == 200
        status = Path(f"/proc/{server.pid}/status").read_text()
    finally:
        server.terminate()
        server.wait(30)
    peak, now = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024 for name in ("VmHWM", "VmRSS"))  # type: ignore[index]
    board.add(
        "peak memory of a serving process",
        peak,
        "MB",
        "at most",
        700,
        f"after 100 requests, then {now:.0f} MB",
    )
