"""What languages do with a hyphen at a line's end: rows for :mod:`kb.text.joining`."""

from __future__ import annotations

__all__ = ["CLITICS", "CONJUNCTIONS", "DICTIONARIES", "KEPT_FIRST_PARTS"]


def _rows(rows: dict[str, str]) -> dict[str, frozenset[str]]:
    return {code: frozenset(words.split()) for codes, words in rows.items() for code in codes.split()}


# What stands between two words that share a part: "Haupt- und Nebenkanal", "zout- en zoetwater".
CONJUNCTIONS = _rows(
    {
        "af fy nl": "en of tot noch alsook dan",
        "be": "і й ці або",
        "bg mk": "и или",
        "bs hr sr": "i ili ni te и или",
        "ca": "i o",
        "cs": "a i nebo či až",
        "da nb nn": "og eller samt til",
        "de lb": "und oder bzw beziehungsweise sowie bis als wie statt sondern aber an",
        "en": "and or to and/or",
        "es gl": "y e o u ou",
        "et": "ja või ning ehk kui",
        "eu": "eta edo",
        "fi": "ja tai sekä eli että kuin",
        "fo": "og ella",
        "fr": "et ou",
        "hu": "és vagy illetve meg",
        "is": "og eða",
        "it": "e o ed",
        "lt": "ir ar arba bei",
        "lv": "un vai",
        "pl": "i lub oraz albo czy",
        "pt": "e ou",
        "ro": "și sau",
        "ru": "и или",
        "sk": "a i alebo či až",
        "sl": "in ali",
        "sq": "dhe ose",
        "sv": "och eller samt till",
        "tr": "ve veya ya",
        "uk": "і й та або чи",
    }
)

# What is written after a hyphen: "disse-me", "a-t-il", "кто-то".
CLITICS = _rows(
    {
        "ca": "me te se lo la los les hi ho ne en nos vos li",
        "fr": "je tu il elle on nous vous ils elles le la les lui leur moi toi y en ce là ci t même mêmes"
        " être elles-mêmes dessus dessous delà devant",
        "gl pt": "me te se lhe lhes nos vos o a os as lo la los las no na mo ma lho lha ia ei á ão iam",
        "id ms": "nya lah kah",
        "ro": "a o l i le se te mă am ai au ar un ul va vor mi ți și ne s urilor ului",
        "ru": "то либо нибудь ка таки за под",
        "uk": "то небудь бо но таки за під",
        "be": "то небудзь за пад",
        "bg": "малко малка голям голяма добър добра добре",
    }
)

# What is written before one: "self-made", "из-за", "по-русски", "într-un".
KEPT_FIRST_PARTS = _rows(
    {
        "be": "па з абы хто",
        "bg": "по най",
        "en": "long short high low well ill self ex all half cross mid so non quasi twenty thirty forty"
        " fifty sixty seventy eighty ninety full part first second third left right",
        "fr": "peut demi mi semi ex vice au par là ci non quelqu grand presqu sous c est vis celui celle ceux"
        " celles",
        "id ms": "se-",
        "pt": "ex pré pós pró recém vice bem além aquém",
        "ro": "într dintr printr s m l n i v ți mi nord sud ex",
        "ru": "из по кое кой во в-третьих северо юго",
        "uk": "з із по будь казна хтозна південно північно",
    }
)

# Languages in which both "springtime" and "long-term" are usual, and simplemma's code for their dictionary.
# In the others a word that goes on in small letters after a line's end was broken there.
DICTIONARIES = {code: code for code in ("ca", "en", "es", "fr", "gl", "id", "it", "ms", "pt", "ro")}
