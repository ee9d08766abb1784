"""By what the order and the blocks of a PDF's page are told."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MEASURES"]


@dataclass(frozen=True, slots=True)
class Measures:
    """Lengths are in sizes of the type that they stand beside, unless another unit is named. The files that
    the tests make hold them in place."""

    # Letters to pieces.
    word_gap: float = 0.15  # parts words
    piece_gap: float = 0.8  # parts pieces
    level: float = 0.15  # letters that far apart in height are not on one line
    spaced_sample: int = 40  # letters of a piece that tell whether it is spaced
    unknown: float = 0.1  # share of a page's letters that may have no meaning and be left out
    few_letters: int = 4  # of fewer one does not see that all are equally wide

    # Pieces to columns and rows.
    cell_gap: float = 1.2  # parts the cells of a table
    gutter: float = 0.45  # no narrower gap parts columns
    strip: int = 8  # points
    most_pieces: int = 4_000  # no page of text has so many
    column_rows: int = 3  # that a column of text has at least
    prose_letters: int = 14  # in most rows of a column of text; a table's cells have fewer
    full: float = 0.5  # share of its column that a row of running text fills, mostly
    initial: float = 1.8  # times the usual type: a large initial

    # Running heads.
    edge_lines: int = 2  # at a page's top and bottom that may be one
    edge_gap: float = 1.4  # times the usual gap between lines
    same_place: float = 6.0  # points
    on_most: float = 0.3  # share of pages: left and right pages may have heads of their own

    # Rows to blocks.
    larger: float = 1.15  # times the size of the running text: a heading
    smaller: float = 0.93  # times: a footnote
    loose: float = 1.6  # so far apart are rows at most, where no paragraph tells
    row_gap: float = 1.45  # times the usual gap between rows: another paragraph
    indent: float = 0.8  # a first line that far in begins a paragraph
    short: float = 0.88  # of its column's width: a row that ends sooner ends its paragraph
    slack: float = 0.6  # so much room is left beside a word that would have fitted
    broken: float = (
        0.5  # share of a block's rows that end sooner than they must: their breaks are the author's
    )

    # Code.
    code_rows: int = 400  # at most, that are told to be code by their lines alone
    code_lines: float = 0.6  # share of lines by which all of them are code
    blank: float = 2.4  # times the usual gap: an empty line within code
    blank_lines: int = 3  # in a row, at most
    step: int = 4  # spaces for a step of indentation, where the type does not tell
    near: float = 0.04  # of the letters' distance: as good as equally wide


MEASURES = Measures()
