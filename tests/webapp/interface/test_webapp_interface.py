"""The interface's language: chosen by the address, else by the browser; kept in links; one all over."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from webapp_doubles import FakeEngine, elements, stored

from webapp import create_app
from webapp.interface import offered as interface
from webapp.interface.i18n import gettext, ngettext

RUSSIAN = stored(
    "ru/coffee.txt", "Кофе и сон\n\nМногие пьют coffee, чтобы не спать. Это вредно.", "ru", date="2026-01-02"
)
ARABIC = stored("ar/coffee.txt", "القهوة والنوم\n\nكثيرون يشربون coffee ليقاوموا النعاس.", "ar")
HEADED = stored("en/tea.md", "# Tea\n\n## Leaves\n\nTea has leaves.\n\n## Water\n\nAnd hot water.", "en")
# Names and words that are written in Latin letters in any language, and the one that is in all the articles.
LATIN = ("Rosetta", "JSON", "BibTeX", "Markdown", "UTC", "cookie", "coffee", "Linux", "macOS", "ARM")
EACH = pytest.mark.parametrize("code", interface.INTERFACES)
PAGES = [
    "/",
    "/search?q=coffee",
    "/search?q=xyzzy",
    "/languages",
    "/about",
    "/api",
    f"/articles/{RUSSIAN.id}",
]


@pytest.fixture
def client():
    return create_app(FakeEngine(RUSSIAN, ARABIC, HEADED)).test_client()


def language_of(reply):
    return elements(reply.text, "html")[0].attributes["lang"]


@pytest.mark.parametrize(
    ("asked", "accepted", "chosen"),
    [
        (None, [], "en"),
        (None, ["pl"], "pl"),
        (None, ["fil-PH"], "tl"),
        (None, ["no"], "nb"),
        (None, ["nn-NO"], "nb"),
        (None, ["ar-EG"], "ar"),
        (None, ["arz"], "ar"),
        (None, ["ltg"], "lv"),
        (None, ["de", "lv", "ru"], "lv"),
        (None, ["uk", "en"], "en"),  # not Russian
        (None, ["zh-Hant-TW"], "en"),
        (None, ["*", "x", "", "12345678901"], "en"),
        ("ru", ["pl"], "ru"),
        ("fil", [], "tl"),
        ("no", [], "nb"),
        ("klingon", ["pl"], "pl"),
        ("<script>", [], "en"),
    ],
)
def test_the_choice_comes_before_the_browser_s_languages(asked, accepted, chosen):
    assert interface.choose(asked, accepted).code == chosen


def test_the_browser_s_order_is_kept_and_refused_languages_are_not_taken(client):
    header = {"Accept-Language": "pl;q=0, ru;q=0.5, lv;q=0.8"}
    assert language_of(client.get("/", headers=header)) == "lv"
    assert language_of(client.get("/", headers={"Accept-Language": "pl;q=0"})) == "en"


@EACH
@pytest.mark.parametrize("address", [*PAGES, "/nowhere", "/search?q="])
def test_every_page_says_its_language_and_direction(client, address, code):
    html = client.get(address, query_string=None, headers={"Accept-Language": code}).text
    root = elements(html, "html")[0].attributes
    assert (root["lang"], root["dir"]) == (code, "rtl" if code == "ar" else "ltr")


def test_pages_are_in_the_language_chosen(client):
    assert "Nothing in this library" in client.get("/search?q=xyzzy").text
    assert "Nic w tej bibliotece na to nie odpowiada." in client.get("/search?q=xyzzy&ui=pl").text
    assert "В этой библиотеке нет ответа" in client.get("/search?q=xyzzy&ui=ru").text
    assert "zapytanie jest puste" in client.get("/search?q=&ui=pl").text
    assert 'lang="pl" dir="ltr">zapytanie' in client.get("/search?q=&ui=pl").text
    assert "2 января 2026" in client.get(f"/articles/{RUSSIAN.id}?ui=ru").text
    assert "rosyjski" in client.get("/languages?ui=pl").text


def test_links_and_forms_keep_the_choice(client):
    html = client.get("/search?q=coffee&ui=ru").text
    inside = [one.attributes["href"] for one in elements(html, "a") if one.attributes["href"].startswith("/")]
    pages = [address for address in inside if not address.startswith(("/static/", "/search?q=coffee&ui="))]
    assert pages
    assert all("ui=ru" in address for address in pages)
    assert elements(html, "input", type="hidden", name="ui", value="ru")
    article = client.get(f"/articles/{RUSSIAN.id}?ui=ru").text
    twin = elements(article, "link", type="application/json")[0]
    assert twin.attributes["href"] == f"/articles/{RUSSIAN.id}.json"


def test_without_a_choice_addresses_stay_short(client):
    html = client.get("/search?q=coffee", headers={"Accept-Language": "pl"}).text
    chosen = [one.attributes["href"] for one in elements(html, "a") if "ui=" in one.attributes["href"]]
    assert len(chosen) == len(interface.INTERFACES), "only the menu names languages"
    assert not elements(html, "input", name="ui")


def test_the_menu_leads_to_the_same_page_in_each_language(client):
    html = client.get("/search?q=a%26b&in=ru&page=1&ui=pl").text
    menu = [one for one in elements(html, "a") if "hreflang" in one.attributes]
    assert [one.attributes["lang"] for one in menu] == list(interface.INTERFACES)
    assert menu[-1].attributes["href"] == "/search?q=a%26b&in=ru&page=1&ui=ar"
    assert [one.text for one in menu if "aria-current" in one.attributes] == ["polski"]


def test_programs_read_english_whatever_they_accept(client):
    header = {"Accept-Language": "pl"}
    assert client.get("/api/search?q=", headers=header).json["error"]["message"].startswith("the query is")
    assert client.get("/articles/none.json?ui=pl", headers=header).json["error"]["hint"] == "Search for it."
    assert "Accept-Language" not in client.get("/api/search?q=coffee", headers=header).headers.get("Vary", "")


def test_a_page_s_tag_is_of_its_language(client):
    polish = client.get("/about?ui=pl")
    assert "Accept-Language" in polish.headers["Vary"]
    tag = polish.headers["ETag"]
    assert tag != client.get("/about?ui=lv").headers["ETag"]
    again = client.get("/about", headers={"If-None-Match": tag, "Accept-Language": "pl"})
    assert (again.status_code, "Accept-Language" in again.headers["Vary"]) == (304, True)
    assert client.get("/about", headers={"If-None-Match": tag, "Accept-Language": "ru"}).status_code == 200


class _Texts(HTMLParser):
    """Each text of a page with the languages and the tags it stands in."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "link", "input", "br"):
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        lang = next((have["lang"] for _, have in reversed(self.open) if "lang" in have), None)
        self.texts.append((data, lang, {tag for tag, _ in self.open}, self.open and self.open[-1][1]))


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize(
    ("code", "foreign"), [("ar", r"[A-Za-zА-я]{3}"), ("ru", r"[A-Za-z\u0621-\u064a]{3}")]
)
def test_foreign_text_says_its_language_or_is_isolated(client, address, code, foreign):
    reader = _Texts()
    reader.feed(client.get(address, headers={"Accept-Language": code}).text)
    for text, lang, tags, _ in reader.texts:
        bare = re.sub("|".join(LATIN), "", text)
        if re.search(foreign, bare) and not tags & {"bdi", "code", "kbd", "pre", "title"}:
            assert lang != code, f"{text.strip()!r} stands as if it were {code}"


def test_outside_of_a_request_words_stay_as_they_are():
    assert gettext("the page is %(x)s", x=1) == "the page is 1"
    assert [ngettext("%(num)s day", "%(num)s days", n) for n in (1, 2000)] == ["1 day", "2000 days"]


def test_the_terminal_s_words_need_no_flask():
    code = (
        "import sys; from webapp.interface import i18n; from webapp.pages import words; "
        "i18n.gettext('x'); print('flask' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_replies_are_compressed_and_still_have_their_tag(client, encoding):
    plain = client.get("/about")
    packed = client.get("/about", headers={"Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert len(packed.data) < len(plain.data) / 2
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    again = client.get(
        "/about", headers={"Accept-Encoding": encoding, "If-None-Match": packed.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
