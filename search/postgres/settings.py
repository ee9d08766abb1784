"""The numbers of this room: how long is waited, how much at a time, from where on there are indexes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["POSTGRES"]


@dataclass(frozen=True, slots=True)
class PostgresSettings:
    # What is needed: server_version_num, and the version of pgvector.
    oldest: int = 140_000
    oldest_pgvector: tuple[int, int] = (0, 8)

    # Seconds: until a host answers at all, an answer, and a statement of a publication.
    connecting: int = 5
    reading: float = 30.0
    writing: float = 3600.0
    connections: int = 16  # to one server, of one library
    tries: int = 3  # as often a question is asked where connections break

    # Readers. Of neighbours, so many times as many as are asked for, and how many at least.
    surplus: int = 3
    least: int = 200
    frequencies_remembered: int = 100_000  # of terms
    # Of a library that has no more terms, the frequencies of all are read at once: 12 bytes each.
    terms_read: int = 4_000_000
    tokens_remembered: int = 4_096  # sentences whose tokens are, some 3 KB each

    # Writers.
    exact_up_to: int = 50_000  # vectors of a language; where there are more, they have an index of neighbours
    links: int = 32  # of a vector in such an index, and how many are looked at to find them
    width: int = 128
    sorted_bytes: int = 256 << 20  # of postings that are sorted together
    shards: int = 64  # at most: each is asked by a thread and a connection of its own


POSTGRES = PostgresSettings()
