"""A language that is in no table is added as a contributor would: one row, and translations of the interface.

The sources are copied, the rows written into the copy, and all is run there, in processes of their own.
Venetian is the language; Ancient Greek, which the lemmatizer has, shares a script that one language had.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kb.languages import LANGUAGES
from kb.text.identify import identify

ROOT = Path(__file__).parent.parent
ROWS = """\
    Language("vec", "vèneto", "Venetian"),
    Language("grc", "Ἑλληνική", "Ancient Greek", "Grek", lemmatizer="grc"),
"""
INTERFACE = '    Interface("vec", "vec"),\n'
WORDS = {"Search": "Serca", "Languages": "Łéngue"}

VENETIAN = """\
El pan de sègala

El pan de sègala el se fa co la farina, l'acua, el sal e el levà de casa. Ghe vol do zorni parché la pasta
la cressa pian pianin. El forner el ghe dixe a tuti che la farina de sègala no la ga tanto glùtine, e par
questo el pan el resta baso e el dura na setimana intiera. Chi che vol na crosta bela dura el ga da scaldar
el forno ben ben, e méter drento na tecia de acua.
"""
GREEK = """\
Περὶ ἄρτου

Ὁ σῖτος τρέφει τοὺς ἀνθρώπους, ὁ δὲ ἄρτος ἐκ τοῦ σίτου γίγνεται. οἱ δὲ ἀρτοποιοὶ νυκτὸς ἐγείρονται καὶ τὸν
ἄρτον ὀπτῶσιν. τὸ δὲ πῦρ οὐ παύεται πρὸ τῆς ἡμέρας.
"""
MODERN_GREEK = """\
Το ψωμί

Το ψωμί γίνεται με αλεύρι, νερό, αλάτι και μαγιά. Ο φούρναρης ξυπνάει κάθε νύχτα και ζυμώνει το ζυμάρι με
τα χέρια.
"""

USED = """
import json, sys
from pathlib import Path
import search
from search.language import analysis
from webapp import config, create_app

search.build([Path("texts")], Path("library"))
with search.open("library") as engine:
    hits = engine.search("why does rye bread stay flat", languages=["vec"]).hits
    answer = engine.ask("why does rye bread stay flat")
    found = {
        "labelled": {one.source: one.language for one in engine.articles()},
        "hits": [hit.article.source for hit in hits],
        "words": hits[0].why.summary if hits else "",
        "evidence": [item.quote for item in answer.by_language.get("vec", answer.evidence)],
        "by lemma": [hit.article.source for hit in engine.search("ἄνθρωπος", leg="lexical")],
        "lemma": analysis.lemma(analysis.normal("ἀνθρώπους"), "grc"),
    }
site = create_app(config.Settings(Path("library"))).test_client()
found["results"] = site.get("/search?q=rye+bread").text
found["page"] = site.get("/", headers={"Accept-Language": "vec"}).text
found["languages"] = site.get("/languages").text
print(json.dumps(found))
"""


def run(tree, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The sources with the rows in them, and a catalogue that `make catalogues` filled with what there is to
    translate."""
    to = tmp_path_factory.mktemp("contribution")
    for package in ("kb", "search", "webapp"):
        shutil.copytree(ROOT / package, to / package, ignore=shutil.ignore_patterns("__pycache__"))
    insert(to / "kb" / "languages.py", ROWS)
    insert(to / "webapp" / "interface" / "offered.py", INTERFACE)
    catalogue = to / "webapp" / "translations" / "vec.po"
    header = (to / "webapp" / "translations" / "nb.po").read_text("utf-8").partition("\n\n")[0]
    catalogue.write_text(header.replace("nb", "vec") + "\n\n", encoding="utf-8")
    assert "vec: " in run(to, "-m", "webapp.interface.catalogues")
    text = catalogue.read_text("utf-8")
    for word, translation in WORDS.items():
        assert f'msgid "{word}"\nmsgstr ""' in text
        text = text.replace(f'msgid "{word}"\nmsgstr ""', f'msgid "{word}"\nmsgstr "{translation}"')
    catalogue.write_text(text, encoding="utf-8")
    return to


def insert(path, rows):
    """Writes rows at the end of the table ``_ROWS``."""
    before, table, after = path.read_text("utf-8").partition("_ROWS = (\n")
    assert table
    path.write_text(before + table + after.replace("\n)\n", "\n" + rows + ")\n", 1), encoding="utf-8")


@pytest.fixture(scope="module")
def used(tree):
    """What came of using it: a library with the new languages, asked, and looked at in the browser."""
    for name, text in {"vec.txt": VENETIAN, "grc.txt": GREEK, "el.txt": MODERN_GREEK}.items():
        (tree / "texts").mkdir(exist_ok=True)
        (tree / "texts" / name).write_text(text, encoding="utf-8")
    return json.loads(run(tree, "-c", USED).splitlines()[-1])


def test_without_its_row_a_language_is_not_known():
    assert not {"vec", "grc"} & set(LANGUAGES)
    assert identify(VENETIAN).language != "vec"
    assert identify(GREEK).language == "el"


def test_articles_are_identified_as_it(used):
    assert used["labelled"] == {"vec.txt": "vec", "grc.txt": "grc", "el.txt": "el"}


def test_articles_are_found_by_a_question_in_another_language(used):
    assert used["hits"] == ["vec.txt"]
    assert any("glùtine" in quote for quote in used["evidence"])


def test_words_are_analysed_by_the_rows_lemmatizer(used):
    assert used["lemma"] == "ἄνθρωπος".casefold()
    assert used["by lemma"][0] == "grc.txt"


def test_it_is_shown_by_its_own_name(used):
    assert '<span lang="vec" dir="ltr" title="Venetian">vèneto</span>' in used["results"]
    assert '<bdi lang="grc" dir="ltr">Ἑλληνική</bdi>' in used["languages"]


def test_the_interface_speaks_it_and_offers_it(used):
    assert '<html lang="vec"' in used["page"]
    assert all(translation in used["page"] for translation in WORDS.values())
    assert "ui=vec" in used["results"]
