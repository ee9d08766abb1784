"""The control words of rich text that say what is text and what is not, and the names of its encodings."""

from __future__ import annotations

__all__ = ["BELOW", "CHARSETS", "HEADS", "KEPT", "READ", "SCRIPTS", "SIGNS", "SILENT", "WORDS"]

CHARSETS = {
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gb18030",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp850",
}
WORDS = {
    "bullet": "•",
    "emdash": "—",
    "emspace": " ",
    "endash": "–",
    "enspace": " ",
    "lbr": "\n",
    "ldblquote": "“",
    "line": "\n",
    "lquote": "‘",
    "nestcell": " ",
    "nestrow": " ",
    "qmspace": " ",
    "rdblquote": "”",
    "rquote": "’",
    "softline": "\n",
    "tab": "\t",
    "zwj": "\u200d",
    "zwnj": "\u200c",
}
SIGNS = {"~": "\u00a0", "_": "\u2011", "{": "{", "}": "}", "\\": "\\"}
# Groups whose text nobody reads, but for those in READ inside them. So are all that begin with \*.
_SILENT_NAMES = """
    atndate atnicn atnid atnref atntime atrfend atrfstart annotation author bkmkend bkmkstart buptim
    category colortbl comment company creatim doccomm fldinst fonttbl fontemb generator info keywords
    manager nonesttables object objdata operator pict pn printim private revtim rxe shp shprslt stylesheet
    subject tc tcn title txe upr xe
"""
SILENT = frozenset(_SILENT_NAMES.split())
READ = frozenset(["dptxbxtext", "fldrslt", "footnote", "result", "shptxt", "ud"])
BELOW = frozenset(["dptxbxtext", "footnote", "shptxt"])  # read below the paragraph that they stand in
HEADS = {
    **dict.fromkeys(("header", "headerf", "headerl", "headerr"), "the page's head"),
    **dict.fromkeys(("footer", "footerf", "footerl", "footerr"), "the page's foot"),
}
KEPT = {"title": "title", "author": "author", "listtext": "marker", "pntext": "marker"}
SCRIPTS = {"super": "sup", "sub": "sub"}
