"""Tables and JSON of every layout and language become articles, or say what to name."""

from __future__ import annotations

import hashlib
import json

import pytest

from kb.article.normalize import normalize
from kb.models import SkippedSource, SourceFile
from kb.readers import FORMATS, Fields, RawFile

BREAD = "Rye bread rests for a whole night, and the oven is heated with beech wood long before sunrise."
CHEESE = "Das Rad Käse liegt acht Monate im Keller; jede Woche wird es gebürstet, gewendet und gesalzen."


def read(name: str, data: str | bytes, fields: Fields | None = None) -> list[SourceFile | SkippedSource]:
    raw = data if isinstance(data, bytes) else data.encode()
    suffix = "." + name.rsplit(".", 1)[-1]
    said = RawFile(name, "/root", raw, hashlib.sha256(raw).hexdigest(), fields or Fields())
    return list(FORMATS[suffix].read(said))


def articles(name: str, data: str | bytes, fields: Fields | None = None) -> dict[str, SourceFile]:
    return {item.source: item for item in read(name, data, fields) if isinstance(item, SourceFile)}


# --- tables


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", f"title|text\nLoaf|{BREAD}\nRind|{CHEESE}\n"),
        ("a.psv", f"title|text\nLoaf|{BREAD}\nRind|{CHEESE}\n"),
        ("a.tsv", f"title\ttext\nLoaf\t{BREAD}\nRind\t{CHEESE}\n"),
        ("a.tab", f"title\ttext\nLoaf\t{BREAD}\nRind\t{CHEESE}\n"),
        ("a.csv", f'sep=;\r\ntitle;text\r\nLoaf;"{BREAD}"\r\nRind;"{CHEESE}"\r\n'),
        ("a.csv", f'title,text\rLoaf,"{BREAD}"\rRind,"{CHEESE}"\r'),
        ("a.csv", f'title,text\r\nLoaf,"{BREAD}"\nRind,"{CHEESE}"\r'),
        ("a.csv", f'title,text,\nLoaf,"{BREAD}",\nRind,"{CHEESE}",,\n'),
        ("a.csv", f'title,text,year\nLoaf,"{BREAD}"\nRind,"{CHEESE}",1950\n'),
        ("a.csv", f"title;text\r\nLoaf;{BREAD}\r\nRind;{CHEESE.replace(';', ',')}\r\n".encode("utf-16")),
        ("a.csv", f"title;text\r\nLoaf;{BREAD}\r\nRind;{CHEESE.replace(';', ',')}\r\n".encode("utf-16-le")),
        ("a.csv", f'title;text\r\nLoaf;{BREAD}\r\nRind;"{CHEESE}"\r\n'.encode("cp1252")),
        ("a.csv", f'\ufeff"title","text"\n"Loaf","{BREAD}"\n"Rind","{CHEESE}"\n'),
    ],
)
def test_a_table_is_read_whatever_separates_its_cells_and_lines(name: str, data: str | bytes) -> None:
    found = articles(name, data)
    assert [one.title for one in found.values()] == ["Loaf", "Rind"]
    assert found[f"{name}#1"].text == BREAD
    assert found[f"{name}#2"].text.replace(",", ";") == CHEESE.replace(",", ";")


def test_one_column_needs_no_separator_and_no_name() -> None:
    assert [one.text for one in articles("a.csv", f"text\n{BREAD}\n{CHEESE}\n").values()] == [BREAD, CHEESE]
    assert [one.text for one in articles("a.csv", f"{BREAD}\n{CHEESE}\n").values()] == [BREAD, CHEESE]
    assert [one.text for one in articles("a.csv", f"Remarks\n{BREAD}\n{CHEESE}\n").values()] == [
        BREAD,
        CHEESE,
    ]


def test_a_line_break_in_quotes_is_the_authors() -> None:
    (file,) = articles("a.csv", f'title,text\n"Loaf, the big one","{BREAD}\n\nIt is ""done""."\n').values()
    assert file.title == "Loaf, the big one"
    assert file.text == f'{BREAD}\n\nIt is "done".'


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Titel", "Inhalt"),
        ("Frage", "Antwort"),
        ("titre", "contenu"),
        ("título", "texto"),
        ("tytuł", "treść"),
        ("заголовок", "текст"),
        ("питання", "відповідь"),
        ("标题", "正文"),
        ("タイトル", "本文"),
        ("제목", "내용"),
        ("العنوان", "النص"),
        ("başlık", "metin"),
        ("virsraksts", "teksts"),
        ("question", "answer"),
        ("name", "description"),
        ("Headline", "Body"),
        ("re\u0301sume\u0301 x", "réponse".replace("é", "e\u0301")),
    ],
)
def test_columns_go_by_their_names_in_their_language(title: str, text: str) -> None:
    (file,) = articles("a.csv", f'{title};{text}\nLaib;"{BREAD}"\n').values()
    assert file.text == BREAD
    assert file.title == ("Laib" if "x" not in title else None)


def test_the_one_column_of_running_text_is_the_text() -> None:
    rows = "".join(f'{n},Kiln {n},"{BREAD} {n}"\n' for n in range(4))
    assert [one.text for one in articles("a.csv", f"id,label,stuff\n{rows}").values()] == [
        f"{BREAD} {n}" for n in range(4)
    ]


def test_two_columns_that_may_be_the_text_are_asked_about() -> None:
    table = f'en,de\n"{BREAD}","{CHEESE}"\n'
    from kb.errors import SourceRefused

    with pytest.raises(SourceRefused, match=r"en, de.*--text-field"):
        read("a.csv", table)
    (file,) = articles("a.csv", table, Fields(text="DE", title="en")).values()
    assert (file.text, file.title) == (CHEESE, BREAD)
    with pytest.raises(SourceRefused, match="no column fr; its columns are en, de"):
        read("a.csv", table, Fields(text="fr"))


# --- JSON


RECORDS = [{"title": "Loaf", "text": BREAD}, {"title": "Rind", "text": CHEESE}]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=2),
        "[\n" + ",\n".join(map(json.dumps, RECORDS)) + "\n]\n",
        "\n".join(map(json.dumps, RECORDS)),
        "\ufeff" + "\r\n".join(map(json.dumps, RECORDS)),
        "\n".join(json.dumps(one, indent=1) for one in RECORDS),
        "\x1e" + "\n\x1e".join(map(json.dumps, RECORDS)) + "\n",
        json.dumps({"articles": RECORDS}),
        json.dumps({"description": "All about food", "data": {"count": 2, "items": RECORDS}}, indent=4),
        json.dumps({"a": RECORDS[0], "b": RECORDS[1]}),
        json.dumps([["title", "text"], ["Loaf", BREAD], ["Rind", CHEESE]]),
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ndjson"])
def test_records_are_read_however_the_json_is_laid_out(name: str, data: str) -> None:
    found = articles(name, data)
    assert [(one.title, one.text) for one in found.values()] == [("Loaf", BREAD), ("Rind", CHEESE)]
    assert next(iter(found)).startswith(f"{name}#")


def test_lines_that_are_arrays_hold_several_records_or_a_row() -> None:
    batches = "\n".join([json.dumps(RECORDS), json.dumps(RECORDS[:1])])
    assert list(articles("a.jsonl", batches)) == ["a.jsonl#1.1", "a.jsonl#1.2", "a.jsonl#2.1"]
    rows = "\n".join(map(json.dumps, [["title", "text"], ["Loaf", BREAD]]))
    assert articles("a.jsonl", rows)["a.jsonl#2"].title == "Loaf"


@pytest.mark.parametrize(
    "record",
    [
        {"article": {"title": "Loaf", "body": BREAD}},
        {"_index": "x", "_source": {"title": "Loaf", "content": BREAD}},
        {"id": 7, "fields": {"title": "Loaf", "text": BREAD}},
        {"title": "Loaf", "page_content": BREAD, "metadata": {"k": 1}},
        {"title": "Loaf", "text": BREAD, "comments": [{"text": "nice"}, {"text": "so good"}]},
        {"title": "Loaf", "paragraphs": [{"context": BREAD}]},
        {"title": "Loaf", "content": [BREAD]},
        {"title": {"rendered": "Loaf"}, "content": {"rendered": BREAD, "protected": False}},
        {"Title:": "Loaf", "Full Text (final)": BREAD},
        {"title": "Loaf", "remarks": BREAD, "score": float("nan")},
    ],
)
def test_the_text_is_found_under_other_names_and_further_in(record: dict[str, object]) -> None:
    (file,) = articles("a.json", json.dumps(record)).values()
    assert (file.title, file.text) == ("Loaf", BREAD)


def test_lists_of_texts_are_paragraphs_and_a_key_said_twice_loses_nothing() -> None:
    (file,) = articles("a.json", json.dumps({"text": [BREAD, CHEESE]})).values()
    assert file.text == f"{BREAD}\n\n{CHEESE}"
    (file,) = articles("a.json", f'{{"text": "{BREAD}", "text": "{CHEESE}"}}').values()
    assert file.text == f"{BREAD}\n\n{CHEESE}"


def test_what_is_wrong_is_named_and_what_stands_before_it_is_kept() -> None:
    broken = "[\n" + json.dumps(RECORDS[0]) + ",\n{ not json"
    good, bad = read("a.json", broken)
    assert isinstance(good, SourceFile)
    assert isinstance(bad, SkippedSource)
    assert "from line 3 on" in bad.reason
    (unnamed,) = read("a.json", json.dumps({"left": BREAD, "right": CHEESE}))
    assert isinstance(unnamed, SkippedSource)
    assert "left, right" in unnamed.reason
    assert (
        articles("a.json", json.dumps({"left": BREAD, "right": CHEESE}), Fields("right"))["a.json#1"].text
        == CHEESE
    )
    (missing,) = read("a.json", json.dumps({"left": BREAD}), Fields("middle"))
    assert isinstance(missing, SkippedSource)
    assert "no field middle" in missing.reason


@pytest.mark.parametrize(
    "data", ["[" * 50_000, '{"a":' * 50_000, "[1" + "0" * 10_000 + "]", "[]", "{}", "[null]"]
)
def test_odd_json_is_refused_in_words(data: str) -> None:
    assert all(isinstance(item, SkippedSource) for item in read("a.json", data))


# --- what is in a record


def test_html_in_a_record_is_read_as_html_and_no_word_of_it_is_lost() -> None:
    items = "<ul><li>Flour</li><li>Salt &eacute;</li></ul>"
    page = f"<div class='x'><p>The oven <b>heats</b> slowly &amp; evenly.</p>{items}</div>"
    (file,) = articles("a.json", json.dumps({"title": "Oven", "text": page})).values()
    article = normalize(file)
    for words in ("The oven heats slowly & evenly.", "Flour", "Salt é"):
        assert words in article.text
    assert "<" not in article.text
    assert [block.kind for block in article.blocks] == ["paragraph", "item", "item"]


def test_a_text_about_tags_keeps_them() -> None:
    for text in (
        "Use the <b> tag with care, it is not closed here.",
        "Write `<p>a</p>` for a paragraph.",
        "a < b and b > c",
    ):
        (file,) = articles("a.json", json.dumps({"text": text})).values()
        assert file.text == text
        assert file.format == "text"


@pytest.mark.parametrize(
    "text",
    [
        "Home",
        "Share",
        "Comments",
        "At eight.",
        "We use cookies with oats; accept all of them.",
        "© 1987 The guild. All rights reserved.",
    ],
)
def test_a_short_record_is_an_article_even_if_pages_have_such_lines(text: str) -> None:
    (file,) = articles("a.jsonl", json.dumps({"title": "Oven", "text": text})).values()
    assert text in (normalize(file).text, normalize(file).title)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", '[\n  {"text": "%s 1"},\n  {"text": "%s 2" "title"},\n  {"text": "%s 3"}\n]'),
        ("a.json", '[{"text": "%s 1"}, {"text": %s 2}, {"text": "%s 3"}]'),
        ("a.json", '[\n{"text": "%s 1"},\n{"text": "%s 2},\n{"text": "%s 3"}\n]'),
        ("a.jsonl", '{"text": "%s 1"}\n{"text": "%s 2\n{"text": "%s 3"}\n'),
        ("a.csv", 'title,text\na,"%s 1"\nb,"%s 2\nc,"%s 3"\n'),
        ("a.csv", "title,text\na,%s 1\nb,%s 2,c,d\nc,%s 3\n"),
        ("a.tsv", 'title\ttext\na\t%s 1\nb\t"%s 2\nc\t%s 3\n'),
    ],
)
def test_a_bad_record_costs_only_itself(name: str, data: str) -> None:
    sentence = "The weir was built of oak and the miller raised it every spring"
    items = read(name, data.replace("%s", sentence))
    assert [one.text for one in items if isinstance(one, SourceFile)] == [f"{sentence} 1", f"{sentence} 3"]
    (bad,) = [one for one in items if isinstance(one, SkippedSource)]
    assert bad.source == f"{name}#2"
    assert "; " in bad.reason


def test_a_table_of_nothing_but_open_quotes_is_read_to_its_end_in_time() -> None:
    rows = "".join(f'{n},"The weir was built of oak and the miller raised it\n' for n in range(3_001))
    assert read("a.csv", f"title,text\n{rows}")
