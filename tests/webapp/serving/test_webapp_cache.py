"""What was asked before is answered from memory, as long as nothing has changed that it depends on."""

from __future__ import annotations

import tracemalloc

from webapp_doubles import FakeEngine, stored

from webapp import create_app
from webapp.config import Settings
from webapp.library import Shelf
from webapp.serving.cache import Kept, Replies

ARTICLE = stored("a.txt", "Coffee\n\nA cup of coffee is black.")


def test_what_was_asked_before_is_not_searched_for_again():
    engine = FakeEngine(ARTICLE)
    site = create_app(engine).test_client()
    first, second = (site.get("/api/search?q=coffee") for _ in range(2))
    assert first.json == second.json
    assert first.content_type == second.content_type
    assert first.headers["ETag"] == second.headers["ETag"]
    assert "Content-Security-Policy" in second.headers
    assert len(engine.calls) == 1


def test_another_question_language_or_address_is_another_reply():
    engine = FakeEngine(ARTICLE)
    site = create_app(engine).test_client()
    site.get("/search?q=coffee")
    asked = len(engine.calls)
    site.get("/search?q=coffee&in=en")
    for headers in ({"Accept-Language": "pl"}, {"Host": "kb.example.org"}):
        before = len(engine.calls)
        site.get("/search?q=coffee", headers=headers)
        assert len(engine.calls) > before, headers
    before = len(engine.calls)
    site.get("/search?q=coffee", base_url="https://localhost")
    assert len(engine.calls) > before, "links say https"
    assert asked


def test_what_no_reply_depends_on_makes_no_other_one():
    engine = FakeEngine(ARTICLE)
    site = create_app(engine).test_client()
    first = site.get("/search?q=coffee").text
    asked = len(engine.calls)
    for number in range(20):
        site.set_cookie("session", f"s{number}")
        said = {
            "User-Agent": f"a{number}",
            "X-Forwarded-For": f"10.0.0.{number}",
            "Accept-Language": f"en-x-a{number}",
        }
        assert site.get("/search?q=coffee", headers=said).text == first
    assert len(engine.calls) == asked


def test_a_file_has_its_name_each_time():
    site = create_app(FakeEngine(ARTICLE)).test_client()
    first, second = (site.get("/lookup.tsv?q=coffee").headers for _ in range(2))
    assert first["Content-Disposition"] == second["Content-Disposition"]


def test_a_new_generation_is_asked_anew():
    shelf = Shelf(Settings(), FakeEngine(ARTICLE))
    site = create_app(shelf).test_client()
    assert site.get("/api/search?q=coffee").json["total"] == 1
    shelf._engine = FakeEngine(stored("b.txt", "Tea\n\nA cup of tea is green."))
    shelf._engine.generation = 2
    assert site.get("/api/search?q=coffee").json["total"] == 0


def test_errors_are_not_kept():
    engine = FakeEngine(ARTICLE)
    site = create_app(engine).test_client()
    for _ in range(2):
        assert site.get("/api/search?q=coffee&in=xx").status_code == 400
    assert site.get("/api/search?q=coffee").status_code == 200


def key(number: int) -> bytes:
    return number.to_bytes(32)


def test_so_many_bytes_are_kept_and_the_oldest_make_room():
    replies = Replies(100_000)
    for number in range(30):
        replies.keep(key(number), Kept(b"x" * 9_400, "text/plain"))
        assert replies.get(key(0)) or number > 10
    assert len(replies) == 10
    assert replies.get(key(0)), "asked for all the time"
    assert replies.get(key(15)) is None
    replies.keep(key(99), Kept(b"x" * 50_000, "text/plain"))
    assert replies.get(key(99)) is None


def test_what_keeping_an_entry_takes_is_counted():
    replies = Replies(1_000_000)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(4_000):
            replies.keep(key(number), Kept(b"%d" % number, f"text/{'plain'}"))
        assert tracemalloc.get_traced_memory()[0] - before < 1_000_000
    finally:
        tracemalloc.stop()
    assert 1_000 < len(replies) < 2_000
