"""The numbers of the site and the command line. What a user may set is in config."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WEBAPP"]


@dataclass(frozen=True, slots=True)
class WebSettings:
    # What is asked. Characters of a query on a page (a longer one is no question any more) and through the
    # API.
    page_query: int = 300
    api_query: int = 10_000
    # Bytes of a request's body; Rosetta only reads, so that none is needed.
    body: int = 64 * 1024
    languages_accepted: int = 500  # characters of a browser's list of languages that are read

    # What is given, at most: quotes of each language that an answer has, articles of a search and of a list,
    # how many of them may be left out, and suggestions.
    quotes_each: int = 20
    hits: int = 100
    hits_offset: int = 10_000
    articles_offset: int = 999_999
    suggestions: int = 20
    # Characters of a hit's passage that are shown, cut at words, and below which a block alone says too
    # little.
    excerpt: int = 320
    short_block: int = 120
    assistant_article: int = 100_000  # characters of an article in one reply to an assistant

    # The library. Seconds between two looks at the folder: a new one appears with the next request after
    # that. Seconds after which no request can be using an engine any more that was replaced, and between two
    # tries to load a model that is missing.
    library_pause: float = 2.0
    farewell: float = 60.0
    model_pause: float = 30.0
    # Seconds between two looks whether the live generation is well again, where an older one is served.
    behind_pause: float = 30.0

    # The server. Threads beside those that search or wait for it: for all else, and for saying no. Bytes of
    # headers: a query of the most characters, each of them escaped, and the rest.
    spare_threads: int = 8
    headers: int = 160 * 1024
    # Seconds that a thread may keep the interpreter while others want it, a tenth of Python's own: whoever
    # takes connections and answers for health wants it after each call of the system, and searches would make
    # it wait.
    turn: float = 0.0005

    # Translating. Characters of a text; seconds that a reader waits; translations that run, or wait, at a
    # time; those kept; bytes of a program's reply.
    translated: int = 2_000
    translating_patience: float = 20.0
    translating_at_a_time: int = 2
    translating_waiting: int = 8
    translations_kept: int = 1_000
    translation_reply: int = 64 * 1024

    # Pages.
    hits_per_page: int = 10
    articles_per_page: int = 50
    deepest_page: int = 100
    examples: int = 6
    glossary_examples: int = 2
    fewest_headings: int = 2
    # What is related to an article: how many are shown, articles looked through for the best one of each
    # language, and characters of the text that is looked for.
    related: int = 6
    related_depth: int = 50
    related_query: int = 500
    suggested: int = 8

    # Pictures. Colours of a heat map, which the style sheet has from ``step-0`` on: few enough to be told
    # apart; from the least to the most of one: what differs less is hardly different. Colours of a map's
    # languages, which the style sheet has, too; and its lengths in pixels.
    steps: int = 5
    narrowest: float = 0.05
    colours: int = 12
    map_width: int = 960
    map_height: int = 560
    map_margin: int = 24
    map_line: int = 17

    # The command line. Columns that a text may fill; seconds between two plain lines about the same stage.
    columns: int = 100
    progress_every: float = 5.0
    catalogue_width: int = 110  # columns of a file of translations


WEBAPP = WebSettings()
