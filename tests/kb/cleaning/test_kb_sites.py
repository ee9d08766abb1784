"""Lines that recur on a site's pages, page by page and build by build."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.build import remove, restore, update
from kb.cleaning.recurring import Recurring, note, recurring_lines, shared, site_of
from kb.models import Article
from kb.store.store import Store
from kb.text.lines import text_lines

SUBJECTS = {
    "chleb": "Piekarz wstaje o trzeciej rano i zagniata ciasto, żeby bochenki były gotowe na czas.",
    "miód": "Pszczelarz zagląda do uli późnym wieczorem, kiedy wszystkie robotnice wróciły już z łąki.",
    "ser": "Serowar podgrzewa mleko w miedzianym kotle i czeka, aż skrzep oddzieli się od serwatki.",
    "wino": "Winiarz zbiera grona po pierwszych przymrozkach, bo wtedy owoce mają najwięcej słodyczy.",
    "len": "Tkaczka moczy łodygi przez dwa tygodnie w stawie, a potem suszy je na słońcu i długo międli.",
}
TOP, BOTTOM = "Zielona Spiżarnia Pod Lipą", "Wydawca: Towarzystwo Miłośników Rzemiosła, Lublin"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "kb.sqlite") as made:
        yield made


def page(subject: str, *, top: str = TOP, bottom: str = BOTTOM) -> str:
    own = (
        f"Jak powstaje {subject}\n\nSkładniki\n\n{SUBJECTS[subject]}\n\nO tym, czym jest {subject}, opowiemy."
    )
    return f"{top}\n\n{own}\n\n{bottom}\n"


def write(folder: Path, *subjects: str, **changes: str) -> Path:
    folder.mkdir(exist_ok=True)
    for subject in subjects:
        (folder / f"{subject}.txt").write_text(page(subject, **changes), encoding="utf-8")
    return folder


def article(store: Store, generation: int, source: str) -> Article:
    held = store.at(generation).article_by_source(source)
    assert held
    return held.article


def removed(store: Store, generation: int, subject: str) -> list[str]:
    return [span.text for span in article(store, generation, f"{subject}.txt").removed]


def test_what_recurs_at_the_edges_goes_and_a_heading_stays(store: Store, tmp_path: Path) -> None:
    update(store, [write(tmp_path / "site", *SUBJECTS)], 1)
    for subject in SUBJECTS:
        assert removed(store, 1, subject) == [TOP, BOTTOM]
        made = article(store, 1, f"{subject}.txt")
        assert made.title == f"Jak powstaje {subject}"
        assert "## Składniki" in made.text


def test_two_pages_are_no_site(store: Store, tmp_path: Path) -> None:
    update(store, [write(tmp_path / "site", "chleb", "miód")], 1)
    assert removed(store, 1, "chleb") == []


def test_copies_of_one_page_count_as_one(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    for n in range(5):
        (folder / f"{n}.txt").write_text(page("chleb"), encoding="utf-8")
    update(store, [folder], 1)
    assert article(store, 1, "0.txt").removed == ()


def test_a_third_page_changes_the_first_two_and_its_going_changes_them_back(
    store: Store, tmp_path: Path
) -> None:
    folder = write(tmp_path / "site", "chleb", "miód")
    update(store, [folder], 1)
    write(folder, "ser")
    report = update(store, [folder], 2)
    assert (report.added, report.changed, report.unchanged) == (("ser.txt",), ("chleb.txt", "miód.txt"), ())
    assert removed(store, 2, "chleb") == [TOP, BOTTOM]
    again = update(store, [folder], 3)
    assert not again.touched
    report = remove(store, ["ser.txt"], 4)
    assert (report.removed, report.changed) == (("ser.txt",), ("chleb.txt", "miód.txt"))
    assert removed(store, 4, "chleb") == []
    assert removed(store, 3, "chleb") == [TOP, BOTTOM], "readers of the generation before see what was there"


def test_however_a_library_came_about_it_is_the_same(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    for generation, subject in enumerate(SUBJECTS, 1):
        update(store, [write(folder, subject)], generation)
    with Store.create(tmp_path / "other.sqlite") as other:
        update(other, [folder], 1)
        last = len(SUBJECTS)
        for subject in SUBJECTS:
            assert article(store, last, f"{subject}.txt") == article(other, 1, f"{subject}.txt")


def test_a_restored_line_stays_though_it_recurs(store: Store, tmp_path: Path) -> None:
    folder = write(tmp_path / "site", *SUBJECTS)
    update(store, [folder], 1)
    span = article(store, 1, "ser.txt").removed[0]
    restore(store, "ser.txt", span.start, 2)
    assert removed(store, 2, "ser") == [BOTTOM]
    write(folder, "wino", bottom="Inna stopka, ale tylko tu")
    update(store, [folder], 3)
    assert removed(store, 3, "ser") == [BOTTOM]


def test_another_folder_is_another_site(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "all", "chleb", "miód")
    write(tmp_path / "all" / "b", "ser", "wino")
    update(store, [tmp_path / "all"], 1)
    assert removed(store, 1, "chleb") == []


def test_pages_of_one_host_are_a_site_wherever_they_lie() -> None:
    assert site_of("a/x.html", "https://www.example.org/1") == site_of("b/y.html", "https://example.org/2")
    assert site_of("a/x.html", None) == site_of("a/y.html", None) != site_of("b/x.html", None)
    assert site_of("a/x.jsonl#1", None) == site_of("a/x.jsonl#2", None) != site_of("a/y.jsonl#1", None)


def test_notes_are_counted_and_shared() -> None:
    notes = [note(text_lines(page(subject)), "pl") for subject in SUBJECTS]
    hashes = recurring_lines(notes)
    assert shared(notes[0], hashes) == hashes
    assert "zielona spiżarnia pod lipą" in Recurring(hashes)
    assert "jak powstaje chleb" not in Recurring(hashes)
    assert note([], "pl") == b""
    assert shared(b"", hashes) == frozenset()
