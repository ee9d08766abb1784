"""The pictures: a report's heat maps, the map of a library's passages."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from search.answers.overview import Dot, MeaningMap
from search.evaluation.reports import Report
from search.models import ArticleRef, Matrix
from webapp.pages import heatmap, pictures
from webapp.pages.scatter import draw_map
from webapp.settings import WEBAPP

REPORT = Report(
    dataset="bread & <tides>",
    kind="pools",
    model="small",
    selection="all questions",
    questions=6,
    figures={
        "parallel_map": {"both": 0.875, "dense": 0.8, "lexical": 0.25},
        "confidence_auroc": {"both": 1.0},
    },
    matrices=(
        Matrix("MRR@10", "question in", "articles in", ("de", "en"), ("de", "en"), ((0.0, 0.5), (None, 1.0))),
    ),
)
ROOT = Path(__file__).parents[3]
SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_says_in_words_and_numbers_what_it_shows():
    drawn = ElementTree.fromstring(heatmap.draw(REPORT))
    assert drawn.get("role") == "img"
    named = {element.get("id"): element.text for element in drawn if element.get("id")}
    assert drawn.get("aria-labelledby").split() == list(named)
    assert "bread & <tides>" in named["title"]
    assert "parallel pool, mAP@50 0.875" in named["description"]
    texts = [element.text for element in drawn.iter(f"{SVG}text")]
    assert {"0.00", "0.50", "–", "1.00", "0.875", "0.250"} <= set(texts)


def test_the_picture_is_the_same_every_time_and_holds_everything():
    drawn = heatmap.draw(REPORT)
    assert drawn == heatmap.draw(REPORT)
    root = ElementTree.fromstring(drawn)
    for element in root.iter():
        if element.get("x"):
            assert 0 <= float(element.get("x")) <= float(root.get("width"))
            assert 0 <= float(element.get("y")) <= float(root.get("height"))


def luminance(colour):
    """Relative luminance as WCAG 2.2 defines it."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_numbers_stand_out_from_every_shade():
    values = tuple(number / 50 for number in range(51))
    report = Report(
        "x", "pools", "m", "all", 1, {}, (Matrix("m", "r", "c", ("r",), tuple(map(str, values)), (values,)),)
    )
    root = ElementTree.fromstring(heatmap.draw(report))
    fills = [one.get("fill") for one in root.iter(f"{SVG}rect")][1:]
    inks = [
        "#ffffff" if "dark" in one.get("class") else "#000000"
        for one in root.iter(f"{SVG}text")
        if re.search(r"\bcell\b", one.get("class") or "")
    ]
    assert len(fills) == len(inks) == 51
    for fill, ink in zip(fills, inks, strict=True):
        assert contrast(fill, ink) >= 4.5


def points(count: int) -> MeaningMap:
    """A map of so many passages, in three languages."""
    chance = np.random.default_rng(3)
    article = ArticleRef("0" * 32, "a.txt", 'Salt & "bread"', "pl")
    drawn = {
        code: tuple(Dot(x, y, article, 40) for x, y in chance.random((count // 3, 2)).round(4).tolist())
        for code in ("nb", "pl", "ru")
    }
    return MeaningMap(drawn, count, count, None)


def drawn_map(count: int, names=None) -> str:
    return draw_map(points(count), 'What "they" say', names or {}, lambda dot: f"/a?b=1&c#s{dot.start}")


def test_the_map_names_every_language_and_each_dot_leads_to_its_passage():
    root = ElementTree.fromstring(drawn_map(60, {"pl": "<polski>", "ru": "русский"}))
    assert root.get("role") == "group"
    assert root.get("aria-label") == 'What "they" say'
    assert {text.text for text in root.iter(f"{SVG}text")} == {"<polski>", "русский", "nb"}
    assert len({group.get("class") for group in root.iter(f"{SVG}g")}) == 3
    links = list(root.iter(f"{SVG}a"))
    assert len(links) == 60
    assert {link.get("href") for link in links} == {"/a?b=1&c#s40"}
    assert links[-1].find(f"{SVG}title").text == 'Salt & "bread" (русский)'


def test_a_full_map_is_no_burden_on_a_page():
    assert len(drawn_map(300)) < 60_000


@pytest.mark.parametrize("count", [0, 3])
def test_the_smallest_maps_are_drawn(count):
    ElementTree.fromstring(drawn_map(count))


def test_the_steps_of_a_heat_map_reach_from_its_least_value_to_its_greatest():
    scale = pictures.scale([[None, 0.41], [0.61, None]])
    assert [scale.step(value) for value in (0.41, 0.44, 0.46, 0.51, 0.56, 0.58, 0.61)] == [
        0,
        0,
        1,
        2,
        3,
        4,
        4,
    ]
    assert scale.bounds()[0] == pytest.approx((0.41, 0.45))
    assert scale.bounds()[-1] == pytest.approx((0.57, 0.61))
    # What hardly differs has not the two ends of the scale.
    assert pictures.scale([[0.5, 0.501]]).step(0.501) == 0
    assert pictures.scale([[None]]).step(0.5) == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_steps_are_told_apart_by_lightness_alone_and_their_numbers_are_read(theme):
    rules = (ROOT / "webapp" / "static" / "site.css").read_text("utf-8")
    found = re.findall(r"\.step-(\d) { background: (#\w{6}); color: (#\w{6}); }", rules)
    steps = found[: WEBAPP.steps] if theme == "light" else found[WEBAPP.steps :]
    assert [int(number) for number, _, _ in steps] == list(range(WEBAPP.steps))
    for _, paper, ink in steps:
        assert contrast(paper, ink) >= 4.5
    shades = [luminance(paper) for _, paper, _ in steps]
    assert shades == sorted(shades, reverse=theme == "light")
    for (_, one, _), (_, other, _) in pairwise(steps):
        assert contrast(one, other) >= 1.5
