"""The keyboard: keys that go to the box, suggestions by the ARIA combobox pattern, counts said aloud."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

FOCUSED = "box => box === document.activeElement"


def suggesting(page, texts=(("lojalność klientów", "pl"), ("قهوة", "ar"))):
    found = [{"text": text, "language": code, "kind": "term"} for text, code in texts]
    page.route("**/api/suggest*", lambda route: route.fulfill(json={"suggestions": found}))


def test_the_keys_go_to_the_box_and_can_be_switched_off(page):
    page.goto("/languages")
    box = page.locator("#q")
    for key in ("/", "Control+k", "Meta+k"):
        page.keyboard.press(key)
        assert box.evaluate(FOCUSED), key
        page.keyboard.press("Escape")
        assert not box.evaluate(FOCUSED)
    assert box.input_value() == ""
    page.goto("/about")
    page.get_by_label("Use these keys").uncheck()
    page.goto("/languages")  # it is remembered
    page.keyboard.press("/")
    page.keyboard.press("Control+k")
    assert not box.evaluate(FOCUSED)


def test_a_slash_that_is_typed_stays_one(page):
    page.goto("/languages")
    page.locator("#q").press_sequentially("and/or")
    assert page.locator("#q").input_value() == "and/or"


def test_suggestions_are_chosen_by_keyboard(page):
    suggesting(page)
    page.goto("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("loj")
    options = page.get_by_role("option")
    options.first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    assert options.first.locator("span").get_attribute("lang") == "pl"
    box.press("ArrowDown")
    assert options.first.get_attribute("aria-selected") == "true"
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    assert box.evaluate(FOCUSED), "the focus stays in the box"
    box.press("ArrowDown")
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") is None, "past the last one is the box itself"
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") == options.last.get_attribute("id")
    box.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert box.input_value() == "loj"
    box.press("ArrowDown")
    options.first.wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/search?q=lojalno*")


def test_the_library_s_own_words_are_suggested(page):
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("лоял")
    option = page.get_by_role("option").first
    option.wait_for()
    assert "лоял" in option.text_content().lower()
    option.click()
    page.wait_for_url("**/search?q=*")


def test_enter_without_a_choice_searches_for_what_was_typed(page):
    suggesting(page)
    page.goto("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("loj")
    page.get_by_role("option").first.wait_for()
    box.press("Enter")
    page.wait_for_url("**/search?q=loj")


def test_an_answer_that_is_overtaken_is_not_shown(page):
    """What comes back late, for letters that are no longer there, must not replace what is newer."""
    asked = []

    def reply(route):
        asked.append(route)
        if len(asked) > 1:
            route.fulfill(json={"suggestions": [{"text": "new", "language": "en", "kind": "term"}]})

    page.route("**/api/suggest*", reply)
    page.goto("/")
    box = page.get_by_role("combobox")
    with page.expect_request("**/api/suggest*"):
        box.press_sequentially("a")
    with page.expect_event("requestfailed"):
        box.press_sequentially("b")
    page.get_by_role("option").first.wait_for()
    assert page.get_by_role("option").all_text_contents() == ["new"]


def test_how_many_suggestions_there_are_is_said_aloud(page):
    suggesting(page)
    page.goto("/?ui=lv")
    page.get_by_role("combobox").press_sequentially("loj")
    page.get_by_role("option").first.wait_for()
    said = page.locator(".field [role=status]").text_content()
    assert said.startswith("Ieteikumi: 2.")


def test_how_much_was_found_is_said_aloud_and_the_results_are_not(page):
    page.goto("/search?q=loyalty")
    status = page.locator("[data-announce]")
    expect(status).to_have_text(re.compile("articles found"))
    assert status.get_attribute("role") == "status"
    live = page.locator("[aria-live], [role=status], [role=alert]")
    for place in live.all():
        assert place.locator("li, blockquote, article").count() == 0
