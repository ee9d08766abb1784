"""WCAG 2.2 AA as far as axe can tell, on every page, in both themes and in Arabic; the keyboard; motion."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

QUESTION = "how does service relate to loyalty"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {"runOnly": [*WCAG, "best-practice"], "resultTypes": ["violations"]}
ADDRESSES = [
    "/",
    f"/search?q={QUESTION}",
    "/search?q=pineapple",
    "/lookup?q=loyalty",
    "/lookup",
    "/articles",
    "/articles?title=lojal&in=pl&since=2020",
    "/languages",
    "/about",
    "/api",
    "/nowhere",
    f"/search?q={QUESTION}&page=99",
    "/articles?page=99",
]


def violations(page, options=RULES):
    from axe_playwright_python.sync_playwright import Axe

    # What is folded away is looked at, too; a menu, which lies over the page while it is open, by itself.
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach((one) => { one.open = true; })")
    found = Axe().run(page, options=options).response["violations"]
    return [(one["id"], node["html"], node["failureSummary"]) for one in found for node in one["nodes"]]


# Another theme changes colours and nothing else.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


@pytest.mark.parametrize(
    ("theme", "code", "options"), [("light", "en", RULES), ("dark", "en", COLOURS), ("light", "ar", RULES)]
)
def test_axe_finds_no_violation_on_any_page(browser, address, article, theme, code, options):
    context = browser.new_context(base_url=address, color_scheme=theme, locale=code)
    page = context.new_page()
    found = {}
    for place in (*ADDRESSES, article):
        page.goto(place)
        if wrong := violations(page, options):
            found[place] = wrong
    context.close()
    assert found == {}


def test_axe_looks_at_the_menus_and_suggestions_as_well(page):
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("loj")
    page.get_by_role("option").first.wait_for()
    assert violations(page) == []
    page.goto("/")
    page.locator(".menu summary").click()
    page.locator(".menu a").first.wait_for()
    assert violations(page) == []


def test_every_stop_of_the_keyboard_is_seen_and_none_is_a_trap(page):
    page.goto(f"/search?q={QUESTION}")
    page.get_by_role("button", name="Copy quote").first.wait_for()
    stops = page.evaluate(
        "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary, [tabindex]')]"
        ".filter((one) => one.tabIndex >= 0 && one.checkVisibility()).length"
    )
    reached, unseen = 0, []
    while True:
        page.keyboard.press("Tab")
        state = page.evaluate(
            """() => {
              const one = document.activeElement;
              if (one === document.body) return null;
              const outlined = (place) => place && parseFloat(getComputedStyle(place).outlineWidth) > 0
                && getComputedStyle(place).outlineStyle !== "none";
              return [outlined(one) || outlined(one.closest(".box")), one.outerHTML.slice(0, 120)];
            }"""
        )
        if state is None:
            break
        reached += 1
        if not state[0]:
            unseen.append(state[1])
        assert reached <= stops, "the keyboard goes round in a circle"
    assert unseen == []
    assert reached == stops


def test_the_first_stop_skips_to_the_content(page):
    page.goto(f"/search?q={QUESTION}")
    page.keyboard.press("Tab")
    link = page.locator(".skip")
    assert link.evaluate("one => one === document.activeElement")
    assert link.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_nothing_moves_for_who_wants_less_motion(new_page, article):
    page = new_page(reduced_motion="reduce")
    for place in ("/", f"/search?q={QUESTION}", article):
        page.goto(place)
        moving = page.evaluate(
            """[...document.querySelectorAll("*")].filter((one) => {
              const style = getComputedStyle(one);
              return style.transitionDuration !== "0s" || style.animationName !== "none"
                || style.scrollBehavior === "smooth";
            }).length"""
        )
        assert moving == 0, place
