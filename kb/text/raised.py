"""Superscripts and subscripts as plain text, the same whatever format they are read from."""

from __future__ import annotations

import regex

__all__ = ["grouped", "lowered", "raised"]

_HIGH = str.maketrans("0123456789+-−–=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱ")
_LOW = str.maketrans("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")
_IS_HIGH = regex.compile(r"[0-9+\-−–=()ni]+")
_IS_LOW = regex.compile(r"[0-9+\-−–=()]+")
_SIGNS = {"TM": "™", "SM": "℠"}
_EXPONENTS = frozenset("jkmpqxyz")  # raised letters that end no abbreviation or ordinal ("1er", "Mme", "nº")
_ATOM = regex.compile(r"[\p{L}\p{M}\p{N}.,]*|\(.*\)|\S")


def raised(text: str) -> str:
    """A superscript that follows something: ``10`` + ``⁶``, ``1`` + ``er``, ``e`` + ``^x``."""
    text = text.strip()
    if _IS_HIGH.fullmatch(text):
        return text.translate(_HIGH)
    if text in _SIGNS:
        return _SIGNS[text]
    if text in _EXPONENTS or regex.search(r"\p{N}", text):
        return "^" + grouped(text)
    return text


def lowered(text: str) -> str:
    """A subscript that follows something: ``H`` + ``₂``, ``V`` + ``_max``."""
    text = text.strip()
    if _IS_LOW.fullmatch(text):
        return text.translate(_LOW)
    return "_" + grouped(text) if text else text


def grouped(text: str) -> str:
    """In brackets, where it is more than a word or a number."""
    text = text.strip()
    return text if _ATOM.fullmatch(text) else f"({text})"
