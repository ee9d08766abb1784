"""ZIM files, whose pages are articles."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from format_files import articles, refused


def test_without_its_library_a_zim_file_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libzim.reader", None)
    assert "rosetta-kb[zim]" in refused("a.zim", b"ZIM\x04" + b"\x00" * 100)


def test_a_zim_files_pages_are_articles_and_its_redirects_none(tmp_path: Path) -> None:
    writer = pytest.importorskip("libzim.writer")

    class Page(writer.Item):  # type: ignore[misc, name-defined]
        def __init__(self, path: str, title: str, text: str) -> None:
            super().__init__()
            self._said = (path, title, text)

        def get_path(self) -> str:
            return self._said[0]

        def get_title(self) -> str:
            return self._said[1]

        def get_mimetype(self) -> str:
            return "text/html"

        def get_contentprovider(self) -> object:
            return writer.StringProvider(self._said[2])

        def get_hints(self) -> dict[object, bool]:
            return {writer.Hint.FRONT_ARTICLE: True}

    path = tmp_path / "a.zim"
    body = "<p>Dzirnavas stāv pie upes un mala graudus. Ziemā upe aizsalst, un rats stāv.</p>"
    with writer.Creator(path) as creator:
        creator.set_mainpath("A/Dzirnavas")
        creator.add_item(
            Page("A/Dzirnavas", "Dzirnavas", f"<html><body><h1>Dzirnavas</h1>{body}</body></html>")
        )
        creator.add_item(Page("A/Upe", "Upe", f"<html><body><h1>Upe</h1>{body}</body></html>"))
        creator.add_redirection("A/Vecais", "Vecais nosaukums", "A/Upe", {})
        creator.add_metadata("Language", "lav")
        creator.add_metadata("Date", "2024-05-06")
    made = articles("a.zim", path.read_bytes())
    assert [(one.source, one.title, one.language, one.date) for one in made] == [
        ("a.zim#A/Dzirnavas", "Dzirnavas", "lv", "2024-05-06"),
        ("a.zim#A/Upe", "Upe", "lv", "2024-05-06"),
    ]
    assert "Ziemā upe aizsalst" in made[0].text
