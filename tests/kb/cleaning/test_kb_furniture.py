"""What goes and what stays, on made-up pages in languages that the corpus does not have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kb.article.normalize import Hints, normalize
from kb.build import remove, restore, update
from kb.models import Article, SourceFile
from kb.store.store import Store

TITLE_ET = "Kuidas leib valmib"
BODY_ET = """Leib valmib rukkijahust, veest ja soolast. Pagar segab õhtul juuretise ning jätab \
taigna sooja kohta kerkima.

Hommikul vormib ta pätsid ja laseb neil veel tund aega puhata. Seejärel lükatakse leivad kuuma \
ahju, kus need küpsevad umbes tunni.

Värske leib lõhnab kogu majas, aga lõigata tohib seda alles siis, kui päts on jahtunud. Muidu jääb \
sisu nätske ja kleepub noa külge.

Paljud kodud hoiavad vana juuretist aastaid. Seda toidetakse iga nädal jahu ja veega, et ta elus \
püsiks ning taigna uuesti kergitaks."""

TITLE_ES = "Cómo cuidar un olivo"
BODY_ES = """El olivo es un árbol resistente que agradece el sol y los inviernos suaves. Durante el \
primer año conviene regarlo una vez por semana.

La poda se hace al final del invierno, cuando ya no hay riesgo de heladas. Se quitan las ramas \
secas y las que crecen hacia dentro.

La tierra debe drenar bien, porque las raíces se pudren con el exceso de agua. Un poco de grava en \
el fondo de la maceta ayuda mucho.

La cosecha llega en otoño. Las aceitunas verdes se recogen primero y las negras unas semanas más \
tarde, según el uso que se les quiera dar."""


def article(text: str, hints: Hints | None = None) -> Article:
    made = normalize(SourceFile("page.txt", text, "utf-8", "0"), hints or Hints())
    for span in made.removed:
        assert text[span.start : span.end] == span.text
        assert 0.5 <= span.score <= 1
        assert span.reason
    return made


def removed(text: str) -> list[str]:
    return [span.text for span in article(text).removed]


def page(*parts: str) -> str:
    return "\n\n".join(parts)


# --- skip links


@pytest.mark.parametrize(
    "line",
    [
        "Zum Inhalt springen",
        "Liigu edasi põhisisu juurde",
        "ข้ามไปยังเนื้อหา",
        "דילוג לתוכן",
        "跳到主要内容",
        "İçeriğe geç",
    ],
)
def test_a_skip_link_above_the_title_goes(line: str) -> None:
    text = page(line, TITLE_ET, BODY_ET)
    assert removed(text) == [line]
    assert article(text).title == TITLE_ET


def test_an_article_on_skip_links_keeps_its_title() -> None:
    text = page(
        "Skip to content",
        "A skip link lets people who use a keyboard jump straight to the content, past the site's"
        " navigation.",
        "Put the link first on the page and let it skip to the main content element of the document.",
    )
    assert removed(text) == []
    assert article(text).title == "Skip to content"


# --- other languages


def test_a_language_switcher_goes_with_its_names() -> None:
    text = page(TITLE_ES, BODY_ES, "Otros idiomas", "English\nFrançais\nDeutsch\n日本語")
    assert removed(text) == ["Otros idiomas\n\nEnglish\nFrançais\nDeutsch\n日本語"]


@pytest.mark.parametrize("row", ["English | Français | Deutsch | Suomi", "Polski · Русский · Latviešu"])
def test_languages_in_a_row_go_without_a_heading(row: str) -> None:
    assert removed(page(row, TITLE_ES, BODY_ES)) == [row]


def test_a_section_on_other_languages_stays() -> None:
    text = page(
        "La escuela del pueblo",
        "La escuela del pueblo enseña a leer y a escribir a los niños de toda la comarca desde"
        " hace un siglo.",
        "Otros idiomas",
        "Los alumnos pueden estudiar también francés y portugués, dos tardes por semana, sin pagar nada.",
    )
    assert removed(text) == []
    assert "## Otros idiomas" in article(text).text


# --- tables of contents


def test_a_table_of_contents_goes_with_the_entries_that_come_again_below() -> None:
    parts = BODY_ET.split("\n\n")
    text = page(
        TITLE_ET,
        "Sisukord",
        "1. Juuretis\n2. Küpsetamine",
        parts[0],
        "Juuretis",
        parts[3],
        "Küpsetamine",
        parts[1],
    )
    assert removed(text) == ["Sisukord\n\n1. Juuretis\n2. Küpsetamine"]
    assert [b.kind for b in article(text).blocks].count("heading") == 2


def test_an_article_that_mentions_a_table_of_contents_stays() -> None:
    text = page(
        "Comment présenter un mémoire",
        "Le mémoire commence par une page de titre, suivie d'un résumé et d'une table des matières"
        " détaillée.",
        "Table des matières",
        "La table des matières donne la liste des chapitres, avec le numéro de page où chacun"
        " d'eux commence.",
        "Elle se place au début du volume en France, mais on la trouve à la fin dans beaucoup de"
        " livres anciens.",
    )
    assert removed(text) == []


# --- author placeholders


@pytest.mark.parametrize(
    "name", ["Anonyymi kirjoittaja", "Tuntematon kirjoittaja", "admin", "佚名", "Άγνωστος συγγραφέας"]
)
def test_a_placeholder_for_an_author_goes(name: str) -> None:
    expected = [] if name == "Anonyymi kirjoittaja" else [name]  # not a phrase that systems print: it stays
    assert removed(page(TITLE_ES, name, BODY_ES)) == expected


def test_a_real_author_stays() -> None:
    assert removed(page(TITLE_ES, "Carmen Ruiz", BODY_ES)) == []


def test_an_article_about_anonymity_keeps_its_words() -> None:
    text = page(
        "Wie ein Spender ungenannt blieb",
        "Anonym",
        "Der Spender wollte anonym bleiben, also schrieb die Zeitung nur, dass jemand viel Geld"
        " gegeben hatte.",
        "Erst Jahre später erzählte seine Tochter, wer er gewesen war und warum er anonym hatte"
        " geben wollen.",
    )
    assert removed(text) == []


# --- template residue


@pytest.mark.parametrize(
    "residue",
    [
        "$settings[page.footer] not found",
        "[object Object]",
        "Warning: Undefined variable $title in /srv/www/page.php on line 12",
        "{{ footer.links }}",
        "${copyright}",
        "[caption id=3]",
        "undefined",
    ],
)
def test_template_residue_at_the_edge_goes(residue: str) -> None:
    assert removed(page(TITLE_ES, BODY_ES, residue)) == [residue]


def test_each_piece_of_residue_is_a_span() -> None:
    text = page(TITLE_ES, BODY_ES, "$a[x] not found$b[y-z] not found")
    assert removed(text) == ["$a[x] not found", "$b[y-z] not found"]


def test_a_template_shown_in_an_article_stays() -> None:
    first, rest = BODY_ES.split("\n\n", 1)
    assert removed(page("Cómo escribir una plantilla", first, "{{ user.name }}", rest)) == []
    assert removed(page(TITLE_ES, first + " Verás $config[x] not found en la pantalla.", rest)) == []


# --- section labels


def test_a_section_label_above_the_title_goes() -> None:
    assert removed(page("Köögitarkus", TITLE_ET, BODY_ET)) == ["Köögitarkus"]
    assert article(page("Köögitarkus", TITLE_ET, BODY_ET)).title == TITLE_ET


def test_a_one_word_title_stays() -> None:
    assert removed(page("Leib", BODY_ET)) == []
    assert article(page("Leib", BODY_ET)).title == "Leib"
    assert article(page("Leib", "Kuidas pagar selle valmistab", BODY_ET)).title == "Leib"


def test_a_one_word_heading_stays() -> None:
    first, rest = BODY_ES.split("\n\n", 1)
    made = article(page(TITLE_ES, first, "Conclusiones", rest))
    assert made.removed == ()
    assert "## Conclusiones" in made.text


# --- lists of links

LINKS = [
    "Nopein Tapa Oppia Kitaran Soitto",
    "Miksi Autosi Kuluttaa Liikaa Bensaa",
    "10 Vinkkiä Edulliseen Lomamatkaan",
    "Parhaat Kännykät Vuonna 2019",
    "Kuinka Hakea Asuntolainaa Netissä",
    "Testissä Uudet Juoksukengät",
    "Vakuutusten Vertailu Kannattaa Aina",
    "Näin Myyt Vanhan Tietokoneesi",
    "Kauneimmat Hiukset Talveksi",
]


def numbered(lines: list[str]) -> str:
    return "\n".join(f"  {i}. {line}" for i, line in enumerate(lines, 1))


def test_a_list_of_links_off_the_topic_goes_with_its_heading() -> None:
    text = page(TITLE_ET, BODY_ET, "Muuta", numbered(LINKS))
    (span,) = article(text).removed
    assert span.text.startswith("Muuta")
    assert span.text.endswith(LINKS[-1])


def test_under_related_articles_a_short_list_is_enough() -> None:
    text = page(TITLE_ET, BODY_ET, "Loe ka", "- Kuidas osta autot\n- Parimad telefonid")
    assert removed(text) == ["Loe ka\n\n- Kuidas osta autot\n- Parimad telefonid"]


STEPS = [
    "Elige una Maceta Grande",
    "Pon Grava en el Fondo",
    "Llena con Tierra que Drene",
    "Planta el Olivo en el Centro",
    "Riega una Vez por Semana",
    "Poda las Ramas Secas en Invierno",
    "Recoge las Aceitunas Verdes en Otoño",
    "Espera Unas Semanas y Recoge las Negras",
]


def test_numbered_steps_in_title_case_stay() -> None:
    made = article(page(TITLE_ES, BODY_ES, "En ocho pasos", numbered(STEPS)))
    assert made.removed == ()
    assert [b.number for b in made.blocks if b.kind == "item"] == list(range(1, 9))


def test_a_list_that_the_author_introduces_stays() -> None:
    assert removed(page(TITLE_ET, BODY_ET, "Soovitan lugeda neid:", numbered(LINKS))) == []


def test_a_list_in_the_middle_stays() -> None:
    first, rest = BODY_ET.split("\n\n", 1)
    assert removed(page(TITLE_ET, first, numbered(LINKS), rest)) == []


def test_a_list_that_is_most_of_the_page_stays() -> None:
    assert removed(page("Loetelu", BODY_ET.split("\n\n")[0], numbered(LINKS))) == []


# --- what an author writes


def test_a_short_line_in_capitals_inside_the_text_stays() -> None:
    first, rest = BODY_ES.split("\n\n", 1)
    assert removed(page(TITLE_ES, first, "CUIDADO CON LAS HELADAS", rest)) == []


def test_a_poem_stays_and_keeps_its_lines() -> None:
    poem = page(
        "Der Abend",
        "Der Abend wiegte schon die Erde,\nUnd an den Bergen hing die Nacht;\nSchon stand im"
        " Nebelkleid die Eiche",
        "Teilen\nSich Wolken, Wald und Wind,\nUnd leise weint ein Kind.",
    )
    made = article(poem)
    assert made.removed == ()
    assert made.title == "Der Abend"
    assert "Erde,\nUnd an" in made.text


def test_dialogue_stays() -> None:
    text = page(
        "Au marché",
        "La vieille dame s'arrêta devant les pommes et regarda longtemps le marchand sans rien dire.",
        "- Elles sont bonnes, vos pommes ?\n- Les meilleures du pays.\n- Alors j'en prends deux.",
        "Elle paya et repartit lentement vers sa maison, son panier au bras et le sourire aux lèvres.",
    )
    made = article(text)
    assert made.removed == ()
    assert all(b.kind == "paragraph" for b in made.blocks)
    assert "- Elles sont" in made.text


# --- hints


def test_a_line_that_recurs_on_the_site_goes() -> None:
    text = page("Panaderías del Norte", TITLE_ES, BODY_ES)
    made = article(text, Hints(repeated={"panaderías del norte"}))
    assert [span.text for span in made.removed] == ["Panaderías del Norte"]


def test_what_a_person_restored_stays() -> None:
    text = page("Köögitarkus", TITLE_ET, BODY_ET, "{{ footer }}")
    (label, _) = article(text).removed
    made = article(text, Hints(restored=((label.start, label.end),)))
    assert [span.text for span in made.removed] == ["{{ footer }}"]
    assert made.title == "Köögitarkus"


# --- menus, bylines, notices


@pytest.mark.parametrize(
    "line",
    [
        "Por Carmen Ruiz",
        "Escrito por Carmen Ruiz | 3 de mayo de 2020",
        "12.05.2019",
        "Publicado: 4 marzo 2021, 18:30",
        "2021年3月5日",
        "5 min de lectura",
        "Etiquetas: jardín, olivos",
        "Compartir en Facebook",
        "Inicio › Jardín › Árboles",
        "Inicio | Jardín | Contacto | Blog",
    ],
)
def test_what_surrounds_a_title_goes(line: str) -> None:
    assert removed(page(TITLE_ES, line, BODY_ES)) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Por la mañana",
        "De Sevilla a Granada",
        "3 de mayo",
        "1999",
        "Texto revisado",
        "Carmen Ruiz, jardinera",
    ],
)
def test_what_only_looks_like_it_stays(line: str) -> None:
    assert removed(page(TITLE_ES, line, BODY_ES)) == []


def test_dates_that_head_a_diarys_entries_stay() -> None:
    parts = BODY_ES.split("\n\n")
    dates = ["3 de enero de 1950", "9 de enero de 1950", "2 de febrero de 1950"]
    text = page(TITLE_ES, dates[0], parts[0], dates[1], parts[1], dates[2], parts[2], parts[3])
    assert removed(text) == []


@pytest.mark.parametrize(
    "line",
    [
        "Este sitio web utiliza cookies. Si continúa navegando, acepta su uso.",
        "We use cookies to give you the best experience on our website.",
        "© 2020 Huerta y Campo, S. L.",
        "Todos los derechos reservados",
        "Suscríbete a nuestro boletín y recibe un regalo",
        "Deja un comentario",
        "Artículo anterior",
        "Política de privacidad",
        "Tu dirección de correo electrónico no será publicada.",
    ],
)
def test_what_stands_below_an_article_goes(line: str) -> None:
    assert removed(page(TITLE_ES, BODY_ES, line)) == [line]


def test_a_link_to_another_article_goes_from_between_paragraphs() -> None:
    first, rest = BODY_ES.split("\n\n", 1)
    line = "Lee también: Los mejores seguros de coche"
    assert removed(page(TITLE_ES, first, line, rest)) == [line]


def test_a_menu_goes_and_the_title_below_it_stays() -> None:
    made = article(page("Inicio\nNosotros\nTienda\nContacto", "Olivos", BODY_ES))
    assert [span.text for span in made.removed] == ["Inicio", "Nosotros", "Tienda", "Contacto"]
    assert made.title == "Olivos"


# --- by meaning


def encode(texts: Sequence[str]) -> NDArray[np.float64]:
    """Two topics: what is of the garden, and what is not."""
    garden = ("oliv", "árbol", "riego", "poda", "raíces", "cosecha", "tierra", "seto", "abono", "injert")
    angles = [0.1 if any(word in text.lower() for word in garden) else 1.4 for text in texts]
    return np.array([[np.cos(angle), np.sin(angle)] for angle in angles])


def test_a_short_list_is_judged_by_its_meaning() -> None:
    links = page(TITLE_ES, BODY_ES, "Lo último", "- Móviles baratos\n- Hipotecas al día\n- Vuelos a Roma")
    tips = page(TITLE_ES, BODY_ES, "Lo último", "- Abono casero\n- Setos bajos\n- Injertos fáciles")
    assert removed(links) == []
    assert len(article(links, Hints(encode=encode)).removed) == 1
    assert article(tips, Hints(encode=encode)).removed == ()


def test_a_build_asks_for_the_meaning_only_where_it_is_needed(tmp_path: Path) -> None:
    asked: list[str] = []

    def noted(texts: Sequence[str]) -> NDArray[np.float64]:
        asked.extend(texts)
        return encode(texts)

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(page(TITLE_ET, BODY_ET))
    (tmp_path / "in" / "b.txt").write_text(
        page(TITLE_ES, BODY_ES, "Lo último", "- Móviles baratos\n- Hipotecas al día\n- Vuelos a Roma")
    )
    with Store.create(tmp_path / "kb.sqlite") as store:
        update(store, [tmp_path / "in"], 1, encode=noted)
        held = store.at(1).article_by_source("b.txt")
    assert held
    assert [span.text.splitlines()[0] for span in held.article.removed] == ["Lo último"]
    assert "Móviles baratos" in asked
    assert not any("Leib" in text for text in asked)


def test_a_list_judged_by_its_meaning_stays_out_whatever_else_is_done_to_its_article(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    top, body = "Vivero del Valle", BODY_ES.split("\n\n")
    for n in range(12):  # from some on, what recurs at the top is known when a page is read
        links = f"- Móviles baratos {n}\n- Hipotecas al día {n}\n- Vuelos a Roma {n}"
        own = page(f"{TITLE_ES} {n}", *(f"{part} Campaña {n}." for part in body), f"Lo último {n}", links)
        (folder / f"{n:02}.txt").write_text(f"{top}\n\n{own}", encoding="utf-8")

    def out(generation: int, source: str = "11.txt") -> list[str]:
        held = store.at(generation).article_by_source(source)
        assert held
        return [span.text.splitlines()[0] for span in held.article.removed]

    with Store.create(tmp_path / "kb.sqlite") as store:
        update(store, [folder], 1, encode=encode)
        assert out(1) == [top, "Lo último 11"]
        remove(store, [f"{n:02}.txt" for n in range(2, 11)], 2, encode=encode)
        assert out(2) == [top, "Lo último 11"]
        restore(store, "11.txt", 0, 3, encode=encode)
        assert out(3) == ["Lo último 11"]
        remove(store, ["00.txt"], 4, encode=encode)
        assert out(4, "01.txt") == ["Lo último 1"]
