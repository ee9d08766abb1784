"""Which language a text is in (py3langid), honest about texts too short to tell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import regex

from kb.language_model import identifier
from kb.language_rules import close_to
from kb.languages import LANGUAGES, UNDETERMINED

__all__ = ["MINIMUM_LETTERS", "Guess", "identify", "identify_passage"]

MINIMUM_LETTERS = 20
"""Below this many letters no guess is made (unless the script alone tells)."""

_MINIMUM_PROBABILITY = 0.5
# Characters looked at: more of them do not change the answer, only the time. A long text is looked at in
# several places, for its beginning may be a menu in another language.
_SLICES, _SLICE = 3, 400
_GLANCE = 200  # characters: enough to see that a passage is in its article's language, as nearly all are

# How sure one has to be before a passage is said to be in another language than its article, and over how
# many letters: residue and names in a foreign language must not flip a short passage.
_PASSAGE_LETTERS, _PASSAGE_PROBABILITY = 60, 0.9
_CLOSE_LETTERS, _CLOSE_PROBABILITY = 300, 0.99

_NO_LETTERS = r"[\p{P}\p{S}\p{N}]+"
_NOT_TEXT = regex.compile(rf"https?://\S+|www\.\S+|\S+@\S+|{_NO_LETTERS}")
_NOT_LETTERS = regex.compile(_NO_LETTERS)
_OF_ADDRESSES = ("://", "www.", "@")  # a text without any of these has no address

# Scripts that only one language of the table writes: a few letters of these are enough. Those of Chinese and
# Japanese are several scripts together; they are told apart below.
_COMPOSITE = {"Hans", "Hant", "Jpan", "Zyyy"}
_WRITERS = Counter(row.script for row in LANGUAGES.values() if row.script not in _COMPOSITE)
_OWN_SCRIPT = tuple(
    (regex.compile(rf"\p{{Script={row.script}}}"), row.code)
    for row in LANGUAGES.values()
    if _WRITERS[row.script] == 1
)
_ANY_OWN_SCRIPT = regex.compile("|".join(pattern.pattern for pattern, _ in _OWN_SCRIPT))
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_HAN = regex.compile(r"\p{Han}")
_LAST_LATIN = "\u024f"


@dataclass(frozen=True, slots=True)
class Guess:
    """A language code (``und`` when unsure) and its probability, 0–1."""

    language: str
    probability: float


def _rank(text: str) -> dict[str, float]:
    """Probability per language of the table, best first."""
    model, codes = identifier()
    ranked: dict[str, float] = {}
    for label, probability in model.rank(text):
        code = codes[label]
        ranked[code] = ranked.get(code, 0.0) + float(probability)
    return ranked


def _by_script(text: str, letters: int) -> str | None:
    if not letters or max(text) <= _LAST_LATIN:
        return None
    if len(_KANA.findall(text)) / letters > 0.1:
        return "ja"
    if len(_ANY_OWN_SCRIPT.findall(text)) / letters > 0.6:
        for pattern, code in _OWN_SCRIPT:
            if len(pattern.findall(text)) / letters > 0.6:
                return code
    return None


def _sample(text: str) -> str:
    """A text's letters and spaces, or those of a few slices spread over it, cut between words."""
    if len(text) > _SLICES * _SLICE:
        step = (len(text) - _SLICE) / (_SLICES - 1)
        starts = [round(i * step) for i in range(_SLICES)]
        text = " ".join(_whole_words(text[start : start + _SLICE]) for start in starts)
    return (_NOT_TEXT if any(one in text for one in _OF_ADDRESSES) else _NOT_LETTERS).sub(" ", text)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _whole_words(piece: str) -> str:
    first, last = piece.find(" "), piece.rfind(" ")
    return piece[first:last] if 0 <= first < 40 and last > first + 100 else piece


def identify(text: str) -> Guess:
    """The language of a text of a sentence or more; ``und`` when it is too short or the model is unsure."""
    sample = _sample(text)
    letters = _letters(sample)
    by_script = _by_script(sample, letters) if letters >= 3 else None
    if by_script:
        return Guess(by_script, 1.0)
    if letters < MINIMUM_LETTERS and not (letters >= 6 and _is_ideographic(sample)):
        return Guess(UNDETERMINED, 0.0)
    ranked = _rank(sample)
    language = max(ranked, key=lambda code: ranked[code])
    probability = min(1.0, ranked[language])
    return Guess(language if probability >= _MINIMUM_PROBABILITY else UNDETERMINED, probability)


def identify_passage(text: str, article_language: str) -> str:
    """The passage's own language where the text is long and clear enough, else its article's."""
    if article_language == UNDETERMINED:
        return identify(text).language
    if len(text) > 2 * _GLANCE:
        at = (len(text) - _GLANCE) // 2
        if identify(_whole_words(text[at : at + _GLANCE])).language == article_language:
            return article_language
    letters = _letters(text)
    if letters < _PASSAGE_LETTERS and not _is_ideographic(text):
        return article_language
    guess = identify(text)
    if guess.language in (UNDETERMINED, article_language):
        return article_language
    close = guess.language in close_to(article_language)
    enough, sure = (_CLOSE_LETTERS, _CLOSE_PROBABILITY) if close else (_PASSAGE_LETTERS, _PASSAGE_PROBABILITY)
    if letters < enough and not _is_ideographic(text):
        return article_language
    return guess.language if guess.probability >= sure else article_language


def _is_ideographic(text: str) -> bool:
    """Mostly Han characters: each carries a word's worth of evidence."""
    letters = _letters(text)
    return letters >= 6 and len(_HAN.findall(text)) / letters > 0.5
