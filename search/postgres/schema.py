"""What a library is in a database: generations, each a schema of its own, and which of them is live.

``rosetta.libraries`` says which generation of a library is live, ``rosetta.generations`` which there are;
generation 7 of the database, of whichever library, is the schema ``rosetta_7``. Whoever writes or reads one
holds a shared advisory lock of its number, on the primary, so that nobody takes it away.

What lies on other servers is in ``rosetta.shards``: their hosts, and the label that a generation's part has
there, where it is a generation of the library ``name/shard``. It is noted here before it is begun there, so
whoever takes a generation away knows all of it.
"""

from __future__ import annotations

from search.postgres.settings import POSTGRES

__all__ = [
    "FORMAT",
    "HELD",
    "IMPACT",
    "KNOWN",
    "SETTING_UP",
    "TABLES",
    "finishing",
    "schema_name",
    "shard_library",
]

FORMAT = 2
"""Raised whenever what a generation is in PostgreSQL changes."""

HELD, SETTING_UP = 0x526F7365, 0x526F7366
"""Classes of advisory locks: generations, and what sets tables up or swaps."""

KNOWN = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE SCHEMA IF NOT EXISTS rosetta;
CREATE TABLE IF NOT EXISTS rosetta.generations (
    id serial PRIMARY KEY, library text NOT NULL, label text NOT NULL,
    finished boolean NOT NULL DEFAULT false, width integer NOT NULL DEFAULT 0, described jsonb, axes bytea,
    UNIQUE (library, label)
);
CREATE TABLE IF NOT EXISTS rosetta.libraries (
    name text PRIMARY KEY, live integer NOT NULL REFERENCES rosetta.generations (id),
    before integer REFERENCES rosetta.generations (id) ON DELETE SET NULL
);
CREATE TABLE IF NOT EXISTS rosetta.shards (
    generation integer NOT NULL REFERENCES rosetta.generations (id) ON DELETE CASCADE,
    place smallint NOT NULL, host text NOT NULL, label uuid NOT NULL DEFAULT gen_random_uuid(),
    PRIMARY KEY (generation, place)
);
"""

# Tables are named after what they hold; those of articles are as they are in a folder's database, where
# "sentences" and "passages" are names, too. Vectors are the folder's own, a byte a coordinate on the
# library's axes: halfvec holds these exactly, so that products are the same as there. Nothing is compressed
# that does not get smaller by it. Where each term's passages end in "rows" is said of all terms but the last;
# a row of several terms has so few that a smallint says it.
TABLES = """
CREATE TABLE {schema}.languages (code smallint PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE {schema}.numbers (
    "row" integer PRIMARY KEY, key bigint NOT NULL, article bigint NOT NULL, first integer NOT NULL,
    kinds bytea NOT NULL, language smallint NOT NULL, article_language smallint NOT NULL
);
CREATE TABLE {schema}.passage_vectors (
    "row" integer PRIMARY KEY, language smallint NOT NULL, article_language smallint NOT NULL,
    step real NOT NULL, vector halfvec({dimension}) STORAGE PLAIN NOT NULL
);
CREATE TABLE {schema}.sentence_vectors (
    sentence integer PRIMARY KEY, "row" integer NOT NULL, language smallint NOT NULL,
    article_language smallint NOT NULL, step real NOT NULL,
    vector halfvec({dimension}) STORAGE PLAIN NOT NULL
);
CREATE TABLE {schema}.tokens (sentence integer PRIMARY KEY, kept bytea STORAGE EXTERNAL NOT NULL);
CREATE TABLE {schema}.phrases (
    "row" integer PRIMARY KEY, adjacent integer[] NOT NULL, words bytea STORAGE EXTERNAL NOT NULL
);
CREATE TABLE {schema}.postings (
    first bigint PRIMARY KEY, terms bigint[] NOT NULL, ends smallint[] NOT NULL,
    "rows" integer[] NOT NULL, impacts smallint[] NOT NULL
);
CREATE TABLE {schema}.written (
    first_row integer PRIMARY KEY, count integer NOT NULL, digest text NOT NULL
);
CREATE TABLE {schema}.unsorted (first_row integer, part smallint, data bytea STORAGE EXTERNAL NOT NULL);
CREATE TABLE {schema}.files (path text PRIMARY KEY, size bigint NOT NULL, sha256 text NOT NULL);
CREATE TABLE {schema}.pieces (
    path text, piece integer, data bytea STORAGE EXTERNAL NOT NULL, PRIMARY KEY (path, piece)
);
"""

IMPACT = 32_768
"""What an impact of 1 is written as: those of a folder, which have eleven bits, are whole numbers then, but
for what is next to nothing."""


def schema_name(generation: int) -> str:
    return f"rosetta_{int(generation)}"


def shard_library(library: str) -> str:
    """What a library is called on its shards; no library has such a name."""
    return f"{library}/shard"


def finishing(schema: str, indexed: dict[str, list[int]]) -> list[str]:
    """Statements that make a generation searchable; ``indexed`` are the languages of each table of vectors
    that get an index of neighbours."""
    made = [
        f"CREATE INDEX IF NOT EXISTS phrases_adjacent ON {schema}.phrases USING gin (adjacent)",
        f'CREATE INDEX IF NOT EXISTS sentences_row ON {schema}.sentence_vectors ("row")',
    ]
    for table, codes in indexed.items():
        made += [
            f"CREATE INDEX IF NOT EXISTS {table}_{code} ON {schema}.{table} USING hnsw"
            f" (vector halfvec_cosine_ops) WITH (m = {POSTGRES.links}, ef_construction = {POSTGRES.width})"
            f" WHERE language = {code}"
            for code in codes
        ]
    return [*made, f"ANALYZE {schema}.numbers", f"ANALYZE {schema}.postings"]
