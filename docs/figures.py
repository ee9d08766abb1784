"""Writes the figures kept in figures.toml into the pages that show them, and draws the plots.

    python docs/figures.py            # or `make figures`

A plot is drawn by hand, as text: the same figures give the same bytes anywhere, in the reader's colours.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

DOCS = Path(__file__).parent
ROOT = DOCS.parent

_PLACE = re.compile(r"(<!-- figures: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

# Pixels.
_WIDTH, _ROW, _TOP, _LEFT, _RIGHT, _LINE = 900, 34, 86, 350, 30, 15
_LABEL = 46  # characters in a line of a label
# Okabe and Ito's colours, told apart by those who see fewer.
_COLOURS = ("#999999", "#0072b2", "#d55e00", "#009e73")
_STYLE = """text{font:13px system-ui,sans-serif;fill:#222}.title{font-weight:600;font-size:15px}
.grid{stroke:#ddd}.quiet{fill:#666}@media(prefers-color-scheme:dark){text{fill:#eee}.grid{stroke:#555}
.quiet{fill:#aaa}}"""


def kept() -> dict[str, Any]:
    """The figures by their names."""
    return tomllib.loads((DOCS / "figures.toml").read_text(encoding="utf-8"))


def pages() -> list[Path]:
    """Every page that may show figures."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def made() -> Iterator[tuple[Path, str]]:
    """Each file that shows figures, with what it should say. Raises KeyError for a name that is not kept."""
    figures = kept()
    for page in pages():
        text = page.read_text(encoding="utf-8")

        def filled(place: re.Match[str]) -> str:
            return f"{place[1]}{table(figures[place[2]])}\n{place[3]}"

        if _PLACE.search(text):
            yield page, _PLACE.sub(filled, text)
    for name, figure in figures.items():
        if "plot" in figure:
            yield DOCS / "images" / f"{name}.svg", plot(figure)


def table(figure: Mapping[str, Any]) -> str:
    """A figure as a Markdown table."""
    ruler = ["---"] * len(figure["columns"])
    return "\n".join(f"| {' | '.join(row)} |" for row in (figure["columns"], ruler, *figure["rows"]))


def plot(figure: Mapping[str, Any]) -> str:
    """A figure as a dot plot: a line for each row, a dot in each column."""
    low, high, names = figure["plot"]["from"], figure["plot"]["to"], figure["columns"][1:]
    height = _TOP + _ROW * len(figure["rows"]) + 10

    def at(value: float) -> float:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * (value - low) / (high - low), 1)

    body = [f'<text class="title" x="16" y="26">{escape(figure["plot"]["title"])}</text>']
    body += _legend(names)
    ticks = 7 if high - low > 0.5 else 4
    for place in range(ticks + 1):
        value = low + (high - low) * place / ticks
        body.append(f'<path class="grid" d="M{at(value)} {_TOP - 8}V{height - 10}"/>')
        body.append(
            f'<text class="quiet" x="{at(value)}" y="{_TOP - 14}" text-anchor="middle">{value:.2f}</text>'
        )
    for number, (label, *cells) in enumerate(figure["rows"]):
        y = _TOP + _ROW * number + _ROW // 2
        body += _label(label.replace("**", ""), y)
        body.append(f'<path class="grid" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}"/>')
        for name, cell, colour in zip(names, cells, _COLOURS, strict=False):
            value = float(cell.strip("*"))
            body.append(
                f'<circle cx="{at(value)}" cy="{y}" r="6" fill="{colour}">'
                f"<title>{escape(name)}: {value:.3f}</title></circle>"
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">'
        f"<title>{escape(figure['plot']['title'])}</title><style>{_STYLE}</style>\n"
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _legend(names: Sequence[str]) -> Iterator[str]:
    x = float(_LEFT)
    for name, colour in zip(names, _COLOURS, strict=False):
        yield f'<circle cx="{x + 6:.0f}" cy="44" r="6" fill="{colour}"/>'
        yield f'<text x="{x + 18:.0f}" y="48">{escape(name)}</text>'
        x += 40 + 7.2 * len(name)


def _label(text: str, y: int) -> Iterator[str]:
    """A row's label, in one or two lines."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= _LABEL:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > 2:
        lines = [lines[0], lines[1] + " …"]
    first = y + 4 - _LINE * (len(lines) - 1) / 2
    for number, line in enumerate(lines):
        yield f'<text x="{_LEFT - 14}" y="{first + _LINE * number:g}" text-anchor="end">{escape(line)}</text>'


def main() -> None:
    for path, text in made():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
