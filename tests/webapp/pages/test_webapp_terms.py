"""The page about a term, its files, and completions for browsers."""

from __future__ import annotations

import csv
import io
import json

import pytest
from lxml import etree
from webapp_doubles import FakeEngine, elements, stored

from webapp import create_app
from webapp.config import Settings
from webapp.library import Shelf

COFFEE = "Coffee\n\nMany drink coffee. Others drink <b>tea</b> and coffee, too."
ARTICLES = (
    stored("en/coffee.txt", COFFEE),
    stored("pl/kawa.txt", "Kawa\n\nKawa to po angielsku coffee.", "pl"),
    stored("ar/qahwa.txt", "قهوة\n\nالقهوة لذيذة في الصباح.", "ar"),
)


@pytest.fixture
def reader():
    return create_app(Shelf(Settings(), FakeEngine(*ARTICLES))).test_client()


def test_the_page_shows_every_language_with_the_term_marked_in_its_place(reader):
    html = reader.get("/lookup?q=coffee").text
    rows = elements(html, "tr")[1:]
    assert [elements(html, "th", scope="row")[n].text for n in range(3)] == ["العربية", "English", "polski"]
    assert len(rows) == 3
    assert "not found" in html
    assert {mark.text.casefold() for mark in elements(html, "mark")} == {"coffee"}
    assert len(elements(html, "mark")) == len(elements(html, "mark", class_="exact")), "others cannot be seen"
    assert "<b>tea" not in html


def test_the_page_without_a_term_asks_for_one(reader):
    html = reader.get("/lookup").text
    assert elements(html, "table") == []
    assert len(elements(html, "section", class_="telling")) == 3
    assert [one.attributes["name"] for one in elements(html, "input") if one.attributes["id"] == "term"] == [
        "q"
    ]


@pytest.mark.parametrize(
    ("sort", "first"), [("", "العربية"), ("count", "English"), ("term", "English"), ("nonsense", "العربية")]
)
def test_the_table_is_ordered_by_links_and_the_address_says_how(reader, sort, first):
    html = reader.get(f"/lookup?q=coffee&sort={sort}").text
    assert elements(html, "th", scope="row")[0].text == first
    links = [one.attributes["href"] for one in elements(html, "a") if "/lookup?" in one.attributes["href"]]
    current = sort if sort != "nonsense" else ""
    for other in {"term", "score", "count"} - {current}:
        assert f"/lookup?q=coffee&sort={other}" in links
    assert len(elements(html, "th", **{"aria-sort": "descending"})) == (current == "count")


def test_the_links_to_the_files_keep_what_was_asked(reader):
    html = reader.get("/lookup?q=coffee&from=en&sort=count").text
    links = [one.attributes["href"] for one in elements(html, "a")]
    assert "/lookup.tbx?q=coffee&from=en&sort=count" in links
    assert "/lookup.tsv?q=coffee&from=en&sort=count" in links


def test_the_tsv_has_a_row_for_each_language(reader):
    reply = reader.get("/lookup.tsv?q=coffee")
    assert reply.mimetype == "text/tab-separated-values"
    assert "filename=terms.tsv" in reply.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(reply.text), dialect="excel-tab", quoting=csv.QUOTE_NONE))
    assert [(row["language"], row["term"]) for row in rows] == [
        ("ar", ""),
        ("en", "coffee"),
        ("pl", "coffee"),
    ]


def test_the_tbx_is_well_formed_and_says_the_languages(reader):
    reply = reader.get("/lookup.tbx?q=coffee")
    assert reply.mimetype == "application/x-tbx"
    root = etree.fromstring(reply.data)
    sections = root.findall(".//{*}langSec")
    assert [one.get("{http://www.w3.org/XML/1998/namespace}lang") for one in sections] == ["en", "pl"]


def test_a_term_that_nothing_has_still_makes_a_whole_document(reader):
    root = etree.fromstring(reader.get("/lookup.tbx?q=xyzzy&from=sv").data)
    assert [term.text for term in root.iter("{*}term")] == ["xyzzy"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/lookup.tsv", 404),
        ("/lookup.xls?q=coffee", 404),
        ("/lookup?q=coffee&from=nonsense", 400),
        ("/lookup?q=" + "x" * 301, 400),
    ],
)
def test_what_makes_no_sense_is_refused(reader, address, status):
    assert reader.get(address).status_code == status


def test_browsers_get_completions_as_opensearch_has_them(reader):
    reply = reader.get("/suggestions.json?q=cof")
    assert reply.mimetype == "application/x-suggestions+json"
    assert json.loads(reply.data) == ["cof", ["Coffee"]]
    assert json.loads(reader.get("/suggestions.json").data) == ["", []]


def test_browsers_get_completions_in_the_readers_language_first():
    texts = (stored("en/kava.txt", "Kava\n\nKava is a root."), stored("pl/kawa.txt", "Kawa\n\nKawa.", "pl"))
    client = create_app(Shelf(Settings(), FakeEngine(*texts))).test_client()
    for tag, first in (("pl", "Kawa"), ("en", "Kava")):
        reply = client.get("/suggestions.json?q=ka", headers={"Accept-Language": tag})
        assert json.loads(reply.data)[1][0] == first
        assert client.get(f"/api/suggest?q=ka&query_language={tag}").json["suggestions"][0]["text"] == first


def test_the_search_description_names_the_completions(reader):
    root = etree.fromstring(reader.get("/opensearch.xml", headers={"Host": "books.example:81"}).data)
    found = {url.get("type"): url.get("template") for url in root.iter("{*}Url")}
    assert (
        found["application/x-suggestions+json"] == "http://books.example:81/suggestions.json?q={searchTerms}"
    )
    kept = etree.fromstring(reader.get("/opensearch.xml?ui=pl").data)
    addresses = {url.get("template").rpartition("/")[2] for url in kept.iter("{*}Url")}
    assert "suggestions.json?ui=pl&q={searchTerms}" in addresses
