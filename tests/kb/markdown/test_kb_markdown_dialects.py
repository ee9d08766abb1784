"""Dialects of Markdown: what a reader of the page sees is text, the dialect's marks are not."""

# ruff: noqa: E501  (what is read and what it becomes stand side by side)
from __future__ import annotations

from pathlib import Path

import pytest

from kb.article.normalize import Hints, normalize
from kb.build import restore, update
from kb.building.sources import sources
from kb.models import Article, SourceFile
from kb.store.store import Store

LONG = (
    "Die Bäckerei am Markt öffnet um fünf Uhr, und der erste Kunde ist seit Jahren derselbe Nachtwächter, "
    "der zwei Brote und ein Hörnchen kauft."
)


def article(text: str, **meta: str) -> Article:
    return normalize(SourceFile("a.md", text, "utf-8", "0", format="markdown", **meta))  # type: ignore[arg-type]


def body(text: str) -> str:
    """Of an article with a title above and a long paragraph below, what stands between."""
    made = article(f"# Brot\n\n{text}\n\n{LONG}\n")
    assert made.title == "Brot"
    assert made.text.endswith(LONG)
    return made.text.removesuffix(LONG).rstrip("\n")


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("Mehl[^1] und Salz[^mehr].\n\n[^1]: Roggen,\n    fein\n[^mehr]: *Meersalz*", "Mehl und Salz.\n\nRoggen, fein\n\nMeersalz"),
        ("im Jahr 1820[^7] gebaut\n\n[^7]: laut Chronik", "im Jahr 1820 gebaut\n\nlaut Chronik"),
        ("nicht erklärt[^9] hier", "nicht erklärt[^9] hier"),
        ("Teig^[aus Roggen und *Wasser*] ruht", "Teig (aus Roggen und Wasser) ruht"),
        ("*[AOC]: Appellation\n\nMehr AOC.", "AOC: Appellation\n\nMehr AOC."),
        ("Sauerteig\n: lebt\n: und reift\n\nHefe\n\n:   hebt\n    den Teig", "Sauerteig\n\nlebt\n\nund reift\n\nHefe\n\nhebt den Teig"),
        ("## Ofen { #ofen }\n\nheiß", "## Ofen\n\nheiß"),
        ("## Ofen {#ofen .alt data-x='1 2'}\n\nheiß", "## Ofen\n\nheiß"),
        ("## Ofen ## {: #ofen .alt }\n\nheiß", "## Ofen\n\nheiß"),
        ("Ein Satz.\n{: .lead}", "Ein Satz."),
        ("Ein [Link](x.md){target=_blank} und **fett**{.rot} da", "Ein Link und fett da"),
        ("Eine Menge {1, 2} und {a} bleibt", "Eine Menge {1, 2} und {a} bleibt"),
        ('!!! warning "Heißer Ofen"\n\n    Nicht anfassen.\n\n    - Handschuh\n\nWeiter.', "Heißer Ofen\n\nNicht anfassen.\n\n- Handschuh\n\nWeiter."),
        ("!!! note\n    Kein Titel.", "Kein Titel."),
        ("!!! wie laut", "!!! wie laut"),
        ('??? tip "Tipp"\n    Drin.\n\n        x = 1\n', "Tipp\n\nDrin.\n\nx = 1"),
        ("::: warning Vorsicht Glut\nFinger weg.\n:::", "Vorsicht Glut\n\nFinger weg."),
        (":::note[Ein *Titel*]{.x}\n\nZutaten hier\n\n:::", "Ein Titel\n\nZutaten hier"),
        ("::::: {.callout-tip title='Zum Mehl'}\nZutaten hier\n:::::", "Zum Mehl\n\nZutaten hier"),
        ("/// details | Alter Ofen\n    type: note\n\nSteht noch.\n///", "Alter Ofen\n\nSteht noch."),
        ("Vor\n\n///\n\nnach", "Vor\n\n///\n\nnach"),
        ("> [!NOTE]\n> Die Leiter wackelt.", "Die Leiter wackelt."),
        ("> [!tip]- Zum Nachlesen\n> Die Leiter wackelt.", "Zum Nachlesen\n\nDie Leiter wackelt."),
        ("```{note} Merke\n:class: x\nDas ist *Text*.\n```", "Merke\n\nDas ist Text."),
        ("Siehe [[Ofen]] und [[Rezepte/Brot|das Rezept]], ![[ofen.png]] und ![[Teig]].", "Siehe Ofen und das Rezept,  und Teig."),
        ("`[[ -f x ]]` und [[ -f x ]]", "[[ -f x ]] und [[ -f x ]]"),
        ("Das ist ==wichtig== und ++neu++, a == b, C++ und C++.", "Das ist wichtig und neu, a == b, C++ und C++."),
        ("这是==重点==内容", "这是重点内容"),
        ("10^6^ Körner, H~2~O, x^n^, 1^er^ und ~5 bis ~6", "10⁶ Körner, H₂O, xⁿ, 1er und ~5 bis ~6"),
        ("10<sup>6</sup> Körner, CO<sub>2</sub>, Müller<sup>[2]</sup>", "10⁶ Körner, CO₂, Müller[2]"),
        ("HCO~3~^−^, SO~4~^2-^, 10^2.5^ m, 10^2.5^m, V~max~, **x**^2^", "HCO₃⁻, SO₄²⁻, 10^2.5 m, 10^2.5 m, V_max, x²"),
        ("HCO<sub>3</sub><sup>−</sup>, 10<sup>**6**</sup>, 5<sup>n+1</sup>", "HCO₃⁻, 10^6, 5ⁿ⁺¹"),
        ('Brot<sup>[1](#fn1)</sup>, Salz<sup><a href="#fn2" id="r2">2</a></sup>', "Brot[1], Salz[2]"),
        ("<sup>1</sup> Nach Eva", "1 Nach Eva"),
        ("a ~b~ ^c^ und x_i", "a ~b~ ^c^ und x_i"),
        (":bread: Brot :-)", ":bread: Brot :-)"),
        ("- [ ] kneten\n- [x] backen\n1. [ ] essen", "- kneten\n- backen\n1. essen"),
        ("Die Fläche $a_1 * b_2$ und \\(x_i^2 * y_i\\) hier", "Die Fläche a_1 * b_2 und x_i^2 * y_i hier"),
        ("kostet $5, dann 6$ und $PATH", "kostet $5, dann 6$ und $PATH"),
        ("$$\nE = m_0 * c^2\n$$", "E = m_0 * c^2"),
        ("$$a * b$$ Mehl, dann * Salz", "a * b Mehl, dann * Salz"),
        ("$$\na * b\n$$ Mehl und *Salz*", "a * b\n\nMehl und Salz"),
        ("<pre>a  b</pre> dann *Salz*", "a  b\n\ndann Salz"),
        ("<pre>\na  b\n</pre> dann *Salz*", "a  b\n\ndann Salz"),
        ("<h2>Teig</h2> dann *Salz* <h3>Ofen</h3> heiß", "## Teig\n\ndann Salz\nOfen\nheiß"),
        ("<h2>Teig</h2><h3>Ofen</h3><p>heiß</p>", "## Teig\n\n### Ofen\n\nheiß"),
        ("<!-- ein\nWort --> dann *Salz*", "dann Salz"),
        ("\\[\n\\frac{a_1}{b_1}\n\\]", "\\frac{a_1}{b_1}"),
        ("Der Preis ist {{ preis }} Kronen. {% if x %}Jetzt *zahlen*.{% endif %}", "Der Preis ist preis Kronen. Jetzt zahlen."),
        ('{{< figure src="x.jpg" caption="Der alte Ofen" >}}', "Der alte Ofen"),
        ('{{% notice tip %}}\nHinweis.\n{{% /notice %}}', "Hinweis."),
        ("Code `{{ x }}` und `<b>` und `&amp;`", "Code {{ x }} und <b> und &amp;"),
        ("Zeile<br>bruch<br/>\nzwei", "Zeile\nbruch\nzwei"),
        ("Drücke <kbd>Strg</kbd>+<kbd>C</kbd>, dann <name> und List<String>.", "Drücke Strg+C, dann <name> und List<String>."),
        ('<details>\n<summary>Mehr</summary>\n\nDie Leiter.\n\n</details>', "Mehr\n\nDie Leiter."),
        ('<p align="center">\n    <img src="o.png" alt="Der Ofen">\n    <b>seit 1820</b>\n</p>', "Der Ofen seit 1820"),
        ("<table><tr><td>Roggen</td><td>2 kg</td></tr><tr><td>Salz</td><td>1 g</td></tr></table>", "Roggen | 2 kg\nSalz | 1 g"),
        ("<ruby>漢<rt>かん</rt></ruby>と<ruby>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby>", "漢(かん)と字(じ)"),
        ("Der [Ofen][o], der [ofen] und [Teig][].\n\n[o]: /o.html 'Ofen'\n[Ofen]: <o.html>\n[teig]: #teig", "Der Ofen, der ofen und Teig."),
        ("rows[i][j] und [nichts] hier", "rows[i][j] und [nichts] hier"),
        ("[Anna]: Hallo!\n[Bernd]: Guten Tag, Anna.", "[Anna]: Hallo! [Bernd]: Guten Tag, Anna."),
        ("Kind | Preis\n---- | ----:\nRoggen \\| Weizen | `a|b`\n*Dinkel* | 11,00", "Kind | Preis\n\nRoggen | Weizen | a|b\n\nDinkel | 11,00"),
        ("| A | | C |\n|---|---|---|\n| x || z |", "A | | C\n\nx | | z"),
        ("> > tief\n> - eins\n> - zwei\n>   weiter", "tief\n\n- eins\n- zwei weiter"),
        ("Ein Absatz ^a1b2c3\n\n- Punkt ^d4e5f6", "Ein Absatz\n\n- Punkt"),
        ("[TOC]\n\n[[_TOC_]]\n\nText", "Text"),
        ("Zwei\nZeilen\n===\n\nText", "## Zwei Zeilen\n\nText"),
        ("Eins\n  \nZwei", "Eins\n\nZwei"),
        ("benutze &lt;b&gt; und &amp;amp; so", "benutze <b> und & so"),
        ("- ```sh\n  make brot\n  ```\n- fertig", "make brot\n\n- fertig"),
    ],
)  # fmt: skip
def test_a_reader_sees_the_words_and_not_the_marks(marked: str, plain: str) -> None:
    assert body(marked) == plain


@pytest.mark.parametrize(
    ("marked", "code"),
    [
        ("```py\nif a:\n    b()  # *x* [y](z) &lt; <b>\n\n\tc()\n```", "if a:\n    b()  # *x* [y](z) &lt; <b>\n\n\tc()"),
        ("    if a:\n        b\n\n    c", "if a:\n    b\n\nc"),
        ("\tif a:\n\t\tb", "if a:\n\tb"),
        ("1. Erst:\n\n   ```\n   a\n     b\n   ```", "a\n  b"),
        ("- Erst:\n\n      a\n        b", "a\n  b"),
        ("> ~~~\n> a\n>   b\n> ~~~", "a\n  b"),
        ("!!! note\n\n    Text.\n\n        a\n          b", "a\n  b"),
        ("```\n<!-- bleibt -->\n{{ bleibt }}\n!!! bleibt\n# bleibt\n```", "<!-- bleibt -->\n{{ bleibt }}\n!!! bleibt\n# bleibt"),
        ("    <!-- bleibt -->\n    [a]: http://b.de", "<!-- bleibt -->\n[a]: http://b.de"),
        ("<pre><code class='x'>if (a &lt; <b>b</b>) {\n  c();\n\n}</code></pre>", "if (a < b) {\n  c();\n\n}"),
        ("````md\n```\na\n```\n````", "```\na\n```"),
        ("```\na\n``` b\n  ```", "a\n``` b"),
        ("```sh\nohne Ende", None),
    ],
)  # fmt: skip
def test_code_is_literal(marked: str, code: str | None) -> None:
    made = article(f"# Brot\n\nVorher.\n\n{marked}" + ("" if code is None else f"\n\n{LONG}"))
    blocks = [made.text[b.start : b.end] for b in made.blocks if b.kind == "code"]
    assert blocks == [code or "ohne Ende"]
    assert made.removed == made.repairs == ()


@pytest.mark.parametrize(
    ("marked", "hidden", "reason"),
    [
        ("<!-- an alle:\n\n*prüfen* -->", "<!-- an alle:\n\n*prüfen* -->", "comment"),
        ("%%nur für mich%%", "%%nur für mich%%", "comment"),
        ("{/* nur für mich */}", "{/* nur für mich */}", "comment"),
        ("{# nur für mich #}", "{# nur für mich #}", "comment"),
        ("[//]: # (nur für mich)", "[//]: # (nur für mich)", "comment"),
        ("import Tabs from '@theme/Tabs';", "import Tabs from '@theme/Tabs';", "code of the page"),
        ("export const x = {\n  a: 1,\n}", "export const x = {\n  a: 1,\n}", "code of the page"),
        ("<script>\nlet a = 1;\n</script>", "<script>\nlet a = 1;\n</script>", "code of the page"),
        ("{{< youtube abc >}}", "{{< youtube abc >}}", "template mark"),
        ("[![Build](https://img.shields.io/x.svg)](https://ci.example)", "[![Build](https://img.shields.io/x.svg)](https://ci.example)", "badge"),
        ('<a href="x"><img src="https://badge.fury.io/a.svg" alt="v"></a>', '<a href="x"><img src="https://badge.fury.io/a.svg" alt="v"></a>', "badge"),
    ],
)  # fmt: skip
def test_what_no_reader_sees_is_recorded_and_can_be_restored(marked: str, hidden: str, reason: str) -> None:
    text = f"# Brot\n\n{LONG}\n\n{marked}\n\n{LONG}\n"
    source = SourceFile("a.md", text, "utf-8", "0", format="markdown")
    made = normalize(source)
    assert made.text == f"{LONG}\n\n{LONG}"
    (span,) = made.removed
    assert (span.text, span.reason) == (hidden, reason)
    assert text[span.start : span.end] == hidden
    again = normalize(source, Hints(restored=((span.start, span.end),)))
    assert again.removed == ()
    assert len(again.text) > len(made.text)


def test_a_comment_is_restored_in_a_library(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"# Brot\n\n{LONG}\n\n<!-- Rezept von Oma -->\n", encoding="utf-8")
    with Store.create(tmp_path / "kb.sqlite") as store:
        update(store, [tmp_path / "a.md"], 1)
        held = store.at(1).article_by_source("a.md")
        assert held
        restore(store, "a.md", held.article.removed[0].start, 2)
        again = store.at(2).article_by_source("a.md")
    assert again
    assert "Rezept von Oma" in again.article.text


def test_components_of_a_page_show_their_titles() -> None:
    tabs = '<Tabs>\n<TabItem value="h" label="Holz">\n\nIn den Balken.\n\n</TabItem>\n</Tabs>\n\n<Card title="Rost" icon={<Icon a="b" />} />'
    assert body(tabs) == "Holz\n\nIn den Balken.\n\nRost"


@pytest.mark.parametrize(
    ("top", "title"),
    [
        ('<h1 align="center">Das Brot</h1>', "Das Brot"),
        ('<h1 align="center">\n  <img src="l.png" alt="Logo"><br>\n  Das Brot\n</h1>', "Das Brot"),
        ("# ![Logo](l.png) Das Brot", "Das Brot"),
        ("# [Das Brot](https://brot.example) <a name='x'></a>", "Das Brot"),
        ("Das Brot\n========", "Das Brot"),
        ("# Überblick", "Überblick"),
        ("Überblick\n===", "Überblick"),
    ],
)
def test_the_title_is_what_is_marked_as_one(top: str, title: str) -> None:
    sub = "## Die Bäckerei und der Nachtwächter am Markt"
    made = article(f"{top}\n\n{sub}\n\n" + "\n\n".join([LONG] * 3))
    assert (made.title, made.removed) == (title, ())


FRONTS = [
    "---\ntitle: Das Brot\nlang: de\ndate: 2024-05-03\nauthor: Eva\nurl: https://brot.example/a\naliases: [/alt]\n---\n",
    "---\nTitle: Das Brot\nLanguage: de\nDate: 2024-05-03\nAuthors:\n  - Eva\nurl: https://brot.example/a\n---\n",
    '+++\ntitle = "Das Brot"\nlanguage = "de"\ndate = 2024-05-03\naliases = ["/alt"]\nurl = "https://brot.example/a"\n'
    '[params]\nauthor = "Eva"\n+++\n',
    '{\n  "title": "Das Brot", "lang": "de", "date": "2024-05-03",\n  "author": {"name": "Eva"},\n'
    '  "url": "https://brot.example/a", "aliases": ["/alt"]\n}\n',
]  # fmt: skip


@pytest.mark.parametrize("front", FRONTS)
def test_front_matter_of_every_kind_says_the_same(tmp_path: Path, front: str) -> None:
    (tmp_path / "a.md").write_text(f"{front}\nDas Korn kommt aus dem Tal.\n", encoding="utf-8")
    (read,) = sources([tmp_path])
    assert isinstance(read, SourceFile)
    said = (read.title, read.language, read.date, read.author, read.url)
    assert said == ("Das Brot", "de", "2024-05-03", "Eva", "https://brot.example/a")
    assert read.text.strip() == "Das Korn kommt aus dem Tal."


def test_front_matter_that_is_nearly_yaml_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: Das Brot: ein Buch\ntags:\n- @a\n---\nKorn.\n", encoding="utf-8"
    )
    (read,) = sources([tmp_path])
    assert isinstance(read, SourceFile)
    assert (read.title, read.text.strip()) == ("Das Brot: ein Buch", "Korn.")


@pytest.mark.parametrize(
    "text",
    ["{\nkein JSON\n}\n\nText", '{"a": 1}\n\nText', "+++\nkein TOML\n+++\nText", "---\nein Satz\n---\nText"],
)
def test_what_is_no_front_matter_is_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    (read,) = sources([tmp_path])
    assert isinstance(read, SourceFile)
    assert read.text == text
