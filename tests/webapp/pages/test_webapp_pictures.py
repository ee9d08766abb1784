"""The pictures: a report's heat maps, the map of a library's passages."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from search.answers.overview import MeaningMap
from search.evaluation.reports import Report
from search.models import Matrix
from webapp.pages import heatmap
from webapp.pages.heatmap import draw_matrix
from webapp.pages.scatter import draw_map

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
        light, dark = sorted((luminance(fill), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def points(count: int) -> MeaningMap:
    """A map of so many passages, in three languages."""
    chance = np.random.default_rng(3)
    drawn = {code: tuple(map(tuple, chance.random((count // 3, 2)).tolist())) for code in ("nb", "pl", "ru")}
    return MeaningMap(drawn, count, count, 1.0)


def test_the_map_names_every_language_and_is_an_image_for_those_who_hear_it():
    picture = draw_map(points(60), 'What "they" say', {"pl": "<polski>", "ru": "русский"})
    root = ElementTree.fromstring(picture)
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'What "they" say'
    assert {text.text for text in root.iter(f"{SVG}text")} == {"<polski>", "русский", "nb"}
    assert len({path.get("class") for path in root.iter(f"{SVG}path")}) == 3


def test_a_map_of_thousands_of_passages_is_no_burden_on_a_page():
    assert len(draw_map(points(3000), "map", {})) < 60_000


@pytest.mark.parametrize("count", [0, 3])
def test_the_smallest_maps_are_drawn(count):
    ElementTree.fromstring(draw_map(points(count), "map", {}))


def test_a_matrix_alone_is_a_picture_without_styles_of_its_own():
    matrix = Matrix("shared", "in", "near", ("pl", "ru"), ("pl", "ru"), ((None, 0.25), (0.75, None)))
    root = ElementTree.fromstring(draw_matrix(matrix))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"0.25", "0.75", "–"} <= set(texts)
    assert root.find(f"{SVG}style") is None
