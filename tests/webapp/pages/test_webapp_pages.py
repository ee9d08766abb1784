"""The pages over a stand-in engine: what they show, what they escape, what they carry."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from webapp_doubles import FakeEngine, elements, folder_of, stored

from kb.errors import LibraryDamaged
from search.errors import ModelMissing
from search.shown import Piece
from webapp import create_app
from webapp.config import Settings
from webapp.interface import offered as interface
from webapp.library import Shelf
from webapp.pages import words

ROOT = Path(__file__).parents[3]
ARABIC = stored("ar/coffee.txt", "القهوة والنوم\n\nكثيرون يشربون القهوة ليقاوموا النعاس.", "ar")
ENGLISH = stored(
    "en/coffee.txt", "Coffee and sleep\n\nMany drink coffee to stay awake. It hides the need.", "en"
)
POLISH = stored("pl/kawa.txt", "Kawa i sen\n\nWielu pije coffee, żeby nie zasnąć.", "pl")


def client(*articles, **settings):
    return create_app(FakeEngine(*articles, **settings)).test_client()


@pytest.fixture
def few():
    return client(ARABIC, ENGLISH, POLISH)


@pytest.fixture(scope="module")
def bundled():
    return client(*folder_of(ROOT / "corpus"))


ADDRESSES = ["/", "/search?q=coffee", "/search?q=nothing", "/languages", "/about", f"/articles/{ENGLISH.id}"]


@pytest.mark.parametrize(
    "address", [*ADDRESSES, "/lookup?q=coffee", "/search?q=", "/nowhere", "/articles/nowhere"]
)
def test_every_page_is_whole_and_carries_the_headers(few, address):
    reply = few.get(address)
    html = reply.text
    assert elements(html, "html", lang="en", dir="ltr")
    assert len(elements(html, "h1")) == 1
    assert len(elements(html, "main")) == 1
    policy = dict(part.split(" ", 1) for part in reply.headers["Content-Security-Policy"].split("; "))
    assert policy.pop("default-src") == policy.pop("base-uri") == policy.pop("frame-ancestors") == "'none'"
    assert set(policy.values()) == {"'self'"}
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("address", [*ADDRESSES, "/nowhere"])
def test_nothing_is_inline(few, address):
    for element in elements(few.get(address).text):
        assert element.tag != "style"
        assert element.tag != "script" or (element.attributes.get("src") and not element.text.strip())
        assert not any(name == "style" or name.startswith("on") for name in element.attributes)


@pytest.mark.parametrize("address", [*ADDRESSES, "/nowhere"])
def test_ids_are_unique_and_labels_name_them(few, address):
    page = elements(few.get(address).text)
    ids = [one.attributes["id"] for one in page if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    named = [
        one.attributes[name] for one in page for name in ("for", "aria-labelledby") if name in one.attributes
    ]
    assert set(named) <= set(ids)


def test_the_home_page_shows_what_the_library_holds(few):
    html = few.get("/").text
    assert [one.text for one in elements(html, "a", class_="chip")] == [
        "العربية 1",
        "English 1",
        "polski 1",
    ]
    assert elements(html, "input", name="q", type="search", maxlength="300")


def test_example_questions_are_shown_over_the_bundled_articles_only(few, bundled):
    questions = [
        one for one in elements(bundled.get("/").text, "a") if "/search?q=" in one.attributes["href"]
    ]
    assert [one.attributes["lang"] for one in questions] == list(interface.INTERFACES)
    assert "/search?q=" not in few.get("/").text


def test_a_search_without_a_query_goes_home(few):
    reply = few.get("/search")
    assert (reply.status_code, reply.headers["Location"]) == (302, "/")


def test_evidence_stands_by_language_with_lang_and_dir(few):
    html = few.get("/search", query_string={"q": "coffee القهوة"}).text
    quotes = {one.attributes["lang"]: one for one in elements(html, "blockquote")}
    assert {code: one.attributes["dir"] for code, one in quotes.items()} == {
        "ar": "rtl",
        "en": "ltr",
        "pl": "ltr",
    }
    assert quotes["pl"].text == "Wielu pije coffee, żeby nie zasnąć."
    headings = [one for one in elements(html, "h3") if one.attributes.get("id", "").startswith("evidence-")]
    assert {one.text for one in headings} == {"العربية", "English", "polski"}
    assert elements(html, "mark", class_="exact")[0].text in ("coffee", "القهوة")


def test_a_quote_links_to_its_sentence(few):
    html = few.get("/search?q=coffee").text
    start = POLISH.article.text.index("Wielu")
    end = start + len("Wielu pije coffee, żeby nie zasnąć.")
    assert f'href="/articles/{POLISH.id}?quote={start}-{end}#s{start}"' in html
    article = few.get(f"/articles/{POLISH.id}?quote={start}-{end}").text
    assert [one.text for one in elements(article, "span", id=f"s{start}")] == [
        "Wielu pije coffee, żeby nie zasnąć."
    ]
    assert [one.text for one in elements(article, "mark")] == ["Wielu pije coffee, żeby nie zasnąć."]


@pytest.mark.parametrize("quote", ["", "x", "5-1", "0-99999", "-1-4", "0-4-5"])
def test_a_quote_that_fits_nowhere_marks_nothing(few, quote):
    reply = few.get(f"/articles/{POLISH.id}", query_string={"quote": quote})
    assert reply.status_code == 200
    assert not elements(reply.text, "mark")


def test_languages_are_chosen_by_links_and_stay_in_the_address(few):
    html = few.get("/search?q=coffee&in=pl").text
    chips = [one for one in elements(html, "a") if one.attributes.get("class") == "chip"]
    assert [(one.text, one.attributes["href"], "aria-current" in one.attributes) for one in chips] == [
        ("All languages 2", "/search?q=coffee", False),
        ("polski 1", "/search?q=coffee", True),
        ("English 1", "/search?q=coffee&in=pl,en", False),
    ]
    assert elements(html, "input", type="hidden", name="in", value="pl")
    assert {one.attributes["lang"] for one in elements(html, "blockquote")} == {"pl"}


def test_many_languages_are_folded_away_but_for_those_chosen():
    codes = ["en", "pl", "ru", "lv", "nb", "tl", "ar", "de", "fr", "es", "it", "pt", "sv", "da", "fi", "nl"]
    many = client(*(stored(f"{code}/a.txt", "Title\n\nSome coffee here.", code) for code in codes))
    html = many.get(f"/search?q=coffee&in={codes[-1]}").text
    folded = re.search(r"<summary>4 more languages</summary>(.*?)</details>", html, re.DOTALL)[1]
    assert len(elements(folded, "a", class_="chip")) == 4
    assert not elements(folded, "a", aria_current="true")
    assert len(elements(html, "a", class_="chip")) == len(codes) + 1


def test_several_languages_may_be_chosen_in_both_ways(few):
    for address in ("/search?q=coffee&in=pl,en", "/search?q=coffee&in=pl&in=en"):
        assert {one.attributes["lang"] for one in elements(few.get(address).text, "blockquote")} == {
            "pl",
            "en",
        }


def test_a_language_the_library_has_not_is_refused(few):
    reply = few.get("/search?q=coffee&in=fr")
    assert reply.status_code == 400
    assert "the library has ar, en, pl" in reply.text


def test_an_unanswered_question_is_said_to_be_so():
    nothing = client(ENGLISH, POLISH, found=False).get("/search?q=coffee").text
    assert "Nothing in this library answers that." in nothing
    assert "The nearest passages, which do not answer it" in nothing
    assert [one.text for one in elements(nothing, "a", class_="chip")][-2:] == ["English 1", "polski 1"]
    assert "No article found" in client(ENGLISH).get("/search?q=xyzzy").text


def test_silent_languages_are_named(few):
    assert re.search(
        r"Nothing to the point in:\s+<span lang=\"ar\" dir=\"rtl\"[^>]*>العربية",
        few.get("/search?q=coffee").text,
    )


def test_another_spelling_is_offered_as_a_link():
    html = client(ENGLISH, did_you_mean="coffee").get("/search?q=cofee").text
    assert [one.text for one in elements(html, "a", href="/search?q=coffee")] == ["coffee"]


def test_results_come_in_pages():
    many = client(
        *(stored(f"{number}.txt", f"Title {number}\n\nAbout coffee again.") for number in range(45))
    )
    first, third = many.get("/search?q=coffee").text, many.get("/search?q=coffee&page=3").text
    assert len(elements(first, "li", class_="hit")) == 10
    assert elements(third, "ol", start="21")
    assert elements(third, "a", rel="prev", href="/search?q=coffee&page=2")
    assert elements(third, "a", rel="next", href="/search?q=coffee&page=4")
    assert [one.text for one in elements(third, "a", aria_current="page")] == []
    current = [one for one in elements(third, "a") if one.attributes.get("aria-current") == "page"]
    assert [one.text for one in current] == ["3"]
    assert "What each language says" in first
    assert "What each language says" not in third


@pytest.mark.parametrize(
    ("code", "said", "way"),
    [
        ("en", "This list has 3 pages.", "To the last page"),
        ("pl", "Ta lista ma 3 strony.", "Do ostatniej strony"),
        ("ru", "В этом списке 3 страницы.", "К последней странице"),
    ],
)
@pytest.mark.parametrize("path", ["/search?q=coffee&in=en", "/articles?in=en&title=t"])
def test_a_page_that_a_list_does_not_have_is_missing_and_leads_to_the_last_one(path, code, said, way):
    per_page = 10 if path.startswith("/search") else 50
    articles = [stored(f"en/{n}.txt", f"Title {n}\n\nCoffee again.", "en") for n in range(per_page * 2 + 1)]
    client = create_app(FakeEngine(*articles)).test_client()
    reply = client.get(f"{path}&page=99&ui={code}")
    assert reply.status_code == 404
    assert said in reply.text
    (back,) = [one for one in elements(reply.text, "a") if one.text == way]
    last = client.get(back.attributes["href"])
    assert last.status_code == 200
    assert back.attributes["href"].startswith(path.split("?")[0])
    assert "Title" in last.text


@pytest.mark.parametrize(
    ("code", "said"),
    [("nb", "Dette biblioteket har ikke det"), ("ar", "لا تحتوي هذه المكتبة"), ("lv", "Šajā bibliotēkā nav")],
)
def test_what_is_missing_is_said_in_the_reader_s_language_and_nothing_is_left_in_english(few, code, said):
    for path in ("/articles/000000000000", "/nowhere"):
        reply = few.get(f"{path}?ui={code}")
        assert reply.status_code == 404
        (lead,) = elements(reply.text, "bdi", lang=code, dir="rtl" if code == "ar" else "ltr")
        assert said in reply.text if path.startswith("/articles") else lead.text == path
        assert "Not Found" not in reply.text
        assert "no such article" not in reply.text


@pytest.mark.parametrize("page", ["0", "101", "-1", "x", "9" * 400])
def test_a_page_number_that_makes_no_sense_is_refused(few, page):
    assert few.get("/search", query_string={"q": "coffee", "page": page}).status_code == 400


@pytest.mark.parametrize(("length", "status"), [(300, 200), (301, 400), (5000, 400)])
def test_a_question_has_300_characters_at_most(few, length, status):
    assert few.get("/search", query_string={"q": "я" * length}).status_code == status


HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&lt;b&gt; {{7*7}} ${7*7} javascript:alert(3)"
)


@pytest.mark.parametrize(
    "query", [HOSTILE, "a\x00\x1b\u202eb", "\ud800", "*a ~9 " + "(" * 200, "%s %(x)s {0}", "'--"]
)
def test_a_hostile_query_is_shown_as_text(few, query):
    reply = few.get("/search", query_string={"q": query.encode("utf-8", "surrogatepass")})
    assert reply.status_code == 200
    page = elements(reply.text)
    assert {one.attributes.get("src", "/static/")[:8] for one in page if one.tag in ("script", "img")} == {
        "/static/"
    }
    assert "49" not in elements(reply.text, "h1")[0].text


def test_a_hostile_article_is_shown_as_text():
    evil = stored(
        f"{HOSTILE}.txt",
        f"coffee {HOSTILE}\n\nSome coffee {HOSTILE} here. [x](javascript:alert(4)) <iframe src=//evil>.",
        url="javascript:alert(5)",
        date="<b>2026</b>",
    )
    reader = client(evil)
    for address in ("/", "/search?q=coffee", f"/articles/{evil.id}", f"/articles/{evil.id}?quote=0-20"):
        html = reader.get(address).text
        page = elements(html)
        scripts = [one.attributes.get("src", "") for one in page if one.tag == "script"]
        assert all(address.startswith("/static/") for address in scripts)
        assert not {"img", "iframe", "b>"} & {one.tag for one in page}
        assert not any(name.startswith("on") for one in page for name in one.attributes)
        assert not any(one.attributes.get("href", "").lower().startswith("javascript") for one in page)
    quote = elements(reader.get("/search?q=coffee").text, "blockquote")[0].text
    assert quote in evil.article.text


def test_an_article_has_its_twins(few):
    assert few.get(f"/articles/{ENGLISH.id}.md").mimetype == "text/markdown"
    assert "Many drink coffee" in few.get(f"/articles/{ENGLISH.id}.md").text
    document = few.get(f"/articles/{ENGLISH.id}.json").json
    assert (document["id"], document["text"]) == (ENGLISH.id, ENGLISH.article.text)


def test_an_article_shows_what_was_left_out(bundled):
    identity = next(one.id for one in folder_of(ROOT / "corpus") if one.article.source.startswith("nb"))
    html = bundled.get(f"/articles/{identity}").text
    left_out = elements(html, "details", class_="removed")
    assert "forretningsrådgivning" in left_out[0].text
    assert "mended" in left_out[1].text


def test_what_is_not_there_is_404(few):
    assert few.get("/articles/nowhere").status_code == 404
    assert few.get("/articles/nowhere.md").status_code == 404
    assert few.get("/nowhere").status_code == 404
    assert few.get("/static/x/nothing.css").status_code == 404
    assert few.get("/static/x/..%2fpages.py").status_code == 404
    assert few.post("/search?q=x").status_code == 405


def test_static_files_are_kept_for_ever_under_their_hash(few):
    sheet = elements(few.get("/").text, "link", rel="stylesheet")[0].attributes["href"]
    reply = few.get(sheet)
    assert reply.mimetype == "text/css"
    assert "immutable" in reply.headers["Cache-Control"]
    other = few.get(sheet.replace(sheet.split("/")[2], "0" * 12))
    assert other.headers["Cache-Control"] == "no-cache"


def test_a_page_has_a_tag_until_the_library_changes():
    shelf = Shelf(Settings(), FakeEngine(ENGLISH))
    reader = create_app(shelf).test_client()
    tag = reader.get("/search?q=coffee").headers["ETag"]
    shelf.engine().calls.clear()
    again = reader.get("/search?q=coffee", headers={"If-None-Match": tag})
    assert (again.status_code, again.data, shelf.engine().calls) == (304, b"", [])
    shelf._engine = FakeEngine(ENGLISH)
    shelf._engine.generation = 2
    assert reader.get("/search?q=coffee", headers={"If-None-Match": tag}).status_code == 200


def test_errors_have_no_tag_and_are_not_kept(few):
    reply = few.get("/search?q=")
    assert "ETag" not in reply.headers
    assert reply.headers["Cache-Control"] == "no-store"


def test_the_search_description_names_this_server(few):
    reply = few.get("/opensearch.xml", headers={"Host": "books.example:81"})
    assert reply.mimetype == "application/opensearchdescription+xml"
    assert 'template="http://books.example:81/search?q={searchTerms}"' in reply.text


def test_the_search_description_keeps_the_language_chosen(few):
    html = few.get("/?ui=pl").text
    described = elements(html, "link", rel="search")[0].attributes["href"]
    assert "Jedno pytanie" in few.get(described).text
    assert "/search?ui=pl&amp;q={searchTerms}" in few.get(described).text


class Twins(FakeEngine):
    """The first article found says the same as the other ones."""

    def search(self, query, **options):
        found = super().search(query, **options)
        if not found.hits:
            return found
        first = replace(found.hits[0], also_in=tuple(hit.article for hit in found.hits[1:]))
        return replace(found, hits=(first,))


def test_articles_that_say_the_same_are_named_beside_the_one_that_is_shown():
    html = create_app(Twins(ENGLISH, POLISH, ARABIC)).test_client().get("/search?q=coffee sleep").text
    also = elements(html, "p", class_="also")
    assert [" ".join(one.text.split()) for one in also] == ["Also in polski"]
    link = elements(html, "a", lang="pl", title="Kawa i sen")[0]
    assert link.attributes["href"] == f"/articles/{POLISH.id}"


def test_nothing_found_says_what_to_try(few, bundled):
    refused = client(ENGLISH, POLISH, found=False).get("/search?q=coffee&in=pl").text
    everywhere = [one.text for one in elements(refused, "a", href="/search?q=coffee")]
    assert "Search in all languages" in everywhere
    assert "Say it in other words" in refused
    unknown = bundled.get("/search?q=xyzzy").text
    assert len([one for one in elements(unknown, "a") if "/search?q=" in one.attributes["href"]]) >= 6


def shelf_that_fails(error):
    shelf = Shelf(Settings(Path("/somewhere/.kb")))
    shelf.engine = lambda: (_ for _ in ()).throw(error)
    return create_app(shelf).test_client()


@pytest.mark.parametrize("address", ["/", "/search?q=x", "/languages", "/about", "/articles/1"])
def test_without_a_library_the_pages_say_how_to_build_one(tmp_path, address):
    reply = create_app(Settings(tmp_path / "none")).test_client().get(address)
    assert reply.status_code == 503
    assert reply.headers["Retry-After"]
    assert "kb build FOLDER --to …/none" in reply.text
    assert str(tmp_path) not in reply.text


@pytest.mark.parametrize("error", [LibraryDamaged("x is cut short"), ModelMissing("no model here")])
def test_other_reasons_are_said_too(error):
    reply = shelf_that_fails(error).get("/")
    assert reply.status_code == 503
    assert str(error) in reply.text


def test_a_fault_of_ours_is_logged_and_not_shown(caplog):
    reply = shelf_that_fails(ZeroDivisionError("secret")).get("/")
    assert reply.status_code == 500
    assert "secret" not in reply.text
    assert "secret" in caplog.text


def test_every_word_of_the_templates_goes_through_gettext():
    for path in sorted((ROOT / "webapp" / "templates").glob("*.html")):
        text = path.read_text("utf-8")
        text = re.sub(
            r"\{#.*?#\}|(?:lang|dir)=\"[^\"]*\"|\{%.*?%\}|\{\{.*?\}\}|<(?:kbd|code|title)>[^<]*|<!doc.*?>",
            "",
            text,
            flags=re.DOTALL,
        )
        words = re.findall(r"[^\W\d_]{3,}", re.sub(r"<[^>]*>", "", text))
        assert set(words) <= {"Markdown", "JSON", "openapi", "json"}, path.name


def test_why_something_was_found_is_said_in_words_without_numbers_that_have_no_scale(few):
    page = few.get("/search?q=coffee").text
    reasons = [one.text for one in elements(page, "ul", class_="reasons")]
    assert reasons
    for said in reasons:
        assert not re.search(r"\d", said)
        # The double marks the word itself, so that one is shared.
        assert "no word in common" not in said
        assert "It has words of the question:" in said


def test_a_counterpart_that_is_marked_is_named_as_a_reason():
    shown = [Piece("a "), Piece("Ordet", "translation"), Piece(" og "), Piece("ordet", "translation")]
    assert words.shared_words(shown) == (
        ("It has what this language calls words of the question:", ("Ordet",)),
    )
    assert words.shared_words([Piece("nothing")]) == ()


def test_the_limits_that_the_readme_admits_are_on_the_page_about_it(few):
    section = few.get("/about").text.split('id="limits"')[1].split("</ul>")[0]
    admitted = (ROOT / "README.md").read_text("utf-8").split("## Limits, plainly")[1].split("\n## ")[0]
    assert section.count("<li>") == len(re.findall(r"^- ", admitted, re.MULTILINE))
