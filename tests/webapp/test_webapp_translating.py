"""Translation by machine: what is asked of the program that does it, what a page gets, what is refused."""

from __future__ import annotations

import json
import sys
import threading
import time
import types
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from webapp_doubles import FakeEngine, elements, stored

from kb.errors import UsageError
from search.errors import ExtraMissing
from webapp import create_app, translating
from webapp.config import Serving
from webapp.gate import Busy
from webapp.settings import WEBAPP
from webapp.translating import Argos, Desk, LibreTranslate, NotTranslated

POLISH = stored("pl/herbata.txt", "Herbata\n\nZielona herbata pomaga zasnąć.", "pl")
QUOTE = "Zielona herbata pomaga zasnąć."
AT = POLISH.article.text.index(QUOTE)


class Program(BaseHTTPRequestHandler):
    """Speaks LibreTranslate's API; what it is asked to translate says how it behaves."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, asked))
        status, said = 200, {"translatedText": f"{asked['source']}>{asked['target']}: {asked['q']}"}
        if asked["target"] == "tl":
            status, said = 400, {"error": "tl is not supported"}
        body = {"garbage": b"<html>", "list": b"[1]", "much": b'"' + b"x" * 70_000}.get(asked["q"])
        if asked["q"] == "slow":
            self.server.released.wait(20)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode() if body is None else body)

    def log_message(self, *_):
        """Nothing on stderr."""


@pytest.fixture
def program():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Program)
    server.asked, server.released = [], threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.address = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


def reader(program, *articles):
    serving = Serving(translate=program.address)
    return create_app(FakeEngine(*(articles or (POLISH,))), serving).test_client()


def place(**changed):
    asked = {"quote": f"{AT}-{AT + len(QUOTE)}", "to": "nb", **changed}
    return f"/articles/{POLISH.id}/translated.json", asked


def test_a_quote_is_translated_by_the_program_and_once_only(program):
    client = reader(program)
    address, asked = place()
    for _ in range(3):
        reply = client.get(address, query_string=asked)
        assert reply.status_code == 200
        assert reply.json == {"text": f"pl>nb: {QUOTE}", "language": "nb"}
        assert reply.headers["Cache-Control"] == "no-store"
    said = {"q": QUOTE, "source": "pl", "target": "nb", "format": "text"}
    assert program.asked == [("/translate", said)]


def test_a_page_says_where_its_quotes_translations_are_and_asks_for_none_itself(program):
    page = reader(program).get("/search?q=herbata zielona pomaga?&ui=lv").text
    (tools,) = [one for one in elements(page, "div") if "data-translated" in one.attributes]
    assert tools.attributes["data-translated"].startswith(f"/articles/{POLISH.id}/translated.json?")
    assert "to=lv" in tools.attributes["data-translated"]
    (words,) = elements(page, "template", id="tool-words")
    assert words.attributes["data-by-server"] == "Mašīntulkojums, veikts šajā serverī"
    assert program.asked == []
    # Her own language needs no translation.
    assert "data-translated" not in reader(program).get("/search?q=herbata zielona pomaga?&ui=pl").text


def test_without_a_program_there_is_nothing_to_fetch(program):
    client = create_app(FakeEngine(POLISH)).test_client()
    assert "data-translated" not in client.get("/search?q=herbata zielona pomaga?&ui=lv").text
    address, asked = place()
    assert client.get(address, query_string=asked).status_code == 404


@pytest.mark.parametrize(
    "changed", [{"quote": ""}, {"quote": "0-99999"}, {"quote": "9-2"}, {"to": ""}, {"to": "xx"}, {"to": "de"}]
)
def test_only_words_of_an_article_are_translated_and_only_for_readers_of_the_pages(program, changed):
    address, asked = place(**changed)
    assert reader(program).get(address, query_string=asked).status_code == 404
    assert program.asked == []


def test_more_than_a_quote_is_not_translated(program):
    long = stored("pl/dlugie.txt", "Tytuł\n\n" + "Bardzo długie zdanie. " * 120, "pl")
    asked = {"quote": f"0-{WEBAPP.translated + 1}", "to": "en"}
    reply = reader(program, long).get(f"/articles/{long.id}/translated.json", query_string=asked)
    assert reply.status_code == 404
    assert program.asked == []


def test_what_the_program_refuses_is_told_with_its_reason(program):
    address, asked = place(to="tl")
    reply = reader(program).get(address, query_string=asked)
    assert reply.status_code == 503
    assert reply.json["error"]["code"] == "not_translated"
    assert "tl is not supported" in reply.json["error"]["message"]


@pytest.mark.parametrize("text", ["garbage", "list", "much"])
def test_a_program_that_talks_nonsense_translates_nothing(program, text):
    with pytest.raises(NotTranslated):
        LibreTranslate.at(program.address).translate(text, "pl", "en")


def test_a_program_that_is_not_there_translates_nothing(program):
    program.shutdown()
    program.server_close()
    with pytest.raises(NotTranslated, match="does not answer"):
        LibreTranslate.at(program.address).translate("word", "pl", "en")


def test_nobody_waits_for_a_slow_program_and_so_many_wait_at_most(program):
    desk = Desk(LibreTranslate.at(program.address), patience=0.2)
    started = time.monotonic()
    # Two run until the program lets them go; eight wait behind them.
    for number in range(2):
        with pytest.raises(NotTranslated, match="took more than"):
            desk.translate("slow", "pl", f"e{number}")
    assert time.monotonic() - started < 10
    places = desk._places
    while places.acquire(blocking=False):
        pass
    with pytest.raises(Busy):
        desk.translate("word", "pl", "en")


def test_those_made_last_are_kept():
    asked = []
    desk = Desk(types.SimpleNamespace(translate=lambda *key: asked.append(key) or "t"))
    for number in [*range(1_001), 1_000, 0]:
        desk.translate(str(number), "pl", "en")
    assert len(asked) == 1_002, "the first was forgotten, the last was not"


@pytest.mark.parametrize(
    "address",
    [
        "https://libretranslate.com",
        "http://example.org:5000",
        "http://10.0.0.7:5000",
        "http://127.0.0.1.example.org",
        "ftp://127.0.0.1",
        "http://127.0.0.1:port",
        "//127.0.0.1",
        "deepl",
    ],
)
def test_nothing_but_this_machine_is_asked(address):
    with pytest.raises(UsageError):
        translating.desk(address)


@pytest.mark.parametrize(
    "address", ["http://localhost:5000/", "http://127.0.0.1:5000", "http://[::1]:5000/api"]
)
def test_this_machine_goes_by_several_names(address):
    assert isinstance(LibreTranslate.at(address), LibreTranslate)


def test_argos_translates_in_process_where_it_is_installed(monkeypatch):
    module = types.ModuleType("argostranslate.translate")
    module.translate = lambda text, source, target: f"{source}>{target}: {text}"
    monkeypatch.setitem(sys.modules, "argostranslate", types.ModuleType("argostranslate"))
    monkeypatch.setitem(sys.modules, "argostranslate.translate", module)
    desk = translating.desk("argos")
    assert desk.translate("słowo", "pl", "en") == "pl>en: słowo"
    del module.translate
    with pytest.raises(NotTranslated, match="pl into nb"):
        desk.translate("słowo", "pl", "nb")


def test_where_argos_is_not_installed_that_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "argostranslate.translate", None)
    with pytest.raises(ExtraMissing, match="pip install argostranslate"):
        Argos()


def test_no_translation_is_asked_for_by_default():
    assert Serving().translate == ""
    assert translating.desk("") is None
