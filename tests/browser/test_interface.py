"""The interface in each of its languages, in narrow and wide windows, both themes, without scripts too."""

from __future__ import annotations

import pytest

from webapp.interface import offered as interface

pytestmark = pytest.mark.browser

QUESTION = "how does service relate to loyalty"
SEARCH = {
    "en": "Search",
    "pl": "Szukaj",
    "tl": "Maghanap",
    "nb": "Søk",
    "ru": "Найти",
    "lv": "Meklēt",
    "ar": "بحث",
}
# What browsers call themselves whose readers have another tag than the interface has; else its own.
BROWSERS = {"en": "en-GB", "tl": "fil-PH", "nb": "nn-NO", "ar": "ar-EG"}


def test_every_language_of_the_interface_is_tried():
    assert set(SEARCH) == set(interface.INTERFACES)


@pytest.mark.parametrize("code", SEARCH)
def test_a_browser_s_language_is_the_pages_language(new_page, code):
    page = new_page(locale=BROWSERS.get(code, code))
    page.goto("/")
    assert page.locator("html").get_attribute("lang") == code
    page.get_by_role("combobox").fill(QUESTION)
    page.get_by_role("button", name=SEARCH[code], exact=True).click()
    page.wait_for_url("**/search?*")
    assert page.locator("html").get_attribute("dir") == ("rtl" if code == "ar" else "ltr")
    assert page.locator(".card").count() == 5
    assert "ui=" not in page.url


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_menu_changes_the_language_and_keeps_the_page(new_page, scripts):
    page = new_page(java_script_enabled=scripts, locale="en-GB")
    page.goto(f"/search?q={QUESTION}&in=pl")
    page.locator(".menu summary").click()
    page.locator(".menu").get_by_role("link", name="latviešu").click()
    page.wait_for_url("**ui=lv**")
    assert "in=pl" in page.url
    assert page.locator("html").get_attribute("lang") == "lv"
    page.get_by_role("button", name="Meklēt").click()
    page.wait_for_url("**/search?*")
    assert "ui=lv" in page.url, "the search box keeps the choice"
    page.locator(".wordmark").click()
    assert page.locator("html").get_attribute("lang") == "lv", "so do the links"


def test_the_menu_closes_by_escape_and_by_a_press_elsewhere(page):
    page.goto("/about")
    menu, summary = page.locator(".menu"), page.locator(".menu summary")
    summary.press("Enter")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert summary.evaluate("one => one === document.activeElement")
    summary.click()
    page.locator("h1").click()
    assert menu.get_attribute("open") is None


def test_arabic_pages_are_mirrored_and_quotes_keep_their_own_direction(new_page):
    page = new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"/search?q={QUESTION}&ui=ar")
    assert page.locator(".wordmark").bounding_box()["x"] > 1000
    assert page.locator(".menu summary").bounding_box()["x"] < 200
    cards = [card.bounding_box()["x"] for card in page.locator(".card").all()]
    assert cards[0] > cards[1], "the first card is the rightmost"
    for quote in page.locator("blockquote").all():
        assert quote.get_attribute("dir") == "ltr"
        assert quote.evaluate("one => getComputedStyle(one).direction") == "ltr"
    sideways = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not sideways


@pytest.mark.parametrize(("width", "code"), [(320, "en"), (320, "ar"), (390, "en"), (1280, "ar")])
def test_no_page_is_wider_than_the_window(new_page, article, width, code):
    """320 CSS pixels are what is left of 1280 at a zoom of 400 %."""
    page = new_page(viewport={"width": width, "height": 256 if width == 320 else 800}, locale=code)
    searches = (f"/search?q={QUESTION}", "/search?q=pineapple", "/lookup?q=loyalty")
    for address in ("/", *searches, article, "/languages", "/about", "/api"):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_cards_end_with_what_they_say_and_fill_a_wide_window(new_page):
    page = new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"/search?q={QUESTION}")
    holes = page.evaluate(
        """[...document.querySelectorAll(".card")].map((card) => {
          const quote = card.querySelector("blockquote").getBoundingClientRect();
          const tools = card.querySelector(".tools").getBoundingClientRect();
          const source = card.querySelector("cite").getBoundingClientRect();
          const help = card.querySelector(".version, .glosses")?.getBoundingClientRect();
          return [source.top - (help ?? quote).bottom, card.getBoundingClientRect().bottom - tools.bottom];
        })"""
    )
    assert len(holes) == 5
    assert all(above < 40 for above, _ in holes), holes
    boxes = [one.bounding_box() for one in page.locator(".card, .hit").all()]
    assert max(box["x"] + box["width"] for box in boxes) > 1200
    assert len({one.bounding_box()["x"] for one in page.locator(".hit").all()}) == 2


def test_the_dots_of_the_map_are_links_that_the_keyboard_can_pass_by(new_page):
    page = new_page()
    page.goto("/languages")
    dots = page.locator(".map:not(.key) a")
    assert dots.count() > 20
    past = page.get_by_role("link", name="Skip the map")
    past.focus()
    assert past.bounding_box()["width"] > 10
    past.press("Enter")
    page.wait_for_url("**#dots")
    dots.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/**")


def test_both_themes_are_followed(new_page):
    papers = set()
    for theme in ("light", "dark"):
        page = new_page(color_scheme=theme)
        page.goto("/")
        papers.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(papers) == 2


def test_without_scripts_the_whole_way_can_be_gone(new_page):
    page = new_page(java_script_enabled=False)
    page.goto("/")
    page.get_by_role("searchbox").fill(QUESTION)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("navigation", name="Languages to search in").get_by_role("link", name="polski").click()
    assert page.locator(".card").count() == 1
    page.locator(".card details summary").first.click()
    assert page.locator(".card details").first.get_attribute("open") is not None
    page.locator(".card cite a").first.click()
    page.get_by_role("link", name="To the marked quote").wait_for()
    assert page.locator("mark.quoted").count() >= 1
    assert page.get_by_role("button").count() == 1, "only the one that searches: no button that does nothing"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_paper_there_is_the_text_in_black_on_white_and_no_furniture(new_page, article, theme):
    page = new_page(color_scheme=theme)
    page.goto(article)
    page.emulate_media(media="print")
    assert page.locator(".text").is_visible()
    for furniture in (".box", ".site", ".bottom", ".contents", ".cite"):
        assert not page.locator(furniture).is_visible(), furniture
    colours = page.evaluate(
        "[getComputedStyle(document.body), getComputedStyle(document.querySelector('.text'))]"
        ".map((style, at) => at ? style.color : style.backgroundColor)"
    )
    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
