"""A library in PostgreSQL: published whole or not at all, opened by its address alone, and as its folder."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from postgres_server import PostgresServer
from small_library import QUESTIONS, TEXTS, alike, another, built, die_at_moments, schemas, whole

import search
from kb.errors import LibraryMissing
from search.budget import watched
from search.cluster.publishing import publish
from search.errors import BackendUnavailable, ExtraMissing, SearchTooSlow
from search.passages.backend import PassageBatch
from search.postgres.backend import PostgresBackend
from search.postgres.connection import Server, explained
from search.postgres.generation import Generation
from search.postgres.settings import POSTGRES
from search.postgres.writing.writer import PostgresWriter
from search.remote import parse
from webapp.terminal.cli import main

MOST_TRIPS = 4


@pytest.fixture(scope="module")
def home(tiny_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small library, built with a tiny model."""
    return built(tmp_path_factory.mktemp("postgres"), tiny_cache)


@pytest.fixture(scope="module")
def address(home: Path, postgres: PostgresServer) -> str:
    """Where it was published."""
    where = postgres.address("bread")
    publish(home, parse(where))
    return where


@pytest.fixture(scope="module")
def there(address: str, tiny_cache: Path) -> Iterator[search.Engine]:
    with search.open(address, cache=tiny_cache) as engine:
        yield engine


@pytest.fixture(scope="module")
def here(home: Path, tiny_cache: Path) -> Iterator[search.Engine]:
    with search.open(home, cache=tiny_cache) as engine:
        yield engine


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_library_in_postgres_finds_and_answers_as_its_folder_does(
    here: search.Engine, there: search.Engine, question: str
) -> None:
    assert alike(there.search(question).to_dict(), here.search(question).to_dict())
    assert alike(there.ask(question).to_dict(), here.ask(question).to_dict())
    assert there.lookup("bread") == here.lookup("bread")


def test_indexes_of_neighbours_find_what_comparing_all_finds(
    home: Path,
    here: search.Engine,
    postgres: PostgresServer,
    tiny_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("search.postgres.writing.shard.POSTGRES", replace(POSTGRES, exact_up_to=0))
    where = postgres.address("indexed")
    publish(home, parse(where))
    with search.open(where, cache=tiny_cache) as there:
        assert "passage_vectors_0" in indexes(there._index.backend.generation)  # type: ignore[attr-defined]
        for question in QUESTIONS:
            assert alike(there.search(question).to_dict(), here.search(question).to_dict())


def test_a_pool_has_the_best_of_all_languages_and_of_those_that_are_wanted(
    here: search.Engine, there: search.Engine
) -> None:
    exact, asked = here._index.backend, there._index.backend
    assert isinstance(asked, PostgresBackend)
    vector = np.full(len(asked.generation.axes), len(asked.generation.axes) ** -0.5, np.float32)
    for language in (None, *asked.languages):
        ours, theirs = (
            None if language is None else frozenset({backend.languages.index(language)})
            for backend in (exact, asked)
        )
        pool, matched = asked.gather(vector, {}, 1, 1, theirs, None)
        best = [exact.rank_by_vector(vector, 1, scope).rows for scope in (None, ours)]
        assert pool.rows.tolist() == np.unique(np.concatenate(best)).tolist() != []
        assert matched.rows.tolist() == pool.rows.tolist()
        assert pool.sentence == pytest.approx(exact.fetch(pool.rows, vector).sentence, abs=1e-5)


def test_its_articles_are_there_whole(here: search.Engine, there: search.Engine) -> None:
    assert there.articles() == here.articles() != ()
    for summary in here.articles():
        assert there.article(summary.id) == here.article(summary.id)
        assert there.article(summary.source) == here.article(summary.source)
        assert there.source_text(summary.id) == here.source_text(summary.id)
        assert there.foreign_passages(summary.id) == here.foreign_passages(summary.id)
    assert there.cleanliness == here.cleanliness
    assert there.removals() == here.removals()
    assert there.browse(title="maize").to_dict() == here.browse(title="maize").to_dict()
    assert there.status().articles == here.status().articles


def test_nothing_of_it_is_left_on_the_disk(address: str, tiny_cache: Path) -> None:
    with search.open(address, cache=tiny_cache) as engine:
        folder = engine.path
        assert not list(folder.rglob("kb.sqlite"))
        assert not list(folder.rglob("vectors")) and not list(folder.rglob("postings"))
        assert list(folder.rglob("calibration"))
    assert not folder.exists()


def test_a_question_takes_few_round_trips(there: search.Engine) -> None:
    server = there._index.backend.generation.server  # type: ignore[attr-defined]
    there.search("why does dough rise")  # whatever is prepared once
    before = server.asked
    there.search("why does the sea rise twice a day")
    assert 0 < server.asked - before <= MOST_TRIPS
    before = server.asked
    there.ask("why does the sea rise twice a day")
    assert (
        server.asked - before <= MOST_TRIPS + 1
    )  # beyond its pool: sentences, articles, their spans, passages


def test_a_posting_takes_at_most_twelve_bytes(postgres: PostgresServer) -> None:
    chance, passages = np.random.default_rng(7), 256
    terms = [np.unique(chance.zipf(1.3, 600) % 1_000_000).astype(np.uint64) for _ in range(passages)]
    none, each = np.zeros(0, np.int64), np.arange(passages)
    flat = np.concatenate(terms) * np.uint64(0x9E3779B97F4A7C15)  # spread as hashes are
    batch = PassageBatch(
        first_row=0,
        first_sentence=0,
        keys=each,
        articles=each,
        languages=["en"] * passages,
        article_languages=["en"] * passages,
        texts=["bread"] * passages,
        vectors=np.eye(passages, 4, dtype=np.float32),
        sentences=np.zeros((0, 4), np.float32),
        bounds=np.zeros(passages + 1, np.int64),
        kinds=np.zeros(0, np.uint8),
        tokens=np.zeros((0, 2), np.uint8),
        token_offsets=np.zeros(1, np.int64),
        terms=flat,
        impacts=np.full(len(flat), 0.5, np.float32),
        term_offsets=np.cumsum([0, *map(len, terms)]),
    )
    remote = parse(postgres.address("sized"))
    with closing(PostgresWriter(remote, "1", 4)) as writer:
        writer.write(batch)
        writer.finish()
        writer.swap()
    with closing(PostgresBackend(Generation(remote))) as backend:
        hashes, counts = np.unique(flat, return_counts=True)
        assert backend.frequencies(hashes).tolist() == counts.tolist()
        where = f"{backend.generation.schema}.postings"
        # Its rows, for a small table has pages in stock that a large one fills.
        size = backend.generation.server.one(f"SELECT sum(pg_column_size(p.*)) FROM {where} p")[0]
        assert 0 < size <= 12 * len(flat)
        assert not len(backend.holding([("nowhere",)], none))


def test_kb_build_and_kb_add_publish_what_they_built_at_home(
    postgres: PostgresServer, tiny_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KB_CACHE", str(tiny_cache))
    (tmp_path / "tides.txt").write_text(TEXTS["pływy.txt"], "utf-8")
    (tmp_path / "bread.txt").write_text(TEXTS["maize.txt"], "utf-8")
    where = postgres.address("built")
    for arguments, there in ((["build", "tides.txt", "--to"], 1), (["add", "bread.txt", "--kb"], 2)):
        done = CliRunner().invoke(main, [*arguments, where])
        assert done.exit_code == 0, done.stderr
        with closing(PostgresBackend(Generation(parse(where)))) as backend:
            assert backend.counts.sum() == there
    away = CliRunner().invoke(
        main, ["build", "bread.txt", "--to", "postgresql://127.0.0.1:1/db?library=away"]
    )
    assert away.exit_code == 3
    assert "does not answer" in away.stderr


def test_a_password_is_never_shown() -> None:
    remote = parse("postgresql://me:gehe%40im@host/db?library=bread")
    assert remote.token == "gehe@im"
    assert "gehe" not in f"{remote} {remote!r}"
    by_query = parse("postgresql://host/db?library=docs&password=gehe%40im&sslmode=require")
    assert by_query.token == "gehe@im" and "gehe" not in f"{by_query} {by_query!r}"
    assert "sslmode=require" in by_query.uri
    assert "gehe" not in str(explained(remote, RuntimeError("connection with gehe@im failed")))


def test_a_library_that_is_not_there_is_named(postgres: PostgresServer) -> None:
    with pytest.raises(LibraryMissing, match="there is no library of this name"):
        Generation(parse(postgres.address("nowhere")))
    with pytest.raises(BackendUnavailable, match="does not answer"):
        Generation(parse("postgresql://127.0.0.1:1/postgres?library=docs"))


def test_a_server_that_takes_calls_and_says_nothing_is_waited_for_no_longer_than_a_question_may() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        remote = parse(f"postgresql://127.0.0.1:{silent.getsockname()[1]}/postgres?library=docs")
        start = time.monotonic()
        with watched(2), pytest.raises(BackendUnavailable, match="does not answer"):
            Generation(remote)
        assert time.monotonic() - start < 10


def test_no_statement_takes_longer_than_its_question_may(address: str) -> None:
    with closing(Server(parse(address))) as server:
        server.rows("SELECT 1")
        start = time.monotonic()
        with watched(0.3), pytest.raises(SearchTooSlow):
            server.rows("SELECT pg_sleep(60)")
        assert time.monotonic() - start < 20
        assert server.rows("SELECT 1") == [(1,)]


def test_connections_that_were_cut_are_made_again(there: search.Engine) -> None:
    server = there._index.backend.generation.server  # type: ignore[attr-defined]
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    found = there.search("yeast").to_dict()
    with closing(Server(server.remote)) as other:
        other.rows(f"{cut} AND application_name = 'rosetta'")
    there._index._scores.cache_clear()
    assert there.search("yeast").to_dict() == found


def test_readers_keep_the_generation_they_opened_until_they_close(
    home: Path, postgres: PostgresServer, tmp_path: Path
) -> None:
    remote = parse(postgres.address("growing"))
    publish(home, remote)
    with closing(Generation(remote)) as old:
        for name in ("second", "third"):
            publish(another(home, tmp_path / name), remote)
        assert whole(old)
        assert old.number in schemas(old.server, remote.name)
        with closing(Generation(remote)) as new:
            assert new.number != old.number
    publish(another(home, tmp_path / "fourth"), remote)
    with closing(Generation(remote)) as last:
        assert old.number not in schemas(last.server, remote.name)
        assert len(schemas(last.server, remote.name)) == 2  # the live one, and the one before


def indexes(opened: Generation) -> set[str]:
    sql = "SELECT indexname::text FROM pg_indexes WHERE schemaname = %(schema)s"
    shard = opened.shards[0]
    return {name for (name,) in shard.server.rows(sql, {"schema": shard.schema})}


def test_a_publication_that_dies_at_any_moment_leaves_one_whole_generation(
    home: Path, postgres: PostgresServer, tmp_path: Path
) -> None:
    die_at_moments(home, parse(postgres.address("dying")), tmp_path)


PUBLISH = textwrap.dedent("""
    import sys
    from pathlib import Path
    from search.cluster.publishing import publish
    from search.remote import parse
    print("ready", flush=True)
    publish(Path(sys.argv[1]), parse(sys.argv[2]))
""")


@pytest.mark.slow
def test_a_process_that_is_killed_while_it_publishes_leaves_one_whole_generation(
    home: Path, postgres: PostgresServer, tmp_path: Path
) -> None:
    remote = parse(postgres.address("killed"))
    publish(home, remote)
    new, chance = another(home, tmp_path / "new"), random.Random(7)
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", PUBLISH, str(new), postgres.address("killed")],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        with closing(Generation(remote)) as found:
            assert whole(found)
    publish(new, remote)
    with closing(Generation(remote)) as found:
        assert whole(found)


@pytest.mark.slow
def test_no_question_fails_where_a_server_dies_and_another_takes_over(
    home: Path, tiny_cache: Path, tmp_path: Path
) -> None:
    with ExitStack() as servers:
        primary = PostgresServer()
        servers.callback(primary.close)
        publish(home, parse(primary.address("bread")))
        standby = PostgresServer(primary)
        servers.callback(standby.close)
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        remote = parse(f"postgresql://tester@{hosts}/postgres?library=bread")
        engine = servers.enter_context(search.open(f"{remote.uri}?library=bread", cache=tiny_cache))
        expected = [engine.search(question).to_dict() for question in QUESTIONS]

        def asked(client: int) -> bool:
            found = []
            for question in QUESTIONS:
                engine._index._scores.cache_clear()
                engine._index.backend._tokens.clear()  # type: ignore[attr-defined]
                found.append(engine.search(question).to_dict())
            return found == expected

        def while_it_stops(server: PostgresServer) -> None:
            with ThreadPoolExecutor(4) as clients:
                answers = [clients.submit(asked, client) for client in range(12)]
                answers[1].result()
                server.stop()
                assert all(answer.result() for answer in answers)

        while_it_stops(standby)  # where questions go; now they go to the primary
        standby.start()
        while_it_stops(primary)
        standby.promote()
        publish(another(home, tmp_path / "new"), remote)
        with closing(Generation(remote)) as new:
            assert whole(new) and new.label != engine._index.backend.generation.label  # type: ignore[attr-defined]


def test_without_the_extra_the_remedy_is_named(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ExtraMissing, match=r"postgres\]"):
        search.open(address)
