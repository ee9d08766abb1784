"""Mending text: layout characters, mojibake, character entities, sentences glued together.

Each function takes a :class:`~kb.text.tracked.Tracked` text and edits it. Layout (line ends, invisible and
control characters, NFC) is not recorded; everything else is a Repair with its reason.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator

import ftfy
import regex
from ftfy.badness import is_bad

from kb.cleaning.settings import CLEANING
from kb.text.tracked import Edit, Tracked

__all__ = [
    "mend_entities",
    "mend_forms",
    "mend_glued_sentences",
    "mend_mojibake",
    "settle_layout",
    "settle_tabs",
]

# --- layout -----------------------------------------------------------------------------------------------

_LINE_END = regex.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_TAB = regex.compile(r"\t")
_WHITE = regex.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Control characters, soft hyphens, zero-width spaces, byte-order marks, bidirectional embeddings,
# noncharacters and surrogates. The joiners (U+200C, U+200D) and the direction marks stay: they spell words.
_INVISIBLE = regex.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ufff9-\ufffb"
    r"\p{Cs}\p{Noncharacter_Code_Point}]"
)
_CLUSTER = regex.compile(r"\X")
# A word broken by a soft hyphen at a line's end, and its second half.
_SOFT_BREAK = regex.compile(r"\u00ad *(?P<end>\n *)(?P<half>\p{L}\S*)(?P<space> ?)")


def settle_layout(text: Tracked, *, tabs: bool = True) -> None:
    """Lines end in ``\\n``, white space is a plain space, invisible characters go, letters are NFC.

    Tabs stay in what is literal, and everywhere without ``tabs``.
    """
    if "\u00ad" in text.text:  # the word ends where it began, and the line after it
        text.apply([edit for m in _SOFT_BREAK.finditer(text.text) for edit in _later_end(m)])
    for pattern, after in ((_LINE_END, "\n"), (_WHITE, " "), (_INVISIBLE, "")):
        text.apply([Edit(m.start(), m.end(), after) for m in pattern.finditer(text.text)])
    if tabs:
        settle_tabs(text)
    if not unicodedata.is_normalized("NFC", text.text):
        text.apply(list(_compositions(text.text)))


def _later_end(soft: regex.Match[str]) -> Iterator[Edit]:
    """The end of a line goes from within a word to the end of the word; there may be one already."""
    yield Edit(soft.start(), soft.start("half"), "")
    if soft["space"]:
        yield Edit(*soft.span("space"), soft["end"])


def settle_tabs(text: Tracked) -> None:
    """A tab is a space, unless it stands in what is literal."""
    edits = [Edit(m.start(), m.end(), " ") for m in _TAB.finditer(text.text)]
    text.apply([edit for edit in edits if not text.is_literal(*text.span(edit.start, edit.end))])


def _compositions(text: str) -> Iterator[Edit]:
    for match in _CLUSTER.finditer(text):
        composed = unicodedata.normalize("NFC", match[0])
        if composed != match[0]:
            yield Edit(match.start(), match.end(), composed)


# --- forms of letters -------------------------------------------------------------------------------------

# Typesetters' ligatures, and Arabic letters by the place in a word that they were drawn for. U+FD3E and
# U+FD3F are brackets, U+FDFA and U+FDFB whole phrases in one sign: their writers meant them.
_FORMS = regex.compile(
    r"[\ufb00-\ufb06\ufb13-\ufb17\ufb20-\ufb29]"
    r"|[\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdf9\ufe70-\ufefc]+"
)
_CARRIER = str.maketrans("", "", " ـ")  # what NFKC puts below a vowel sign that stands alone


def mend_forms(text: Tracked) -> None:
    """Letters that were stored as they are drawn ("oﬃce") become letters ("office")."""
    reason = "a letter's printed form"
    edits = []
    for match in _FORMS.finditer(text.text):
        plain = unicodedata.normalize("NFKC", match[0]).translate(_CARRIER)
        edits.append(Edit(match.start(), match.end(), plain, reason))
    text.apply(edits)


# --- mojibake ---------------------------------------------------------------------------------------------

_LINE = regex.compile(r"[^\n]+")
_PART = regex.compile(r"[^ ]+| +")


def mend_mojibake(text: Tracked) -> None:
    """UTF-8 that was read as another encoding ("cafÃ©") becomes what it was ("café")."""
    edits: list[Edit] = []
    for match in _LINE.finditer(text.text):
        line = match[0]
        if line.isascii() or not is_bad(line):
            continue
        mended = ftfy.fix_encoding(line)
        if mended != line:
            edits += _changes(line, mended, match.start())
    text.apply(edits)


def _changes(line: str, mended: str, offset: int) -> Iterator[Edit]:
    """An edit for each word that was mended, or one for the line where the words do not pair up."""
    before, after = _PART.findall(line), _PART.findall(mended)
    pairs = list(zip(before, after, strict=True)) if len(before) == len(after) else [(line, mended)]
    for broken, right in pairs:
        if broken != right:
            head = _common_prefix(broken, right)
            tail = _common_prefix(broken[head:][::-1], right[head:][::-1])
            start, end = offset + head, offset + len(broken) - tail
            yield Edit(start, end, right[head : len(right) - tail], "text read in a wrong encoding")
        offset += len(broken)


def _common_prefix(first: str, second: str) -> int:
    for i, (a, b) in enumerate(zip(first, second, strict=False)):
        if a != b:
            return i
    return min(len(first), len(second))


# --- entities ---------------------------------------------------------------------------------------------

_ENTITY = regex.compile(r"&(?:amp;)?(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

# Machine translation takes the name out of an entity ("&rsquo;"), leaves its frame around the mark ("&';"),
# or pushes spaces into it ("& quot ;"). White space around the frame is part of the damage.
_MARKS = "'’‘`´\"“”„«»‹›"
_BROKEN = regex.compile(
    r"(?P<before>\s{0,8})&\s{0,8}(?:amp\s*;)?\s{0,8}"
    rf"(?:(?P<mark>[{_MARKS}])"
    r"|\#\s*(?P<number>39|34|8216|8217|8220|8221)"
    r"|(?P<name>(?i:quot|apos|[lr]squo|[lr]dquo|laquo|raquo)))\s{0,8};(?P<after>\s{0,8})"
)
_SINGLE = frozenset("'’‘`´")
_BY_NAME = dict(zip("quot apos lsquo rsquo ldquo rdquo laquo raquo".split(), "\"'‘’“”«»", strict=True))  # noqa: SIM905
_CLOSERS = {"“": "”", "„": "“", "«": "»", "»": "«", "‹": "›", "‘": "’", "‚": "‘", '"': '"', "”": "”"}

# What follows an apostrophe in English, and the short words before one in the Romance languages.
_ENDINGS = regex.compile(r"(?:s|S|t|d|m|re|ve|ll)(?!\p{L})")
_ELISION = regex.compile(
    r"(?<!\p{L})(?:[cdjlmnstCDJLMNST]|qu|Qu|jusqu|lorsqu|puisqu|quoiqu|presqu|all|dall|dell|nell|sull|un"
    r"|quell|bell|sant|O|D)\Z"
)


def mend_entities(text: Tracked) -> None:
    """``&amp;`` is unescaped; ``&';`` and its kin become the quotation marks that they were."""
    for _ in range(2):  # "&amp;eacute;" was escaped twice
        edits = []
        for m in _ENTITY.finditer(text.text):
            plain = html.unescape(html.unescape(m[0]))
            if plain not in (m[0], "", "\x00") and ";" not in plain[1:]:
                plain = " " if plain.isspace() else plain
                edits.append(Edit(m.start(), m.end(), plain, "character entity"))
        text.apply(edits)
    edits = []
    for line in _LINE.finditer(text.text):
        if "&" in line[0]:
            edits += _broken_in_line(line[0], line.start())
    text.apply(edits)


def _broken_in_line(line: str, offset: int) -> list[Edit]:
    """Edits for one line's broken marks, closing what was opened before them."""
    reason = "broken quotation-mark entity"
    edits: list[Edit] = []
    opened: list[
        tuple[str, int]
    ] = []  # marks not yet closed, each with the place of the space after it, or -1
    done = 0
    found = list(_BROKEN.finditer(line))
    for match in found:
        _read_marks(line, done, match.start(), opened)
        done = match.end()
        mark = match["mark"] or (
            _BY_NAME[match["name"].lower()] if match["name"] else chr(int(match["number"]))
        )
        start, end = match.span()
        before, after = line[max(0, start - CLEANING.beside) : start], line[end : end + CLEANING.beside]
        if (
            mark in _SINGLE
            and before
            and (_ENDINGS.match(after) or _ELISION.search(before))
            and before[-1].isalpha()
        ):
            edits.append(Edit(offset + start, offset + end, "’", reason))
            continue
        closes = bool(opened) and bool(before)
        if closes:
            opener, gap = opened.pop()
            if 0 <= gap < start:  # "“ word &";" was “word”: the space inside goes as well
                edits.append(Edit(offset + gap, offset + gap + 1, "", "space inside quotation marks"))
        elif before and (mark in _SINGLE or match is found[-1]):
            closes, opener = True, ""  # nothing is open: a closing mark, or a plural's apostrophe
        if closes:
            shown = _CLOSERS.get(opener, "’" if mark in _SINGLE else '"')
            space = " " if match["after"] and not regex.match(r"[\p{Po}\p{Pe}\p{Pf}]", after) else ""
            edits.append(Edit(offset + start, offset + end, shown + space, reason))
        else:
            shown = "‘" if mark in _SINGLE else '"' if mark == '"' else mark
            opened.append((shown, -1))
            edits.append(
                Edit(
                    offset + start, offset + end, (" " if match["before"] and before else "") + shown, reason
                )
            )
    return sorted(edits, key=lambda edit: edit.start)


def _read_marks(line: str, start: int, end: int, opened: list[tuple[str, int]]) -> None:
    """Note the sound quotation marks in ``line[start:end]``: which are open at its end."""
    for i in range(start, end):
        char = line[i]
        if opened and char in (_CLOSERS.get(opened[-1][0]), "”", "»"):
            opened.pop()
        elif char in "“„«‹" or (char == '"' and (i == 0 or line[i - 1] in " (")):
            opened.append((char, i + 1 if line[i + 1 : i + 2] == " " else -1))


# --- glued sentences --------------------------------------------------------------------------------------

# A sentence's end glued to the next one's beginning. No word of small letters stands before the stop in
# "U.S.A", "e.g.The", "2.5".
_GLUED = regex.compile(
    r"(?<![\p{L}\p{M}\p{N}])"
    r"(?P<word>\p{L}[\p{L}\p{M}’'-]{0,60}[\p{Ll}\p{M}]|\d{3,60}|\p{L}{2,60}\p{N}?[)\]”»\"’])"
    r"(?P<stop>\.{3}|[.!?…]{1,3}[\"”»’)\]]?)(?P<next>[\"“«„(¿¡]?(?P<begin>\p{Lu}(?:[\p{Ll}\p{M}’'-]+|(?=\s))))"
)
# No text without this has any: looked for first, for most texts have none.
_MAY_BE_GLUED = regex.compile(r"[.!?…][\"”»’)\]]?[\"“«„(¿¡]?\p{Lu}")
# The same in scripts without capitals: three letters on either side, so that initials stay whole.
_GLUED_CASELESS = regex.compile(
    r"(?<=[\p{Lo}\p{M}]{3})(?P<stop>[.!?؟۔।॥…])"
    r"(?=[\p{Lo}\p{M}]{3})(?![\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}])"
)
_TOKEN = regex.compile(r"\S+")
# A token with one of these is an address, a path or code.
_ADDRESS = regex.compile(
    r"://|@|\\|^www\.|=|_|^\p{L}+\.\p{L}+/|/[\w-]+\.\p{L}{1,3}[.,;:]?$|\(\)|::|^[./~]", regex.IGNORECASE
)
_SUFFIXES = """
    app asp aspx avi bat biz bmp cfg com cpp css csv dev dll doc docx edu exe gif gov gz htm html info ini iso
    java jpeg jpg js json jsp log md mov mp3 mp4 msi net org pdf php png ppt pptx py rar sh sql svg tar ts txt
    wav webp xls xlsx xml yaml yml zip
"""


def mend_glued_sentences(text: Tracked) -> None:
    """A space goes between "…ng customer." and "Karaniwan" where they stand without one."""
    edits = []
    usual: frozenset[str] | None = None
    patterns = (_GLUED, _GLUED_CASELESS) if _MAY_BE_GLUED.search(text.text) else (_GLUED_CASELESS,)
    for pattern in patterns:
        for match in pattern.finditer(text.text, overlapped=True):
            begin = match.groupdict().get("begin")
            if begin:
                if begin.lower() in _SUFFIXES.split():
                    continue
                if match["word"][:1].isupper() and match["stop"][0] == ".":
                    # "Manila.Ang" or "System.Console"? Only if the next word is also used as a common word.
                    usual = usual if usual is not None else _common_words(text.text)
                    if begin.lower() not in usual:
                        continue
            if not _in_address(text.text, match.start(), match.end()):
                at = match.end("stop")
                edits.append(Edit(at, at, " ", "sentences glued together"))
    unique = {edit.start: edit for edit in edits}
    text.apply([unique[at] for at in sorted(unique)])


def _common_words(text: str) -> frozenset[str]:
    return frozenset(regex.findall(r"(?<![\p{L}\p{N}.])\p{Ll}[\p{Ll}\p{M}]*", text))


def _in_address(text: str, start: int, end: int) -> bool:
    """Is the token around ``text[start:end]`` an address, a path or a piece of code?"""
    left = start
    while left > 0 and not text[left - 1].isspace() and start - left < 300:
        left -= 1
    token = _TOKEN.match(text, left, min(len(text), end + 300))
    return bool(token and _ADDRESS.search(token[0]))
