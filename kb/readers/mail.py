"""Letters (.eml) and boxes of them (.mbox): the subject is the title, what is quoted is dropped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from kb.errors import SourceRefused
from kb.models import SkippedSource, SourceFile
from kb.readers.common import Composer, Format, RawFile, as_date, as_language, as_line
from kb.readers.decoding import decode
from kb.readers.limits import LIMITS, too_large
from kb.readers.members import member
from kb.readers.settings import READERS
from kb.readers.web.markup import add_page, html_of

if TYPE_CHECKING:
    from email.message import EmailMessage

__all__ = ["read_eml", "read_mbox"]

_QUOTED = ("a quoted letter", 0.95)
_SIGNATURE = ("a signature", 0.9)
_FROM = re.compile(rb"^From (?=[^\r\n]*\d\d:\d\d[^\r\n]*\r?$)", re.MULTILINE)
_STUFFED = re.compile(rb"^>(>*From )", re.MULTILINE)
_QUOTE = re.compile(r"\s{0,3}>")
# The line above a quote says who wrote when, in any language: it has an address or a date, and ends so.
_SAID_BY = re.compile(r"(?=.*(?:@|\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b|\d[年月일]))\S.*[:：]\s*\Z")
# A letter below a letter, without marks: a rule with words in it, or a head of two lines or more.
_RULE = re.compile(r"\s*[-_]{4,}(?:[^\n]{2,60}[-_]{4,})?\s*\Z")
_HEAD = re.compile(r"\s*\*?([^\W\d_][^\n:：]{0,30}?)\s*[:：]\*?\s*\S")
_HEADS_NAMES = """
    from sent date to cc subject von gesendet datum an betreff de envoyé date à objet enviado fecha para
    asunto da inviato data a oggetto assunto van verzonden aan onderwerp fra sendt til emne från skickat
    till ämne lähettäjä lähetetty vastaanottaja aihe od wysłano do temat odesláno komu předmět odoslané
    predmet feladó küldve dátum címzett tárgy от отправлено дата кому тема від надіслано no nosūtīts kam
    temats nuo išsiųsta kam tema saatja saadetud kellele teema από εστάλη ημερομηνία προς θέμα kimden
    gönderildi tarih kime konu מאת נשלח אל נושא من تاريخ الإرسال إلى الموضوع 发件人 发送时间 日期 收件人
    主题 寄件者 寄件日期 收件者 主旨 差出人 送信日時 宛先 件名 보낸사람 보낸날짜 받는사람 제목 प्रेषक
    दिनांक प्रति विषय
"""
_HEADS = frozenset(_HEADS_NAMES.split())

# How mail programs mark in a page what is quoted and what they add.
_MARKED = frozenset(
    ["gmail_attr", "gmail_signature", "moz-cite-prefix", "moz-signature", "protonmail_quote", "yahoo_quoted"]
)
_FROM_HERE = frozenset(["appendonsend", "divRplyFwdMsg"])


def read_eml(
    raw: RawFile, formats: Mapping[str, Format], unread: Callable[[str], str | None]
) -> Iterator[SourceFile | SkippedSource]:
    """The letter, then its attachments, named ``letter.eml#file``. Raises SourceRefused for no letter."""
    import email
    import email.policy

    try:
        letter = email.message_from_bytes(raw.data, policy=email.policy.default)
        if not any(name.lower() in ("from", "date", "subject", "received", "to") for name in letter):
            raise SourceRefused(
                raw.source, "is no letter: it has no sender, date or subject; save it as .eml"
            )
        made = list(_Letter(raw, formats, unread).read(letter, raw.source, 0))
    except SourceRefused:
        raise
    except Exception as error:  # the parser raises whatever a damaged header leads it to
        reason = as_line(str(error), 100) or type(error).__name__
        raise SourceRefused(raw.source, f"is no sound letter ({reason}); save it again") from error
    if not made:
        raise SourceRefused(raw.source, "holds no text; write some or remove the file")
    yield from made


def read_mbox(
    raw: RawFile, formats: Mapping[str, Format], unread: Callable[[str], str | None]
) -> Iterator[SourceFile | SkippedSource]:
    """Each letter, named ``box.mbox#n``, as ``read_eml`` reads one. Raises SourceRefused for no box."""
    starts = [match.start() for match in _FROM.finditer(raw.data)]
    if not starts or raw.data[: starts[0]].strip():
        raise SourceRefused(raw.source, "is no box of letters: it does not begin with From; export it again")
    for n, (start, end) in enumerate(zip(starts, [*starts[1:], len(raw.data)], strict=True), 1):
        name = f"{raw.source}#{n}"
        if end - start > LIMITS.letter:
            yield SkippedSource(name, too_large(LIMITS.letter))
            continue
        letter = raw.inside(name, _STUFFED.sub(rb"\1", raw.data[start:end].partition(b"\n")[2]))
        yield from member(raw, name, partial(read_eml, letter, formats, unread))


class _Letter:
    """Reads a letter's parts, of which there may be only so many in all."""

    def __init__(
        self, raw: RawFile, formats: Mapping[str, Format], unread: Callable[[str], str | None]
    ) -> None:
        self._raw, self._formats, self._unread = raw, formats, unread
        self._left = LIMITS.letter_parts
        self._names: set[str] = set()
        self._pages = 0  # of HTML in this letter

    def read(self, letter: EmailMessage, name: str, depth: int) -> Iterator[SourceFile | SkippedSource]:
        written: list[EmailMessage] = []
        attached: list[EmailMessage] = []
        self._parts(letter, written, attached, name, depth)
        yield from member(self._raw, name, lambda: self._body(letter, written, name))
        for n, part in enumerate(attached, 1):
            yield from self._attached(part, name, n, depth)

    def _body(
        self, letter: EmailMessage, written: list[EmailMessage], name: str
    ) -> Iterator[SourceFile | SkippedSource]:
        self._pages = 0
        composer = Composer()
        for part in written:
            text = _text(part, name)
            if part.get_content_type() == "text/plain":
                _add_plain(composer, text, part)
            elif text.strip():
                self._pages += 1
                _add_html(composer, name, text)
        if any(map(str.isalnum, composer.kept)):
            yield self._article(letter, name, composer)
        elif composer.blocks:
            yield SkippedSource(name, "holds only what it quotes; keep the letter that it answers")

    def _parts(
        self,
        part: EmailMessage,
        written: list[EmailMessage],
        attached: list[EmailMessage],
        name: str,
        depth: int,
    ) -> None:
        self._left -= 1
        if self._left < 0:
            raise SourceRefused(
                name, f"has more than {LIMITS.letter_parts} parts; save its attachments as files"
            )
        kind = part.get_content_type()
        inside: Any = part.get_payload() if part.is_multipart() and kind != "message/rfc822" else None
        if isinstance(inside, list):
            if depth >= LIMITS.letters_deep:
                raise SourceRefused(name, "is nested too deeply to be read; save its parts as files")
            chosen = _best(inside) if kind == "multipart/alternative" else inside
            for inner in chosen:
                self._parts(inner, written, attached, name, depth + 1)
        elif kind == "message/rfc822" or part.get_filename() or part.is_attachment():
            attached.append(part)
        elif kind in ("text/plain", "text/html"):
            written.append(part)
        elif kind.startswith("text/"):
            attached.append(part)

    def _attached(
        self, part: EmailMessage, name: str, n: int, depth: int
    ) -> Iterator[SourceFile | SkippedSource]:
        if part.get_content_type() == "message/rfc822":
            if depth >= LIMITS.letters_deep:
                raise SourceRefused(name, "is nested too deeply to be read; save its letters as files")
            inside: Any = part.get_payload()
            if isinstance(inside, list) and inside:
                yield from self.read(inside[0], self._free(f"{name}#{n}.eml"), depth + 1)
            return
        file = as_line(part.get_filename(), 200) or f"{n}"
        source = self._free(f"{name}#{file.replace('/', '_').replace(chr(92), '_')}")
        suffix = PurePosixPath(file).suffix.lower()
        form = self._formats.get(suffix)
        if form is None or suffix == ".zip":
            why = self._unread(suffix) if form is None else "is an archive inside a letter; save it as a file"
            if why:
                yield SkippedSource(source, why)
            return
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes) or len(data) > form.limit:
            yield SkippedSource(source, too_large(form.limit))
            return
        yield from member(self._raw, source, lambda: form.read(self._raw.inside(source, data)))

    def _free(self, name: str) -> str:
        """The name, or one like it that no other part has."""
        found, n = name, 1
        while found in self._names:
            n += 1
            found = f"{name}({n})"
        self._names.add(found)
        return found

    def _article(self, letter: EmailMessage, name: str, composer: Composer) -> SourceFile:
        title, raw = _header(letter, "subject"), self._raw
        if name != raw.source:
            digest = hashlib.sha256(f"{title}\n{composer.text}".encode()).hexdigest()
            raw = replace(raw, source=name, content_hash=digest)
        return composer.source_file(
            raw,
            "mail",
            title=title,
            language=as_language(_header(letter, "content-language")),
            date=_date(_header(letter, "date")),
            author=_header(letter, "from"),
            plain=all(block.kind == "paragraph" for block in composer.blocks) and not self._pages,
        )


# --- what a letter says -----------------------------------------------------------------------------------


def _best(parts: list[EmailMessage]) -> list[EmailMessage]:
    """Of several forms of one text, the plain one if it says anything; what is no form of it stays."""
    plain = [
        part for part in parts if part.get_content_type() == "text/plain" and str(part.get_payload()).strip()
    ]
    return plain[:1] or parts[-1:]


def _header(letter: EmailMessage, name: str) -> str | None:
    try:
        value = letter.get(name)
    except Exception:  # a header that the library cannot parse says nothing
        return None
    return as_line(str(value).encode("utf-8", "replace").decode("utf-8")) if value is not None else None


def _date(value: str | None) -> str | None:
    from email.utils import parsedate_to_datetime

    try:
        return as_date(parsedate_to_datetime(value or ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return as_date(value)


def _text(part: EmailMessage, name: str) -> str:
    """A part's text, in the encoding that it names if that fits its bytes."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data.strip():
        return ""
    said = part.get_content_charset()
    if said and said not in ("us-ascii", "unknown-8bit"):
        try:
            return data.decode({"iso-8859-1": "cp1252", "gb2312": "gb18030"}.get(said, said))
        except (LookupError, UnicodeDecodeError):
            pass
    found = decode(data)
    if found is None:
        raise SourceRefused(name, "is in no encoding that can be recognised; save it as UTF-8")
    return found[0]


# --- plain text -------------------------------------------------------------------------------------------


def _add_plain(composer: Composer, text: str, part: EmailMessage) -> None:
    """Paragraphs; what is quoted, and a signature, are dropped."""
    lines = [line.rstrip("\r") for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    flowed = str(part.get_param("format") or "").lower() == "flowed"
    if flowed:
        lines = list(_unflowed(lines, str(part.get_param("delsp") or "").lower() == "yes"))
    for rows, reason in _groups(lines):
        composer.add("\n".join(rows), dropped=reason)


def _unflowed(lines: list[str], joined: bool) -> Iterator[str]:
    """Lines that a soft break (a space at their end) cut are whole again (RFC 3676)."""
    held, depth = "", 0
    for line in lines:
        deep = len(line) - len(line.lstrip(">"))
        words = line[deep:].removeprefix(" ")
        if held and deep != depth:
            yield ">" * depth + (" " if depth else "") + held
            held = ""
        depth = deep
        if words.endswith(" ") and words != "-- ":
            held += words[:-1] if joined else words
            continue
        yield ">" * deep + (" " if deep else "") + held + words
        held = ""
    if held:
        yield ">" * depth + (" " if depth else "") + held


def _groups(lines: list[str]) -> Iterator[tuple[list[str], tuple[str, float] | None]]:
    """The paragraphs, each with the reason for which it is no part of the letter."""
    reasons = _reasons(lines)
    rows: list[str] = []
    for i, line in enumerate(lines):
        if rows and (not line.strip() or reasons[i] != reasons[i - 1]):
            yield rows, reasons[i - 1]
            rows = []
        if line.strip():
            rows.append(line.rstrip())
    if rows:
        yield rows, reasons[-1]


def _reasons(lines: list[str]) -> list[tuple[str, float] | None]:
    reasons: list[tuple[str, float] | None] = [None] * len(lines)
    for i, line in enumerate(lines):
        if _QUOTE.match(line):
            reasons[i] = _QUOTED
    for i in [i for i, why in enumerate(reasons) if why and (i == 0 or not reasons[i - 1])]:
        above = [k for k in range(max(0, i - 4), i) if lines[k].strip()]
        for count in (1, 2, 3):  # long names break over lines
            said = " ".join(lines[k].strip() for k in above[-count:])
            if (
                above[-count:]
                and _SAID_BY.match(said)
                and len(said) < 250
                and _together(lines, above[-count:])
            ):
                reasons[above[-count] : i] = [_QUOTED] * (i - above[-count])
                break
    written = False  # is there anything above?
    for i, line in enumerate(lines):
        if written and _begins_letter(lines, i):
            reasons[i:] = [_QUOTED] * (len(lines) - i)
            break
        if line in ("-- ", "--"):
            end, rows = i, 0
            while end < len(lines) and reasons[end] != _QUOTED and rows <= READERS.signature:
                rows += bool(lines[end].strip())
                end += 1
            if rows <= READERS.signature:
                reasons[i:end] = [_SIGNATURE] * (end - i)
        written = written or bool(line.strip())
    return reasons


def _together(lines: list[str], rows: list[int]) -> bool:
    return all(b - a == 1 for a, b in pairwise(rows))


def _begins_letter(lines: list[str], i: int) -> bool:
    """Does the letter that this one answers, or passes on, begin here, without marks?"""
    heads = 0
    at = i + 1 if _RULE.match(lines[i]) else i
    for line in lines[at : at + 8]:
        if not line.strip() and not heads:
            continue
        head = _HEAD.match(line)
        if head is None:
            break
        heads += head[1].lower() in _HEADS
    return heads >= 3 or (heads >= 2 and at > i)


# --- pages in letters -------------------------------------------------------------------------------------


def _add_html(composer: Composer, name: str, text: str) -> None:
    """A page's blocks, without those that a mail program marks as quoted."""
    root = html_of(name, text)
    for element in list(root.iter("blockquote", "div", "pre", "span", "hr")):
        names = {*(element.get("class") or "").split(), element.get("id") or ""}
        cited = element.get("type") == "cite" or "gmail_quote" in names
        if (element.tag == "blockquote" and cited) or names & _MARKED:
            element.tag = "nav"
        elif names & _FROM_HERE and element.tag != "nav":  # Outlook: what follows is the letter answered
            for rest in [element, *element.itersiblings()]:
                if isinstance(rest.tag, str):
                    rest.tag = "nav"
    add_page(composer, root, _QUOTED[0])
