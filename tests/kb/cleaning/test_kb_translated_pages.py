"""What the translations of one page have in common, commands above all, is text on each of them."""

# ruff: noqa: E501  (what is read and what it becomes stand side by side)
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kb.build import update
from kb.models import Article
from kb.store.store import Store

COMMANDS = [
    "git clone --recurse-submodules https://git.example/korn/korn-cli.git && cd korn-cli",
    "python -m pip install --upgrade --user korn-cli",
    "korn --config ~/.config/korn/settings.toml weigh --unit kg sack-12",
    "docker run --rm -v $PWD:/data registry.example/korn:2 report",
]
ADDRESS = "https://korn.example/handbook/2.4/appendix-c/list-of-all-supported-scales.html"
# Title, what it is, "install", "use", "more".
WORDS = {
    "en": ("The grain scale", "This program reads the scale in the barn and writes every sack into the book of the village.", "Install it", "Weigh a sack", "All the scales it knows are listed here"),
    "de": ("Die Kornwaage", "Dieses Programm liest die Waage in der Scheune ab und schreibt jeden Sack in das Buch des Dorfes.", "So wird es eingerichtet", "Einen Sack wiegen", "Alle Waagen, die es kennt, stehen hier"),
    "fr": ("La balance à grain", "Ce programme lit la balance de la grange et inscrit chaque sac dans le livre du village.", "L'installer", "Peser un sac", "Toutes les balances connues sont ici"),
    "es": ("La báscula de grano", "Este programa lee la báscula del granero y apunta cada saco en el libro del pueblo.", "Instalarlo", "Pesar un saco", "Todas las básculas conocidas están aquí"),
    "it": ("La bilancia del grano", "Questo programma legge la bilancia del fienile e scrive ogni sacco nel libro del paese.", "Come si installa", "Pesare un sacco", "Tutte le bilance conosciute sono qui"),
    "pl": ("Waga do zboża", "Ten program odczytuje wagę w stodole i zapisuje każdy worek w księdze wioski.", "Jak zainstalować", "Ważenie worka", "Wszystkie znane wagi są tutaj"),
    "cs": ("Váha na obilí", "Tento program čte váhu ve stodole a zapisuje každý pytel do knihy vesnice.", "Jak ho nainstalovat", "Zvážení pytle", "Všechny známé váhy jsou zde"),
    "ru": ("Зерновые весы", "Эта программа считывает весы в амбаре и записывает каждый мешок в книгу деревни.", "Как установить", "Взвесить мешок", "Все известные весы перечислены здесь"),
    "tr": ("Tahıl terazisi", "Bu program ahırdaki teraziyi okur ve her çuvalı köyün defterine yazar.", "Nasıl kurulur", "Bir çuval tartmak", "Bildiği bütün teraziler burada"),
    "ja": ("穀物のはかり", "このプログラムは納屋のはかりを読み取り、袋を一つずつ村の帳面に書き込みます。", "インストール", "袋を量る", "対応しているはかりの一覧はこちら"),
    "zh": ("粮食秤", "这个程序读取谷仓里的秤，把每一袋粮食都记在村里的账本上。", "如何安装", "称一袋粮食", "支持的所有秤都列在这里"),
    "el": ("Η ζυγαριά των σιτηρών", "Αυτό το πρόγραμμα διαβάζει τη ζυγαριά στον αχυρώνα και γράφει κάθε σακί στο βιβλίο του χωριού.", "Εγκατάσταση", "Ζύγισμα ενός σακιού", "Όλες οι ζυγαριές που γνωρίζει βρίσκονται εδώ"),
}  # fmt: skip


def fenced(commands: list[str]) -> str:
    return "```sh\n" + "\n".join(commands) + "\n```"


def indented(commands: list[str]) -> str:
    return "\n".join(f"    {command}" for command in commands)


def inline(commands: list[str]) -> str:
    return "\n\n".join(f"`{command}`" for command in commands)


def plain(commands: list[str]) -> str:
    return "\n\n".join(commands)


def readme(language: str, shape: Callable[[list[str]], str], suffix: str) -> str:
    title, about, install, use, more = WORDS[language]
    mark, sub = ("# ", "## ") if suffix == "md" else ("", "")
    return (
        f"{mark}{title}\n\n{about} {about}\n\n{sub}{install}\n\n{shape(COMMANDS[:2])}\n\n"
        f"{sub}{use}\n\n{about}\n\n{shape(COMMANDS[2:])}\n\n{more}:\n\n{ADDRESS}\n"
    )


def articles(tmp_path: Path) -> list[Article]:
    with Store.create(tmp_path / "kb.sqlite") as store:
        update(store, [tmp_path / "in"], 1)
        return [stored.article for stored in store.at(1).articles()]


@pytest.mark.parametrize("suffix", ["md", "txt"])
@pytest.mark.parametrize("shape", [fenced, indented, inline, plain], ids=lambda shape: shape.__name__)
def test_commands_that_twelve_readmes_share_stay(
    tmp_path: Path, shape: Callable[[list[str]], str], suffix: str
) -> None:
    (tmp_path / "in").mkdir()
    for language in WORDS:
        name = f"GUIDE.{language}.{suffix}"
        (tmp_path / "in" / name).write_text(readme(language, shape, suffix), encoding="utf-8")
    found = articles(tmp_path)
    assert len(found) == len(WORDS)
    for made in found:
        assert made.removed == ()
        for line in [*COMMANDS, ADDRESS]:
            assert line in made.text, (made.source, line)


def test_three_translations_share_their_first_and_last_lines(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for language in ("en", "pl", "ja"):
        about = WORDS[language][1]
        text = f"Korn 2.4\n\n{WORDS[language][0]}\n\n{about} {about}\n\nKorn Weighing Society, Lower Barn Road 12\n"
        (tmp_path / "in" / f"{language}.txt").write_text(text, encoding="utf-8")
    assert all(made.removed == () for made in articles(tmp_path))


TOPICS = ["barn", "mill", "weir", "oven", "bridge", "orchard"]
ABOUT = {
    "en": "On the {0} of our village the old people know many stories, and the children write all of them down.",
    "de": "Über {0} wissen die alten Leute in unserem Dorf viele Geschichten, und die Kinder schreiben sie alle auf.",
    "pl": "O {0} starzy ludzie w naszej wsi znają wiele opowieści, a dzieci wszystkie je teraz zapisują.",
}
FOOT = {
    "en": "Published by the village school",
    "de": "Herausgegeben von der Dorfschule",
    "pl": "Wydaje szkoła wiejska",
}


def test_what_recurs_within_each_language_of_a_site_still_goes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for language, about in ABOUT.items():
        for topic in TOPICS:
            own = about.format(topic.upper())
            text = (
                f"{topic.upper()} ({language})\n\n{own} {own}\n\n{COMMANDS[1]}\n\n{own}\n\n{FOOT[language]}\n"
            )
            (tmp_path / "in" / f"{topic}-{language}.txt").write_text(text, encoding="utf-8")
    found = articles(tmp_path)
    assert len(found) == len(TOPICS) * len(ABOUT)
    for made in found:
        assert [span.text for span in made.removed] == [FOOT[made.source[-6:-4]]]
        assert COMMANDS[1] in made.text
