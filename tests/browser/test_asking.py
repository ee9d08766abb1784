"""The main job, as a reader does it: ask on the page, read five languages, follow a quote to its article."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest

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
    assert {heading.inner_text() for heading in page.locator(".card > h3").all()} == AUTONYMS
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


def test_the_keys_go_to_the_box_and_can_be_switched_off(page):
    page.goto("/languages")
    box = page.locator("#q")
    page.keyboard.press("/")
    assert box.evaluate("box => box === document.activeElement")
    page.keyboard.press("Escape")
    assert not box.evaluate("box => box === document.activeElement")
    page.keyboard.press("Control+k")
    assert box.evaluate("box => box === document.activeElement")
    assert box.input_value() == ""
    page.goto("/about")
    page.get_by_label("Use these keys").uncheck()
    page.goto("/languages")
    page.keyboard.press("/")
    assert not box.evaluate("box => box === document.activeElement")


def test_suggestions_are_chosen_by_keyboard(page):
    page.route(
        "**/api/suggest*",
        lambda route: route.fulfill(
            json={
                "suggestions": [
                    {"text": "lojalność klientów", "language": "pl", "kind": "term"},
                    {"text": "قهوة", "language": "ar", "kind": "term"},
                ]
            }
        ),
    )
    page.goto("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("loj")
    options = page.get_by_role("option")
    options.first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    assert options.first.get_attribute("aria-selected") == "true"
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    box.press("ArrowDown")
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") is None, "past the last one is the box itself"
    box.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert box.input_value() == "loj"
    box.press("ArrowDown")
    options.first.wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/search?q=lojalno*")


def test_a_quote_is_copied_with_its_source(new_page):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    ask(page)
    card = page.locator(".card").first
    card.get_by_role("button", name="Copy quote").first.click()
    card.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"“{card.locator('blockquote').first.text_content()}”\n")
    assert "/articles/" in copied.split("\n")[-1]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_the_window(new_page, width):
    page = new_page(viewport={"width": width, "height": 800})
    for address in ("/", f"/search?q={QUESTION}", "/languages", "/about"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_a_result_page_is_light(page):
    sizes = []
    page.on("response", lambda reply: sizes.append(len(reply.body())))
    ask(page)
    page.wait_for_load_state("networkidle")
    assert sum(sizes) < 100_000


def test_both_themes_are_followed(new_page):
    papers = set()
    for theme in ("light", "dark"):
        page = new_page(color_scheme=theme)
        page.goto("/")
        papers.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(papers) == 2
