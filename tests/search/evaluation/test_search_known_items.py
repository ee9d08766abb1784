"""Known items: what is asked of a library by its own words, and whether it is found."""

from types import SimpleNamespace
from typing import ClassVar

import pytest

from kb.progress import silent
from search.evaluation import known_items


class Shelf:
    """Two articles that are translations, and one that is not; every search finds what it is told to."""

    texts: ClassVar = {
        "en/lock.md": ("The lock", "Barges wait below the Ostrow lock until 1874 litres have run."),
        "pl/sluza.md": ("Śluza", "Barki czekają pod śluzą. Śluzowy zapisuje każdą łódkę."),
        "en/bread.md": ("Bread", "Barges bring flour below the town."),
    }
    same: ClassVar = {"en/lock.md": "pl/sluza.md", "pl/sluza.md": "en/lock.md"}

    def __init__(self, found):
        self.found = found

    def articles(self):
        return [SimpleNamespace(source=source) for source in self.texts]

    def article(self, source):
        title, text = self.texts[source]
        return SimpleNamespace(
            article=SimpleNamespace(source=source, language=source[:2], title=title, text=text)
        )

    def translations(self, source):
        other = self.same.get(source)
        return [SimpleNamespace(article=SimpleNamespace(source=other))] if other else []

    def search(self, text, limit):
        return [SimpleNamespace(article=SimpleNamespace(source=self.found))]

    def ask(self, text):
        return SimpleNamespace(found=text == "1874")


def test_known_items_are_what_one_article_alone_has():
    items = known_items.known_items(Shelf(""))
    assert items == known_items.known_items(Shelf(""))
    texts = {source: f"{title} {text}" for source, (title, text) in Shelf.texts.items()}
    for item in items:
        if item.kind in ("word", "name", "number"):
            assert [source for source, text in texts.items() if item.query in text] == [item.source]
    asked = {(item.kind, item.source): item.query for item in items}
    assert asked["number", "en/lock.md"] == "1874"
    assert asked["title", "pl/sluza.md"] == "Śluza"
    assert asked["name", "en/lock.md"] == "Ostrow"
    assert asked["phrase", "en/lock.md"] == '"wait below the"'
    assert asked["folded", "pl/sluza.md"].isascii()
    assert ("number", "en/bread.md") not in asked


def test_known_items_found_are_counted_by_hand():
    asked = [
        known_items.Known("number", "1874", "en/lock.md"),
        known_items.Known("title", "Śluza", "pl/sluza.md"),
        known_items.Known("title", "The lock", "en/lock.md"),
        known_items.Known("word", "flour", "en/bread.md"),
    ]
    found = known_items.find_all(Shelf("en/lock.md"), asked, silent)
    figures = {name: by_leg["both"] for name, by_leg in known_items.figures(found, found[:1]).items()}
    assert figures == pytest.approx(
        {
            "known_first": 1 / 2,
            "known_first_apart": 1.0,
            "known_own_version": 1 / 2,
            "keywords_answered": 2 / 3,
        }
    )


def test_of_articles_that_are_the_same_text_one_is_kept(tmp_path):
    for source in Shelf.texts:
        (tmp_path / "all" / source).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "all" / source).write_text("…", "utf-8")
    known_items.apart(Shelf(""), tmp_path / "all", tmp_path / "apart")
    kept = {path.relative_to(tmp_path / "apart").as_posix() for path in (tmp_path / "apart").rglob("*.md")}
    assert len(kept) == 2
    assert "en/bread.md" in kept
