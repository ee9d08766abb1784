"""Which of the encodings from before Unicode a text is in: the one in which it reads as some language does.

Each is tried. What the bytes become is judged by its letters: are they those of the language that the words
seem to be in, are the common ones common, do capitals stand where they belong? The best is taken if it reads
well, else none is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import regex

from kb.readers.settings import READERS
from kb.tables import rows
from kb.text.identify import identify
from kb.text.language_letters import IN_OLD_ENCODINGS

__all__ = [
    "ENCODINGS",
    "commonness",
    "likeliest",
    "misplaced",
    "reads_well",
]

# The likelier ones first: where two read as well as one another, the first is taken. Not here: encodings that
# hardly any file is in, which only invite wrong guesses (EBCDIC, those of single machines).
_IN_ORDER = """
    cp1252 cp1251 cp1250 shift_jis gb18030 big5 euc_kr euc_jp cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874
    koi8_r koi8_u iso8859_2 iso8859_5 iso8859_7 iso8859_15 iso8859_6 iso8859_8 iso8859_13 iso8859_4 iso8859_16
    cp866 cp1125 cp852 cp850 cp855 cp857 cp737 cp862 cp775 mac_roman mac_cyrillic mac_latin2
    cp932 cp949 big5hkscs johab
"""
ENCODINGS = tuple(_IN_ORDER.split())

_AGREEING = ("cp1252", "cp1250", "cp1257")
# How each language's commoner characters are told from the rare ones that wrong bytes become: the rows of its
# standard that hold them.
_COMMON_ROWS = {
    "zh": (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)),
    "yue": (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)),
    "ja": (("euc_jp", 0xA4, 0xCF),),
    "ko": (("euc_kr", 0xB0, 0xC8),),
}


_MARKS_OF_ANY = frozenset(
    "–—‘’“”„«»‚…•§°€£№¿¡·´×©®™²³½"
    "\u00a0\u00ad\u200c\u200d\u200e\u200f،؛؟٪。、「」『』（），．！？：；・ー々《》〈〉〜～　"
)
_ASCII_LINE = rb"(?<![^\r\n])[^\r\n\x80-\xff]+(?![^\r\n])"
_ASCII_WORD = regex.compile(r"(?<!\p{L})[A-Za-z]+(?!\p{L})")
_LATIN = regex.compile(r"\p{Latin}")
_CAPITAL_INSIDE = regex.compile(r"(?<=\p{Ll})\p{Lu}|ς(?=\p{L})")  # this sigma ends words
_SMALL_BEGINS = regex.compile(r"(?<![\p{L}\p{M}])\p{Ll}\p{Lu}{2,}(?![\p{L}\p{M}])")
_SPACE_IN_WORD = regex.compile(r"(?<=\p{L})\u00a0(?=\p{L})")
_IN_WORD = regex.compile(r"(?<=\p{L})[\p{S}\p{No}„“”«»¿¡‚…•§°€£\u00ad](?=\p{L})")
_HEBREW_FINALS = "םןץףך"
_FINAL_FIRST = regex.compile(rf"(?<!\p{{L}})[{_HEBREW_FINALS}](?=\p{{L}})")
_FINAL_LAST = regex.compile(rf"(?<=\p{{L}})[{_HEBREW_FINALS}](?!\p{{L}})")


def likeliest(data: bytes, encodings: Iterable[str] = ENCODINGS) -> tuple[str, str] | None:
    """(text, encoding) of bytes that are no Unicode, in the encoding in which they read best, or None."""
    own, sample = _samples(data)
    ranked: list[tuple[float, int, str, str]] = []
    for place, encoding in enumerate(encodings):
        text = sample.decode(encoding, "replace")
        ranked.append((_shape(text) - place * 1e-3, -place, encoding, text))
    best, best_fit, backwards = None, READERS.old_floor, 0.0
    for shape, _, encoding, text in sorted(ranked, reverse=True)[: READERS.old_tried]:
        if shape < best_fit - 0.1:
            break
        # The other lines may tell the language, or be in another one.
        fit = max(_fit(text), _fit(own.decode(encoding, "replace")), key=abs)
        backwards = max(backwards, -fit)
        if fit > best_fit + (READERS.old_better if best else 0.0):
            whole = _whole(data, encoding)
            if whole is not None:
                best, best_fit = (whole, encoding), fit
    if backwards >= best_fit:
        return None
    return best or _short(data)


def _short(data: bytes) -> tuple[str, str] | None:
    """What is too short for its language to be told, if Windows' encodings agree on what its letters are."""
    if len(data) > READERS.old_short:
        return None
    readings = {data.decode(encoding, "replace") for encoding in _AGREEING}
    text = readings.pop()
    letters = [char for char in text if char.isalpha()]
    beyond = [char for char in text if not char.isascii()]
    plain = all(char.islower() or char in _MARKS_OF_ANY for char in beyond) and not misplaced(text)
    if readings or not plain or 3 * sum(not char.isascii() for char in letters) > len(letters):
        return None
    return text, _AGREEING[0]


def reads_well(text: str) -> float:
    """0–1: how well a text's letters beyond ASCII suit the language that it seems to be in."""
    foreign = "\n".join(line for line in text[: 4 * READERS.old_judged].splitlines() if not line.isascii())
    return _fit(foreign) if foreign else 1.0


def _samples(data: bytes) -> tuple[bytes, bytes]:
    """The first lines that are not all ASCII, as many as are judged; and with others, where these are few."""
    own = _lines(data, rb"[^\r\n]*[\x80-\xff][^\r\n]*", READERS.old_sample)
    context = (
        _lines(data, _ASCII_LINE, READERS.old_context - len(own)) if len(own) < READERS.old_context else b""
    )
    return own, b"\n".join(part for part in (own, context) if part)


def _lines(data: bytes, pattern: bytes | re.Pattern[bytes], enough: int) -> bytes:
    lines: list[bytes] = []
    size = 0
    for match in re.finditer(pattern, data):
        if size >= enough:
            break
        lines.append(match[0][: enough - size])
        size += len(lines[-1])
    return b"\n".join(lines)


def _whole(data: bytes, encoding: str) -> str | None:
    """All of it, with a very few unreadable bytes as U+FFFD."""
    text = data.decode(encoding, "replace")
    return text if text.count("\ufffd") <= READERS.old_lost * len(text) else None


def _shape(text: str) -> float:
    """0–1: how much of what is beyond ASCII stands where text has it, whatever the language."""
    beyond = [char for char in text if ord(char) > 127]
    if not beyond:
        return 0.0
    letters = sum(_is_letter(char) or char in _MARKS_OF_ANY for char in beyond)
    return max(0.0, (letters - 2 * misplaced(text)) / len(beyond))


def misplaced(text: str) -> float:
    """Capitals inside words, and signs and control characters between letters."""
    found = sum(len(pattern.findall(text)) for pattern in (_CAPITAL_INSIDE, _SMALL_BEGINS, _IN_WORD))
    found += sum("\x7f" <= char <= "\x9f" or char == "\ufffd" for char in text)
    return found + 0.5 * len(_SPACE_IN_WORD.findall(text))  # which Czech and Polish typesetters put there


def _is_letter(char: str) -> bool:
    # Half-width katakana and presentation forms are letters that hardly anybody writes.
    return (char.isalpha() or regex.match(r"\p{M}", char) is not None) and not "\uf900" <= char <= "\uffdf"


def _fit(text: str) -> float:
    """0–1; below 0 for what reads so well backwards, and must not be taken for anything else either."""
    text = text[: READERS.old_judged]
    beyond = [char for char in text if ord(char) > 127]
    if not beyond:
        return 1.0
    letters = [char.lower() for char in beyond if char not in _MARKS_OF_ANY]
    guess = identify(_own_words(text, letters))
    marks = len(beyond) - len(letters)
    rows = _COMMON_ROWS.get(guess.language)
    if rows:
        known = (
            sum(commonness(char, guess.language) for char in letters)
            if 2 * len(letters) >= READERS.old_few
            else 0
        )
    else:
        alphabet = IN_OLD_ENCODINGS.get(guess.language)
        if alphabet is None:  # no encoding but Unicode has this language, or none is seen
            return READERS.old_untold * _suits_some_alphabet(letters) * _shape(text)
        known = sum(char in alphabet for char in letters)
        if not _is_latin(alphabet) and len(letters) < READERS.old_few:
            return 0.0
    share = (known + 0.9 * marks - 2 * misplaced(text)) / len(beyond)
    fit = max(0.0, guess.probability * share * (1.0 if rows else _usual(letters, guess.language)))
    return -fit if _is_hebrew_backwards(text) else fit


def _own_words(text: str, letters: list[str]) -> str:
    """A text without the words in ASCII, if its other letters are of another script: they may be markup."""
    latin = sum(_LATIN.match(char) is not None for char in letters)
    return text if 2 * latin >= len(letters) else _ASCII_WORD.sub(" ", text)


def _suits_some_alphabet(letters: list[str]) -> bool:
    """Does one language in Latin letters have all of these, of which there are several?"""
    different = set(letters)
    latin = (alphabet.keys() for alphabet in IN_OLD_ENCODINGS.values() if _is_latin(alphabet))
    return len(different) >= 3 and any(different <= letters for letters in latin)


def _usual(letters: list[str], language: str) -> float:
    """0–1: are the letters common ones, as far as their order in the table says so?"""
    alphabet = IN_OLD_ENCODINGS[language]
    if _is_latin(alphabet):
        return 1.0
    ranks = [alphabet[char] for char in letters if char in alphabet]
    mean = sum(ranks) / (len(ranks) or 1) / len(alphabet)
    return min(1.0, max(0.0, 1.0 - 6 * (mean - 0.3)))


def _is_latin(alphabet: dict[str, int]) -> bool:
    return min(alphabet) < "\u0370"


def commonness(char: str, language: str) -> float:
    """0–1: how usual a character is in a language that has old encodings.

    Of Chinese, Japanese and Korean the rows of a standard alone do not tell: Korean read as Chinese falls
    into the rows of the common ones.
    """
    letters = IN_OLD_ENCODINGS.get(language)
    if letters is not None:
        return 1.0 - 0.5 * letters[char] / len(letters) if char in letters else 0.0
    if char in _common_characters()[language]:
        return 1.0
    return 0.6 if _is_common(char, language) else 0.2 if _is_letter(char) else 0.0


def _is_common(char: str, language: str) -> bool:
    """Is it in the rows of the commoner characters of Chinese, Japanese or Korean?"""
    for encoding, first, last in _COMMON_ROWS[language]:
        try:
            spelled = char.encode(encoding)
        except UnicodeEncodeError:
            continue
        if len(spelled) == 2 and first <= spelled[0] <= last:
            return True
    return False


def _is_hebrew_backwards(text: str) -> bool:
    """Lines stored from left to right, as terminals showed them: the letters of word ends begin words."""
    first, last = len(_FINAL_FIRST.findall(text)), len(_FINAL_LAST.findall(text))
    return first > last


@lru_cache(maxsize=1)
def _common_characters() -> dict[str, frozenset[str]]:
    """The commonest characters of Chinese, Japanese and Korean, of ``data/common_characters.tsv``."""
    found = {code: frozenset(common) for code, common in rows("common_characters", 2)}
    return {**found, "yue": found["zh"]}
