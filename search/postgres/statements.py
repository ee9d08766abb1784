"""The statements that a question asks: one for each thing that the engine wants to know."""

from __future__ import annotations

__all__ = ["Statements"]

# Passages that an article's language, or a list of rows, keeps.
_KEPT = (
    "(%(languages)s::smallint[] IS NULL OR article_language = ANY(%(languages)s))"
    ' AND (%(only)s::integer[] IS NULL OR "row" = ANY(%(only)s))'
)
_WANTED = "article_language = ANY(%(wanted)s::smallint[])"
# Of a vector's numbers and a query's, and what a step of each is worth: rounded as in a folder.
_COSINE = "(-(vector <#> %(query)s::halfvec))::real * (step * %(step)s::real)"
# Where a term's passages are: in the row of terms that begins with the last one that is not after it.
_LISTED = """
CROSS JOIN LATERAL (
    SELECT terms, ends, "rows", impacts FROM {schema}.postings p WHERE p.first <= a.hash
    ORDER BY p.first DESC LIMIT 1
) p
CROSS JOIN LATERAL (SELECT array_position(p.terms, a.hash) AS at) x
"""
_START = "coalesce(p.ends[x.at - 1], 0)"
_END = 'coalesce(p.ends[x.at], cardinality(p."rows"))'
_SPAN = f"[{_START} + 1 : {_END}]"


class Statements:
    """For one generation, in ``schema``; ``neighbours`` are the languages whose vectors have an index of
    neighbours, by table."""

    def __init__(self, schema: str, neighbours: dict[str, list[int]]) -> None:
        self._schema = schema
        listed = _LISTED.format(schema=schema)
        self.numbers = (
            'SELECT array_agg("row" ORDER BY "row"), array_agg(key ORDER BY "row"),'
            ' array_agg(article ORDER BY "row"), array_agg(first ORDER BY "row"),'
            ' array_agg(length(kinds) ORDER BY "row"), array_agg(language ORDER BY "row"),'
            ' array_agg(article_language ORDER BY "row"), string_agg(kinds, \'\'::bytea ORDER BY "row")'
            f" FROM {schema}.numbers"
        )
        self.terms = f'SELECT terms, ends, cardinality("rows") FROM {schema}.postings ORDER BY first'
        self._neighbours, self._listed = neighbours, listed
        self.nearest = f"""
WITH {self._near(scoped=False)}
SELECT (SELECT array_agg("row" ORDER BY "row") FROM kept),
       (SELECT array_agg(cosine::real ORDER BY "row") FROM kept),
       (SELECT array_agg(s.cosine::real ORDER BY s.sentence) FROM s JOIN kept USING ("row"))
"""
        self.pool, self.pool_in_languages = self._pool(scoped=False), self._pool(scoped=True)
        self.cosines = f"""
SELECT (SELECT array_agg({_COSINE} ORDER BY "row")
        FROM {schema}.passage_vectors WHERE "row" = ANY(%(rows)s)),
       (SELECT array_agg({_COSINE} ORDER BY sentence)
        FROM {schema}.sentence_vectors WHERE "row" = ANY(%(rows)s))
"""
        self.frequencies = f"""
SELECT array_agg(a.place::integer), array_agg({_END} - {_START})
FROM unnest(%(terms)s::bigint[]) WITH ORDINALITY AS a(hash, place) {listed} WHERE x.at IS NOT NULL
"""
        self.having = f"""
SELECT array_agg(a.place::integer), array_agg(u."row")
FROM unnest(%(terms)s::bigint[]) WITH ORDINALITY AS a(hash, place) {listed}
CROSS JOIN LATERAL unnest(p."rows"{_SPAN}) AS u("row")
WHERE x.at IS NOT NULL AND u."row" = ANY(%(rows)s)
"""
        self.matched = self._matched(listed)
        self.tokens = f"SELECT sentence, kept FROM {schema}.tokens WHERE sentence = ANY(%(sentences)s)"
        self.vectors = f"""
SELECT "row", step, vector::real[] FROM {schema}.passage_vectors WHERE "row" = ANY(%(rows)s) ORDER BY "row"
"""

    def phrases(self, keys: int) -> str:
        """The passages that have some of each of so many lists of hashes, with their words."""
        every = " AND ".join(f"adjacent && %(keys{at})s" for at in range(keys))
        return (
            f'SELECT "row", words FROM {self._schema}.phrases WHERE {every}'
            ' AND (%(only)s::integer[] IS NULL OR "row" = ANY(%(only)s)) ORDER BY "row"'
        )

    def _near(self, *, scoped: bool) -> str:
        """The nearest passages, ``kept``, as parts of a statement, with the cosines of those that were looked
        at, ``p``, and of their sentences, ``s``. With ``scoped`` the nearest in wanted languages, too."""
        schema = self._schema
        candidates, joined, where = "", "", f"WHERE {_KEPT}"
        scopes = [_KEPT, f"{_KEPT} AND {_WANTED}"] if scoped else [_KEPT]
        if any(self._neighbours.values()):
            parts = [
                f'(SELECT "row" FROM {schema}.{table} WHERE language = {code} AND {scope}'
                " ORDER BY vector <=> %(query)s::halfvec LIMIT %(depth)s)"
                for table, codes in self._neighbours.items()
                for code in codes
                for scope in scopes
            ]
            large = sorted({code for codes in self._neighbours.values() for code in codes})
            others = f"NOT language = ANY('{{{','.join(map(str, large))}}}'::smallint[])"
            parts.append(f'(SELECT "row" FROM {schema}.passage_vectors WHERE {others} AND {_KEPT})')
            candidates = f"candidates AS MATERIALIZED ({' UNION '.join(parts)}),"
            joined, where = 'JOIN candidates USING ("row")', ""
        blend = '(1 - %(share)s) * p.cosine + %(share)s * coalesce(best.cosine, -1) DESC, p."row"'
        among = f", row_number() OVER (PARTITION BY p.language, {_WANTED} ORDER BY {blend})" if scoped else ""
        also = f"OR ({_WANTED} AND wanted_place <= %(each)s)" if scoped else ""
        return f"""
{candidates} p AS MATERIALIZED (
    SELECT "row", language, article_language, {_COSINE} AS cosine
    FROM {schema}.passage_vectors {joined} {where}
), s AS MATERIALIZED (
    SELECT sentence, "row", {_COSINE} AS cosine
    FROM {schema}.sentence_vectors {joined} {where}
), best AS (
    SELECT "row", max(cosine) AS cosine FROM s GROUP BY "row"
), ordered AS (
    SELECT p."row", p.cosine, p.article_language,
        row_number() OVER (PARTITION BY p.language ORDER BY {blend}) AS place
        {among + " AS wanted_place" if scoped else ""}
    FROM p LEFT JOIN best USING ("row")
), kept AS MATERIALIZED (
    SELECT "row", cosine FROM ordered WHERE place <= %(each)s {also}
)"""

    def _pool(self, *, scoped: bool) -> str:
        """All of a question's pool at once: the passages nearest to it and those that match its words, with
        what both say of each, and which of its words each has."""
        schema = self._schema
        wanted = f", {_WANTED} AS wanted" if scoped else ""
        joined = f'JOIN {schema}.numbers USING ("row")' if scoped else ""
        best = 'ORDER BY words + grams DESC, "row"'
        also = f", row_number() OVER (PARTITION BY language, wanted {best}) AS wanted_place" if scoped else ""
        may = "OR (wanted AND wanted_place <= %(by_words)s)" if scoped else ""
        # Where all are compared, what matches words was, too.
        passages, sentences, cosine = "p", "s", "cosine"
        if any(self._neighbours.values()):
            passages, sentences = f"{schema}.passage_vectors", f"{schema}.sentence_vectors"
            cosine = _COSINE
        return f"""
WITH {self._near(scoped=scoped)}, found AS MATERIALIZED (
    SELECT a.place::integer AS place, a.owner, a.language, u."row", u.impact * a.value AS gained
    FROM unnest(%(terms)s::bigint[], %(owners)s::integer[], %(codes)s::smallint[], %(values)s::real[])
        WITH ORDINALITY AS a(hash, owner, language, value, place) {self._listed}
    CROSS JOIN LATERAL unnest(p."rows"{_SPAN}, p.impacts{_SPAN}) AS u("row", impact)
    WHERE x.at IS NOT NULL
), gains AS (
    SELECT owner, language, "row", max(gained) AS gained FROM found GROUP BY 1, 2, 3
), shares AS MATERIALIZED (
    SELECT "row", language, coalesce(sum(gained) FILTER (WHERE owner >= 0), 0) AS words,
        coalesce(sum(gained) FILTER (WHERE owner < 0), 0) AS grams
    FROM gains GROUP BY "row", language
), allowed AS (
    SELECT "row", shares.language, words, grams {wanted} FROM shares {joined}
    WHERE words + grams > 0 AND (%(only)s::integer[] IS NULL OR "row" = ANY(%(only)s))
), matching AS (
    SELECT *, row_number() OVER (PARTITION BY language {best}) AS place {also} FROM allowed
), pool AS MATERIALIZED (
    SELECT "row" FROM kept UNION SELECT "row" FROM matching WHERE place <= %(by_words)s {may}
), held AS (
    SELECT array_agg(place) AS columns, array_agg("row") AS "rows" FROM found JOIN pool USING ("row")
    WHERE owner >= 0
)
SELECT (SELECT array_agg("row" ORDER BY "row") FROM pool),
    (SELECT array_agg({cosine}::real ORDER BY "row") FROM {passages} JOIN pool USING ("row")),
    (SELECT array_agg({cosine}::real ORDER BY sentence) FROM {sentences} JOIN pool USING ("row")),
    (SELECT array_agg(coalesce(words, 0)::real ORDER BY "row") FROM pool LEFT JOIN shares USING ("row")),
    (SELECT array_agg(coalesce(grams, 0)::real ORDER BY "row") FROM pool LEFT JOIN shares USING ("row")),
    held.columns, held."rows",
    (SELECT array_agg(coalesce(words + grams, 0) ORDER BY "row") FROM pool LEFT JOIN shares USING ("row"))
FROM held
"""

    def _matched(self, listed: str) -> str:
        return f"""
WITH found AS (
    SELECT a.owner, a.language, u."row", max(u.impact * a.value) AS gained
    FROM unnest(%(terms)s::bigint[], %(owners)s::integer[], %(codes)s::smallint[], %(values)s::real[])
        AS a(hash, owner, language, value) {listed}
    CROSS JOIN LATERAL unnest(p."rows"{_SPAN}, p.impacts{_SPAN}) AS u("row", impact)
    WHERE x.at IS NOT NULL GROUP BY 1, 2, 3
), shares AS (
    SELECT "row", language, coalesce(sum(gained) FILTER (WHERE owner >= 0), 0) AS words,
        coalesce(sum(gained) FILTER (WHERE owner < 0), 0) AS grams
    FROM found GROUP BY "row", language
), allowed AS (
    SELECT shares.*, words + grams > 0 AND (%(only)s::integer[] IS NULL OR "row" = ANY(%(only)s))
        AND (%(languages)s::smallint[] IS NULL OR EXISTS (
            SELECT 1 FROM {self._schema}.numbers n
            WHERE n."row" = shares."row" AND n.article_language = ANY(%(languages)s)
        )) AS may
    FROM shares
), ordered AS (
    SELECT *, row_number() OVER (PARTITION BY language, may ORDER BY words + grams DESC, "row") AS place
    FROM allowed
)
SELECT array_agg("row" ORDER BY "row"), array_agg(words::real ORDER BY "row"),
    array_agg(grams::real ORDER BY "row"), array_agg(words + grams ORDER BY "row")
FROM ordered WHERE (may AND place <= %(each)s) OR "row" = ANY(%(also)s::integer[])
"""
