"""Formulas, in a web page (MathML) or a Word document (OMML), as a line of text."""

from __future__ import annotations

from typing import Any

from kb.text.raised import grouped, lowered, raised

__all__ = ["lowered", "raised", "written"]

# What stands between an element's children, by its local name.
_BETWEEN = {
    "f": "/",
    "mfrac": "/",
    "mmultiscripts": " ",
    "mover": "^",
    "mroot": "^1/",
    "mtable": "; ",
    "msub": "_",
    "msubsup": "_^",
    "msup": "^",
    "mtr": ", ",
    "munder": "_",
    "munderover": "_^",
    "sSub": "_",
    "sSubSup": "_^",
    "sSup": "^",
    "m": "; ",
    "mr": ", ",
    "limLow": "_",
    "limUpp": "^",
    "eqArr": "; ",
}
_SILENT = frozenset(["annotation", "annotation-xml"])
_ROOTS = frozenset(["msqrt", "rad"])
_TEXTS = frozenset(["mi", "mn", "mo", "ms", "mtext", "t"])
_SPACED = frozenset("=<>≤≥≠≈≡→⇒⇔∈∝")


def written(formula: Any) -> str:
    """The formula as its author wrote it (TeX), else as its elements say, on one line."""
    for note in formula.iter("{*}annotation", "annotation"):
        if "tex" in (note.get("encoding") or "").lower() and (note.text or "").strip():
            return " ".join(note.text.split())
    said = " ".join((formula.get("alttext") or "").split())
    return said or " ".join(_linear(formula).split())


def _linear(element: Any) -> str:
    if not isinstance(element.tag, str):
        return ""
    name = element.tag.rpartition("}")[2].rpartition(":")[2]
    if name in _SILENT or name.endswith("Pr"):
        return ""
    if name in _TEXTS:
        text = "".join(element.itertext())
        return f" {text.strip()} " if text.strip() in _SPACED else text
    parts = [_linear(child) for child in element]
    if name in _BETWEEN:
        return _joined([part for part in parts if part.strip()], _BETWEEN[name])
    if name in ("chr", "begChr", "endChr"):
        return str(element.get(next(iter(element.keys()), ""), ""))
    text = "".join([element.text or "", *(p + (c.tail or "") for p, c in zip(parts, element, strict=True))])
    if name in _ROOTS:
        return f"√({text.strip()})"
    if name in ("d", "mfenced"):
        return f"({text.strip()})"
    if name == "nary":
        sign = next((c.get(c.keys()[0]) for c in element.iter("{*}chr") if c.keys()), "∫")
        return f"{sign} {' '.join(part.strip() for part in parts if part.strip())} "
    return f" {text} " if name in ("mtext", "func", "fName") else text


def _joined(parts: list[str], marks: str) -> str:
    """Numerator/denominator, base^exponent: each in brackets where it is more than a word."""
    if marks.strip() in (";", ",", ""):
        return marks.join(part.strip() for part in parts)
    text = grouped(parts[0]) if parts else ""
    for at, part in enumerate(parts[1:]):
        if marks == "/" or marks == "^1/":
            text += marks + grouped(part)
        else:
            mark = marks[min(at, len(marks) - 1)]
            shown = raised(part) if mark == "^" else lowered(part)
            plain = mark == "^" and shown == part.strip()
            text += mark + grouped(part) if plain else shown
    return text
