"""The tables of kb/data are read whole, or refused with the line that is wrong."""

from pathlib import Path

import pytest

from kb import tables
from kb.cleaning.phrases import phrase_key


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(tables.resources, "files", lambda package: tmp_path)
    return lambda text: (tmp_path / "data" / "mine.tsv").write_text(text, encoding="utf-8")


def test_a_row_is_its_cells(table) -> None:
    table("# language\tkind\tphrases\nfi\thome\tetusivu | koti\nfi\tshare\tjaa\n")
    assert tables.rows("mine", 3, key=2) == [("fi", "home", "etusivu | koti"), ("fi", "share", "jaa")]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("fi\tjaa", "2 columns, not 3"),
        ("xq\thome\tjaa", "no language is 'xq'"),
        ("fi\thome\t", "a cell that is empty"),
        ("fi\thome\tjaa ", "a space at an end"),
        ("fi\thome\tjaa |  | koti", "a phrase that is empty"),
        ("fi\thome\tjaa | ", "a space at an end"),
        ("sv\thome\them", "there is such a row already"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(table, line: str, fault: str) -> None:
    table(f"# a table\nsv\thome\tstartsida\n{line}\n")
    with pytest.raises(ValueError, match=r"mine\.tsv, line 3: ") as refused:
        tables.rows("mine", 3, key=2)
    assert fault in str(refused.value)


def test_phrases_are_written_as_they_are_compared_but_for_marks() -> None:
    written = [phrase for row in tables.rows("phrases", 3, key=2) for phrase in row[2].split(tables.BETWEEN)]
    assert len(written) > 2000
    assert [phrase for phrase in written if phrase != phrase.lower()] == []
    assert [phrase for phrase in written if not phrase_key(phrase)] == []
