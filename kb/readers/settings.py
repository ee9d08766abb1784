"""The numbers of this room: how sure a reader has to be. How much is read of a file is in limits."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["READERS"]


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    # Languages. The probability from which the text is believed rather than what the file says of its
    # language, and the characters that are looked at.
    sure: float = 0.9
    language_sample: int = 5_000
    number_bits: int = 256  # of a number that is spelled out

    # Encodings. Bytes that are looked at; how well UTF-16 without a mark has to read (0–1); and the share of
    # unreadable characters beyond which a text is not read.
    decoding_sample: int = 8_000
    wide_fit: float = 0.5
    lost: float = 0.002
    # Old encodings. Bytes of lines that are not all ASCII; from so many on, a language is told without the
    # lines that are; bytes of a short text; characters that are judged.
    old_sample: int = 6_000
    old_context: int = 400
    old_short: int = 200
    old_judged: int = 1_500
    old_floor: float = 0.55  # 0–1: what reads worse is not accepted
    # Letters: with fewer of them, all beyond ASCII, a text says nothing (a Chinese one counts twice).
    old_few: int = 12
    old_untold: float = 0.6  # 0–1: the most that a text can have whose language is not told
    # Candidates whose language is looked at, which takes a millisecond each; by how much a later one must be
    # better.
    old_tried: int = 10
    old_better: float = 0.02
    old_lost: float = 0.002  # of the characters: with more of them unreadable, it is another encoding

    # Names in archives. How well they have to read (0–1); what a Latin letter beyond ASCII says beside one of
    # another alphabet; and so few letters of a small alphabet are as easily something else's, each so much.
    names_read: float = 0.7
    names_latin: float = 0.8
    names_few: int = 5
    names_few_less: float = 0.2

    # Books and letters.
    chapter: int = 100_000  # characters: one longer than this is not made longer by a file without a name
    signature: int = 15  # lines
    head: int = 4_096  # bytes by which a file's kind is told


READERS = ReaderSettings()
