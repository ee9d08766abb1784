"""What every backend must do, whichever it is: each answer is compared with a search by numpy over the same
passages, written here as plainly as can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
from embedded_writer import EmbeddedWriter
from named_server import NamedServer, named
from postgres_server import PostgresServer

from kb.errors import LibraryMissing
from search.arrays.runs import offsets_of
from search.disk import layout
from search.errors import BackendUnavailable
from search.language import analysis
from search.passages import embedded
from search.passages.backend import (
    ANSWERS,
    ITEM,
    Backend,
    BackendWriter,
    Gathering,
    Matched,
    PassageBatch,
    Rows,
    Scored,
    WeightedTerms,
    WordQuery,
)
from search.passages.settings import PASSAGES

DIMENSION, WIDTH = 16, 3
LANGUAGES = ("pl", "lv", "ru")
WORDS = ("loyalty", "service", "customer", "the", "of", "price", "naïve", "c++", "lojalność", "ещё")
EVERY = 10_000  # more than there is


class Kind(Protocol):
    """A kind of backend, as it is made here; a library is a name, a generation a number. Cosines are exact to
    ``tolerance``."""

    tolerance: float

    def writer(self, library: str, generation: int) -> BackendWriter: ...

    def opened(self, library: str) -> Backend: ...


@dataclass
class Milvus:
    """Milvus: milvus-lite, in this process, on one file, or a server that is named."""

    server: NamedServer
    tolerance: float = 1e-5

    def writer(self, library: str, generation: int) -> BackendWriter:
        from search.cluster.milvus import MilvusWriter
        from search.remote import parse

        return MilvusWriter(parse(self._address(library)), str(generation), DIMENSION)

    def opened(self, library: str) -> Backend:
        from search.cluster.milvus import MilvusBackend

        return MilvusBackend.open(self._address(library))

    def _address(self, library: str) -> str:
        return self.server.address(library)


@dataclass
class Postgres:
    """A PostgreSQL server of this run."""

    server: PostgresServer
    shards: Sequence[str] = ()  # further ones that passages lie on
    tolerance: float = 0.02  # one byte a coordinate

    def writer(self, library: str, generation: int) -> BackendWriter:
        from search.postgres.writing.writer import PostgresWriter
        from search.remote import parse

        remote = parse(self._address(library))
        return PostgresWriter(remote, str(generation), DIMENSION, shards=self.shards)

    def opened(self, library: str) -> Backend:
        from search.postgres.backend import PostgresBackend
        from search.postgres.generation import Generation
        from search.remote import parse

        return PostgresBackend(Generation(parse(self._address(library))))

    def _address(self, library: str) -> str:
        return self.server.address(f"seam_{'sharded' if self.shards else 'whole'}_{library}")


def no_rows() -> Rows:
    return np.zeros(0, np.int64)


@dataclass
class Embedded:
    """A library's own files."""

    folder: Path
    tolerance: float = 0.02  # one byte a coordinate

    def writer(self, library: str, generation: int) -> BackendWriter:
        return EmbeddedWriter(self.folder / library, generation, DIMENSION, WIDTH)

    def opened(self, library: str) -> Backend:
        from search.passages.embedded import EmbeddedBackend

        live = layout.read_live(self.folder / library).generation
        return EmbeddedBackend(layout.generation_directory(self.folder / library, live))


def made(which: str, folder: Path, request: pytest.FixtureRequest) -> Kind:
    if which == "embedded":
        return Embedded(folder)
    if which == "postgres":
        return Postgres(request.getfixturevalue("postgres"))
    if which == "shards":
        hosts = [server.host for server in request.getfixturevalue("shards")]
        return Postgres(request.getfixturevalue("postgres"), hosts)
    there = named(postgres=False)
    if there is not None:
        request.addfinalizer(there.close)
        return Milvus(there)
    pytest.importorskip("milvus_lite")
    return Milvus(NamedServer(f"milvus+file://{folder}/test.db"))


@pytest.fixture(scope="module", params=["embedded", "milvus", "postgres", "shards"])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kind:
    return made(request.param, tmp_path_factory.mktemp(request.param), request)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Kind:
    """A backend that generations are sent to, and swapped by."""
    return made("milvus", tmp_path_factory.mktemp("server"), request)


_names = count()


@pytest.fixture
def name() -> str:
    """Of a library that no other test has."""
    return f"library{next(_names)}"


def unit(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def term(language: str, number: int) -> int:
    """A term's hash: as those that are made of texts, another one in each language."""
    return ((*LANGUAGES, "sv").index(language) * 1000 + number) * 0x9E3779B97F4A7C15 % 2**64


def words_of(language: str, *numbers: int) -> WeightedTerms:
    """Terms of a query, each found as itself, as a lemma and folded."""
    hashes = [[term(language, number + at) for at in range(3)] for number in numbers]
    return weighted([1.0 + number / 10 for number in numbers], hashes, [1.0, 0.9, 0.8])


def weighted(
    weights: Sequence[float], hashes: Sequence[Sequence[int]], worths: Sequence[float]
) -> WeightedTerms:
    shape = (len(weights), len(worths))
    keys = np.array(hashes, np.uint64).reshape(shape)
    return WeightedTerms(np.array(weights), keys, np.broadcast_to(np.array(worths), shape))


NO_WORDS = weighted([], [], [1.0])


def some_passages(number: int, first_row: int = 0, first_sentence: int = 0, seed: int = 0) -> PassageBatch:
    """Passages of nought to four sentences, of nought to three tokens each, in LANGUAGES; now and then one in
    an article of another language."""
    random = np.random.default_rng(seed)
    languages = [LANGUAGES[one] for one in random.integers(0, 3, number)]
    texts = [" ".join(random.choice(WORDS, random.integers(1, 9))) for _ in range(number)]
    bounds = offsets_of(random.integers(0, 5, number))
    sentences = int(bounds[-1])
    token_offsets = offsets_of(random.integers(0, 4, sentences))
    terms = [np.unique(random.integers(1, 40, random.integers(0, 12))) for _ in range(number)]
    flat = [term(one, int(number)) for one, some in zip(languages, terms, strict=True) for number in some]
    rows = np.arange(first_row, first_row + number)
    return PassageBatch(
        first_row=first_row,
        first_sentence=first_sentence,
        keys=rows * 10 + 7,
        articles=rows // 3,
        languages=languages,
        article_languages=[one if at % 7 else "sv" for at, one in enumerate(languages)],
        texts=texts,
        vectors=unit(random.standard_normal((number, DIMENSION))),
        sentences=unit(random.standard_normal((sentences, DIMENSION))),
        bounds=bounds,
        kinds=random.choice(np.array([0, ANSWERS, ITEM, ANSWERS + ITEM], np.uint8), sentences),
        tokens=random.integers(0, 256, (int(token_offsets[-1]), WIDTH), dtype=np.uint8),
        token_offsets=token_offsets,
        terms=np.array(flat, np.uint64),
        impacts=random.uniform(0.1, 0.9, len(flat)).astype(np.float16).astype(np.float32),
        term_offsets=offsets_of([len(one) for one in terms]),
    )


class Reference:
    """The same library, searched by comparing everything."""

    def __init__(self, *batches: PassageBatch) -> None:
        self.batches = batches
        self.passages = [(batch, at) for batch in batches for at in range(len(batch.keys))]
        self.rows = np.array([batch.first_row + at for batch, at in self.passages], np.int64)

    def place(self, row: int) -> tuple[PassageBatch, int]:
        return self.passages[int(np.flatnonzero(self.rows == row)[0])]

    def score(self, row: int, query: Any) -> float:
        batch, at = self.place(row)
        sentences = batch.sentences[batch.bounds[at] : batch.bounds[at + 1]] @ query
        return float(batch.vectors[at] @ query + max(sentences, default=-1.0)) / 2

    def best(self, scores: Mapping[int, float], each: int) -> list[int]:
        """The best of each language, ascending."""
        chosen: list[int] = []
        for language in LANGUAGES:
            ours = [row for row in scores if self.language(row) == language]
            chosen += sorted(ours, key=lambda row: (-scores[row], row))[:each]
        return sorted(chosen)

    def language(self, row: int) -> str:
        batch, at = self.place(row)
        return batch.languages[at]

    def article_language(self, row: int) -> str:
        batch, at = self.place(row)
        return batch.article_languages[at]

    def terms(self, row: int) -> dict[int, float]:
        batch, at = self.place(row)
        ours = slice(batch.term_offsets[at], batch.term_offsets[at + 1])
        return dict(zip(batch.terms[ours].tolist(), batch.impacts[ours].tolist(), strict=True))

    def share(self, row: int, terms: WeightedTerms) -> float:
        held, total = self.terms(row), terms.weights.sum()
        found = (
            weight * max(held.get(key, 0.0) * worth for key, worth in zip(hashes, worths, strict=True))
            for weight, hashes, worths in zip(
                terms.weights.tolist(), terms.hashes.tolist(), terms.worths.tolist(), strict=True
            )
        )
        return float(sum(found) / total) if total else 0.0

    def holding(self, forms: list[str]) -> list[int]:
        def holds(row: int) -> bool:
            batch, at = self.place(row)
            words = [word.form for word in analysis.words(batch.texts[at])]
            return any(words[start : start + len(forms)] == forms for start in range(len(words)))

        return [row for row in self.rows.tolist() if holds(row)]

    def same(self, found: Scored, rows: list[int], query: Any, backend: Backend, near: float) -> None:
        """Asserts that these passages were found, with all that belongs to them, cosines to ``near``."""
        assert found.rows.tolist() == rows
        self.right(found, query, backend, near)

    def right(self, found: Scored, query: Any, backend: Backend, near: float) -> None:
        """Asserts that what is said of passages is so."""
        languages = backend.languages
        assert len(found.bounds) == len(found.rows) + 1
        for at, row in enumerate(found.rows.tolist()):
            batch, place = self.place(row)
            ours = slice(batch.bounds[place], batch.bounds[place + 1])
            theirs = slice(found.bounds[at], found.bounds[at + 1])
            assert found.keys[at] == batch.keys[place]
            assert found.articles[at] == batch.articles[place]
            assert languages[found.language[at]] == batch.languages[place]
            assert languages[found.article_language[at]] == batch.article_languages[place]
            assert found.first[at] == batch.first_sentence + batch.bounds[place]
            assert found.passage[at] == pytest.approx(float(batch.vectors[place] @ query), abs=near)
            assert found.sentence[theirs] == pytest.approx(batch.sentences[ours] @ query, abs=near)
            assert found.kinds[theirs].tolist() == batch.kinds[ours].tolist()

    def are_best(self, found: list[int], scores: Mapping[int, float], each: int, near: float) -> None:
        """Asserts that these are each language's best, or as good as those."""
        assert found == sorted(set(found))
        for language in LANGUAGES:
            ours = [row for row in scores if self.language(row) == language]
            theirs = [row for row in found if self.language(row) == language]
            best = sorted((scores[row] for row in ours), reverse=True)[:each]
            assert len(theirs) == len(best)
            assert sorted((scores[row] for row in theirs), reverse=True) == pytest.approx(best, abs=near)


QUERY = unit(np.random.default_rng(5).standard_normal((1, DIMENSION)))[0]


@dataclass
class Library:
    """A library of two batches, opened, and what should be found in it."""

    backend: Backend
    expected: Reference
    near: float

    @property
    def rows(self) -> list[int]:
        return [int(row) for row in self.expected.rows]

    def code(self, language: str) -> int:
        return self.backend.languages.index(language)


@pytest.fixture(scope="module")
def library(kind: Kind) -> Iterator[Library]:
    first = some_passages(60)
    second = some_passages(30, first_row=60, first_sentence=len(first.sentences), seed=1)
    write(kind, "shared", 1, first, second)
    backend = kind.opened("shared")
    yield Library(backend, Reference(first, second), kind.tolerance)
    backend.close()


def write(kind: Kind, name: str, generation: int, *batches: PassageBatch) -> None:
    writer = kind.writer(name, generation)
    for batch in batches:
        writer.write(batch)
    writer.finish()
    writer.swap()


def test_a_backend_knows_its_languages_and_counts_their_passages(library: Library) -> None:
    assert sorted(library.backend.languages) == sorted([*LANGUAGES, "sv"])
    counted = dict(zip(library.backend.languages, library.backend.counts.tolist(), strict=True))
    languages = [library.expected.language(row) for row in library.rows]
    assert counted == {one: languages.count(one) for one in (*LANGUAGES, "sv")}


@pytest.mark.parametrize("each", [1, 7, EVERY])
def test_ranking_by_vector_finds_each_languages_best(library: Library, each: int) -> None:
    expected = library.expected
    found = library.backend.rank_by_vector(QUERY, each)
    scores = {row: expected.score(row, QUERY) for row in library.rows}
    expected.are_best(found.rows.tolist(), scores, each, library.near)
    expected.right(found, QUERY, library.backend, library.near)


def test_ranking_by_vector_keeps_to_languages_of_articles_and_to_some_rows(library: Library) -> None:
    expected, backend = library.expected, library.backend
    wanted = frozenset({library.code("sv"), library.code("lv")})
    only = np.array(library.rows[5:40:3], np.int64)
    most = np.setdiff1d(library.rows, library.rows[10:13])
    for languages, rows in ((wanted, None), (None, only), (wanted, only), (None, most)):
        names = {backend.languages[code] for code in languages or range(len(backend.languages))}
        allowed = [
            row
            for row in (library.rows if rows is None else rows.tolist())
            if expected.article_language(row) in names
        ]
        found = backend.rank_by_vector(QUERY, 3, languages, rows)
        scores = {row: expected.score(row, QUERY) for row in allowed}
        expected.are_best(found.rows.tolist(), scores, 3, library.near)
        expected.right(found, QUERY, backend, library.near)


def test_a_large_library_is_scanned_by_gists_first(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = library.backend.rank_by_vector(QUERY, 5)
    monkeypatch.setattr(embedded, "PASSAGES", replace(PASSAGES, whole_below=0))
    found = library.backend.rank_by_vector(QUERY, 5)
    assert found.rows.tolist() == whole.rows.tolist()
    np.testing.assert_allclose(found.sentence, whole.sentence, atol=1e-6)
    # However few are looked at, what is said of them is true.
    few = replace(PASSAGES, whole_below=0, nearest_times=1, nearest_share=0)
    monkeypatch.setattr(embedded, "PASSAGES", few)
    library.expected.right(library.backend.rank_by_vector(QUERY, 5), QUERY, library.backend, library.near)


def test_nothing_is_ranked_where_nothing_is_allowed(library: Library) -> None:
    nothing = np.zeros(0, np.int64)
    assert not len(library.backend.rank_by_vector(QUERY, 5, None, nothing).rows)
    assert not len(library.backend.rank_by_vector(QUERY, 5, frozenset()).rows)
    queries = {library.code("pl"): WordQuery(words_of("pl", 1, 2), NO_WORDS)}
    assert not len(library.backend.rank_by_words(queries, 5, no_rows, None, nothing).rows)


def test_passages_are_fetched_by_their_rows(library: Library) -> None:
    rows = [0, 3, 4, 59, 60, 89]
    found = library.backend.fetch(np.array(rows, np.int64), QUERY)
    library.expected.same(found, rows, QUERY, library.backend, library.near)
    assert not len(library.backend.fetch(np.zeros(0, np.int64), QUERY).rows)


def test_frequencies_count_the_passages_that_have_a_term(library: Library) -> None:
    wanted = [term("lv", number) for number in (3, 500, 7, 3, 39)]
    expected = [sum(key in library.expected.terms(row) for row in library.rows) for key in wanted]
    assert expected[1] == 0 < expected[0]
    assert library.backend.frequencies(np.array(wanted, np.uint64)).tolist() == expected
    assert library.backend.frequencies(np.zeros(0, np.uint64)).tolist() == []


def matches(library: Library, found: Matched, queries: Mapping[int, WordQuery]) -> None:
    """Asserts that what was found has the shares that it should have."""
    for row, words, grams in zip(found.rows.tolist(), found.words, found.grams, strict=True):
        asked = queries.get(library.code(library.expected.language(row)), WordQuery(NO_WORDS, NO_WORDS))
        assert words == pytest.approx(library.expected.share(row, asked.words), abs=1e-3)
        assert grams == pytest.approx(library.expected.share(row, asked.grams), abs=1e-3)


@pytest.mark.parametrize("each", [2, EVERY])
def test_ranking_by_words_finds_each_languages_best(library: Library, each: int) -> None:
    queries = {
        library.code("pl"): WordQuery(words_of("pl", 1, 5, 9), words_of("pl", 20, 22)),
        library.code("ru"): WordQuery(words_of("ru", 12), NO_WORDS),
    }
    expected = library.expected
    scores = {}
    for row in library.rows:
        asked = queries.get(library.code(expected.language(row)))
        score = expected.share(row, asked.words) + expected.share(row, asked.grams) if asked else 0.0
        if score:
            scores[row] = score
    found = library.backend.rank_by_words(queries, each, no_rows)
    assert found.rows.tolist() == expected.best(scores, each)
    matches(library, found, queries)


def test_ranking_by_words_adds_the_passages_that_are_asked_for(library: Library) -> None:
    queries = {library.code("pl"): WordQuery(words_of("pl", 1, 5), words_of("pl", 20))}
    also = np.array([0, 1, 2, 30, 61, 88], np.int64)
    alone = library.backend.rank_by_words(queries, 1, no_rows)
    found = library.backend.rank_by_words(queries, 1, lambda: also)
    assert found.rows.tolist() == sorted({*alone.rows.tolist(), *also.tolist()})
    matches(library, found, queries)


def test_ranking_by_words_keeps_to_languages_of_articles_and_to_some_rows(library: Library) -> None:
    queries = {library.code(one): WordQuery(words_of(one, 1, 5, 9, 13), NO_WORDS) for one in LANGUAGES}
    only = np.array(library.rows[::2], np.int64)
    swedish = frozenset({library.code("sv")})
    found = library.backend.rank_by_words(queries, EVERY, no_rows, swedish, only)
    expected = [
        row
        for row in only.tolist()
        if library.expected.article_language(row) == "sv"
        and library.expected.share(row, words_of(library.expected.language(row), 1, 5, 9, 13))
    ]
    assert found.rows.tolist() == expected != []


@pytest.mark.parametrize("wanted", [None, "sv"])
@pytest.mark.parametrize("step", [None, 2])
def test_what_is_gathered_at_once_is_what_is_found_one_after_the_other(
    library: Library, wanted: str | None, step: int | None
) -> None:
    backend = library.backend
    if not isinstance(backend, Gathering):
        pytest.skip("gathers nothing at once")
    queries = {
        library.code("pl"): WordQuery(words_of("pl", 1, 5, 9), words_of("pl", 20, 22)),
        library.code("ru"): WordQuery(words_of("ru", 12), NO_WORDS),
    }
    languages = None if wanted is None else frozenset({library.code(wanted)})
    only = None if step is None else np.array(library.rows[::step], np.int64)
    rows = np.zeros(0, np.int64)
    for scope in dict.fromkeys((None, languages)):
        near = backend.rank_by_vector(QUERY, 2, scope, only).rows
        rows = np.union1d(rows, near)
        rows = np.union1d(rows, backend.rank_by_words(queries, 3, no_rows, scope, only).rows)
    scored, matched = backend.gather(QUERY, queries, 2, 3, languages, only)
    library.expected.same(scored, rows.tolist(), QUERY, backend, library.near)
    assert matched.rows.tolist() == rows.tolist() != []
    matches(library, matched, queries)


def test_passages_tell_which_terms_they_have(library: Library) -> None:
    rows = [3, 60, 12, 88, 3, 41, 7]
    terms = [term(language, number) for language in LANGUAGES for number in (1, 900, 20, 33)]
    expected = [[key in library.expected.terms(row) for key in terms] for row in rows]
    assert sum(map(sum, expected)) == 3
    found = library.backend.having(np.array(rows, np.int64), np.array(terms, np.uint64))
    assert found.tolist() == expected


def test_a_sample_is_spread_over_the_library(library: Library) -> None:
    backend = library.backend
    rows, vectors, languages = backend.sample(EVERY)
    assert rows.tolist() == library.rows
    for row, vector, language in zip(library.rows, vectors, languages, strict=True):
        batch, at = library.expected.place(row)
        assert vector == pytest.approx(batch.vectors[at], abs=library.near)
        assert backend.languages[language] == batch.languages[at]
    _, some, _ = backend.sample(10)
    assert some.shape == (10, DIMENSION)
    assert some[-1] == pytest.approx(vectors[-1], abs=library.near)


def test_a_word_that_nothing_has_matches_nothing(library: Library) -> None:
    queries = {library.code(one): WordQuery(words_of(one, 900), words_of(one, 901)) for one in LANGUAGES}
    assert not len(library.backend.rank_by_words(queries, 5, no_rows).rows)
    empty = {library.code("pl"): WordQuery(NO_WORDS, NO_WORDS)}
    assert not len(library.backend.rank_by_words(empty, 5, no_rows).rows)


def test_a_language_without_passages_is_asked_in_vain(library: Library) -> None:
    queries = {library.code("sv"): WordQuery(words_of("sv", 1, 5, 9), NO_WORDS)}
    also = np.array([4], np.int64)
    found = library.backend.rank_by_words(queries, 5, lambda: also)
    assert found.rows.tolist() == [4]
    assert found.words.tolist() == found.grams.tolist() == [0.0]


@pytest.mark.parametrize(
    "forms",
    [
        ["loyalty"],
        ["c++"],
        ["the", "of"],
        ["of", "the", "price"],
        ["ещё", "lojalność"],
        ["the", "the"],
        ["x"],
    ],
)
def test_phrases_are_found_word_by_word(library: Library, forms: list[str]) -> None:
    expected = library.expected.holding(forms)
    words = [(form, "nowhere") for form in forms]
    assert library.backend.holding(words).tolist() == expected
    among = np.array(library.rows[::3], np.int64)
    assert library.backend.holding(words, among).tolist() == [row for row in expected if row % 3 == 0]


def test_a_phrase_whose_words_stand_apart_is_not_found(kind: Kind, name: str) -> None:
    batch = some_passages(3)
    texts = ["a b c d", "a b, then b c, then c d", "d c b a"]
    write(kind, name, 1, replace(batch, texts=texts))
    backend = kind.opened(name)
    assert backend.holding([("a",), ("b",), ("c",), ("d",)]).tolist() == [0]
    assert backend.holding([("b",), ("c",)]).tolist() == [0, 1]
    backend.close()


def test_kept_tokens_come_back_sentence_by_sentence(library: Library) -> None:
    first, second = library.expected.batches
    wanted = [0, 2, 3, len(first.sentences) - 1, len(first.sentences), len(first.sentences) + 5]
    found = library.backend.tokens(np.array(wanted, np.int64))
    assert found.tokens.shape[1] == WIDTH
    for sentence, (start, end) in zip(wanted, pairwise(found.offsets.tolist()), strict=True):
        batch = second if sentence >= second.first_sentence else first
        at = sentence - batch.first_sentence
        expected = batch.tokens[batch.token_offsets[at] : batch.token_offsets[at + 1]]
        assert found.tokens[start:end].tolist() == expected.tolist()


def test_a_sentence_tells_its_passage(library: Library) -> None:
    expected = [
        batch.first_row + at
        for batch in library.expected.batches
        for at in range(len(batch.keys))
        for _ in range(int(batch.bounds[at + 1] - batch.bounds[at]))
    ]
    asked = np.arange(0, len(expected), 3)
    assert library.backend.passages_of(asked).tolist() == expected[::3]


def test_what_is_written_twice_is_there_once(kind: Kind, name: str) -> None:
    batch = some_passages(12)
    writer = kind.writer(name, 1)
    writer.write(batch)
    writer.write(batch)
    # The one before has died; another goes on.
    writer = kind.writer(name, 1)
    writer.write(batch)
    writer.finish()
    writer.finish()
    writer.swap()
    backend = kind.opened(name)
    assert backend.counts.sum() == 12
    expected = Reference(batch)
    expected.same(backend.rank_by_vector(QUERY, EVERY), list(range(12)), QUERY, backend, kind.tolerance)
    keys = np.unique(batch.terms)
    assert backend.frequencies(keys).tolist() == [
        sum(int(key) in expected.terms(row) for row in range(12)) for key in keys
    ]
    backend.close()


def test_what_is_deleted_is_gone(kind: Kind, name: str) -> None:
    batch = some_passages(12)
    writer = kind.writer(name, 1)
    writer.write(batch)
    writer.delete(np.array([2, 3, 11], np.int64))
    writer.finish()
    writer.swap()
    backend = kind.opened(name)
    rows = [0, 1, *range(4, 11)]
    expected = Reference(batch)
    expected.same(backend.rank_by_vector(QUERY, EVERY), rows, QUERY, backend, kind.tolerance)
    assert backend.counts.sum() == 9
    keys = np.unique(batch.terms)
    assert backend.frequencies(keys).tolist() == [
        sum(int(key) in expected.terms(row) for row in rows) for key in keys
    ]
    backend.close()


def test_batches_come_in_any_order_and_may_leave_gaps(kind: Kind, name: str) -> None:
    first = some_passages(6)
    later = some_passages(5, first_row=9, first_sentence=len(first.sentences) + 4, seed=3)
    write(kind, name, 1, later, first)
    backend = kind.opened(name)
    assert backend.counts.sum() == 11
    rows, expected = [*range(6), *range(9, 14)], Reference(first, later)
    expected.same(backend.rank_by_vector(QUERY, EVERY), rows, QUERY, backend, kind.tolerance)
    expected.same(backend.fetch(np.array([5, 9, 13]), QUERY), [5, 9, 13], QUERY, backend, kind.tolerance)
    assert len(backend.sample(EVERY)[0]) == 11
    backend.close()


def test_a_deleted_passage_may_be_written_again(kind: Kind, name: str) -> None:
    batch = some_passages(6)
    writer = kind.writer(name, 1)
    writer.write(batch)
    writer.delete(np.array([1, 4], np.int64))
    writer.write(batch)
    writer.finish()
    writer.swap()
    backend = kind.opened(name)
    Reference(batch).same(
        backend.rank_by_vector(QUERY, EVERY), list(range(6)), QUERY, backend, kind.tolerance
    )
    backend.close()


def test_a_swap_is_seen_by_those_who_open_after_it(kind: Kind, name: str) -> None:
    old, new = some_passages(6), some_passages(8, seed=9)
    write(kind, name, 1, old)
    before = kind.opened(name)
    writer = kind.writer(name, 2)
    writer.write(new)
    writer.finish()
    unswapped = kind.opened(name)
    assert unswapped.counts.sum() == 6
    unswapped.close()
    writer.swap()
    after = kind.opened(name)
    Reference(old).same(before.rank_by_vector(QUERY, EVERY), list(range(6)), QUERY, before, kind.tolerance)
    Reference(new).same(after.rank_by_vector(QUERY, EVERY), list(range(8)), QUERY, after, kind.tolerance)
    before.close()
    after.close()


def test_terms_that_look_alike_when_shortened_are_told_apart(kind: Kind, name: str) -> None:
    # Milvus has 2^32 - 2 sparse dimensions; what these two terms leave when divided by that is the same.
    one, other = 12345, 12345 + 7 * (2**32 - 2)
    batch = replace(
        some_passages(3),
        languages=["pl"] * 3,
        terms=np.array([one, other, one, other], np.uint64),
        impacts=np.array([0.5, 0.7, 0.3, 0.6], np.float32),
        term_offsets=np.array([0, 1, 2, 4]),
    )
    write(kind, name, 1, batch)
    backend = kind.opened(name)
    assert backend.frequencies(np.array([one, other], np.uint64)).tolist() == [2, 2]
    query = {backend.languages.index("pl"): WordQuery(weighted([1.0], [[one]], [1.0]), NO_WORDS)}
    found = backend.rank_by_words(query, EVERY, no_rows)
    assert found.rows.tolist() == [0, 2]
    assert found.words == pytest.approx([0.5, 0.3], abs=1e-3)
    backend.close()


def test_what_is_too_large_for_a_request_goes_in_several(
    server: Kind, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.cluster import milvus_writer
    from search.cluster.milvus_connection import Connection

    sent: list[int] = []
    sends = Connection.write

    def counted(self: Connection, method: str, *given: Any, **options: Any) -> Any:
        if method == "upsert" and str(given[0]).endswith("_passages"):
            sent.append(len(given[1]))
        return sends(self, method, *given, **options)

    monkeypatch.setattr(milvus_writer, "_REQUEST", 2000)
    monkeypatch.setattr(Connection, "write", counted)
    batch = some_passages(12)
    write(server, name, 1, batch)
    assert sum(sent) == 12
    assert len(sent) > 2
    backend = server.opened(name)
    Reference(batch).same(
        backend.rank_by_vector(QUERY, EVERY), list(range(12)), QUERY, backend, server.tolerance
    )
    backend.close()


def test_what_an_approximate_index_misses_is_computed(
    server: Kind, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.cluster.milvus_opened import Opened

    batch = some_passages(12)
    write(server, name, 1, batch)
    backend = server.opened(name)
    search = Opened.search

    def missing(self: Opened, part: str, field: str, data: Any, limit: int, where: str, *rest: Any) -> Any:
        # Of those it is asked for by their keys, the index finds every other one.
        found = search(self, part, field, data, limit, where, *rest)
        if " in [" in where and field == "vector":
            for hits in found:
                del hits[1::2]
                hits.ids, hits.distances = hits.ids[::2], hits.distances[::2]
        return found

    monkeypatch.setattr(Opened, "search", missing)
    found = backend.fetch(np.arange(12), QUERY)
    Reference(batch).same(found, list(range(12)), QUERY, backend, server.tolerance)
    backend.close()


def test_a_server_that_does_not_find_what_it_was_sent_gets_no_new_generation(
    server: Kind, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.cluster.milvus_connection import Connection

    asked = Connection.read

    def misfiled(self: Connection, method: str, *given: Any, **options: Any) -> Any:
        found = asked(self, method, *given, **options)
        if options.get("output_fields") == ["count(*)"]:
            return [{"count(*)": int(found[0]["count(*)"]) - 1}]
        return found

    writer = server.writer(name, 1)
    writer.write(some_passages(6))
    with monkeypatch.context() as patched:
        patched.setattr(Connection, "read", misfiled)
        with pytest.raises(BackendUnavailable, match="files them wrongly"):
            writer.finish()
    with pytest.raises(LibraryMissing):
        server.opened(name)
    writer.finish()
    writer.swap()
    backend = server.opened(name)
    assert backend.counts.sum() == 6
    backend.close()


def test_an_empty_library_answers_with_nothing(kind: Kind, name: str) -> None:
    write(kind, name, 1)
    backend = kind.opened(name)
    nothing = np.zeros(0, np.int64)
    assert backend.languages == ()
    assert len(backend.counts) == 0
    assert not len(backend.rank_by_vector(QUERY, 5).rows)
    assert not len(backend.rank_by_words({}, 5, no_rows).rows)
    assert not len(backend.holding([("loyalty",)]))
    assert not len(backend.tokens(nothing).tokens)
    assert not len(backend.passages_of(nothing))
    assert backend.frequencies(np.array([1], np.uint64)).tolist() == [0]
    backend.close()
