"""Citations: in one line, and as an entry that BibTeX takes."""

import re

from webapp_doubles import stored

from webapp.pages import citation

HERE = "http://books.example/articles/1"


def article(title="Кофе и сон", source="ru/кофе и сон.txt", **fields):
    return stored(source, f"{title}\n\nТекст.", "ru", **fields).article


def test_a_line_says_what_is_known():
    known = article(date="2026-01-02", url="https://example.org/a", author="И. Иванов")
    assert citation.plain(known, HERE) == (
        "И. Иванов. Кофе и сон. 2026-01-02. ru/кофе и сон.txt. https://example.org/a"
    )
    assert citation.plain(article(), HERE) == f"Кофе и сон. ru/кофе и сон.txt. {HERE}"


def test_an_entry_has_a_key_of_plain_letters_and_only_known_fields():
    entry = citation.bibtex(article(date="2026-01-02"), HERE)
    assert entry.startswith("@misc{ru-kofe-i-son,\n")
    fields = dict(re.findall(r"^  (\w+) *= \{(.*)\},$", entry, re.MULTILINE))
    assert fields == {
        "title": "{Кофе и сон}",
        "year": "2026",
        "date": "2026-01-02",
        "language": "ru",
        "note": "ru/кофе и сон.txt",
        "url": HERE,
    }


def test_what_tex_would_take_for_its_own_is_escaped():
    entry = citation.bibtex(article(r"50 % of {x} & \y_z ~ #1 $ ^", "%{}.txt"), HERE)
    title = re.search(r"title +=\s\{\{(.*)\}\},", entry)[1]
    assert title == r"50 \% of \{x\} \& \textbackslash{}y\_z \textasciitilde{} \#1 \$ \textasciicircum{}"
    assert entry.startswith("@misc{article,")
    unescaped = re.sub(r"\\[{}]", "", entry)
    assert unescaped.count("{") == unescaped.count("}")


def test_an_address_that_is_none_is_not_cited():
    assert "javascript" not in citation.bibtex(article(url="javascript:alert(1)"), HERE)
