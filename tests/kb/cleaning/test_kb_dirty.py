"""How much page furniture goes, and how little else, on pages made for it.

``tests/dirty`` holds pages in which ``⟦`` and ``⟧`` enclose the furniture. The rules were tuned on ``tune``;
the figures that count are those of ``held`` (other pages, mostly in other languages), of the five articles
of ``corpus/``, and of ``clean``, ordinary articles that must lose nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from kb_samples import REMOVED

from kb.article.normalize import normalize
from kb.building.sources import sources
from kb.models import SourceFile

HERE = Path(__file__).parents[2] / "dirty"
CORPUS = Path(__file__).parents[3] / "corpus"

RECALL, LOST = 0.95, 0.005


@dataclass
class Tally:
    """Letters and marks, white space aside."""

    furniture: int = 0
    found: int = 0
    own: int = 0
    lost: int = 0


def labelled(path: Path) -> tuple[str, set[int]]:
    """A page's text, and the places in it of its furniture."""
    text: list[str] = []
    places: set[int] = set()
    inside = False
    for char in path.read_text(encoding="utf-8"):
        if char in "⟦⟧":
            inside = char == "⟦"
        else:
            if inside:
                places.add(len(text))
            text.append(char)
    return "".join(text), places


def corpus_page(file: SourceFile) -> tuple[str, set[int]]:
    """One of the five articles, labelled by what the test of the corpus says must go."""
    places: set[int] = set()
    for words in REMOVED[file.source[:2]]:
        first, _, last = words.partition(" … ")
        start = file.text.index(first)
        places.update(range(start, file.text.index(last or first, start) + len(last or first)))
    return file.text, places


def count(tally: Tally, name: str, text: str, places: set[int]) -> None:
    made = normalize(SourceFile(name, text, "utf-8", "0"))
    gone = {i for span in made.removed for i in range(span.start, span.end)}
    for i, char in enumerate(text):
        if char.isspace():
            continue
        if i in places:
            tally.furniture += 1
            tally.found += i in gone
        else:
            tally.own += 1
            tally.lost += i in gone


@pytest.mark.parametrize("half", ["tune", "held"])
def test_furniture_goes_and_the_authors_text_stays(half: str) -> None:
    tally = Tally()
    for path in sorted((HERE / half).glob("*.txt")):
        count(tally, path.name, *labelled(path))
    if half == "held":
        for file in sources([CORPUS]):
            assert isinstance(file, SourceFile)
            count(tally, file.source, *corpus_page(file))
    print(f"{half}: recall {tally.found / tally.furniture:.3f}, lost {tally.lost / tally.own:.5f}")
    assert tally.found >= RECALL * tally.furniture
    assert tally.lost <= LOST * tally.own


@pytest.mark.parametrize("path", sorted((HERE / "clean").glob("*.txt")), ids=lambda path: path.stem)
def test_an_ordinary_article_loses_nothing(path: Path) -> None:
    made = normalize(SourceFile(path.name, path.read_text(encoding="utf-8"), "utf-8", "0"))
    assert made.removed == ()


def test_there_are_enough_pages_in_enough_languages() -> None:
    dirty = [path.stem for half in ("tune", "held") for path in (HERE / half).glob("*.txt")]
    assert len(dirty) + 5 >= 40
    assert len({name.split("-")[0] for name in dirty}) >= 25
    assert len(list((HERE / "clean").glob("*.txt"))) >= 15
