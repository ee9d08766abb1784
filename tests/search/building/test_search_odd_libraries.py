"""No file ends a build: whatever is in one, it is read or named, and what cannot go on leaves no trace."""

from __future__ import annotations

import dataclasses
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import faults
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from kb_samples import record
from odd_libraries import LIBRARIES, Life, Plan, every_kind, live
from reading_here import read_here

import kb.building.prepare
import search
from kb.article.normalize import Hints
from kb.errors import BuildFailed
from kb.models import SourceFile
from kb.readers import FORMATS, RawFile
from kb.store.store import Store
from search.building import basis
from search.building.parts import links, vectors
from search.building.settings import BUILDING
from search.dictionary import vocabulary_writer
from search.disk import layout
from search.encoding.encoder import OnnxEncoder
from search.language import analysis
from search.translations import comparing, same_text
from webapp import config, create_app, errors
from webapp.terminal import cli

NO_WORD = "> " * 20_000 + "x"
BREAD = "Bread rises because yeast makes gas. The gas is caught in the dough."
TIDES = "Przypływy powstają, bo Księżyc przyciąga wodę. Dwa razy na dobę morze się podnosi."
MARK = "Zymurgy"


@pytest.fixture
def life(tmp_path: Path, tiny_cache: Path) -> Life:
    return Life(tmp_path, tiny_cache)


# --- every mixture


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
@example(Plan([(".txt", NO_WORD.encode())], fewer=1))
@example(
    Plan([(".md", b"12 13 14."), (".md", "\N{SLICE OF PIZZA}".encode()), (".txt", b"...")], carried=True)
)
@given(LIBRARIES)
def test_libraries_of_odd_articles_are_built_asked_added_to_and_built_again(
    tiny_cache: Path, plan: Plan
) -> None:
    live(plan, tiny_cache)


@pytest.mark.slow
def test_a_library_of_every_odd_kind_is_built_with_the_bundled_model(tmp_path: Path) -> None:
    life = Life(tmp_path, None)
    life.write(every_kind(random.Random(5)))
    report = life.build()
    assert report is not None
    assert len(report.added) > 30
    assert len(report.skipped) > 5
    again = life.build()
    assert again is not None
    assert not again.touched
    life.write([(".md", BREAD.encode()), (".txt", NO_WORD.encode())], life.more)
    life.add()
    life.remove(life.sources()[:5])


@pytest.mark.parametrize("text", [NO_WORD, "12 13 14", "…?!", "🎉🎉", "IV", "\u0301\u0301", "()[]{}"])
def test_a_library_without_a_word_opens_and_finds_nothing(life: Life, text: str) -> None:
    life.write([(".txt", f"12 13\n\n{text}".encode()), (".csv", f"text\n{text} 14\n".encode())])
    report = life.build()
    assert report is not None
    with search.open(life.library, cache=life._cache) as engine:
        assert engine.status().articles
        assert engine.search('"bread"').hits == ()
        engine.lookup("bread")
        engine.ask("why does bread rise?")


def test_a_library_without_a_word_has_all_its_pages(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_CACHE", str(life._cache))
    life.write([(".txt", NO_WORD.encode()), (".txt", b"12 13\n\n14")])
    assert life.build()
    site = create_app(config.load(str(life.library)), config.Serving(budget=120)).test_client()
    for page in ("/", "/search?q=bread", "/lookup?term=x", "/about", "/languages", "/suggestions.json?q=b"):
        assert site.get(page).status_code == 200, page


def test_the_only_article_with_words_can_be_removed(life: Life) -> None:
    life.write([(".txt", NO_WORD.encode()), (".md", BREAD.encode())])
    assert life.build()
    assert life.remove(["p1.md"]) is not None
    assert life.sources() == ("p0.txt",)


@pytest.mark.parametrize("language", ["de", "pl"])
def test_the_only_article_of_a_language_can_be_removed_from_a_generation_that_is_carried_over(
    life: Life, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """Whichever of the languages had the highest number in the generation before."""
    monkeypatch.setattr(basis, "BUILDING", replace(BUILDING, passed_over=0))
    texts = [BREAD, TIDES, "Das Brot geht auf, weil Hefe Gas bildet. Das Gas bleibt im Teig."]
    life.write([(".md", text.encode()) for text in texts])
    assert life.build()
    gone = {"de": "p2.md", "pl": "p1.md"}[language]
    life.remove([gone])
    with search.open(life.library, cache=life._cache) as engine:
        assert language not in engine.languages
        assert engine.search("bread").total == 2 or engine.search('"yeast"').total == 1


# --- what goes wrong on one file's way costs that file


def _raising(real: Any, error: BaseException, of: Any = lambda *given: MARK in repr(given)) -> Any:
    """``real``, but for what is about the marked article."""

    def instead(*given: Any, **named: Any) -> Any:
        if of(*given):
            raise error
        return real(*given, **named)

    return instead


class PanicException(BaseException):
    """What a panic of a library in Rust is called in Python, where it is no Exception."""


STAGES = {
    "the reader": (kb.building.prepare, "parse", "reading it"),
    "the normaliser": (kb.building.prepare, "normalize_and_note", "cleaning it"),
    "passages": (kb.building.prepare, "passages", "cutting it into passages"),
    "sentences": (kb.article.passages, "sentences", "cutting it into passages"),
}
ERRORS = [
    TypeError("no"),
    MemoryError(),
    RecursionError(),
    PanicException("index out of bounds"),
    OSError(5, "no"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("stage", STAGES)
def test_an_error_on_a_files_way_costs_that_file(
    life: Life, monkeypatch: pytest.MonkeyPatch, stage: str, error: BaseException
) -> None:
    life.write(
        [(".md", BREAD.encode()), (".md", f"# {MARK}\n\n{MARK}. {TIDES}".encode()), (".txt", TIDES.encode())]
    )
    read_here(monkeypatch)
    module, name, doing = STAGES[stage]
    monkeypatch.setattr(module, name, _raising(getattr(module, name), error))
    report = life.build()
    assert report is not None
    assert report.added == ("p0.md", "p2.txt")
    (skipped,) = report.skipped
    assert skipped.source == "p1.md"
    assert doing in skipped.reason
    assert "; " in skipped.reason


def test_an_error_in_one_record_leaves_the_others(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [record(BREAD), record(f"{MARK}. {TIDES}"), record(TIDES)]
    life.write([(".jsonl", "\n".join(lines).encode())])
    real = kb.building.prepare.normalize_and_note
    monkeypatch.setattr(kb.building.prepare, "normalize_and_note", _raising(real, ValueError("no")))
    read_here(monkeypatch)
    report = life.build()
    assert report is not None
    assert report.added == ("p0.jsonl#1", "p0.jsonl#3")
    assert [one.source for one in report.skipped] == ["p0.jsonl#2"]


def test_an_address_that_is_none_costs_nothing(life: Life) -> None:
    life.write([(".jsonl", record(BREAD, url="http://[bread").encode()), (".md", TIDES.encode())])
    report = life.build()
    assert report is not None
    assert report.skipped == ()
    assert len(report.added) == 2


def test_a_reader_that_gives_half_a_character_is_refused(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(raw: RawFile) -> list[SourceFile]:
        return [SourceFile(raw.source, f"{BREAD} \ud800", "utf-8", raw.content_hash, raw.root)]

    read_here(monkeypatch)
    monkeypatch.setitem(FORMATS, ".text", FORMATS[".text"].__class__(read, 1_000))
    life.write([(".text", b"x"), (".md", TIDES.encode())])
    report = life.build()
    assert report is not None
    assert [one.source for one in report.skipped] == ["p0.text"]
    assert "half a character" in report.skipped[0].reason


def test_a_list_that_cannot_be_judged_costs_its_file(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lists are judged by the model."""
    real = kb.building.prepare.normalize_and_note

    def judged(source: SourceFile, hints: Hints) -> Any:
        if MARK in source.text:
            assert hints.encode is not None
            raise kb.building.prepare.SourceRefused(source.source, "nothing is left of it; leave it out")
        return real(source, hints)

    read_here(monkeypatch)
    monkeypatch.setattr(kb.building.prepare, "normalize_and_note", judged)
    life.write([(".md", f"# {MARK}\n\n{MARK}. {TIDES}".encode()), (".md", BREAD.encode())])
    report = life.build()
    assert report is not None
    assert report.added == ("p1.md",)
    assert [one.source for one in report.skipped] == ["p0.md"]


def test_a_changed_file_that_cannot_be_read_goes_when_its_folder_is_built_and_stays_when_it_is_added(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a file that is refused does: a build makes the library what its files are now, and says so."""
    life.write([(".md", BREAD.encode()), (".md", TIDES.encode())])
    assert life.build()
    (life.pages / "p1.md").write_text(f"# {MARK}\n\n{MARK}. {TIDES}", "utf-8")
    real = kb.building.prepare.normalize_and_note
    read_here(monkeypatch)
    monkeypatch.setattr(kb.building.prepare, "normalize_and_note", _raising(real, TypeError("no")))
    report = search.add([life.pages], life.library, cache=life._cache)
    assert [one.source for one in report.skipped] == ["p1.md"]
    assert life.sources() == ("p0.md", "p1.md")
    report = search.build([life.pages], life.library, cache=life._cache)
    assert [one.source for one in report.skipped] == ["p1.md"]
    assert report.removed == ("p1.md",)
    assert life.sources() == ("p0.md",)
    monkeypatch.undo()
    (life.pages / "p1.md").write_text(TIDES, "utf-8")
    assert search.build([life.pages], life.library, cache=life._cache).added == ("p1.md",)


# --- what goes wrong with one article's share of the indexes costs that article


def _compared(articles: same_text.Articles, broken: int) -> same_text.Articles:
    def text(article: int) -> Any:
        if articles.keys[article] == broken:
            raise ZeroDivisionError
        return articles.text(article)

    return dataclasses.replace(articles, text=text)


def _break_words(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(
        analysis, "lemma", _raising(analysis.lemma, KeyError("z"), lambda form, _: form == "zymurgy")
    )
    return "reading its words"


def _break_pieces(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(OnnxEncoder, "pieces", _raising(OnnxEncoder.pieces, IndexError("piece")))
    return "reading its words"


def _break_encoding(monkeypatch: pytest.MonkeyPatch) -> str:
    real = OnnxEncoder._windows
    monkeypatch.setattr(
        OnnxEncoder, "_windows", _raising(real, RuntimeError("onnx"), lambda *given: MARK in repr(given[2]))
    )
    return "encoding it"


def _break_comparing(monkeypatch: pytest.MonkeyPatch) -> str:
    real = comparing.find_translations

    def find(articles: same_text.Articles, *rest: Any) -> Any:
        return (
            real(_compared(articles, int(articles.keys[1])), *rest)
            if len(articles.keys) > 2
            else real(articles, *rest)
        )

    monkeypatch.setattr(comparing, "find_translations", find)
    return "comparing it"


BREAKS = [_break_words, _break_pieces, _break_encoding, _break_comparing]


@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: one.__name__.removeprefix("_break_"))
@pytest.mark.parametrize("carried", [False, True])
def test_an_error_in_one_articles_share_of_the_indexes_costs_that_article(
    life: Life, monkeypatch: pytest.MonkeyPatch, broken: Any, carried: bool
) -> None:
    pages = [
        (".md", BREAD.encode()),
        (".md", f"# {MARK}\n\n{MARK}. {BREAD}".encode()),
        (".md", f"{BREAD} ".encode()),
    ]
    life.write([pages[0], *([] if carried else pages[1:])])
    if carried:
        assert life.build()
        life.write(pages)
        monkeypatch.setattr(basis, "BUILDING", replace(BUILDING, passed_over=0))
    doing = broken(monkeypatch)
    report = life.build()
    assert report is not None
    assert life.sources() == ("p0.md", "p2.md")
    (skipped,) = report.skipped
    assert skipped.source == "p1.md"
    assert doing in skipped.reason
    assert "p1.md" not in {*report.added, *report.changed, *report.unchanged, *report.removed}
    with search.open(life.library, cache=life._cache) as engine:
        assert engine.status().skipped == (("p1.md", skipped.reason),)


def test_what_cannot_be_indexed_is_what_it_was_after_adding_and_gone_after_building(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.write([(".md", BREAD.encode()), (".md", TIDES.encode())])
    assert life.build()
    (life.pages / "p1.md").write_text(f"# {MARK}\n\n{MARK}. {TIDES}", "utf-8")
    _break_words(monkeypatch)
    report = search.add([life.pages], life.library, cache=life._cache)
    assert [one.source for one in report.skipped] == ["p1.md"]
    assert report.changed == ()
    assert MARK not in faults.texts(life.library, life._cache)["p1.md"]
    report = search.build([life.pages], life.library, cache=life._cache)
    assert report.removed == ("p1.md",)
    assert life.sources() == ("p0.md",)


# --- what is no file's fault leaves the library as it was

UNOWNED = {
    "the vocabulary": (vocabulary_writer, "_write_rows", "making the vocabulary"),
    "the words of a language": (vocabulary_writer, "compile_lexicon", "making the vocabulary of '"),
    "vectors": (vectors, "calibrate", "indexing vectors"),
    "comparing": (comparing, "_means", "comparing articles"),
    "links": (links, "link", "linking passages"),
    "reading": (kb.run, "site_of", "reading files"),
    "the sites": (kb.run.Run, "settle", "reading files"),
}


def _everything(*_given: Any) -> bool:
    return True


def _state(library: Path) -> tuple[Any, ...]:
    """All that a library holds, but for what was encoded for it, which is kept for the next try."""
    files = {
        str(path.relative_to(library)): path.read_bytes()
        for path in sorted(library.rglob("*"))
        if path.is_file()
        and path.parent.name != "cache"
        and not path.name.startswith(("kb.sqlite", "kb.digest", "write.lock"))
    }
    with Store.open(layout.database(library)) as store:
        rows = [store.latest(), sorted(one.key for one in store.at(1).passages())]
    return files, rows


@pytest.mark.parametrize("stage", [one for one in UNOWNED if one != "reading"])
def test_an_error_that_is_no_files_fault_leaves_the_library_as_it_was_and_names_its_stage(
    life: Life, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    life.write([(".md", BREAD.encode()), (".md", TIDES.encode())])
    assert life.build()
    before = _state(life.library)
    life.write([(".md", f"{TIDES} {BREAD}".encode())])
    module, name, doing = UNOWNED[stage]
    with monkeypatch.context() as patched:
        patched.setattr(module, name, _raising(getattr(module, name), IndexError("of floats"), _everything))
        with pytest.raises(BuildFailed, match=doing) as raised:
            search.build([life.pages], life.library, cache=life._cache)
    assert "\n" not in str(raised.value)
    assert "IndexError: of floats" in str(raised.value)
    assert isinstance(raised.value.__cause__, IndexError)
    assert _state(life.library) == before
    assert life.build() is not None


def test_the_command_line_says_it_in_one_line_and_where_only_when_asked(
    life: Life, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    life.write([(".md", BREAD.encode())])
    monkeypatch.setenv("KB_CACHE", str(life._cache))
    monkeypatch.setattr(links, "link", _raising(links.link, IndexError("of floats"), _everything))
    for options in ([], ["--debug"]):
        with pytest.raises(SystemExit) as ended:
            cli.main(["build", str(life.pages), "--to", str(life.library), *options])
        said = capsys.readouterr().err
        assert ended.value.code == errors.meaning(BuildFailed("linking passages")).exit_code == 3
        (line,) = [line for line in said.splitlines() if line.startswith("kb: ")]
        assert "failed while linking passages (IndexError: of floats)" in line
        assert ("Traceback" in said) == bool(options)


def test_where_every_article_fails_none_is_blamed(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life.write([(".md", BREAD.encode()), (".md", TIDES.encode())])
    monkeypatch.setattr(analysis, "lemma", _raising(analysis.lemma, KeyError("x"), _everything))
    with pytest.raises(BuildFailed):
        search.build([life.pages], life.library, cache=life._cache)
    assert not (life.library / "live.json").exists()
    assert not list((life.library / "generations").iterdir())
