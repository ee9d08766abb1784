"""The letters of each language, of ``data/letters.tsv``.

They tell near languages apart in a sentence: what a language does not write is hardly in it. And they tell
which old encoding a text is in: in a wrong one its letters are no language's.
"""

from __future__ import annotations

from kb.tables import rows

__all__ = ["ALPHABETS", "IN_OLD_ENCODINGS"]

ALPHABETS: dict[str, dict[str, frozenset[str]]] = {}
"""By script (ISO 15924) and language: lower-case letters; of Latin ones, those beyond a-z."""

IN_OLD_ENCODINGS: dict[str, dict[str, int]] = {}
"""Of languages that old encodings were made for: the places of their letters, from the commonest, 0, on.

Of a language in Latin letters, the order says nothing.
"""

for _code, _script, _letters, _old in rows("letters", 4, key=2, optional=2):
    ALPHABETS.setdefault(_script, {})[_code] = frozenset(filter(str.isalpha, _letters))
    if _old:
        IN_OLD_ENCODINGS[_code] = {char: place for place, char in enumerate(_letters)}
