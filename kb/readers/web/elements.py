"""What a web page's elements say about the text in them: blocks or words, hidden, a form, a picture."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Any

import regex

from kb.readers.web.settings import WEB
from kb.text.line_shapes import is_body

__all__ = [
    "BESIDE",
    "BLOCKS",
    "CODE",
    "FALLBACKS",
    "HEADINGS",
    "SILENT",
    "alternative",
    "hidden",
    "holds_blocks",
    "in_sentence",
    "is_block",
    "is_formulas_double",
    "is_icon",
    "is_line_number",
    "is_note_mark",
    "leads_text",
    "noted",
    "notes",
    "outside",
    "owned",
    "stands_apart",
    "whole_number",
]

SILENT = frozenset(["base", "head", "link", "meta", "script", "style"])
"""Elements without an author's words."""
BLOCKS = frozenset(
    """address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu
    nav noframes noscript ol optgroup option p plaintext pre search section select summary table tbody td
    template textarea tfoot th thead tr ul xmp""".split()  # noqa: SIM905
)
CODE = frozenset(["listing", "plaintext", "pre", "xmp"])
HEADINGS = {f"h{level}": level for level in range(1, 7)}

_INLINE = frozenset(
    """acronym abbr b bdi bdo big blink cite code data del dfn em font i img input ins mark meter nobr picture
    progress q rb rbc ruby s samp slot small source span strike strong sub sup time track tt u var
    wbr""".split()  # noqa: SIM905
)
# Elements and roles that say themselves that they are no part of an article, unless they are in one (OWN).
_OUTSIDE = {
    "aside": "beside the article (<aside>)",
    "datalist": "a form",
    "footer": "the page's foot (<footer>)",
    "nav": "navigation (<nav>)",
    "option": "a form",
    "textarea": "a form",
}
_ROLES = {
    "banner": "the page's head",
    "complementary": "beside the article",
    "contentinfo": "the page's foot",
    "navigation": "navigation",
    "search": "a form",
}
_INSTEAD = "shown only where a page's program or media cannot be"
FALLBACKS = frozenset(
    ["applet", "audio", "canvas", "embed", "iframe", "noembed", "noframes", "noscript", "object", "video"]
)
_PRESSED = SILENT | {"button", "option", "select", "title"}
_OWN = frozenset(["aside", "footer"])
_OWN_ROLES = frozenset(["banner", "complementary", "contentinfo"])
BESIDE = frozenset([*(_OUTSIDE[tag] for tag in _OWN), *(_ROLES[role] for role in _OWN_ROLES)])
"""Why something is no part of an article that only stands in another place than it."""
_HIDDEN = regex.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", regex.IGNORECASE)
_SHOWN_AS_BLOCK = regex.compile(
    r"(?:^|;)\s*display\s*:\s*(?:block|flex|grid|list-item|table)", regex.IGNORECASE
)
_UNFOLDS = regex.compile(r"accordion|collaps|faq|toggle|expand|disclosure|spoiler|question", regex.IGNORECASE)
_QUESTION = regex.compile(r"[?？؟\u037e][\"'”’»)\]]*\Z")
_LINE_NUMBER = regex.compile(
    r"(?:^|[\s_-])(?:lineno|linenos|line-?numbers?|ln|lnt|gutter|blob-num)(?:$|[\s_-])"
)
_NOTE_MARK = regex.compile(r"\p{N}{1,3}|[a-z]|[ivx]{1,5}|[*†‡§¶]{1,3}")
_NOTE_ROLE = regex.compile(r"noteref|footnote|endnote|biblioref", regex.IGNORECASE)
_NOTES = regex.compile(r"(?<!\p{L})(?:foot|end|rear)[_-]?notes?(?!\p{L})", regex.IGNORECASE)
_SAY = (("role", "epub:type"), ("class", "id"))
_ICON = regex.compile(
    r"(?:^|[\s_-])(?:icons?|material|glyphicon|fa|fas|far|fab)(?:$|[\s_-])", regex.IGNORECASE
)
_FILE_NAME = regex.compile(r"\S+\.(?:png|jpe?g|gif|svg|webp|bmp|tiff?|avif)\b|https?://\S+", regex.IGNORECASE)
_SAYS_NOTHING = frozenset(
    """avatar banner bild bildchen div foto fotografia hero icon icone icono ikon image imagen img imagem
    immagine logo logotype obraz photo pic picture placeholder screenshot separator spacer thumb thumbnail
    zdjęcie фото изображение картинка логотип иконка 图片 图像 照片 画像 写真 ロゴ 이미지 사진 로고 صورة
    شعار""".split()  # noqa: SIM905
)
_WIDE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]{4}")


def is_block(element: Any) -> bool:
    """Does its text stand apart from the text around?"""
    tag = element.tag
    if tag in BLOCKS or _SHOWN_AS_BLOCK.search(element.get("style") or ""):
        return True
    return tag not in _INLINE and tag != "a" and holds_blocks(element)


def holds_blocks(element: Any) -> bool:
    return next(element.iter(*BLOCKS), None) is not None


def in_sentence(button: Any) -> bool:
    """Does a button stand in the middle of text?"""
    before = button.getprevious()
    said = button.getparent().text if before is None else before.tail
    return bool((said or "").strip() or (button.tail or "").strip())


def is_icon(element: Any) -> bool:
    """A sign instead of words, or the name of one ("expand_more", which a font draws as an arrow)?"""
    text = element.text_content()
    return not any(map(str.isalnum, text)) or bool(_ICON.search(element.get("class") or ""))


def stands_apart(tag: str) -> bool:
    """Is it set off from its neighbour, though both are in one line: two links, keys, elements of its own?"""
    return tag not in _INLINE and tag not in BLOCKS


def hidden(element: Any) -> str | None:
    """Why a reader does not see it at once, or None."""
    if element.tag == "template":
        return "hidden on the page (<template>)"
    if element.tag == "dialog" and element.get("open") is None:
        return "hidden on the page (<dialog>)"
    if element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
        return "hidden on the page"
    return None


def outside(element: Any) -> str | None:
    """Why it is no part of an article, by its own word, or None."""
    tag, role = element.tag, (element.get("role") or "").lower()
    if tag == "form":
        return None if _wraps_text(element) else "a form"
    if tag == "button":
        return None if role == "tab" or leads_text(element) or _inside(element, HEADINGS) else "a button"
    if tag in FALLBACKS:
        return _INSTEAD
    if (tag in _OWN or role in _OWN_ROLES) and owned(element):
        return None
    return _OUTSIDE.get(tag) or _ROLES.get(role)


def owned(element: Any) -> bool:
    """Is this foot, head or aside the article's own? Beside or below it, it is the page's."""
    foot = element.tag == "footer" or element.get("role") == "contentinfo"
    return _inside(element, ("article", "blockquote") if foot else ("article", "blockquote", "main"))


def leads_text(button: Any) -> bool:
    """Is a button the question whose answer it unfolds?"""
    text = " ".join(button.text_content().split())
    if not any(map(str.isalpha, text)) or button.get("type") in ("submit", "reset"):
        return False
    if _QUESTION.search(text) or is_body(text):
        return True
    about = " ".join(
        filter(None, (button.get(name) for name in ("class", "id", "data-bs-toggle", "data-toggle")))
    )
    if _inside(button, ("form", "nav")):
        return False
    unfolds = button.get("aria-expanded") is not None or _UNFOLDS.search(about)
    return bool(unfolds) and (len(text.split()) > 1 or bool(_WIDE.search(text)))


def is_formulas_double(element: Any) -> bool:
    """Is it the picture of a formula whose words stand beside it?"""
    around = list(islice(element.iterancestors(), 2))
    near = not is_block(element) and element.find(".//math") is None
    return near and any(
        inner.tag == "math" for beside in around for inner in islice(beside.iter(), WEB.beside_picture)
    )


def whole_number(value: str | None) -> int | None:
    text = (value or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None


def is_line_number(element: Any) -> bool:
    """A number that was put before a line of code?"""
    about = element.get("class") or ""
    return bool(_LINE_NUMBER.search(about)) and not regex.search(r"[^\d\s]", element.text_content())


def is_note_mark(element: Any, text: str) -> bool:
    """Does a link, or what is raised, only point to a note?"""
    if not _NOTE_MARK.fullmatch(text):
        return False
    link = element if element.tag == "a" else element.find(".//a")
    link = link if link is not None else next(element.iterancestors("a"), None)
    about = " ".join(element.get(name) or "" for name in ("class", "role", "epub:type"))
    if link is not None:
        about += " ".join(link.get(name) or "" for name in ("class", "role", "epub:type", "rel"))
    return bool(_NOTE_ROLE.search(about)) or (link is not None and "#" in (link.get("href") or ""))


def notes(element: Any, noted: Collection[str]) -> tuple[bool, bool]:
    """(Does it hold an article's notes, by its own word or by links to it; is that sure wherever it stands?).

    ``noted`` are the names that marks of notes point to. A page's foot may have "footnotes" of its own.
    """
    role, name = (" ".join(element.get(attribute) or "" for attribute in two) for two in _SAY)
    said = _NOTES.search(role) or element.get("id") in noted
    if not (said or _NOTES.search(name)) or not is_block(element):
        return False, False
    return True, bool(said) or any(inner.get("id") in noted for inner in element.iter())


def noted(root: Any) -> frozenset[str]:
    """The names of the elements that the marks of notes in the page's text point to."""
    found = set()
    for link in root.iter("a"):
        to = (link.get("href") or "").partition("#")
        text = " ".join(link.text_content().split()) if not to[0] and to[2] else ""
        raised = next(link.iterancestors("sup"), None) is not None or link.find(".//sup") is not None
        about = " ".join(link.get(name) or "" for name in ("class", "role", "epub:type", "rel"))
        if text and (_NOTE_ROLE.search(about) or (raised and is_note_mark(link, text.strip("[]()")))):
            found.add(to[2])
    return frozenset(found)


def alternative(image: Any, *, inline: bool) -> str:
    """What a picture's alternative says; "" where that is nothing, or is said beside it."""
    if image.get("aria-hidden") == "true" or image.get("role") in ("presentation", "none"):
        return ""
    text = " ".join((image.get("alt") or "").split())[: WEB.alternative]
    around = next(image.iterancestors("figure", "a", "p"), None)
    if around is not None and text.casefold() in _beginning(around):
        return ""
    words = regex.findall(r"\p{L}[\p{L}\p{M}]*", text.casefold())
    if _FILE_NAME.fullmatch(text) or all(word in _SAYS_NOTHING for word in words):
        return text if inline and text and not words and not _FILE_NAME.search(text) else ""
    if inline or len(words) > 1 or _WIDE.search(text):
        return text
    return ""


def _beginning(element: Any) -> str:
    """The first words in an element, in small letters; of thousands none is said to a picture among them."""
    words: list[str] = []
    left = WEB.around
    for text in element.itertext():
        words.append(text[:left])
        left -= len(words[-1])
        if not left:
            break
    return " ".join("".join(words).casefold().split())


def _inside(element: Any, tags: Any) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def _wraps_text(form: Any) -> bool:
    """Is a form put round a page, as some servers do, rather than to be filled in?"""
    if next(form.iter("h1", "main", "article"), None) is not None:
        return True
    letters = _letters(form, WEB.prose + 1)
    return letters > WEB.prose or 2 * letters > _letters(form.getroottree().getroot(), 2 * letters)


def _letters(element: Any, enough: int) -> int:
    """Letters in an element, without what is chosen or pressed; no more are counted than are ``enough``."""
    count = 0
    for inner in element.iter():
        if count >= enough:
            break
        if isinstance(inner.tag, str) and inner.tag not in _PRESSED:
            count += sum(map(str.isalpha, inner.text or ""))
        if inner is not element:
            count += sum(map(str.isalpha, inner.tail or ""))
    return count
