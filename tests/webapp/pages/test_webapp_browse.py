"""The page that lists the articles; what else narrows a search; what a library's articles are about."""

from __future__ import annotations

import pytest
from webapp_doubles import FakeEngine, elements, stored

from webapp import create_app

ARTICLES = (
    stored("recipes/rye.md", "Rye bread\n\nThe dough rises all night.", date="2023-11-02"),
    stored("recipes/old/oat.md", "Oat bread\n\nThe dough rests.", date="1999"),
    stored("chleb.md", "Żytni chleb\n\nCiasto rośnie: dough.", "pl", date="2024-05-31"),
    stored("pl/rye.md", "Chleb\n\nCiasto leży w cieple: dough.", "pl"),
)


@pytest.fixture
def reader():
    return create_app(FakeEngine(*ARTICLES)).test_client()


def titles(reply):
    assert reply.status_code == 200
    return [one.text for one in elements(reply.text, "h2")]


def test_all_articles_are_listed_by_title_with_what_they_are_translations_of(reader):
    reply = reader.get("/articles")
    assert titles(reply) == ["Chleb", "Oat bread", "Rye bread", "Żytni chleb"]
    assert elements(reply.text, "h1")[0].text == "Articles 4 articles"
    rye = next(one for one in elements(reply.text, "li") if one.text.strip().startswith("Rye bread"))
    assert "Also in" in rye.text
    assert [one.attributes["lang"] for one in elements(reply.text, "h2")] == ["pl", "en", "en", "pl"]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("?in=pl", ["Chleb", "Żytni chleb"]),
        ("?title=ZYTNI", ["Żytni chleb"]),
        ("?title=bread&in=en&sort=date", ["Rye bread", "Oat bread"]),
        ("?sort=source", ["Żytni chleb", "Chleb", "Oat bread", "Rye bread"]),
        ("?folder=recipes", ["Oat bread", "Rye bread"]),
        ("?folder=recipes/old", ["Oat bread"]),
        ("?folder=rec", []),
        ("?since=2023", ["Rye bread", "Żytni chleb"]),
        ("?since=2023-11-02&until=2024-05-30", ["Rye bread"]),
        ("?until=1999-05", ["Oat bread"]),
        ("?since=2024&until=2024", ["Żytni chleb"]),
    ],
)
def test_a_list_is_narrowed_and_ordered_by_its_address(reader, address, found):
    assert titles(reader.get(f"/articles{address}")) == found


def test_what_can_be_chosen_is_counted(reader):
    html = reader.get("/articles?in=en").text
    chips = [one for one in elements(html, "a") if one.attributes.get("class") == "chip"]
    assert [(one.text, one.attributes["href"]) for one in chips] == [
        ("All languages 4", "/articles"),
        ("English 2", "/articles"),
        ("polski 2", "/articles?in=en,pl"),
        ("Any time", "/articles?in=en"),
        ("2023 1", "/articles?in=en&since=2023&until=2023"),
        ("1999 1", "/articles?in=en&since=1999&until=1999"),
    ]
    html = reader.get("/articles?folder=recipes").text
    assert "/articles?folder=recipes/old" in [one.attributes.get("href") for one in elements(html, "a")]


def test_the_form_keeps_what_was_chosen(reader):
    html = reader.get("/articles?in=pl&folder=pl&since=2020&sort=date&ui=pl&title=a").text
    hidden = {
        one.attributes["name"]: one.attributes["value"] for one in elements(html, "input", type="hidden")
    }
    assert hidden.items() >= {"in": "pl", "folder": "pl", "ui": "pl"}.items()
    assert elements(html, "input", id="since")[0].attributes["value"] == "2020"
    assert elements(html, "option", value="date", selected="")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/articles?page=2", 404),
        ("/articles?page=101", 400),
        ("/articles?in=fr", 400),
        ("/articles?since=May", 400),
        ("/articles?until=2024-5", 400),
        ("/search?q=dough&since=x", 400),
        ("/articles?sort=nonsense", 200),
        ("/api/articles?limit=101", 400),
        ("/api/articles?sort=nonsense", 400),
        ("/api/articles?since=%D9%A2%D9%A0%D9%A2%D9%A4", 400),
    ],
)
def test_what_makes_no_sense_is_refused(reader, address, status):
    assert reader.get(address).status_code == status


def test_a_long_list_has_pages():
    many = (stored(f"{number:03}.txt", f"Text {number:03}\n\nSome words.") for number in range(120))
    reader = create_app(FakeEngine(*many)).test_client()
    assert titles(reader.get("/articles?page=3")) == [f"Text {number}" for number in range(100, 120)]
    links = [one.attributes.get("href") for one in elements(reader.get("/articles").text, "a", rel="next")]
    assert links == ["/articles?page=2"]


def test_the_api_gives_the_same(reader):
    document = reader.get("/api/articles?in=en&sort=date&limit=1").json
    assert (document["total"], document["languages"]) == (2, {"en": 2, "pl": 2})
    assert [one["article"]["source"] for one in document["articles"]] == ["recipes/rye.md"]
    assert document["years"] == {"2023": 1, "1999": 1}
    found = reader.get("/api/search?q=dough&folder=recipes&sort=date").json
    assert [hit["article"]["source"] for hit in found["hits"]] == ["recipes/rye.md", "recipes/old/oat.md"]
    assert found["folders"] == {"recipes/old": 1}


def test_a_search_is_narrowed_by_folder_and_year_and_the_newest_may_come_first(reader):
    html = reader.get("/search?q=dough&sort=date").text
    assert [one.text for one in elements(html, "h3")][-4:] == [
        "Żytni chleb",
        "Rye bread",
        "Oat bread",
        "Chleb",
    ]
    addresses = {one.text: one.attributes["href"] for one in elements(html, "a", class_="chip")}
    assert addresses["recipes 2"] == "/search?q=dough&folder=recipes&sort=date"
    assert addresses["1999 1"] == "/search?q=dough&since=1999&until=1999&sort=date"
    assert addresses["Best first"] == "/search?q=dough"
    narrowed = reader.get("/search?q=dough&folder=recipes&in=en").text
    addresses = {one.text: one.attributes["href"] for one in elements(narrowed, "a", class_="chip")}
    assert addresses["recipes"] == "/search?q=dough&in=en"
    assert addresses["All languages 2"] == "/search?q=dough&folder=recipes"


def test_the_languages_of_the_home_page_lead_to_their_articles(reader):
    links = [one.attributes["href"] for one in elements(reader.get("/").text, "a", class_="chip")]
    assert links == ["/articles?in=en", "/articles?in=pl"]


def test_the_dictionary_opens_with_what_each_language_is_about(reader):
    html = reader.get("/lookup").text
    assert [one.text for one in elements(html, "h3")] == ["English", "polski"]
    links = {one.text: one.attributes["href"] for one in elements(html, "a", class_="chip")}
    assert links["Żytni 3"] == "/lookup?q=%C5%BBytni&from=pl"
    assert not elements(reader.get("/lookup?q=dough").text, "section")
    assert reader.get("/api/terms").json["terms"][0] == {"text": "Oat", "language": "en", "count": 3}


@pytest.mark.parametrize("address", ["/articles", "/api/articles", "/api/terms", "/lookup"])
def test_these_pages_wait_for_their_turn_and_are_given_again(address, monkeypatch):
    engine = FakeEngine(*ARTICLES)
    reader = create_app(engine).test_client()
    first = reader.get(address)
    monkeypatch.setattr(FakeEngine, "browse", None)
    monkeypatch.setattr(FakeEngine, "telling_terms", None)
    assert reader.get(address).data == first.data
    assert reader.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
