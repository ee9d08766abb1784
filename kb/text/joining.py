"""Two printed lines of one paragraph, put together as their script wants it.

A space goes between them where the script has spaces. A hyphen at the end of the first is one of three: it
broke a word and goes ("spring-", "time"), it belongs to the word and stays ("long-", "term"), or it stands
for a part that follows and keeps its space ("Haupt-", "und Nebenkanal"). What tells them apart is asked in
this order: the signs around, the rest of the text, the language's rows in :mod:`kb.text.hyphen_rules`, and
for the few languages where a compound may well have a hyphen, a dictionary.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import regex

from kb.text.hyphen_rules import CLITICS, CONJUNCTIONS, DICTIONARIES, KEPT_FIRST_PARTS
from kb.text.identify import identify
from kb.text.settings import TEXT

__all__ = ["HYPHENS", "Known", "breaks_word", "is_dense", "join", "join_all"]

HYPHENS = "-\u2010\u00ad"
"""What breaks a word at a line's end: the typewriter's hyphen, the printer's, and the soft one."""


# Scripts without spaces. Their marks are full-width and bring their own room along.
_DENSE = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}ー々〆〇]"
)
_IDEOGRAPH = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}ー々〆〇]")
_FULL_WIDTH_MARK = regex.compile(
    r"[\u3001-\u3004\u3008-\u3020\u3030\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]"
)
_ALPHABETIC = regex.compile(r"[\p{Latin}\p{Greek}\p{Cyrillic}\d()]")
_HANGUL = regex.compile(r"\p{Hangul}")
_EITHER = "“”‘’…—·《》〈〉"  # marks that Chinese shares with scripts that have spaces
_LATIN_BESIDE = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}](?P<gap> ?)[\p{Latin}\d]"
    r"|[\p{Latin}\d](?P<gap> ?)[\p{Han}\p{Hiragana}\p{Katakana}]"
)

_BROKEN = regex.compile(rf"(?P<token>\S*?(?P<part>[\p{{L}}\p{{M}}\p{{N}}'’·]+))(?P<hyphen>[{HYPHENS}])\Z")
_FIRST_WORD = regex.compile(r"[\p{L}\p{M}\p{N}'’·]+")
_CODE = regex.compile(r"://|^www\.|[/\\_@=#`<>{}]|^-|\p{L}\.\p{L}")
_CODE_AHEAD = regex.compile(r"[\p{L}\p{N}-]*(?:[/\\_@=#`<>{}]|\.\p{L}|\()")
_MAQAF = "\u05be"
_ARMENIAN_HYPHEN = "\u058a"
_ATTACHED_DASH = regex.compile(r"(?<=[\p{L}\p{M}\p{N}])[—–]\Z")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:[-\u2010'’·][\p{L}\p{M}\p{N}]+)*")
_LONE_MARK = regex.compile(r"[\p{L}\p{N}]")
_SCRIPT_HYPHENATES = regex.compile(r"[\p{Georgian}\p{Tamil}\p{Malayalam}\p{Kannada}\p{Telugu}]")


class Known:
    """What may be asked of the text that the lines are from: its words, and its language.

    Nothing is looked up before the first hyphen at a line's end.
    """

    def __init__(self, text: str = "", language: str | None = None) -> None:
        self._text = text
        self._language = language

    @cached_property
    def language(self) -> str:
        return self._language or identify(self._text[: TEXT.language_sample]).language

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word.replace("\u2010", "-").casefold() for word in _WORD.findall(self._text))


_NOTHING = Known(language="und")


def join(before: str, after: str, known: Known = _NOTHING) -> str:
    """The two lines as one. Neither may be empty."""
    broken = _BROKEN.search(before[-200:]) if before[-1] in HYPHENS else None
    if broken:
        return _over_hyphen(before, after, broken, known)
    if before[-1] in (_MAQAF, _ARMENIAN_HYPHEN):
        return (before if before[-1] == _MAQAF else before[:-1]) + after
    if _ATTACHED_DASH.search(before) and _LONE_MARK.match(after):
        return before + after
    if is_dense(before, after) or _is_lone_mark(after):
        return before + after
    return f"{before} {after}"


def join_all(rows: Sequence[str], known: Known = _NOTHING) -> str:
    """Lines of one paragraph as one, in time that grows with the text, however many there are. None may be
    empty; there is one at least."""
    while len(rows) > 1:
        pairs = [join(rows[i], rows[i + 1], known) for i in range(0, len(rows) - 1, 2)]
        rows = [*pairs, *rows[len(rows) - len(rows) % 2 :]]
    return rows[0]


def is_dense(before: str, after: str) -> bool:
    """Is there no space between the end of one line and the beginning of the next?"""
    left, right = before[-1], after[0]
    if _FULL_WIDTH_MARK.match(left) or _FULL_WIDTH_MARK.match(right):
        return not (_HANGUL.match(left) or _HANGUL.match(right))
    # A quotation mark that any script may have goes by what is beside it.
    left = next((char for char in reversed(before[-8:]) if char not in _EITHER), left)
    right = next((char for char in after[:8] if char not in _EITHER), right)
    if _FULL_WIDTH_MARK.match(left) or _FULL_WIDTH_MARK.match(right):
        return not (_HANGUL.match(left) or _HANGUL.match(right))
    if _DENSE.match(left) and _DENSE.match(right):
        return True
    if _IDEOGRAPH.match(left) or _IDEOGRAPH.match(right):
        other = right if _IDEOGRAPH.match(left) else left
        return bool(regex.match(r"[\p{Latin}\p{Greek}\p{Cyrillic}\d(]|\)", other)) and not _spaced(
            before, after
        )
    return False


def _spaced(before: str, after: str) -> bool:
    """Does the writer put a space between ideographs and Latin letters?"""
    gaps = [bool(match["gap"]) for line in (before, after) for match in _LATIN_BESIDE.finditer(line[-500:])]
    return sum(gaps) * 2 > len(gaps)


def _is_lone_mark(after: str) -> bool:
    """A full stop left alone on its line."""
    return len(after) <= 3 and not _LONE_MARK.search(after) and not regex.match(r"[\p{Pd}*]", after)


def breaks_word(above: str, row: str) -> bool:
    """Does a line end in a hyphen that a word goes on after?"""
    return (
        above[-1] in HYPHENS
        and bool(_BROKEN.search(above[-200:]))
        and row[0].isalpha()
        and not row[0].isupper()
    )


def _over_hyphen(before: str, after: str, broken: regex.Match[str], known: Known) -> str:
    first = _FIRST_WORD.match(after)
    if broken["hyphen"] == "\u00ad":  # a soft hyphen says what it is
        return before[:-1] + after if first else before + after
    if not first:  # "(", a quotation mark, or the comma of "Haupt-, Neben- und"
        return before + after if regex.match(r"[\p{Po}\p{Pe}\p{Pf}]", after) else f"{before} {after}"
    if _is_suspended(broken["part"], first[0], known):
        return f"{before} {after}"
    token = broken["token"]
    code = _CODE.search(token) or _CODE_AHEAD.match(after)  # an address, a path, an option's name
    is_one_word = not code and _is_one_word(token, broken["part"], first[0], known)
    return (before[:-1] if is_one_word else before) + after


def _is_suspended(part: str, word: str, known: Known) -> bool:
    """ "Haupt-" before "und Nebenkanal": the hyphen stands for what both have."""
    if word not in CONJUNCTIONS.get(known.language, frozenset()):
        return known.language == "und" and word in _ANY_CONJUNCTION and len(part) > 2
    return (part + word).casefold() not in known.words


_ANY_CONJUNCTION = frozenset({"und", "oder", "och", "eller", "og", "ja", "tai", "sekä", "and", "or"})


def _is_one_word(token: str, part: str, word: str, known: Known) -> bool:
    """Is a word broken here, that is written without the hyphen?"""
    if part[-1].isdigit() or word[0].isdigit():
        return False
    if word[0].isupper():
        return _is_shouted(part, word, known)
    if not word[0].islower() and not _SCRIPT_HYPHENATES.match(word):
        return False  # scripts without small letters: the hyphen is the writer's own
    language = known.language
    first, second = part.casefold(), word.casefold()
    whole = token.casefold().replace("\u2010", "-").lstrip("([{«»„“”\"'‘’¿¡")
    if f"{whole}-{second}" in known.words or f"{first}-{second}" in known.words:
        return False
    if first + second in known.words:
        return True
    clitics, kept = CLITICS.get(language, frozenset()), KEPT_FIRST_PARTS.get(language, frozenset())
    if second in clitics or first in kept or first == second:
        return False
    return language not in DICTIONARIES or _by_dictionary(first, second, language, hyphened="-" in whole)


def _is_shouted(part: str, word: str, known: Known) -> bool:
    """A word in capitals, broken: only where the text has it whole."""
    return part.isupper() and word.isupper() and (part + word).casefold() in known.words


def _by_dictionary(first: str, second: str, language: str, *, hyphened: bool) -> bool:
    from simplemma import is_known  # a second for the dictionary, for those whose lines end in hyphens

    code = DICTIONARIES[language]
    if is_known(f"{first}-{second}", code):
        return False
    if is_known(first + second, code):
        return True
    halves = min(len(first), len(second)) >= TEXT.half and is_known(first, code) and is_known(second, code)
    return not halves and not hyphened
