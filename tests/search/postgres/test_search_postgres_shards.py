"""A library whose passages lie on several servers: found as in its folder, published and taken away whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from click.testing import CliRunner
from postgres_server import PostgresServer
from small_library import QUESTIONS, alike, another, built, die_at_moments, schemas, whole

import search
from kb.errors import LibraryDamaged, UsageError
from search.budget import watched
from search.cluster.publishing import publish, reach
from search.errors import BackendUnavailable
from search.postgres.connection import Server
from search.postgres.generation import Generation
from search.postgres.shards import at_host, hosts, spread
from search.remote import Remote, parse
from webapp.terminal.cli import main

MOST_TRIPS = 4


@pytest.fixture(scope="module")
def home(tiny_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("shards"), tiny_cache)


@pytest.fixture(scope="module")
def where(shards: list[PostgresServer]) -> list[str]:
    """The shards, as they are named."""
    return [server.host for server in shards]


@pytest.fixture(scope="module")
def address(home: Path, postgres: PostgresServer, where: list[str]) -> str:
    """Where it was published."""
    found = postgres.address("spread")
    publish(home, parse(found), shards=where)
    return found


@pytest.fixture(scope="module")
def there(address: str, tiny_cache: Path) -> Iterator[search.Engine]:
    with search.open(address, cache=tiny_cache) as engine:
        yield engine


@pytest.fixture(scope="module")
def here(home: Path, tiny_cache: Path) -> Iterator[search.Engine]:
    with search.open(home, cache=tiny_cache) as engine:
        yield engine


def generation(engine: search.Engine) -> Generation:
    found: Generation = engine._index.backend.generation  # type: ignore[attr-defined]
    return found


def left(remote: Remote, where: list[str]) -> list[int]:
    """How many generations of a library each of its shards has."""
    counts = []
    for host in where:
        with closing(Server(at_host(remote, host))) as server:
            counts.append(len(schemas(server, f"{remote.name}/shard")))
    return counts


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_library_on_shards_finds_and_answers_as_its_folder_does(
    here: search.Engine, there: search.Engine, question: str
) -> None:
    assert len(generation(there).shards) == 3
    assert alike(there.search(question).to_dict(), here.search(question).to_dict())
    assert alike(there.ask(question).to_dict(), here.ask(question).to_dict())
    assert there.lookup("bread") == here.lookup("bread")
    assert there.articles() == here.articles() != ()


def test_a_question_takes_few_round_trips_whatever_number_of_shards(there: search.Engine) -> None:
    opened = generation(there)

    def asked() -> tuple[int, int]:
        return opened.server.asked, max(shard.server.asked for shard in opened.shards)

    there.search("why does dough rise")
    head, shard = asked()
    there.search("why does the sea rise twice a day")
    after_head, after_shard = asked()
    assert 0 < after_head - head + after_shard - shard <= MOST_TRIPS
    there.ask("why does the sea rise twice a day")
    assert sum(asked()) - after_head - after_shard <= MOST_TRIPS + 1


def test_shards_are_asked_side_by_side(there: search.Engine) -> None:
    opened = generation(there)
    start = time.monotonic()
    opened.side_by_side.done(
        [lambda server=shard.server: server.rows("SELECT pg_sleep(0.5)") for shard in opened.shards]  # type: ignore[misc]
    )
    assert time.monotonic() - start < 1.4


def test_passages_are_spread_evenly_each_on_one_shard() -> None:
    keys = np.arange(3_000, dtype=np.int64) * 7 + 5
    places = spread(keys, 3)
    assert np.sort(np.concatenate(places)).tolist() == list(range(3_000))
    assert min(map(len, places)) > 900
    assert [one.tolist() for one in spread(keys, 1)] == [list(range(3_000))]


def test_where_shards_are_is_named_by_hosts_alone() -> None:
    assert hosts("db1, db2:5433,[::1]:5434") == ("db1", "db2:5433", "[::1]:5434")
    assert hosts("none") == ()
    for wrong in ("", "db1,,db2", "db1,db1", "me:secret@db1", "postgresql://db1/kb", "db1:port", "db 1"):
        with pytest.raises(UsageError) as raised:
            hosts(wrong)
        assert "secret" not in str(raised.value)
    head = parse("postgresql://me:secret@db1:5433,db2/kb?library=docs&sslmode=require&host=db9&port=1")
    shard = at_host(head, "db7:5434")
    assert shard.uri == "postgresql://me@db7:5434/kb?sslmode=require"
    assert shard.token == "secret" and "secret" not in f"{shard} {shard!r}"
    assert str(shard).startswith("shard db7:5434 of postgresql://")
    with pytest.raises(UsageError, match="only a library in PostgreSQL"):
        reach(parse("milvus+http://localhost:1/docs"), ("db1",))


def test_kb_publish_puts_a_library_onto_shards_and_back_onto_one_server(
    home: Path,
    postgres: PostgresServer,
    where: list[str],
    tiny_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KB_CACHE", str(tiny_cache))
    to = postgres.address("commanded", password="secret")

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, list(arguments))
        assert "secret" not in done.output
        return done.exit_code, done.stderr

    def shards() -> int:
        with closing(Generation(parse(to))) as opened:
            assert whole(opened)
            return sum(shard.server is not opened.server for shard in opened.shards)

    for given, expected in ((["--shards", ",".join(where)], 3), ([], 3), (["--shards", "none"], 0)):
        code, said = run("publish", "--kb", str(home), "--to", to, *given)
        assert code == 0, said
        assert shards() == expected
    (tmp_path / "tides.txt").write_text("Tides come and go twice a day.", "utf-8")
    code, said = run("build", "tides.txt", "--to", to, "--shards", ",".join(where[:2]))
    assert code == 0, said
    with closing(Generation(parse(to))) as opened:
        assert len(opened.shards) == 2
    (tmp_path / "bread.txt").write_text("Bread rises, for yeast makes gas.", "utf-8")
    code, said = run("add", "bread.txt", "--kb", to)  # stays where it lies
    assert code == 0, said
    with closing(Generation(parse(to))) as opened:
        assert len(opened.shards) == 2
    for arguments in (
        ["publish", "--kb", str(home)],
        ["publish", "--kb", str(home), "--to", "folder"],
        ["publish", "--kb", str(home), "--to", to, "--shards", "me@db1"],
        ["build", "tides.txt", "--to", str(tmp_path / "kb"), "--shards", "db1"],
    ):
        assert run(*arguments)[0] == 2
    code, said = run("publish", "--kb", str(home), "--to", to, "--shards", "127.0.0.1:1")
    assert code == 3 and "shard 127.0.0.1:1 of" in said and "does not answer" in said
    assert left(parse(to), where[2:]) == [0]


def test_a_publication_that_dies_at_any_moment_leaves_one_whole_generation_on_all_shards(
    home: Path, postgres: PostgresServer, where: list[str], tmp_path: Path
) -> None:
    remote = parse(postgres.address("dying_shards"))
    die_at_moments(home, remote, tmp_path, where)
    assert left(remote, where) == [2, 2, 2]


def test_readers_keep_their_generation_on_the_shards_too(
    home: Path, postgres: PostgresServer, where: list[str], tmp_path: Path
) -> None:
    remote = parse(postgres.address("kept_shards"))
    publish(home, remote, shards=where)
    with closing(Generation(remote)) as old:
        for name in ("second", "third", "fourth"):
            publish(another(home, tmp_path / name), remote)
        assert whole(old)
        assert left(remote, where) == [3, 3, 3]
    publish(another(home, tmp_path / "fifth"), remote)
    assert left(remote, where) == [2, 2, 2]


def test_a_shard_that_is_away_is_named_and_its_passages_are_not_left_out(
    home: Path, postgres: PostgresServer, where: list[str], tiny_cache: Path, tmp_path: Path, caplog: Any
) -> None:
    away = PostgresServer()
    try:
        remote = parse(postgres.address("away"))
        publish(home, remote, shards=[where[0], away.host])
        with search.open(postgres.address("away"), cache=tiny_cache) as engine:
            found = engine.search("bread").to_dict()

            def anew() -> Any:
                engine._index._scores.cache_clear()
                return engine.search("bread").to_dict()

            away.stop()
            start = time.monotonic()
            with (
                watched(5),
                pytest.raises(BackendUnavailable, match=f"shard {away.host} of .*does not answer"),
            ):
                anew()
            assert time.monotonic() - start < 5
            with pytest.raises(BackendUnavailable, match=f"shard {away.host}"):
                search.open(postgres.address("away"), cache=tiny_cache)
            away.start()
            assert anew() == found
        away.stop()
        # What it has of older generations stays until it can be taken away; nothing else waits for it.
        for name in ("one", "two", "three"):
            publish(another(home, tmp_path / name), remote, shards=where[:1])
        assert f"shard {away.host}" in caplog.text
        away.start()
        assert left(remote, [away.host]) == [1]
        publish(another(home, tmp_path / "four"), remote)
        assert left(remote, [away.host]) == [0]
    finally:
        away.close()


def test_a_shard_that_lost_what_it_had_gets_it_again(
    home: Path, postgres: PostgresServer, where: list[str], tiny_cache: Path
) -> None:
    remote = parse(postgres.address("losing"))
    publish(home, remote, shards=where)
    with closing(Generation(remote)) as opened:
        lost = opened.shards[1]
        number = lost.schema.removeprefix("rosetta_")
    with psycopg.connect(lost.server.remote.uri, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {lost.schema} CASCADE")
        connection.execute("DELETE FROM rosetta.generations WHERE id = %s", [number])
    with pytest.raises(LibraryDamaged, match="kb publish"):
        Generation(remote)
    publish(home, remote)
    with closing(Generation(remote)) as opened:
        assert whole(opened)
