"""Pages and the API about texts that are the same, and what was taken out of a file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webapp_doubles import FakeEngine, elements, stored

import search
from kb.models import RemovedSpan
from webapp import create_app
from webapp.config import Settings
from webapp.library import Shelf
from webapp.pages.versions import parts

ENGLISH = stored("en/coffee.txt", "Coffee and sleep\n\nMany drink coffee to stay awake.\n\nSome do not.")
POLISH = stored("pl/coffee.txt", "Kawa i sen\n\nWielu pije coffee, żeby nie zasnąć.", "pl")
DIRTY = stored("en/dirty.txt", "Skip to main content\n\nTea\n\nTea is made of leaves & water, and drunk hot.")


@pytest.fixture
def reader():
    return create_app(Shelf(Settings(), FakeEngine(ENGLISH, POLISH, DIRTY))).test_client()


def test_a_quote_comes_with_what_its_translation_into_the_reader_s_language_says(reader):
    page = reader.get("/search?q=coffee to stay awake?&in=en&ui=pl").text
    (shown,) = elements(page, "p", **{"class": "version"})
    assert "Wielu pije coffee, żeby nie zasnąć." in shown.text
    assert '<span lang="pl" dir="ltr">Wielu pije' in page
    start = POLISH.article.text.index("Wielu")
    place = f"/articles/{POLISH.id}?quote={start}-"
    assert any(one.attributes["href"].startswith(place) for one in elements(page, "a"))
    assert not elements(page, "p", **{"class": "glosses"})


def test_the_marked_words_of_a_quote_without_a_translation_are_told_in_the_reader_s_language(reader):
    page = reader.get("/search?q=coffee to stay awake?&in=en&ui=nb").text
    (shown,) = elements(page, "p", **{"class": "glosses"})
    assert shown.text.startswith("Merkede ord på ditt språk:")
    assert "coffee = coffee (nb)" in " ".join(shown.text.split())
    assert not elements(page, "p", **{"class": "version"})
    own = reader.get("/search?q=coffee to stay awake?&in=en&ui=en").text
    assert not [one for one in elements(own, "p") if one.attributes.get("class") in ("version", "glosses")]


def test_an_article_says_what_it_is_also_in(reader):
    page = reader.get(f"/articles/{ENGLISH.id}").text
    links = [link.attributes["href"] for link in elements(page, "a")]
    assert f"/articles/{POLISH.id}" in links
    assert f"/articles/{ENGLISH.id}/beside/{POLISH.id}" in links
    assert "beside" not in reader.get(f"/articles/{DIRTY.id}").text


def test_side_by_side_shows_every_sentence_in_its_language_and_leads_to_its_place(reader):
    page = reader.get(f"/articles/{ENGLISH.id}/beside/{POLISH.id}").text
    shown = elements(page, "table", **{"class": "aligned"})
    assert len(shown) == 1
    assert "Many drink coffee to stay awake." in page
    assert '<span lang="pl" dir="ltr">Wielu pije coffee, żeby nie zasnąć.</span>' in page
    assert "not in this text" in page
    # On a page that runs from right to left, too, a text runs as its language does.
    arabic = reader.get(f"/articles/{ENGLISH.id}/beside/{POLISH.id}?ui=ar").text
    assert {cell.attributes.get("dir") for cell in elements(arabic, "td", lang="pl")} == {"ltr"}
    start = ENGLISH.article.text.index("Many")
    quote = f"/articles/{ENGLISH.id}?quote={start}-{start + len('Many drink coffee to stay awake.')}#s{start}"
    assert quote in [link.attributes["href"] for link in elements(page, "a")]


def test_its_json_twin_is_the_engine_s_own(reader):
    made = reader.get(f"/api/articles/{ENGLISH.id}/beside/{POLISH.id}").json
    assert made == FakeEngine(ENGLISH, POLISH).side_by_side(ENGLISH.id, POLISH.id).to_dict()
    found = reader.get("/api/translations?article=en/coffee.txt").json
    assert [one["article"]["source"] for one in found["translations"]] == ["pl/coffee.txt"]


def test_strangers_are_not_shown_side_by_side(reader):
    assert reader.get(f"/articles/{ENGLISH.id}/beside/{DIRTY.id}").status_code == 404
    assert reader.get("/api/translations?article=nowhere").status_code == 404


def test_the_file_as_it_was_read_has_what_was_removed_greyed(reader):
    assert "?removed=1" in reader.get(f"/articles/{DIRTY.id}").text
    page = reader.get(f"/articles/{DIRTY.id}?removed=1").text
    (greyed,) = elements(page, "del", **{"class": "left-out"})
    assert "skip link" in greyed.attributes["title"]
    assert "leaves &amp; water" in page
    assert "kb restore en/dirty.txt" in page


def test_a_passage_in_another_language_is_labelled_and_said_to_be_there():
    english = "The customer should always be met with a smile, and nobody should wait for long at the desk. "
    polish = "Klient powinien być zawsze witany uśmiechem, a przy okienku nikt nie powinien długo czekać. "
    mixed = stored("pl/mixed.txt", f"Kawa\n\n{polish * 12}\n\n{english * 12}\n\n{polish * 12}", "pl")
    page = create_app(Shelf(Settings(), FakeEngine(mixed))).test_client().get(f"/articles/{mixed.id}").text
    spoken = {span.attributes.get("lang") for span in elements(page, "span", class_="sentence")}
    assert spoken == {None, "en"}
    assert len(elements(page, "p", class_="foreign")) == 1
    assert "Parts of it are in" in page


def test_versions_apart_is_a_search_of_its_own(reader):
    assert reader.get("/search?q=coffee&versions=all").status_code == 200
    assert "versions=all" in reader.get("/search?q=coffee&versions=all&in=pl").text
    assert reader.get("/search?q=coffee&versions=some").status_code == 400
    assert reader.get("/api/search?q=coffee&versions=some").status_code == 400


def test_the_page_of_languages_shows_map_sharing_and_cleaning_without_scripts(reader):
    page = reader.get("/languages").text
    (drawn,) = elements(page, "svg", **{"class": "map"})
    assert drawn.attributes["role"] == "group"
    dots = [one for one in elements(page, "a") if one.attributes["href"].endswith("#s0")]
    assert len(dots) == len(elements(page, "circle", r="5")) - len(elements(page, "svg", class_="map key"))
    assert dots
    for dot in dots:
        assert dot.text, "a link says where it leads"
        assert reader.get(dot.attributes["href"].split("#")[0]).status_code == 200
    (table,) = elements(page, "table", class_="heatmap")
    assert "–" in table.text
    assert (
        len([one for one in elements(page, "span") if one.attributes.get("class", "").startswith("step-")])
        == 5
    )
    assert '<td class="number">4%</td>' in page
    assert ">1 / 2</bdi>" in page


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45)), max_size=6))
def test_the_parts_of_a_file_are_the_file(text, spans):
    removed = [RemovedSpan(min(s), max(s), text[min(s) : max(s)], "furniture", 1.0) for s in spans]
    assert "".join(part.text for part in parts(text, removed)) == text


@pytest.mark.slow
def test_a_part_is_put_back_by_name(tmp_path, corpus, warm):
    library = warm(tmp_path / "kb")
    search.build([corpus / "tl-serbisyo-at-katapatan.txt"], library)
    done = subprocess.run(
        [sys.executable, "-m", "webapp", "restore", "tl-serbisyo-at-katapatan.txt", "0–20", "--kb", library],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 changed" in done.stdout
    with search.open(library) as engine:
        article = engine.article("tl-serbisyo-at-katapatan.txt").article
    assert article.removed == ()
    assert "Skip to main content" in (article.title, *article.text.split("\n"))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="ends the command by SIGINT")
def test_a_watched_folder_is_followed_by_the_library(tmp_path):
    folder, library = tmp_path / "texts", tmp_path / "kb"
    folder.mkdir()
    (folder / "tea.txt").write_text("Tea\n\nTea is made of leaves and of hot water.", "utf-8")
    command = [sys.executable, "-m", "webapp", "watch", str(folder), "--kb", str(library)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    ) as watching:
        try:
            assert watching.stdout is not None
            assert any(line.startswith("watching ") for line in watching.stdout)
            (folder / "bread.txt").write_text("Bread\n\nBread is made of flour and baked.", "utf-8")
            assert any("1 added" in line for line in watching.stdout)
            assert watching.stdout.readline().startswith("library: ")
            assert sources(library) == {"tea.txt", "bread.txt"}
            (folder / "tea.txt").unlink()
            assert any("1 removed" in line for line in watching.stdout)
            assert watching.stdout.readline().startswith("library: ")
            assert sources(library) == {"bread.txt"}
        finally:
            watching.send_signal(signal.SIGINT)
            try:
                assert watching.wait(30) == 130
            finally:
                watching.kill()


def heed_interrupts() -> None:
    """What runs the tests may ignore them, as what runs in the background does, and a child inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def sources(library: Path) -> set[str]:
    with search.open(library) as engine:
        return {one.source for one in engine.articles()}
