"""JSON as the terminal gets it: UTF-8, so that people and other programs read the same letters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import click

__all__ = ["json_text", "print_json"]

# None of an article's controls may reach the terminal raw, nor turn round what follows. JSON itself escapes
# those below the space; lone surrogates have no UTF-8 at all.
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def json_text(document: Mapping[str, Any], indent: int | None = None) -> str:
    """``document`` as JSON; only what cannot be shown is escaped."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_json(document: Mapping[str, Any]) -> None:
    # Bytes: JSON is UTF-8 whatever the terminal is.
    click.echo(json_text(document, 2).encode("utf-8"))
