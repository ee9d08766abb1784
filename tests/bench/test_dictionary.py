"""What the dictionary costs: encoding its words against encoding the texts, and completions while typing."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import RESULTS, Board

import search
from search.answers.suggestions import Spelling, Suggestions
from search.arrays.vectors import Vectors
from search.encoding.encoder import OnnxEncoder
from search.language import analysis

pytestmark = pytest.mark.bench

SHARED = Path(__file__).parent.parent.parent.parent / "shared" / "eval" / "tatoeba-dev"
PASSAGES, SENTENCES, PER_ARTICLE = 10_000, 8, 10
TERMS, MILLISECONDS = 50_000, 30


@pytest.fixture(scope="module")
def board() -> Iterator[Board]:
    """The dictionary's own measures."""
    made = Board()
    yield made
    (RESULTS / "dictionary.md").write_text(made.markdown(), "utf-8")
    print("\n\n" + made.markdown())


def sentences() -> dict[str, list[str]]:
    """Sentences of thirteen languages."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not here: it is shared/, outside the repository")
    found: dict[str, list[str]] = {"en": []}
    for path in sorted(SHARED.glob("*.tsv")):
        lines = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
        found[path.name.split("-")[0]] = [line[0] for line in lines]
        found["en"] += [line[1] for line in lines]
    return {code: list(dict.fromkeys(lines)) for code, lines in found.items() if code != "ceb"}


def write_articles(folder: Path, passages: int) -> None:
    """Articles of so many passages in all; no sentence comes twice. Once the sentences have run out they come
    again with one word exchanged for another of their language."""
    chance = random.Random(1)
    folder.mkdir()
    held = sentences()
    share = passages // len(held) + 1
    for code, lines in held.items():
        words = [word for line in lines for word in line.split()]
        unique = dict.fromkeys(lines)
        while len(unique) < share * SENTENCES:
            parts = chance.choice(lines).split()
            parts[chance.randrange(len(parts))] = chance.choice(words)
            unique[" ".join(parts)] = None
        texts = list(unique)[: share * SENTENCES]
        chance.shuffle(texts)
        blocks = [
            " ".join(f"{text.rstrip('.')}." for text in texts[at : at + SENTENCES])
            for at in range(0, len(texts), SENTENCES)
        ]
        for start in range(0, len(blocks), PER_ARTICLE):
            name = f"{code}-{start // PER_ARTICLE:03}"
            head = f"---\ntitle: {name}\nlanguage: {code}\ncleaned: true\n---\n"
            # A heading before each block keeps it a passage of its own.
            body = "\n\n".join(
                f"## {at}\n\n{block}" for at, block in enumerate(blocks[start : start + PER_ARTICLE])
            )
            (folder / f"{name}.md").write_text(f"{head}{body}\n", "utf-8")


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("passages", [PASSAGES // 5, PASSAGES])
def test_the_vocabulary_takes_a_quarter_of_the_time_of_encoding(
    passages: int, tmp_path: Path, board: Board, monkeypatch: pytest.MonkeyPatch, encoder: object
) -> None:
    write_articles(tmp_path / "articles", passages)
    taken = {"texts": 0.0, "words": 0.0}
    adding, run = threading.Lock(), OnnxEncoder._run

    def timed(encoder: OnnxEncoder, rows: list[list[int]]) -> Vectors:
        # Processor time: minutes of work, which others on the machine would lengthen unevenly. Words are what
        # can wait.
        started = time.thread_time()
        found = run(encoder, rows)
        with adding:
            taken["words" if encoder._rank else "texts"] += time.thread_time() - started
        return found

    monkeypatch.setattr(OnnxEncoder, "_run", timed)
    search.build([tmp_path / "articles"], tmp_path / "kb")
    with search.open(tmp_path / "kb") as engine:
        held = sum(engine.status().passages.values())
        terms = len(engine._index.vocabulary)
    board.add(
        f"encoding the vocabulary of {held:,} passages, of the time of encoding them",
        taken["words"] / taken["texts"],
        "",
        "at most",
        # Up to ten thousand passages most of a vocabulary's cost stays the same.
        0.25 * PASSAGES / passages,
        f"{terms:,} terms in {taken['words']:.0f} s, texts in {taken['texts']:.0f} s of processor time",
    )


def test_completions_are_found_while_typing(board: Board) -> None:
    chance = random.Random(2)
    words = {word.form for lines in sentences().values() for line in lines for word in analysis.words(line)}
    terms = list(words)
    chance.shuffle(terms)
    while len(words) < TERMS:
        words.add(f"{chance.choice(terms)} {chance.choice(terms)}")
    spellings = [Spelling(word, "en", "term", chance.random() * 5) for word in list(words)[:TERMS]]
    suggestions = Suggestions(spellings)
    taken = []
    for spelling in chance.sample(spellings, 300):
        text = spelling.text
        at = chance.randrange(len(text))
        wrong = text[:at] + "x" + text[at + 1 :]
        for typed in (text[: 1 + at], wrong, wrong[: max(1, len(wrong) // 2)]):
            started = time.perf_counter()
            suggestions.complete(typed, 8)
            taken.append(1000 * (time.perf_counter() - started))
    p50, p95, most = np.percentile(taken, [50, 95, 100])
    detail = f"{len(spellings):,} terms, {len(taken)} beginnings, two in three with a slip: median {p50:.1f},"
    detail += f" most {most:.0f} ms"
    board.add("a completion, p95", float(p95), "ms", "at most", MILLISECONDS, detail)
