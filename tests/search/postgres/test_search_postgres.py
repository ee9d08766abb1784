"""A library in PostgreSQL: published whole or not at all, opened by its address alone, and as its folder."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from postgres_server import PostgresServer

import search
from kb.errors import LibraryMissing
from search.budget import watched
from search.cluster.publishing import publish
from search.disk import layout, manifest
from search.errors import BackendUnavailable, ExtraMissing, SearchTooSlow
from search.postgres.connection import Server, explained
from search.postgres.generation import Generation
from search.postgres.writer import PostgresWriter
from search.remote import parse

TEXTS = {
    "chleb.txt": "Chleb rośnie, bo drożdże wytwarzają gaz. Potem piecze się go w gorącym piecu.",
    "pływy.txt": "Pływy wywołuje Księżyc. Morze podnosi się dwa razy na dobę.",
    "maize.txt": "Maize bread rises little. Its dough has no gluten, so the gas escapes.",
    "мёд.txt": "Пчёлы делают мёд из нектара. Зимой они едят его сами.",
}
MOST_TRIPS = 4
MOMENTS = 20  # at which publications die
QUESTIONS = ("why does bread rise", "Księżyc", "мед", '"no gluten"', "bread -gluten")


@pytest.fixture(scope="module")
def home(tiny_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small library, built with a tiny model."""
    folder = tmp_path_factory.mktemp("postgres")
    (folder / "texts").mkdir()
    for name, text in TEXTS.items():
        (folder / "texts" / name).write_text(text, "utf-8")
    search.build([folder / "texts"], folder / "kb", cache=tiny_cache)
    return folder / "kb"


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


def another(home: Path, to: Path) -> Path:
    """The same articles as another build: its manifest names one file more, of other content each time."""
    shutil.copytree(home, to)
    folder = layout.generation_directory(to, layout.read_live(to).generation)
    (folder / "more.txt").write_text(to.name)
    (folder / manifest.MANIFEST).unlink()
    manifest.write(folder, layout.FORMAT_VERSION)
    return to


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_library_in_postgres_finds_and_answers_as_its_folder_does(
    here: search.Engine, there: search.Engine, question: str
) -> None:
    assert there.search(question).to_dict() == here.search(question).to_dict()
    assert there.ask(question).to_dict() == here.ask(question).to_dict()
    assert there.lookup("bread") == here.lookup("bread")


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
    server = there._index.backend._server  # type: ignore[attr-defined]
    there.search("why does dough rise")  # whatever is prepared once
    before = server.asked
    there.search("why does the sea rise twice a day")
    assert 0 < server.asked - before <= MOST_TRIPS


def test_a_password_is_never_shown(postgres: PostgresServer) -> None:
    remote = parse(postgres.address("bread", password="gehe%40im"))
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


def test_no_statement_takes_longer_than_its_question_may(address: str) -> None:
    with closing(Server(parse(address))) as server:
        server.rows("SELECT 1")
        start = time.monotonic()
        with watched(0.3), pytest.raises(SearchTooSlow):
            server.rows("SELECT pg_sleep(60)")
        assert time.monotonic() - start < 20
        assert server.rows("SELECT 1") == [(1,)]


def test_connections_that_were_cut_are_made_again(there: search.Engine) -> None:
    server = there._index.backend._server  # type: ignore[attr-defined]
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    found = there.search("yeast").to_dict()
    with closing(Server(parse(f"{server.remote.uri}?library=bread"))) as other:
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
        assert old.number in schemas(old.server, "growing")
        with closing(Generation(remote)) as new:
            assert new.number != old.number
    publish(another(home, tmp_path / "fourth"), remote)
    with closing(Generation(remote)) as last:
        assert old.number not in schemas(last.server, "growing")
        assert len(schemas(last.server, "growing")) == 2  # the live one, and the one before


def schemas(server: Server, library: str) -> set[int]:
    found = server.rows("SELECT id FROM rosetta.generations WHERE library = %(name)s", {"name": library})
    there = {name for (name,) in server.rows("SELECT nspname::text FROM pg_namespace")}
    return {number for (number,) in found if f"rosetta_{number}" in there}


def whole(opened: Generation) -> bool:
    """Whether a generation has all that was published."""
    numbers, articles = (
        opened.server.one(f"SELECT count(*) FROM {opened.schema}.{table}")[0]
        for table in ("numbers", "articles")
    )
    return bool(numbers == articles == len(TEXTS))


class Killed(BaseException):
    """As a kill is: nothing catches it."""


def killed_at(moment: int, patched: pytest.MonkeyPatch) -> list[int]:
    """Cuts a publication's connection at so many statements from here; their count so far is kept."""
    counted = [0]

    def counting(real: Any) -> Any:
        def run(self: PostgresWriter, *given: Any) -> Any:
            counted[0] += 1
            if counted[0] == moment:
                self._connection.pgconn.finish()  # the server hears no word of farewell
                raise Killed
            return real(self, *given)

        return run

    for name in ("_run", "_copy"):
        patched.setattr(PostgresWriter, name, counting(getattr(PostgresWriter, name)))
    return counted


def test_a_publication_that_dies_at_any_moment_leaves_one_whole_generation(
    home: Path, postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = parse(postgres.address("dying"))
    with monkeypatch.context() as patched:
        statements = killed_at(0, patched)
        publish(home, remote)
    with closing(Generation(remote)) as first:
        label, every = first.label, statements[0]
    assert every > MOMENTS
    for number, moment in enumerate(random.Random(7).sample(range(1, every + 1), MOMENTS)):
        new = another(home, tmp_path / str(number))
        with monkeypatch.context() as patched, pytest.raises(Killed):
            killed_at(moment, patched)
            publish(new, remote)
        with closing(Generation(remote)) as found:
            assert whole(found)
            label = found.label
        if number % 4 == 0:  # what was begun goes on
            publish(new, remote)
            with closing(Generation(remote)) as found:
                assert whole(found) and found.label != label
    publish(another(home, tmp_path / "last"), remote)
    with closing(Generation(remote)) as found:
        assert whole(found)
        assert len(schemas(found.server, "dying")) == 2


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
