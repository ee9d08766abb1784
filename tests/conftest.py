"""Fixtures of the whole suite: libraries built once with the real encoder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faults
import pytest
from hypothesis import settings
from named_server import NamedServer, named
from postgres_server import PostgresServer

import search
from search.encoding.encoder import load
from search.encoding.protocol import Encoder

# For `make soak`: pytest --hypothesis-profile=soak
settings.register_profile("soak", max_examples=5_000, deadline=None)

TESTS = Path(__file__).parent
CORPUS = TESTS.parent / "corpus"

# What is no unit: what takes one of these fixtures; modules that build libraries, start processes, load torch
# or the model's tokenizer, or break things; and single tests marked "slow". All else is marked "unit", for
# `make unit`.
_HEAVY = {"browser", "encoder", "engine", "library", "new_page", "postgres", "shards", "tiny_cache", "warm"}
_WHOLE = {
    *(
        "docs",
        "fuzzing",
        "kb_clean",
        "kb_hostile",
        "kb_processes",
        "new_language",
        "packaging",
        "search_build",
        "search_encoder",
    ),
    *("search_fairness", "search_faults", "search_hostile_folder", "search_preparation", "webapp_hardening"),
    *("search_tokenization", "webapp_schema", "webapp_server"),
}


# Folders of tests that take long: they are asked for by their own commands.
_APART = {"bench", "browser", "eval", "soak"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        whole = (
            item.path.stem.removeprefix("test_") in _WHOLE or item.path.relative_to(TESTS).parts[0] in _APART
        )
        slow = whole or any(item.iter_markers("slow"))
        if not slow and not _takes_a_model(item):
            item.add_marker("unit")


def _takes_a_model(item: pytest.Item) -> bool:
    """Whether a test uses a heavy fixture; a light one of the same name in its own module is none."""
    information = getattr(item, "_fixtureinfo", None)
    used = information.name2fixturedefs if information else {}
    return any(not used[name][-1].baseid.endswith(".py") for name in _HEAVY & set(used))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The project's source articles."""
    return CORPUS


@pytest.fixture(scope="session")
def tiny_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model cache of its own, with a tiny model in place of the bundled one: builds take a second."""
    return faults.tiny_cache(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def two_generations(tmp_path_factory: pytest.TempPathFactory, tiny_cache: Path) -> Path:
    """A folder of pages, and of a library ``kb`` of two generations; to be copied by whoever damages it."""
    import faults

    folder = tmp_path_factory.mktemp("two_generations")
    faults.two_generations(folder, tiny_cache)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer | NamedServer]:
    """A PostgreSQL server of this run, or the one that KB_TEST_SERVER names."""
    server = named(postgres=True) or PostgresServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def shards(postgres: PostgresServer | NamedServer) -> Iterator[list[PostgresServer]]:
    """Three more servers, for passages of what is in the first to lie on."""
    if isinstance(postgres, NamedServer):
        pytest.skip("KB_TEST_SERVER names a server without shards")
    with ThreadPoolExecutor(3) as together:
        servers = list(together.map(lambda _: PostgresServer(), range(3)))
    yield servers
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The bundled model."""
    return load()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library built from corpus/ with the bundled model."""
    to = tmp_path_factory.mktemp("library") / "kb"
    search.build([CORPUS], to)
    return to


@pytest.fixture(scope="session")
def engine(library: Path) -> Iterator[search.Engine]:
    """The library of the source articles, opened."""
    with search.open(library) as opened:
        yield opened


@pytest.fixture(scope="session")
def warm(library: Path) -> Callable[[Path], Path]:
    """Gives a new library's folder the vectors of the source articles: what is built there is the same, and
    built in half the time. What articles score with one another is not among it."""

    def warmed(to: Path) -> Path:
        (to / "cache").mkdir(parents=True)
        for path in (library / "cache").iterdir():
            if path.suffix != ".pairs":
                shutil.copy(path, to / "cache")
        return to

    return warmed
