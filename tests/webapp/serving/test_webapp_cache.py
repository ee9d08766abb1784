"""What was asked before is answered from memory, as long as nothing has changed that it depends on."""

from __future__ import annotations

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


def test_another_question_language_host_or_cookie_is_another_reply():
    engine = FakeEngine(ARTICLE)
    site = create_app(engine).test_client()
    site.get("/api/search?q=coffee")
    site.get("/api/search?q=coffee&limit=3")
    for header in ("Accept-Language", "Host"):
        site.get("/api/search?q=coffee", headers={header: "pl"})
    site.set_cookie("words", "pl")
    site.get("/api/search?q=coffee")
    assert len(engine.calls) == 5


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


def test_so_many_bytes_are_kept_and_the_oldest_make_room():
    replies = Replies(100)
    for number in range(30):
        replies.keep((str(number),), Kept(b"x" * 10, "text/plain"))
        assert replies.get(("0",)) or number > 10
    assert len(replies) == 10
    assert replies.get(("0",)), "asked for all the time"
    assert replies.get(("15",)) is None
    replies.keep(("large",), Kept(b"x" * 50, "text/plain"))
    assert replies.get(("large",)) is None
