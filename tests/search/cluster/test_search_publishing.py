"""A library that is published to a server answers as it does from its folder, wherever it is opened."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import search
from kb.errors import LibraryDamaged, LibraryMissing
from kb.store.store import Store
from search.cluster.milvus import MilvusBackend, MilvusWriter
from search.cluster.publishing import Fetched, fetch, publish
from search.disk import layout, manifest
from search.ranking.index import Index
from search.remote import Remote, parse
from webapp.terminal.cli import main

pytest.importorskip("milvus_lite")

QUESTIONS = (
    "how does service relate to loyalty",
    "co to jest lojalność klienta",
    '"the customer" -price',
    "лояльность",
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("publishing") / "server.db"


@pytest.fixture(scope="module")
def remote(database: Path) -> Remote:
    return parse(f"milvus+file://{database}/corpus")


@pytest.fixture(scope="module")
def fetched(library: Path, remote: Remote, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fetched]:
    publish(library, remote)
    opened = fetch(remote, tmp_path_factory.mktemp("cache"))
    yield opened
    opened.backend.close()


def test_what_is_fetched_has_no_passages_and_answers_as_the_folder_does(
    library: Path, fetched: Fetched
) -> None:
    assert not (
        fetched.path / "generations" / str(fetched.generation) / "vectors" / "sentences_prefix.npy"
    ).exists()
    here = Index(library, layout.read_live(library).generation, model=None, cache=None)
    there = Index(fetched.path, fetched.generation, model=None, cache=None, backend=fetched.backend)
    for question in QUESTIONS:
        ours, theirs = here.rank(question, frozenset()), there.rank(question, frozenset())
        # A folder's query has one byte a coordinate, too: what is nearly equal may change places, and what a
        # place among its language's takes off.
        assert theirs.fused == pytest.approx(ours.fused, abs=0.1)
        dense = dict(zip(theirs.scores.pool.rows.tolist(), theirs.scores.dense, strict=True))
        rows = ours.scores.pool.rows.tolist()
        assert dense.keys() == set(rows)
        assert [dense[row] for row in rows] == pytest.approx(ours.scores.dense, abs=0.1)
        lexical = dict(zip(theirs.scores.pool.rows.tolist(), theirs.scores.lexical, strict=True))
        assert [lexical[row] for row in rows] == pytest.approx(ours.scores.lexical, abs=0.01)
    here.close()


def test_a_library_opened_by_its_address_searches_asks_and_looks_up_as_its_folder_does(
    library: Path, remote: Remote, fetched: Fetched, tmp_path: Path
) -> None:
    address = f"milvus+file://{remote.uri}/{remote.name}"
    with search.open(library) as here, search.open(address) as there:
        for question in QUESTIONS:
            ours, theirs = here.search(question), there.search(question)
            sentences = {hit.article.source: hit.sentence for hit in ours}
            assert {hit.article.source: hit.sentence for hit in theirs} == sentences
            assert theirs.languages == ours.languages
            quoted = {language: found[0].quote for language, found in here.ask(question).by_language.items()}
            answer = there.ask(question)
            assert {language: found[0].quote for language, found in answer.by_language.items()} == quoted
        found = [(entry.language, entry.term) for entry in here.lookup("loyalty")]
        assert [(entry.language, entry.term) for entry in there.lookup("loyalty")] == found
        assert there.status().path == address
        assert len(there.overview.map.points) == len(here.overview.map.points)


def test_what_is_fetched_has_the_articles_of_its_generation(library: Path, fetched: Fetched) -> None:
    assert layout.check_generation(fetched.path, fetched.generation, thorough=True) == ()
    with (
        closing(Store.open(layout.database(library))) as ours,
        closing(Store.open(layout.database(fetched.path))) as theirs,
    ):
        expected = list(ours.at(fetched.generation).summaries())
        assert list(theirs.at(fetched.generation).summaries()) == expected != []
        theirs.check()


def test_a_generation_is_fetched_once(library: Path, remote: Remote, tmp_path: Path) -> None:
    publish(library, remote)
    first = fetch(remote, tmp_path)
    told: list[str] = []
    second = fetch(remote, tmp_path, lambda stage, done, total: told.append(stage))
    assert second.path == first.path
    assert told == []
    first.backend.close()
    second.backend.close()


def test_publishing_again_sends_nothing(library: Path, fetched: Fetched, remote: Remote) -> None:
    told: list[str] = []
    publish(library, remote, lambda stage, done, total: told.append(stage))
    assert told == []


def test_a_damaged_generation_is_not_published(library: Path, database: Path, tmp_path: Path) -> None:
    home, remote = tmp_path / "home", parse(f"milvus+file://{database}/damaged")
    shutil.copytree(library, home)
    generation = layout.read_live(home).generation
    with (layout.generation_directory(home, generation) / "vectors" / "kinds.npy").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x07")
    with pytest.raises(LibraryDamaged, match="verify --repair"):
        publish(home, remote)
    with pytest.raises(LibraryMissing):
        MilvusBackend(remote)


class Killed(BaseException):
    """As a kill is: nothing catches it."""


@pytest.mark.parametrize("stage", ["publishing passages", "publishing files"])
def test_publishing_after_a_kill_goes_on_and_nothing_is_there_twice(
    library: Path, database: Path, fetched: Fetched, stage: str
) -> None:
    remote = parse(f"milvus+file://{database}/killed_in_{stage.replace(' ', '_')}")

    def killed(now: str, done: int, total: int) -> None:
        if now == stage:
            raise Killed

    with pytest.raises(Killed):
        publish(library, remote, killed)
    with pytest.raises(Exception, match="there is no library of this name"):
        MilvusBackend(remote)
    publish(library, remote)
    with closing(MilvusBackend(remote)) as backend:
        query = np.zeros(fetched.backend.sample(1)[1].shape[1], np.float32)
        query[0] = 1
        ours = fetched.backend.rank_by_vector(query, 1000)
        theirs = backend.rank_by_vector(query, 1000)
        assert backend.counts.tolist() == fetched.backend.counts.tolist()
        assert theirs.rows.tolist() == ours.rows.tolist() == list(range(int(backend.counts.sum())))
        assert len(theirs.sentence) == len(ours.sentence) == len(np.unique(theirs.numbers))


def test_a_file_that_came_as_another_is_refused(
    library: Path, database: Path, fetched: Fetched, tmp_path: Path
) -> None:
    remote = parse(f"milvus+file://{database}/corpus_altered")
    publish(library, remote)
    with closing(MilvusBackend(remote)) as backend:
        generation = backend.names.base.split("__")[1]
        piece = f"piece#generations/{fetched.generation}/model/model.json#0"
        with closing(MilvusWriter(remote, generation, 4)) as writer:
            writer.files.put_text(piece, "eyJuYW1lIjogIngifQ==")
    with pytest.raises(LibraryDamaged, match=r"model\.json came as another than was published"):
        fetch(remote, tmp_path)
    assert not [path for path in tmp_path.rglob("live.json") if ".unfinished" not in str(path)]


def test_a_file_that_would_be_written_elsewhere_is_refused(
    library: Path, database: Path, tmp_path: Path
) -> None:
    remote = parse(f"milvus+file://{database}/corpus_escaping")
    publish(library, remote)
    with closing(MilvusBackend(remote)) as backend:
        generation = backend.names.base.split("__")[1]
    (tmp_path / "evil").write_text("evil")
    with closing(MilvusWriter(remote, generation, 4)) as writer:
        writer.files.put("../../../../evil.txt", tmp_path / "evil")
    with pytest.raises(LibraryDamaged, match=r"evil\.txt: is no file of a library"):
        fetch(remote, tmp_path / "a" / "b" / "c" / "cache")
    assert not list(tmp_path.rglob("evil.txt"))


def test_an_older_generation_goes_from_the_cache_when_a_newer_one_comes(
    library: Path, database: Path, tmp_path: Path
) -> None:
    remote = parse(f"milvus+file://{database}/growing")
    home = tmp_path / "home"
    shutil.copytree(library, home)
    publish(home, remote)
    old = fetch(remote, tmp_path / "cache")
    # The same articles as another build: its manifest names one file more.
    folder = layout.generation_directory(home, old.generation)
    (folder / "more.txt").write_text("more")
    (folder / manifest.MANIFEST).unlink()
    manifest.write(folder, layout.FORMAT_VERSION)
    publish(home, remote)
    new = fetch(remote, tmp_path / "cache")
    assert new.path != old.path
    assert not old.path.exists()
    # Whoever reads the old one on the server still does.
    assert old.backend.counts.tolist() == new.backend.counts.tolist()
    assert len(old.backend.sample(5)[0]) == 5
    old.backend.close()
    new.backend.close()


def test_kb_build_publishes_what_it_built_at_home(
    database: Path, tiny_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KB_CACHE", str(tiny_cache))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "bread.txt").write_text("Bread rises because yeast makes gas. It is baked then.")
    address = f"milvus+file://{database}/bread"
    built = CliRunner().invoke(main, ["build", "texts", "--to", address])
    assert built.exit_code == 0, built.stderr
    assert f"library: {address}" in built.stdout
    assert layout.read_live(tmp_path / ".kb-bread").generation == 1
    with closing(MilvusBackend.open(address)) as backend:
        assert backend.counts.sum() == 1
    (tmp_path / "texts" / "tides.txt").write_text("Tides follow the moon. They come twice a day.")
    added = CliRunner().invoke(main, ["add", "texts/tides.txt", "--kb", address])
    assert added.exit_code == 0, added.stderr
    with closing(MilvusBackend.open(address)) as backend:
        assert backend.counts.sum() == 2


def test_nothing_is_built_for_a_server_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bread.txt").write_text("Bread rises because yeast makes gas.")
    away = CliRunner().invoke(main, ["build", "bread.txt", "--to", "milvus+http://127.0.0.1:1/bread"])
    assert away.exit_code == 3
    assert "does not answer" in away.stderr
    assert away.stderr.count("\n") == 1
    wrong = CliRunner().invoke(main, ["build", "bread.txt", "--to", "milvus+http://127.0.0.1:1/"])
    assert wrong.exit_code == 2
    assert not (tmp_path / ".kb-bread").exists()
