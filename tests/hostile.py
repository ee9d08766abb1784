"""What hostile people type, and what is expected of each: a table for the engine's and the web's tests."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["QUERIES", "Row"]


@dataclass(frozen=True)
class Row:
    """``expected`` is "answered" (a search like any other) or "refused" (QueryError, 400)."""

    name: str
    query: str
    expected: str = "answered"


QUERIES = (
    Row("nothing", "", "refused"),
    Row("white space", " \t\u3000\n", "refused"),
    Row("only control characters", "\x00\x01\x1b\x7f", "refused"),
    Row("only punctuation", "?!…—()[]{}", "refused"),
    Row("only exclusions", "-loyalty -service", "refused"),
    Row("NUL inside", "loyal\x00ty"),
    Row("lone surrogates", "loyalty \ud800\udfff"),
    Row("only surrogates", "\ud800", "refused"),
    Row("terminal codes", "\x1b[31mloyalty\x1b[0m"),
    Row("right-to-left overrides", "\u202eytlayol\u202c \u2066loyalty\u2069"),
    Row("zero-width characters", "lo\u200by\u200da\ufefflty"),
    Row("zalgo", "l" + "\u0335\u0489\u0300" * 300 + "oyalty"),
    Row("10,000 combining marks", "a" + "\u0301" * 9_999),
    Row("wildcards of other systems", "*a ?b loyal*"),
    Row("fuzziness of other systems", "loyalty~9 service~0.1"),
    Row("ranges and fields of other systems", "[a TO z] title:{* TO *} _exists_:x"),
    Row("boosts and booleans", "loyalty^1e308 AND NOT (service OR)"),
    Row("5,000 parentheses", "(" * 5_000 + "loyalty" + ")" * 4_993),
    Row("10,000 quotes", '"' * 10_000, "refused"),
    Row("a quote that never closes", '"' + "loyalty " * 1_000),
    Row("a thousand quotes", '"loyalty ' * 1_000, "refused"),
    Row("100,000 terms", "loyalty " * 100_000, "refused"),
    Row("10,001 characters", "l" * 10_001, "refused"),
    Row("10,000 characters in one word", "l" * 10_000),
    Row("5,000 different words", " ".join(f"{number:x}" for number in range(2_000))),
    Row("10,000 Chinese characters", "顾客忠诚度与服务质量" * 1_000),
    Row("10,000 Thai characters", "ความภักดี" * 1_111),
    Row("a thousand exclusions", "loyalty " + "-service " * 1_000, "refused"),
    Row("a hundred phrases", '"customer service" ' * 100, "refused"),
    Row("a phrase of 250 usual words", '"' + "w " * 249 + '"'),
    Row("an unknown language", "loyalty lang:qq", "refused"),
    Row("a language a thousand times", "loyalty " + "lang:pl " * 1_000),
    Row("regular expressions", r"(a+)+$ (.*)*b \1 (?:x{1,32000}){1,32000}"),
    Row("SQL", "'; DROP TABLE articles; --"),
    Row("a path", "../../../../etc/passwd%00.txt"),
    Row("a format string", "%s%n {0.__class__} ${jndi:ldap://x}"),
    Row("markup", "<script>alert(1)</script><img src=x onerror=alert(1)>"),
    Row("emoji joined", "👩‍👩‍👧‍👦" * 500),
    Row("digits", "9" * 9_999),
    Row("a number with exponents", "1e400 -0 NaN Infinity 0x7fffffffffffffff"),
)
