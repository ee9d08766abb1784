"""Which language a text is in, honest about texts too short to tell.

First the script, which often tells already; then py3langid's model, among the languages of that script;
then the small words and the letters of each language (:mod:`kb.text.language_words`,
:mod:`kb.text.language_letters`), which tell near languages apart where the text is short.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import regex

from kb.language_rules import SEEN_AS, close_to, same_for_passages
from kb.languages import LANGUAGES, UNDETERMINED
from kb.text.language_letters import ALPHABETS
from kb.text.language_model import identifier
from kb.text.language_words import WORDS

__all__ = ["Guess", "identify", "identify_passage"]


@dataclass(frozen=True, slots=True)
class _Sure:
    """How sure a guess has to be, from 0 to 1, and over how many letters."""

    letters: int
    probability: float


@dataclass(frozen=True, slots=True)
class _Telling:
    """By what a language is told. Measured on sentences of forty languages."""

    fewest: int = 10  # letters: below, no guess is made, unless the script alone tells
    enough: float = 0.5  # the probability from which a guess is believed
    short: _Sure = _Sure(20, 0.75)  # and that for a text of fewer letters than these
    among_close: float = 0.4  # enough where what is left is mostly near relatives

    # Characters looked at: more of them do not change the answer, only the time. A long text is looked at in
    # several places, for its beginning may be a menu in another language.
    slices: int = 3
    slice_length: int = 400
    glance: int = 200  # enough to see that a passage is in its article's language, as nearly all are

    # Before a passage is said to be in another language than its article: residue and names in a foreign
    # language must not flip a short one.
    passage: _Sure = _Sure(60, 0.9)
    close_passage: _Sure = _Sure(300, 0.99)
    ideograph: float = 2.5  # letters that one counts for: it carries about as much as a syllable or two

    # What a usual word says for the languages that have it, and a letter against those that have it not, in
    # nats of the model's score before it is normalised.
    word: float = 8.0
    letter: float = 8.0
    sure: float = 0.98  # the model's probability from which they are not looked at

    # Latin words in a text of another script are its text from the first share on (names and acronyms not
    # counted), and words in another script are quotes in a Latin text up to the second.
    latin: float = 0.5
    quoted: float = 0.15
    own: float = 0.1  # of East Asian letters: so much kana makes a text Japanese, so much Hangul Korean


_BY = _Telling()
_SEEN_TOGETHER = frozenset(SEEN_AS).union(SEEN_AS.values())

_NO_LETTERS = r"[\p{P}\p{S}\p{N}]+"
_NOT_TEXT = regex.compile(rf"https?://\S+|www\.\S+|\S+@\S+|{_NO_LETTERS}")
_NOT_LETTERS = regex.compile(_NO_LETTERS)
_OF_ADDRESSES = ("://", "www.", "@")  # a text without any of these has no address
_VOWEL_SIGNS = regex.compile(
    r"[\u064b-\u0652\u0670\u0640]"
)  # Arabic, which few texts write, and the stretched line

# The scripts that a text may be in. Han, kana and Hangul are one here: they are mixed, and told apart below.
_EAST_ASIAN = "East Asian"
_CLASSES = {
    "Latn": r"\p{Latin}",
    _EAST_ASIAN: r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}ー]",
    **{
        row.script: rf"\p{{Script={row.script}}}"
        for row in LANGUAGES.values()
        if row.script not in ("Latn", "Hans", "Hant", "Jpan", "Hang", "Zyyy")
    },
}
_LETTER_OF = {script: regex.compile(pattern) for script, pattern in _CLASSES.items()}
_WORDS_OF = {
    script: regex.compile(rf"(?:{pattern}[\p{{M}}\p{{Cf}}]*)+") for script, pattern in _CLASSES.items()
}
_LAST_LATIN = "\u024f"
_LOWER_LATIN = regex.compile(r"(?<!\p{L})\p{Ll}\p{Latin}*")

_WRITERS: dict[str, frozenset[str]] = {
    script: frozenset(
        row.code
        for row in LANGUAGES.values()
        if script in (row.script, *row.other_scripts)
        or (script == _EAST_ASIAN and row.script in ("Hans", "Hant", "Jpan", "Hang"))
    )
    for script in _CLASSES
}
_HANGUL = regex.compile(r"\p{Hangul}")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}ー]")
_HAN = regex.compile(r"\p{Han}")

_SAYING: dict[str, list[str]] = {}
for _code, _words in WORDS.items():
    for _word in _words:
        _SAYING.setdefault(_word, []).append(_code)
_LACKING: dict[str, dict[str, list[str]]] = {
    script: {
        letter: [code for code, own in rows.items() if letter not in own]
        for letter in frozenset().union(*rows.values())
    }
    for script, rows in ALPHABETS.items()
}


@dataclass(frozen=True, slots=True)
class Guess:
    """A language code (``und`` when unsure) and its probability, 0–1."""

    language: str
    probability: float


def identify(text: str) -> Guess:
    """The language of a text of a sentence or more; ``und`` when it is too short or the model is unsure."""
    sample = _sample(text)
    script = _script(sample)
    if script is None:
        return Guess(UNDETERMINED, 0.0)
    if script != "Latn" or max(sample) > _LAST_LATIN:
        sample = " ".join(_WORDS_OF[script].findall(sample))
    letters = _letters(sample)
    own = _by_script(sample, script, letters) if letters >= 3 else None
    if own:
        return Guess(own, 1.0)
    weight = _weight(sample)
    if weight < _BY.fewest:
        return Guess(UNDETERMINED, 0.0)
    ranked = _rank(sample, script)
    language = max(ranked, key=lambda code: ranked[code])
    probability = ranked[language]
    enough = _BY.short.probability if weight < _BY.short.letters else _BY.enough
    near = sum(ranked.get(code, 0.0) for code in close_to(language))
    clear = probability >= enough or (probability >= _BY.among_close and near >= _BY.short.probability)
    return Guess(language if clear else UNDETERMINED, probability)


def identify_passage(text: str, article_language: str) -> str:
    """The passage's own language where the text is long and clear enough, else its article's."""
    if article_language == UNDETERMINED:
        return identify(text).language
    if len(text) > 2 * _BY.glance:
        at = (len(text) - _BY.glance) // 2
        if identify(_whole_words(text[at : at + _BY.glance])).language == article_language:
            return article_language
    letters = _weight(text)
    if letters < _BY.passage.letters:
        return article_language
    guess = identify(text)
    if guess.language == UNDETERMINED or guess.language in same_for_passages(article_language):
        return article_language
    close = guess.language in close_to(article_language)
    needed = _BY.close_passage if close else _BY.passage
    clear = letters >= needed.letters and guess.probability >= needed.probability
    return guess.language if clear else article_language


def _sample(text: str) -> str:
    """A text's letters and spaces, or those of a few slices spread over it, cut between words.

    Compatibility forms become the letters they stand for: Arabic presentation forms, full-width and
    half-width letters, mathematical alphabets.
    """
    if len(text) > _BY.slices * _BY.slice_length:
        step = (len(text) - _BY.slice_length) / (_BY.slices - 1)
        starts = [round(i * step) for i in range(_BY.slices)]
        text = " ".join(_whole_words(text[start : start + _BY.slice_length]) for start in starts)
    if not text.isascii():
        text = _VOWEL_SIGNS.sub("", unicodedata.normalize("NFKC", text))
    return (_NOT_TEXT if any(sign in text for sign in _OF_ADDRESSES) else _NOT_LETTERS).sub(" ", text)


def _letters(text: str) -> int:
    """How many letters a text of words has; vowel signs count, too."""
    return len(text) - sum(map(str.isspace, text))


def _weight(text: str) -> float:
    """Letters, an ideograph counted for several."""
    letters = _letters(text)
    return letters if text.isascii() else letters + (_BY.ideograph - 1) * len(_HAN.findall(text))


def _whole_words(piece: str) -> str:
    first, last = piece.find(" "), piece.rfind(" ")
    return piece[first:last] if 0 <= first < 40 and last > first + 100 else piece


def _script(sample: str) -> str | None:
    """The script that a text is in; None where there is no letter of any script of the table.

    Latin letters in another script's text are names, code and units of measure.
    """
    if not sample.strip():
        return None
    if max(sample) <= _LAST_LATIN:
        return "Latn"
    counts = dict.fromkeys(_CLASSES, 0.0)
    for char, count in Counter(sample).items():
        script = _class_of(char)
        if script:
            counts[script] += count * (_BY.ideograph if script == _EAST_ASIAN else 1)
    latin = counts.pop("Latn")
    most = max(counts, key=lambda script: counts[script])
    if counts[most] <= _BY.quoted * (latin + counts[most]):
        return "Latn" if latin else None
    running = sum(map(len, _LOWER_LATIN.findall(sample)))
    return "Latn" if running > _BY.latin * (running + counts[most]) else most


@lru_cache(maxsize=10_000)
def _class_of(char: str) -> str | None:
    return next((script for script, pattern in _LETTER_OF.items() if pattern.match(char)), None)


def _by_script(sample: str, script: str, letters: int) -> str | None:
    """The language that a script tells by itself."""
    if script == _EAST_ASIAN:
        if len(_HANGUL.findall(sample)) >= _BY.own * letters:
            return "ko"
        if len(_KANA.findall(sample)) >= _BY.own * letters:
            return "ja"
        return None
    writers = _WRITERS[script]
    if len(writers) > 1 and len(writers.difference(SEEN_AS)) == 1:
        writers = _decided(writers, _evidence(sample, script, writers))
    return next(iter(writers)) if len(writers) == 1 else None


def _decided(codes: frozenset[str], said: dict[str, float]) -> frozenset[str]:
    """Of two languages that the model does not tell apart, the one for which there is more evidence."""
    lost = {
        other if said[code] > said[other] else code
        for code, other in SEEN_AS.items()
        if code in codes and other in codes
    }
    return codes - lost


def _rank(sample: str, script: str) -> dict[str, float]:
    """Probability per language that writes the script."""
    model, codes = identifier()
    writers = _WRITERS[script]
    found: dict[str, float] = {}
    for label, probability in model.rank(sample):
        code = codes[label]
        if code in writers:
            found[code] = found.get(code, 0.0) + probability
    # Where the model is sure, words and letters would change nothing but the time it takes.
    likeliest = max(found, key=lambda code: found[code])
    if found[likeliest] >= _BY.sure and likeliest not in _SEEN_TOGETHER:
        return found
    for pair in SEEN_AS.items():
        if writers.issuperset(pair):
            found.update(dict.fromkeys(pair, sum(found.get(code, 0.0) for code in pair)))
    said = _evidence(sample, script, frozenset(found))
    found = {code: found[code] for code in _decided(frozenset(found), said)}
    # The model divides its score by the root of the length; so is what words and letters add to it.
    root = math.sqrt(len(sample))
    scores = {code: math.log(p + 1e-12) + said[code] / root for code, p in found.items()}
    best = max(scores.values())
    weights = {code: math.exp(score - best) for code, score in scores.items()}
    total = sum(weights.values())
    return {code: weight / total for code, weight in weights.items()}


def _evidence(sample: str, script: str, codes: frozenset[str]) -> dict[str, float]:
    """What a text's words and letters say for each language; each counts less, the oftener it comes."""
    lower = sample.lower()
    said = dict.fromkeys(codes, 0.0)
    words = Counter(lower.replace(" ", "") if script == _EAST_ASIAN else lower.split())
    for word, count in words.items():
        weight = _BY.word * math.log1p(count)
        for code in _SAYING.get(word, ()):
            if code in said:
                said[code] += weight
    known = [said[code] for code in codes if code in WORDS]
    lacking = _LACKING.get(script, {})
    for letter in lacking.keys() & set(lower):
        for code in lacking[letter]:
            if code in said:
                said[code] -= _BY.letter * math.log1p(lower.count(letter))
    # A language without a row is neither helped nor hurt.
    rest = max(known, default=0.0)
    return {code: value if code in WORDS else value + rest for code, value in said.items()}
