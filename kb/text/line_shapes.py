"""The shapes of lines: what looks like a heading, a title, running text, or the end of a sentence."""

from __future__ import annotations

import regex

from kb.text.settings import TEXT

__all__ = [
    "content_words",
    "count_words",
    "has_letters",
    "is_body",
    "is_heading_like",
    "is_short",
    "is_terminated",
    "is_title_like",
    "looks_like_code",
    "width",
    "word_count",
]

# Scripts written without spaces; in the first three one character carries what a few letters do elsewhere.
_IDEOGRAPHIC = r"\p{Han}\p{Hiragana}\p{Katakana}"
_ALPHABETIC = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
_UNSPACED = _IDEOGRAPHIC + _ALPHABETIC
_DENSE = regex.compile(rf"[{_IDEOGRAPHIC}]")
_UNSPACED_LETTER = regex.compile(rf"[[{_ALPHABETIC}]&&\p{{L}}]", regex.VERSION1)
_WORD = regex.compile(
    rf"[\p{{L}}\p{{M}}\p{{N}}--{_UNSPACED}]+(?:['’][\p{{L}}\p{{M}}]+)*|[{_UNSPACED}]", regex.VERSION1
)
_LONG_WORD = regex.compile(rf"[\p{{L}}\p{{M}}--{_UNSPACED}]{{4,}}", regex.VERSION1)
_PAIR = regex.compile(rf"[{_IDEOGRAPHIC}]{{2}}|[{_ALPHABETIC}]{{4}}")
_TERMINATED = regex.compile(r"[.!?…。！？｡؟۔।॥։።၊။។]['\"”’»›)\]」』]*\s*\Z")
_ONE_UNSPACED = regex.compile(rf"[{_UNSPACED}]")
_LETTER = regex.compile(r"\p{L}")

# A shell's prompt, a program with options; an assignment, a call, what opens or closes a block.
_COMMAND = regex.compile(
    r"\$ [a-z./~]\S*(?:\s|\Z)"
    r"|(?:sudo\s+)?[a-z./~][\w./+-]*(?:\s+\S+){0,8}?\s+--?[a-z][\w-]*(?:[ =]|\Z)"
)
_STATEMENT = regex.compile(
    r"[\w.\[\]]+ ?(?:[-+*/|&:]?=|\+\+)(?![=>]) ?\S.*[\w;)\]}\"']\Z"
    r"|[\w.$]+\([^()]*(?:\([^()]*\)[^()]*)*\)\s*[;{:]?\Z|\S.*[;{]\Z|[}\])]+[;,]?\Z"
    r"|(?:def|class|for|if|elif|while|with)\b.*:\Z|import [\w.]+\Z|from [\w.]+ import \S"
)


def width(text: str) -> int:
    """Length in letters, an ideograph counting for two and a half."""
    return len(text) + 3 * len(_DENSE.findall(text)) // 2


def count_words(text: str) -> int:
    """Words; in scripts without spaces, characters."""
    return sum(1 for _ in _WORD.finditer(text))


def word_count(text: str) -> int:
    """Words, guessed in scripts without spaces: two and a half ideographs to a word, four other letters."""
    spaced = sum(1 for match in _WORD.finditer(text) if not _ONE_UNSPACED.match(match[0]))
    return spaced + len(_DENSE.findall(text)) * 2 // 5 + len(_UNSPACED_LETTER.findall(text)) // 4


def content_words(text: str) -> frozenset[str]:
    """Crude stems of the longer words; in scripts without spaces, runs of two ideographs or four letters."""
    stems = {word[: TEXT.stem].casefold() for word in _LONG_WORD.findall(text)}
    return frozenset(stems | set(_PAIR.findall(text, overlapped=True)))


def has_letters(text: str) -> bool:
    """Is there a letter in it? What has none says nothing of what it is."""
    return bool(_LETTER.search(text))


def looks_like_code(text: str) -> bool:
    """A command or a statement on a line of its own, of at most some hundred characters."""
    return len(text) <= 400 and text.isascii() and bool(_COMMAND.match(text) or _STATEMENT.match(text))


def is_terminated(text: str) -> bool:
    """Does it end as a sentence does?"""
    return bool(_TERMINATED.search(text[-20:]))


def is_short(text: str) -> bool:
    return width(text) <= 100


def is_body(text: str) -> bool:
    """Running text: long, or of middling length and ended as a sentence."""
    size = width(text)
    return size >= 100 or (
        size >= 60 and is_terminated(text) and not text.rstrip().endswith(("?", "？", "؟"))
    )


def is_heading_like(text: str) -> bool:
    """A short line that could stand above text: no full stop, no small first letter, some letters."""
    if width(text) > 90 or word_count(text) > 12 or not _LETTER.search(text):
        return False
    if regex.match(r"[\p{Ll}\"'“”«»„‘’(\[,.;:–—-]", text) and not regex.match(r"\p{Ll}\p{Lu}", text):
        return False
    bare = regex.sub(r"[:：][.\s]*\Z", "", text.rstrip())  # "Service:.." is a heading with debris
    return bare != text.rstrip() or not regex.search(r"[.!…,;。！،؛।۔][\"”’»)\]]*\Z", bare)


def is_title_like(text: str) -> bool:
    """As a heading, but longer, with any ending but a full stop, and any beginning."""
    if width(text) > 160 or word_count(text) > 25 or not _LETTER.search(text):
        return False
    return not regex.search(r"[.,;。،।۔][\"”’»)\]]*\Z", text.rstrip()) or text.rstrip().endswith("...")
