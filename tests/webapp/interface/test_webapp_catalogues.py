"""Every word of the interface is translated into every language of it, whole and well-formed."""

import re
import shutil

import pytest
from babel import Locale

from webapp.interface import catalogues
from webapp.interface import offered as interface

EACH = pytest.mark.parametrize("code", interface.TRANSLATED)
PLACEHOLDER = re.compile(r"%\(\w+\)\w|\{\w+\}|%")
# In these forms a language may say the number in its own words ("two articles" is one word in Arabic).
SPELT_OUT = {"zero": {0}, "one": {1}, "two": {2}}


def messages(code):
    return [message for message in catalogues.read(code) if message.id]


def named(message_id):
    return message_id if isinstance(message_id, str) else tuple(message_id)


def category_of_each_form(code):
    """For each plural form of a catalogue the numbers that take it, and CLDR's name for it."""
    rule, forms = Locale.parse(interface.INTERFACES[code].locale).plural_form, {}
    plural = catalogues.translations(code).plural
    for number in range(1000):
        forms.setdefault(plural(number), {}).setdefault(rule(number), set()).add(number)
    return forms


def test_the_languages_are_those_promised():
    assert set(interface.INTERFACES) >= {"en", "pl", "tl", "nb", "ru", "lv", "ar"}
    files = {path.stem for path in catalogues.FOLDER.glob("*.po")}
    assert files == set(interface.TRANSLATED)


@pytest.fixture(scope="module")
def extracted():
    """Every word of code and templates."""
    return catalogues.extracted()


@pytest.fixture(scope="module")
def made_again(tmp_path_factory):
    """A folder with the catalogues as `make catalogues` leaves them, and how many words each lacks."""
    folder = tmp_path_factory.mktemp("catalogues")
    for path in catalogues.FOLDER.glob("*.po"):
        shutil.copy(path, folder)
    return folder, dict(catalogues.update(folder))


@EACH
def test_every_word_of_code_and_templates_is_translated(code, extracted):
    there = {named(message.id): message for message in messages(code)}
    wanted = {named(message.id) for message in extracted if message.id}
    assert len(wanted) > 100
    missing = sorted(map(str, wanted - set(there)))
    assert not missing, f"run `make catalogues`, then translate: {missing}"
    left = [message.id for message in there.values() if not catalogues.translated(message.string)]
    assert not left, f"not translated into {code}: {left}"
    assert not [message.id for message in there.values() if message.fuzzy]


@EACH
def test_the_catalogue_is_as_make_catalogues_leaves_it(code, made_again):
    where, left = made_again
    assert left[code] == 0
    made, kept = (folder / f"{code}.po" for folder in (where, catalogues.FOLDER))
    assert made.read_text("utf-8") == kept.read_text("utf-8"), "run `make catalogues`"


@EACH
def test_placeholders_are_kept(code):
    forms = category_of_each_form(code)
    for message in messages(code):
        many = message.id[1] if isinstance(message.id, tuple) else message.id
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert len(strings) in (1, len(forms)), message.id
        for at, string in enumerate(strings):
            wanted, found = sorted(PLACEHOLDER.findall(many)), sorted(PLACEHOLDER.findall(string))
            plural = isinstance(message.id, tuple)
            spelt_out = plural and any(
                numbers <= SPELT_OUT.get(category, set()) for category, numbers in forms[at].items()
            )
            assert found == wanted or (spelt_out and found == []), (code, string)
            assert string.strip() == string


@EACH
def test_plural_forms_are_those_of_cldr(code):
    forms = category_of_each_form(code)
    assert sorted(forms) == list(range(catalogues.read(code).num_plurals))
    for categories in forms.values():
        assert len(categories) == 1, "one form for numbers that the language tells apart"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("pl", {1: "1 artykuł", 2: "2 artykuły", 5: "5 artykułów", 12: "12 artykułów", 22: "22 artykuły"}),
        ("ru", {1: "1 статья", 2: "2 статьи", 5: "5 статей", 11: "11 статей", 21: "21 статья"}),
        ("lv", {0: "0 rakstu", 1: "1 raksts", 2: "2 raksti", 11: "11 rakstu", 21: "21 raksts"}),
        ("tl", {1: "1 artikulo", 4: "4 na artikulo", 5: "5 artikulo"}),
        ("nb", {1: "1 artikkel", 2: "2 artikler"}),
        (
            "ar",
            {1: "مقال واحد", 2: "مقالان", 3: "3 مقالات", 11: "11 مقالًا", 100: "100 مقال", 103: "103 مقالات"},
        ),
    ],
)
def test_numbers_take_the_right_form(code, said):
    chosen = catalogues.translations(code).ngettext
    assert {n: chosen("%(num)s article", "%(num)s articles", n) % {"num": n} for n in said} == said


@EACH
def test_words_are_in_their_script_and_markup_stays_out(code):
    script = {"ru": r"[а-яё]", "ar": r"[\u0621-\u064a]"}.get(code, r"[a-zāčēģīķļņšūžąćęłńóśźżæøå]")
    for message in messages(code):
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string in strings:
            assert "<" not in string and "&" not in string
            if message.id not in ("Rosetta",):
                assert re.search(script, string, re.IGNORECASE), (code, string)


def test_words_that_code_or_templates_add_are_found():
    ids = {named(message.id) for message in catalogues.extracted() if message.id}
    assert "Search" in ids  # a template's
    assert "Almost certainly answered here." in ids  # gettext as _ in a module
    assert "No such article" in ids  # marked for later
    assert ("%(num)s article", "%(num)s articles") in ids
