"""The main job, as a reader does it: ask on the page, read five languages, follow a quote to its article."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

QUESTION = "how does service relate to loyalty"
FIVE = {"pl": "ltr", "tl": "ltr", "nb": "ltr", "ru": "ltr", "lv": "ltr"}
AUTONYMS = {"polski", "Tagalog", "norsk bokmål", "русский", "latviešu"}
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])


def ask(page, question=QUESTION):
    page.goto("/")
    page.get_by_role("searchbox").or_(page.get_by_role("combobox")).fill(question)
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/search?*")


def quotes(page):
    """Of each language's first quote: (language, direction, words, address of its sentence)."""
    return [
        (
            quote.get_attribute("lang"),
            quote.get_attribute("dir"),
            quote.text_content(),
            card.locator("cite a").first.get_attribute("href"),
        )
        for card in page.locator(".card").all()
        for quote in [card.locator("blockquote").first]
    ]


def article(address, link):
    identity = re.match(r"/articles/([^?#]+)", link)[1]
    with urllib.request.urlopen(f"{address}/api/articles/{identity}", timeout=30) as reply:
        return json.load(reply)


@SCRIPTS
def test_the_question_is_answered_in_five_languages_side_by_side(new_page, address, scripts):
    page = new_page(java_script_enabled=scripts, viewport={"width": 1280, "height": 900})
    ask(page)
    found = quotes(page)
    assert {language: direction for language, direction, _, _ in found} == FIVE
    assert {heading.inner_text() for heading in page.locator(".card h3").all()} == AUTONYMS
    tops = [card.bounding_box()["y"] for card in page.locator(".card").all()]
    assert len(set(tops)) < len(tops), "no two languages stand side by side"
    for _, _, words, link in found:
        start, end = map(int, re.search(r"quote=(\d+)-(\d+)", link).groups())
        assert article(address, link)["text"][start:end] == words


@SCRIPTS
def test_a_quote_leads_to_its_sentence_in_the_article(new_page, scripts):
    page = new_page(java_script_enabled=scripts, viewport={"width": 1280, "height": 700})
    ask(page)
    card = page.locator(".card", has=page.locator("h3", has_text="русский"))
    words = card.locator("blockquote").first.text_content()
    card.locator("cite a").first.click()
    page.wait_for_url("**/articles/**")
    mark = page.locator("mark.quoted")
    assert "".join(words.split()) == "".join("".join(mark.all_text_contents()).split())
    page.wait_for_timeout(600)  # smooth scrolling
    box = mark.first.bounding_box()
    assert 0 <= box["y"] <= 700, "the quote is not in view"


def test_a_link_without_its_anchor_opens_at_the_quote_too(page, new_page):
    ask(page)
    link = next(link for language, _, _, link in quotes(page) if language == "ru")
    page.goto(link.split("#")[0])
    page.wait_for_timeout(600)
    assert 0 <= page.locator("mark.quoted").first.bounding_box()["y"] <= 900


def test_languages_filter_and_the_back_button_undoes_it(page):
    ask(page)
    page.get_by_role("navigation", name="Languages to search in").get_by_role("link", name="polski").click()
    page.wait_for_url("**in=pl**")
    assert {language for language, _, _, _ in quotes(page)} == {"pl"}
    page.get_by_role("link", name=re.compile("^русский")).first.click()
    page.wait_for_url("**in=pl,ru**")
    assert {language for language, _, _, _ in quotes(page)} == {"pl", "ru"}
    page.go_back()
    page.go_back()
    assert len(quotes(page)) == 5


def test_an_example_on_the_home_page_is_answered(page):
    page.goto("/")
    page.get_by_role("link", name="как обслуживание связано с лояльностью?").click()
    page.wait_for_url("**/search?*")
    assert "ru" in {language for language, _, _, _ in quotes(page)}


def test_a_quote_is_copied_with_its_source(new_page):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    ask(page)
    card = page.locator(".card").first
    card.get_by_role("button", name="Copy quote").first.click()
    card.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"“{card.locator('blockquote').first.text_content()}”\n")
    assert "/articles/" in copied.split("\n")[-1]


def test_a_link_to_hand_on_leaves_the_language_of_the_pages_out(new_page):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"/search?q={QUESTION}&ui=pl")
    card = page.locator(".card", has=page.locator("h3", has_text="русский"))
    card.get_by_role("button", name="Kopiuj link").first.click()
    card.get_by_role("button", name="Skopiowano").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"/articles/\w+\?quote=\d+-\d+#s\d+$", link)


# Debian's Chromium carries the interface but none of the models, which it would have to download.
TRANSLATOR = """
self.Translator = class {
  static async availability({ sourceLanguage }) {
    return sourceLanguage === "ru" ? "downloadable" : "unavailable";
  }
  static async create(pair) {
    if (!navigator.userActivation.isActive) throw new Error("not asked for");
    return { translate: async (text) => `${pair.sourceLanguage}>${pair.targetLanguage}: ${text}` };
  }
};
"""


def test_a_quote_is_translated_in_place_where_the_browser_can(page):
    page.add_init_script(TRANSLATOR)
    ask(page)
    card = page.locator(".card", has=page.locator("h3", has_text="русский"))
    words = card.locator("blockquote").first.text_content()
    card.get_by_role("button", name="Translate").first.click()
    shown = card.locator(".translated").first
    shown.wait_for()
    assert shown.locator("p").text_content() == f"ru>en: {words}"
    assert (shown.get_attribute("lang"), shown.get_attribute("dir")) == ("en", "ltr")
    card.get_by_role("button", name="Hide the translation").click()
    assert card.locator(".translated").count() == 0
    polish = page.locator(".card", has=page.locator("h3", has_text="polski"))
    assert polish.get_by_role("button", name="Translate").count() == 0, "the browser cannot do that one"


SLOW = """
self.Translator = class {
  static async availability() { return "available"; }
  static create() { return new Promise(() => {}); }
};
"""


def test_a_translation_that_does_not_come_is_cancelled_and_given_up(page):
    page.add_init_script(SLOW)
    page.clock.install()
    ask(page)
    card = page.locator(".card", has=page.locator("h3", has_text="русский"))
    card.get_by_role("button", name="Translate", exact=True).first.click()
    card.get_by_role("button", name="Translating … (Cancel)").click()
    expect(card.get_by_role("button", name="Translate", exact=True).first).to_be_visible()
    card.get_by_role("button", name="Translate", exact=True).first.click()
    page.clock.run_for(121_000)
    assert card.get_by_role("button", name=re.compile("That took too long|Translate$")).count() >= 1
    page.clock.run_for(3_000)
    expect(card.get_by_role("button", name="Translate", exact=True).first).to_be_visible()
    assert page.locator(".translated").count() == 0


def test_a_quote_is_translated_by_the_server_where_it_can_and_says_so(page):
    """The server's program is stood in for where the page fetches from it."""
    page.route(
        "**/search?*",
        lambda route: route.fulfill(
            body=route.fetch().text().replace("data-quote>", 'data-quote data-translated="/t.json">')
        ),
    )
    replies = ["no translation", '{"text": "Said otherwise"}']
    page.route("**/t.json", lambda route: route.fulfill(body=replies.pop(0)))
    page.goto(f"/search?q={QUESTION}")
    card = page.locator(".card").first
    card.get_by_role("button", name="Translate", exact=True).first.click()
    card.get_by_role("button", name="The translation failed").wait_for()
    card.get_by_role("button", name="Translate", exact=True).first.click()
    shown = card.locator(".translated").first
    shown.wait_for()
    assert shown.locator("p").text_content() == "Said otherwise"
    assert shown.locator("small").text_content() == "Machine translation, made on this server"


def test_without_the_browser_s_help_there_is_no_button_to_translate(page):
    page.add_init_script("delete self.Translator")
    ask(page)
    page.get_by_role("button", name="Copy quote").first.wait_for()
    assert page.get_by_role("button", name="Translate").count() == 0


def test_an_article_shows_its_contents_relatives_and_citation(new_page):
    # Where the page still scrolls to the quote when a heading is clicked, the click goes astray.
    page = new_page(permissions=["clipboard-read", "clipboard-write"], reduced_motion="reduce")
    ask(page)
    page.locator(".card", has=page.locator("h3", has_text="русский")).locator("cite a").first.click()
    page.wait_for_url("**/articles/**")
    contents = page.get_by_role("navigation", name="Contents")
    heading = contents.get_by_role("link").last
    words = heading.text_content()
    heading.click()
    expect(page.locator(":target")).to_have_text(words)
    related = page.locator(".related blockquote")
    assert {one.get_attribute("lang") for one in related.all()} <= {"pl", "tl", "nb", "lv"}
    assert related.count() >= 3
    page.get_by_text("Cite this article").click()
    page.get_by_role("button", name="Copy").nth(1).click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("@misc{ru-teoriya-obsluzhivaniya,")


def test_results_come_in_pages_and_back_returns(new_page, shelves):
    page = new_page(shelves)
    page.goto("/search?q=coffee")
    titles = page.locator(".hit h3").all_text_contents()
    assert len(titles) == 10
    page.get_by_role("navigation", name="Pages of results").get_by_role("link", name="Page 3").click()
    page.wait_for_url("**page=3**")
    third = page.locator(".hit h3").all_text_contents()
    assert not set(third) & set(titles)
    page.get_by_role("link", name="Previous").click()
    page.wait_for_url("**page=2**")
    page.go_back()
    assert page.locator(".hit h3").all_text_contents() == third
    page.go_back()
    assert page.locator(".hit h3").all_text_contents() == titles


def test_a_result_page_is_light(page):
    sent, unpacked = [], []

    def weigh(request):
        sent.append(request.sizes()["responseBodySize"])
        unpacked.append(len(request.response().body()))

    page.on("requestfinished", weigh)
    page.goto(f"/search?q={QUESTION}")
    page.wait_for_load_state("networkidle")
    assert len(sent) >= 4, "the page, its style, its scripts"
    assert sum(sent) < 30_000
    assert sum(unpacked) < 100_000
