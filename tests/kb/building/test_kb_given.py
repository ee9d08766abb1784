from __future__ import annotations

import datetime
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reading_here import read_here

from kb.build import BuildReport, add, restore, update
from kb.building import prepare
from kb.building.given import lines, told_apart
from kb.documents import Document
from kb.errors import InputError, UsageError
from kb.models import SkippedSource
from kb.readers import Fields
from kb.readers.limits import LIMITS
from kb.store.store import Store, article_id

HARBOUR = "Die Fähre legt um sechs Uhr ab, auch wenn der Nebel noch über dem Hafen liegt."
BAKER = "Piekarz otwiera o piątej rano, a pierwsze bułki sprzedaje dostawcom mleka."
PAGE = (
    "<html lang=de><head><meta charset=iso-8859-1><title>Die Fähre</title></head>"
    f"<body><nav><a href=/>Start</a></nav><article><h1>Die Fähre</h1><p>{HARBOUR}</p></article></body></html>"
)


@pytest.fixture(autouse=True)
def reading_here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "kb.sqlite") as made:
        yield made


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that were read, one after the other."""
    seen: list[str] = []
    load = prepare.load

    def noted(found: Any, *rest: Any) -> Any:
        seen.append(found.source)
        return load(found, *rest)

    monkeypatch.setattr(prepare, "load", noted)
    return seen


def given(source: str, text: str = HARBOUR, **said: object) -> dict[str, object]:
    return {"source": source, "text": text, **said}


def held(store: Store, generation: int) -> list[str]:
    return sorted(summary.source for summary in store.at(generation).summaries())


def test_mappings_and_documents_become_articles_with_what_is_said_of_them(store: Store) -> None:
    said = {"title": "Der Hafen", "language": "de-AT", "url": "https://hafen.example/1", "views": 12}
    documents = [
        given("hafen/1", **said, date=datetime.date(2024, 5, 31)),
        Document("piekarz", f"# Piekarz\n\n{BAKER}", date="2023"),
    ]
    report = update(store, documents, 1)
    assert report == BuildReport(added=("hafen/1", "piekarz"))
    ferry, baker = (found.article for found in store.at(1).articles())
    assert (ferry.title, ferry.language, ferry.url) == ("Der Hafen", "de", "https://hafen.example/1")
    assert (ferry.date, ferry.text) == ("2024-05-31", HARBOUR)
    assert (baker.title, baker.language, baker.date) == ("Piekarz", "pl", "2023")
    assert baker.text == BAKER


def test_each_format_is_read_as_files_of_it_are(store: Store) -> None:
    marked = "---\ntitle: Fähre\n---\n\nSie *legt* ab.\n"
    documents = [
        Document("page", PAGE, format="html"),
        Document("marked", marked),
        Document("plain", marked, format="text"),
    ]
    update(store, documents, 1)
    articles = {found.article.source: found.article for found in store.at(1).articles()}
    # The page is of text, whatever encoding it once had.
    assert articles["page"].text == HARBOUR and articles["page"].title == "Die Fähre"
    assert articles["marked"].text == "Sie legt ab."
    assert "*legt*" in articles["plain"].text


def test_what_is_as_it_was_is_not_read_again(store: Store, read: list[str]) -> None:
    documents = [given("a"), given("b", BAKER), given("empty", " \n"), given("c", "---\ntitle: !x y\n---\nZ")]
    first = update(store, iter(documents), 1)
    assert first.added == ("a", "b", "c")
    assert [one.source for one in first.skipped] == ["c#front matter", "empty"]
    read.clear()
    second = update(store, iter(documents), 2)
    assert (second.unchanged, second.skipped, read) == (("a", "b", "c"), first.skipped, [])
    documents[1] = given("b", BAKER, title="Piekarz")  # another title is another article
    assert update(store, iter(documents), 3).changed == ("b",)
    assert read == ["b"]
    assert update(store, documents, 4, rehash=True).unchanged == ("a", "b", "c")
    assert read == ["b", "a", "b", "empty", "c"]


def test_building_removes_what_is_no_longer_given_and_adding_does_not(
    store: Store, tmp_path: Path, read: list[str]
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "file.txt").write_text(HARBOUR, "utf-8")
    update(store, folder, 1)  # one folder, not its name's letters
    update(store, [given("a"), given("b", BAKER), given("empty", "")], 2)
    assert held(store, 2) == ["a", "b", "file.txt"]
    read.clear()
    assert add(store, given("c", BAKER), 3).added == ("c",)
    assert held(store, 3) == ["a", "b", "c", "file.txt"]
    assert [one.source for one in store.at(3).skipped()] == ["empty"]
    assert add(store, [given("a"), given("empty", "Doch etwas.")], 4).unchanged == ("a",)
    assert read == ["c", "empty"]  # a's state is remembered, though c alone was added meanwhile
    assert store.at(4).skipped() == []
    report = update(store, (one for one in [given("a"), given("c", BAKER)]), 5)
    assert (report.removed, held(store, 5)) == (("b", "empty"), ["a", "c", "file.txt"])


def test_documents_are_taken_as_they_are_needed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0
    ahead: list[int] = []

    def stream() -> Iterator[dict[str, object]]:
        nonlocal taken
        for number in range(30):
            taken += 1
            yield given(f"{number:02}", f"{HARBOUR} Nummer {number}.")

    def progress(stage: str, done: int, total: int) -> None:
        ahead.append(taken - done)

    assert len(update(store, stream(), 1, progress=progress).added) == 30
    assert max(ahead) == 1


def test_restored_parts_stay_while_the_document_does(store: Store) -> None:
    page = PAGE.replace("</article>", "</article><footer><p>Impressum und Datenschutz</p></footer>")
    documents = [Document("page", page, format="html")]
    update(store, documents, 1)
    article = store.at(1).article(article_id("page"))
    assert article is not None and article.article.removed
    span = article.article.removed[0]
    restore(store, "page", span.start, 2)
    assert update(store, documents, 3).unchanged == ("page",)
    assert update(store, documents, 4, rehash=True).unchanged == ("page",)
    put_back = store.at(4).article(article_id("page"))
    assert put_back is not None and span.text in put_back.article.text


def test_a_document_given_twice_or_too_large_is_left_out_and_named(store: Store) -> None:
    large = "x" * (LIMITS.text + 1)
    documents = [given("a"), given("a", BAKER), given("large", large), given("half", "a\ud800b")]
    report = update(store, documents, 1)
    assert report.added == ("a",)
    reasons = {one.source: one.reason for one in report.skipped}
    assert "was given before" in reasons["a"]
    assert "more than the limit of 10 MB" in reasons["large"]
    assert "half a character" in reasons["half"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"source": "a"}, "document 'a': has no text; it has source"),
        ({"text": "x"}, "document '?': has no source"),
        (given("a", 5), "document 'a': text has to be a text, not int 5"),  # type: ignore[arg-type]
        (given(""), "document '': source is empty"),
        (given("a\nb"), "source has a control character"),
        (given("a", title=["x"]), "document 'a': title has to be a text or None, not list ['x']"),
        (given("a", language="klingon"), "document 'a': language 'klingon' is no code"),
        (given("a", date=2024), "document 'a': date has to be a text, a date or None, not int 2024"),
        (given("a", url="hafen"), "document 'a': url 'hafen' is no web address"),
        (given("a", format="pdf"), "format has to be one of markdown, text, html, not str 'pdf'"),
        ("a.txt", "a str is no document"),
    ],
)
def test_what_is_no_document_is_named_with_its_field_and_nothing_is_changed(
    store: Store, document: Any, said: str
) -> None:
    update(store, [given("first")], 1)
    with pytest.raises(InputError) as error:
        update(store, [given("second"), document], 2)
    assert said in str(error.value)
    assert str(error.value).endswith("(number 2 of those given)")
    assert held(store, 2) == ["first"]


def test_what_is_neither_paths_nor_documents_is_refused(tmp_path: Path) -> None:
    for wrong in (5, ["a", given("b")], [Path("a"), 7]):
        with pytest.raises(UsageError):
            told_apart(wrong)  # type: ignore[arg-type]
    for nothing in ([], (one for one in ())):
        with pytest.raises(InputError, match="nothing to read was named"):
            told_apart(nothing)
    assert told_apart("folder").paths == told_apart(["folder"]).paths == (Path("folder"),)


def test_an_error_of_who_makes_the_documents_is_named_and_nothing_is_changed(store: Store) -> None:
    def stream() -> Iterator[dict[str, object]]:
        yield given("a")
        raise KeyError("body")

    with pytest.raises(InputError, match=r"ended with an error at number 2 \(KeyError: 'body'\)"):
        update(store, stream(), 1)
    assert held(store, 1) == []


def test_a_data_frame_of_pandas_is_read_by_its_columns(store: Store) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "source": ["a", "b"],
            "body": [HARBOUR, BAKER],
            "title": ["Hafen", None],
            "date": [pandas.Timestamp("2024-05-31"), pandas.NaT],
            "language": pandas.array(["de", pandas.NA], dtype="string"),
            "views": [1, 2],
        }
    )
    update(store, frame, 1, text_field="body")
    ferry, baker = (found.article for found in store.at(1).articles())
    assert (ferry.title, ferry.language, ferry.date) == ("Hafen", "de", "2024-05-31T00:00:00")
    assert (baker.language, baker.date, baker.text) == ("pl", None, BAKER)
    with pytest.raises(InputError, match="the data frame has no column text; it has source, body, title"):
        update(store, frame, 2)


class Frame:
    """What a data frame of polars offers, as far as it is used."""

    def __init__(self, **columns: list[object]) -> None:
        self.held = columns

    @property
    def columns(self) -> list[str]:
        return list(self.held)

    def __len__(self) -> int:
        return len(self.held["source"])

    def select(self, names: list[str]) -> Frame:
        return Frame(**{name: self.held[name] for name in names})

    def iter_rows(self) -> Iterator[tuple[object, ...]]:
        return iter(zip(*self.held.values(), strict=True))


def test_a_data_frame_of_polars_is_read_by_its_columns(store: Store) -> None:
    frame = Frame(views=[1, 2], text=[HARBOUR, BAKER], source=["a", "b"], title=["Hafen", None])
    told: list[tuple[int, int]] = []
    update(store, frame, 1, progress=lambda _stage, done, total: told.append((done, total)))  # type: ignore[arg-type]
    assert next(store.at(1).articles()).article.title == "Hafen"
    assert told == [(0, 2), (1, 2), (2, 2)]


def stream(*rows: object) -> io.BytesIO:
    return io.BytesIO(b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows))


def test_bad_lines_are_named_by_number_and_the_rest_is_read(store: Store) -> None:
    update(store, [given("before", BAKER), given("a")], 1)
    rows = [given("a"), b'{"source": "cut off', b"", b"[1]", b"\xff\xfe", given("b", BAKER), {"source": "c"}]
    report = update(store, lines(stream(*rows)), 2)
    assert (report.added, report.unchanged) == (("b",), ("a",))
    reasons = {one.source: one.reason for one in report.skipped}
    assert list(reasons) == ["line 2", "line 4", "line 5", "line 7"]
    assert reasons["line 2"].startswith("is no JSON (character 12: Unterminated string")
    assert reasons["line 5"] == "is not UTF-8 (byte 0)"
    assert reasons["line 7"] == "document 'c': has no text; it has source"
    # Any of these lines may have been "before": it stays, until all lines are good.
    assert held(store, 2) == ["a", "b", "before"]
    after = update(store, lines(stream(given("a"), given("b", BAKER))), 3)
    assert (after.removed, after.skipped, store.at(3).skipped()) == (("before",), (), [])


def test_lines_go_by_the_names_that_their_owner_gives(store: Store) -> None:
    row = {"source": "a", "body": HARBOUR, "label": "Hafen"}
    found = list(lines(stream(row), Fields("body", "label")))
    assert found == [Document("a", HARBOUR, title="Hafen")]


def test_a_line_without_end_is_not_taken_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.building.given._LONGEST_LINE", 100)
    rows = stream(given("a", "x" * 1_000), given("b", "short"))
    found = list(lines(rows))
    assert isinstance(found[0], SkippedSource) and found[0].source == "line 1"
    assert found[1:] == [Document("b", "short")]
