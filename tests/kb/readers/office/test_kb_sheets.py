"""Sheets: a row says its columns' names."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from format_files import kinds, one, refused, workbook

from kb.build import update
from kb.readers.limits import Limits
from kb.store.store import Store


def test_a_row_of_a_sheet_says_its_columns_names_and_its_figures_as_shown() -> None:
    made = one("a.xlsx", workbook())
    assert made.title == "Statistika"
    assert kinds(made) == [
        ("heading", 2, None, "Pilsētas"),
        ("paragraph", 0, None, "Pārskats par pilsētām"),
        ("paragraph", 0, None, "Pilsēta | Iedzīvotāji | Daļa | Kopš | Cena"),
        (
            "paragraph",
            0,
            None,
            "Pilsēta: Rīga | Iedzīvotāji: 605802 | Daļa: 33.1% | Kopš: 1921-08-01 | Cena: € 12.50",
        ),
        ("paragraph", 0, None, "Pilsēta: Liepāja | Iedzīvotāji: 67964 | Daļa: 0.3 | Cena: 3.0 kg"),
        ("heading", 2, None, "秘密"),
        ("paragraph", 0, None, "都市 | 値"),
        ("paragraph", 0, None, "都市: 東京 | 値: TRUE"),
    ]


def test_a_sheet_of_too_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.readers.office.sheets.LIMITS", Limits(cells=10))
    assert "more than 10 cells" in refused("a.xlsx", workbook())


@pytest.mark.slow
def test_short_rows_that_come_again_on_other_sheets_are_no_furniture(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name in "abcdef":
        book = openpyxl.Workbook()
        for row in (["Home", "About"], ["Contact", "Share"], ["Author", "admin"], ["Next", name]):
            book.active.append(row)
        book.save(folder / f"{name}.xlsx")
    with Store.create(tmp_path / "kb.sqlite") as store:
        assert len(update(store, [folder], 1).added) == 6
        made = [store.at(1).article_by_source(f"{name}.xlsx") for name in "abcdef"]
    assert all(one is not None and not one.article.removed for one in made)
