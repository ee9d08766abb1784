"""The one table of languages. A language is a row, never a branch in code.

Everything that differs between languages is a column here, or in :mod:`kb.language_rules` beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["LANGUAGES", "UNDETERMINED", "Language", "get", "resolve"]

UNDETERMINED = "und"


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    ``code`` is ISO 639-1 where there is one; ``script`` is ISO 15924; ``direction`` is 'ltr' or 'rtl';
    ``spaced`` says whether white space separates words; ``lemmatizer`` is simplemma's code or None;
    ``aliases`` are other codes for the same language; ``other_scripts`` are what else it is written in.
    """

    code: str
    autonym: str
    english: str
    script: str = "Latn"
    direction: str = "ltr"
    spaced: bool = True
    lemmatizer: str | None = None
    aliases: tuple[str, ...] = ()
    other_scripts: tuple[str, ...] = ()


_ROWS = (
    Language("af", "Afrikaans", "Afrikaans"),
    Language("am", "አማርኛ", "Amharic", "Ethi"),
    Language("ar", "العربية", "Arabic", "Arab", "rtl", lemmatizer="ar", aliases=("arz", "ary", "apc", "ajp")),
    Language("as", "অসমীয়া", "Assamese", "Beng"),
    Language("ast", "asturianu", "Asturian", lemmatizer="ast", aliases=("ext",)),
    Language("az", "azərbaycanca", "Azerbaijani", other_scripts=("Cyrl",)),
    Language("ba", "башҡортса", "Bashkir", "Cyrl"),
    Language("be", "беларуская", "Belarusian", "Cyrl"),
    Language("bg", "български", "Bulgarian", "Cyrl", lemmatizer="bg"),
    Language("bn", "বাংলা", "Bengali", "Beng"),
    Language("br", "brezhoneg", "Breton"),
    Language("bs", "bosanski", "Bosnian", lemmatizer="hbs", other_scripts=("Cyrl",)),
    Language("ca", "català", "Catalan", lemmatizer="ca", aliases=("val",)),
    Language("ceb", "Cebuano", "Cebuano"),
    Language("ckb", "کوردیی ناوەندی", "Central Kurdish", "Arab", "rtl", aliases=("sdh",)),
    Language("cs", "čeština", "Czech", lemmatizer="cs"),
    Language("cy", "Cymraeg", "Welsh", lemmatizer="cy"),
    Language("da", "dansk", "Danish", lemmatizer="da"),
    Language("de", "Deutsch", "German", lemmatizer="de"),
    Language("dz", "རྫོང་ཁ", "Dzongkha", "Tibt", spaced=False),
    Language("el", "Ελληνικά", "Greek", "Grek", lemmatizer="el"),
    Language("en", "English", "English", lemmatizer="en"),
    Language("eo", "Esperanto", "Esperanto", lemmatizer="eo"),
    Language("es", "español", "Spanish", lemmatizer="es"),
    Language("et", "eesti", "Estonian", lemmatizer="et"),
    Language("eu", "euskara", "Basque"),
    Language("fa", "فارسی", "Persian", "Arab", "rtl", lemmatizer="fa", aliases=("prs", "tjk")),
    Language("fi", "suomi", "Finnish", lemmatizer="fi"),
    Language("fo", "føroyskt", "Faroese"),
    Language("fr", "français", "French", lemmatizer="fr"),
    Language("fy", "Frysk", "Western Frisian"),
    Language("ga", "Gaeilge", "Irish", lemmatizer="ga"),
    Language("gd", "Gàidhlig", "Scottish Gaelic", lemmatizer="gd"),
    Language("gl", "galego", "Galician", lemmatizer="gl"),
    Language("gu", "ગુજરાતી", "Gujarati", "Gujr"),
    Language("ha", "Hausa", "Hausa"),
    Language("he", "עברית", "Hebrew", "Hebr", "rtl", lemmatizer="he", aliases=("iw",)),
    Language("hi", "हिन्दी", "Hindi", "Deva", lemmatizer="hi"),
    Language("hr", "hrvatski", "Croatian", lemmatizer="hbs"),
    Language("ht", "kreyòl ayisyen", "Haitian Creole"),
    Language("hu", "magyar", "Hungarian", lemmatizer="hu"),
    Language("hy", "հայերեն", "Armenian", "Armn", lemmatizer="hy"),
    Language("id", "Bahasa Indonesia", "Indonesian", lemmatizer="id", aliases=("in",)),
    Language("ig", "Igbo", "Igbo"),
    Language("is", "íslenska", "Icelandic", lemmatizer="is"),
    Language("it", "italiano", "Italian", lemmatizer="it"),
    Language("ja", "日本語", "Japanese", "Jpan", spaced=False),
    Language("jv", "Basa Jawa", "Javanese", aliases=("jw",)),
    Language("ka", "ქართული", "Georgian", "Geor", lemmatizer="ka"),
    Language("kk", "қазақша", "Kazakh", "Cyrl"),
    Language("km", "ខ្មែរ", "Khmer", "Khmr", spaced=False),
    Language("kn", "ಕನ್ನಡ", "Kannada", "Knda"),
    Language("ko", "한국어", "Korean", "Hang"),
    Language("ku", "kurdî", "Kurdish", aliases=("kmr",)),
    Language("ky", "кыргызча", "Kyrgyz", "Cyrl"),
    Language("la", "Latina", "Latin", lemmatizer="la"),
    Language("lb", "Lëtzebuergesch", "Luxembourgish", lemmatizer="lb"),
    Language("lo", "ລາວ", "Lao", "Laoo", spaced=False),
    Language("lt", "lietuvių", "Lithuanian", lemmatizer="lt"),
    Language("lv", "latviešu", "Latvian", lemmatizer="lv", aliases=("lvs", "ltg")),
    Language("mg", "Malagasy", "Malagasy"),
    Language("mk", "македонски", "Macedonian", "Cyrl", lemmatizer="mk"),
    Language("ml", "മലയാളം", "Malayalam", "Mlym", lemmatizer="ml"),
    Language("mn", "монгол", "Mongolian", "Cyrl"),
    Language("mr", "मराठी", "Marathi", "Deva"),
    Language("ms", "Bahasa Melayu", "Malay", lemmatizer="ms", aliases=("zsm", "zlm")),
    Language("mt", "Malti", "Maltese"),
    Language("my", "မြန်မာ", "Burmese", "Mymr", spaced=False),
    Language("nb", "norsk bokmål", "Norwegian Bokmål", lemmatizer="nb", aliases=("no", "nor")),
    Language("ne", "नेपाली", "Nepali", "Deva"),
    Language("nl", "Nederlands", "Dutch", lemmatizer="nl"),
    Language("nn", "norsk nynorsk", "Norwegian Nynorsk", lemmatizer="nn"),
    Language("oc", "occitan", "Occitan"),
    Language("or", "ଓଡ଼ିଆ", "Odia", "Orya"),
    Language("pa", "ਪੰਜਾਬੀ", "Punjabi", "Guru"),
    Language("pl", "polski", "Polish", lemmatizer="pl"),
    Language("ps", "پښتو", "Pashto", "Arab", "rtl"),
    Language("pt", "português", "Portuguese", lemmatizer="pt"),
    Language("ro", "română", "Romanian", lemmatizer="ro", aliases=("mo",)),
    Language("ru", "русский", "Russian", "Cyrl", lemmatizer="ru"),
    Language("sa", "संस्कृतम्", "Sanskrit", "Deva"),
    Language("se", "davvisámegiella", "Northern Sami", lemmatizer="se"),
    Language("si", "සිංහල", "Sinhala", "Sinh"),
    Language("sk", "slovenčina", "Slovak", lemmatizer="sk"),
    Language("sl", "slovenščina", "Slovenian", lemmatizer="sl"),
    Language("so", "Soomaali", "Somali"),
    Language("sq", "shqip", "Albanian", lemmatizer="sq"),
    Language(
        "sr", "српски", "Serbian", "Cyrl", lemmatizer="hbs", aliases=("sh", "scc"), other_scripts=("Latn",)
    ),
    Language("st", "Sesotho", "Southern Sotho"),
    Language("sv", "svenska", "Swedish", lemmatizer="sv"),
    Language("sw", "Kiswahili", "Swahili", lemmatizer="sw"),
    Language("ta", "தமிழ்", "Tamil", "Taml"),
    Language("te", "తెలుగు", "Telugu", "Telu"),
    Language("tg", "тоҷикӣ", "Tajik", "Cyrl"),
    Language("th", "ไทย", "Thai", "Thai", spaced=False),
    Language("tk", "türkmençe", "Turkmen"),
    Language("tl", "Tagalog", "Tagalog", lemmatizer="tl", aliases=("fil", "tgl")),
    Language("tn", "Setswana", "Tswana"),
    Language("tr", "Türkçe", "Turkish", lemmatizer="tr"),
    Language("tt", "татарча", "Tatar", "Cyrl"),
    Language("ug", "ئۇيغۇرچە", "Uyghur", "Arab", "rtl"),
    Language("uk", "українська", "Ukrainian", "Cyrl", lemmatizer="uk"),
    Language("ur", "اردو", "Urdu", "Arab", "rtl"),
    Language("uz", "oʻzbekcha", "Uzbek", aliases=("uzs",), other_scripts=("Cyrl",)),
    Language("vi", "Tiếng Việt", "Vietnamese"),
    Language("xh", "isiXhosa", "Xhosa"),
    Language("yi", "ייִדיש", "Yiddish", "Hebr", "rtl", aliases=("ji",)),
    Language("yo", "Yorùbá", "Yoruba"),
    Language("yue", "粵語", "Cantonese", "Hant", spaced=False),
    Language("zh", "中文", "Chinese", "Hans", spaced=False, aliases=("cmn", "wuu", "zho", "chi", "lzh")),
    Language("zu", "isiZulu", "Zulu"),
)

LANGUAGES: dict[str, Language] = {row.code: row for row in _ROWS}
"""Every language that the table knows, by its code."""
_LONGEST_TAG = 35  # characters of a tag that matter (RFC 5646, 4.4.1)
_PRIMARY = re.compile("[a-z]{2,3}")
_BY_ALIAS = {alias: row.code for row in _ROWS for alias in (*row.aliases, row.code)}


def get(code: str) -> Language:
    """The row of ``code``; a code that is not in the table gets a neutral row. Never raises."""
    known = LANGUAGES.get(code) or LANGUAGES.get(resolve(code) or "")
    if known:
        return known
    if code in ("", UNDETERMINED):
        return Language(UNDETERMINED, "—", "Undetermined", "Zyyy")
    return Language(code, code, code, "Zyyy")


def resolve(tag: str) -> str | None:
    """The table's code for a language tag (fil → tl, no → nb, pt-BR → pt, pol → pl), else None."""
    primary, _, rest = tag[:_LONGEST_TAG].strip().replace("_", "-").lower().partition("-")
    extended = rest.split("-", 1)[0]  # zh-yue is Cantonese: a language of the macrolanguage before it
    if len(extended) == 3 and extended in LANGUAGES:
        return extended
    return _BY_ALIAS.get(primary) or (_standard(primary) if _PRIMARY.fullmatch(primary) else None)


@lru_cache(maxsize=4096)
def _standard(primary: str) -> str | None:
    """The table's code for one that is not in it. langcodes knows the three-letter codes and which
    macrolanguage an individual language belongs to; it remembers all that it was ever asked, and so is asked
    about nothing that is longer, and is loaded for nothing else."""
    import langcodes

    for macro in (False, True):
        standard = langcodes.Language.get(langcodes.standardize_tag(primary, macro=macro)).language or ""
        if standard in _BY_ALIAS:
            return _BY_ALIAS[standard]
    return None
