"""A small library that is published to a server: made, made again as another, and compared."""

from __future__ import annotations

import math
import random
import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import search
from search.cluster.publishing import publish
from search.disk import layout, manifest
from search.postgres.connection import Server
from search.postgres.generation import Generation
from search.postgres.writing.session import Session
from search.remote import Remote

TEXTS = {
    "chleb.txt": "Chleb rośnie, bo drożdże wytwarzają gaz. Potem piecze się go w gorącym piecu.",
    "pływy.txt": "Pływy wywołuje Księżyc. Morze podnosi się dwa razy na dobę.",
    "maize.txt": "Maize bread rises little. Its dough has no gluten, so the gas escapes.",
    "мёд.txt": "Пчёлы делают мёд из нектара. Зимой они едят его сами.",
}
MOMENTS = 20  # at which publications die
QUESTIONS = ("why does bread rise", "Księżyc", "мед", '"no gluten"', "bread -gluten")


def built(folder: Path, cache: Path) -> Path:
    """The library, in a folder of that folder."""
    (folder / "texts").mkdir()
    for name, text in TEXTS.items():
        (folder / "texts" / name).write_text(text, "utf-8")
    search.build([folder / "texts"], folder / "kb", cache=cache)
    return folder / "kb"


def another(home: Path, to: Path) -> Path:
    """The same articles as another build: its manifest names one file more, of other content each time."""
    shutil.copytree(home, to)
    folder = layout.generation_directory(to, layout.read_live(to).generation)
    (folder / "more.txt").write_text(to.name)
    (folder / manifest.MANIFEST).unlink()
    manifest.write(folder, layout.FORMAT_VERSION)
    return to


def alike(left: Any, right: Any) -> bool:
    """Whether two replies are equal, but for the last digit of a number, which is rounded elsewhere."""
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(alike(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(alike, left, right))
    return math.isclose(left, right, abs_tol=1e-5) if isinstance(left, float) else bool(left == right)


def schemas(server: Server, library: str) -> set[int]:
    found = server.rows("SELECT id FROM rosetta.generations WHERE library = %(name)s", {"name": library})
    there = {name for (name,) in server.rows("SELECT nspname::text FROM pg_namespace")}
    return {number for (number,) in found if f"rosetta_{number}" in there}


def whole(opened: Generation) -> bool:
    """Whether a generation has all that was published, wherever its passages lie."""
    numbers = sum(
        shard.server.one(f"SELECT count(*) FROM {shard.schema}.numbers")[0] for shard in opened.shards
    )
    articles = opened.server.one(f"SELECT count(*) FROM {opened.schema}.articles")[0]
    return bool(numbers == articles == len(TEXTS))


class Killed(BaseException):
    """As a kill is: nothing catches it."""


def killed_at(moment: int, patched: pytest.MonkeyPatch) -> list[int]:
    """Cuts a publication's connection at so many statements from here; their count so far is kept."""
    counted = [0]

    def counting(real: Any) -> Any:
        def run(self: Session, *given: Any) -> Any:
            counted[0] += 1
            if counted[0] >= moment > 0:
                self.connection.pgconn.finish()  # the server hears no word of farewell
                raise Killed
            return real(self, *given)

        return run

    for name in ("run", "copy"):
        patched.setattr(Session, name, counting(getattr(Session, name)))
    return counted


def die_at_moments(home: Path, remote: Remote, folder: Path, shards: Sequence[str] | None = None) -> None:
    """Publishes, and again and again, each time to be killed at another statement: there is always one whole
    generation, what was begun goes on, and in the end there are the live one and the one before."""
    with pytest.MonkeyPatch.context() as patched:
        statements = killed_at(0, patched)
        publish(home, remote, shards=shards)
    with closing(Generation(remote)) as first:
        label, every = first.label, statements[0]
    assert every > MOMENTS
    for number, moment in enumerate(random.Random(7).sample(range(1, every + 1), MOMENTS)):
        new = another(home, folder / str(number))
        with pytest.MonkeyPatch.context() as patched, pytest.raises(Killed):
            killed_at(moment, patched)
            publish(new, remote)
        with closing(Generation(remote)) as found:
            assert whole(found)
            label = found.label
        if number % 4 == 0:
            publish(new, remote)
            with closing(Generation(remote)) as found:
                assert whole(found) and found.label != label
    publish(another(home, folder / "last"), remote)
    with closing(Generation(remote)) as found:
        assert whole(found)
        assert len(schemas(found.server, remote.name)) == 2
