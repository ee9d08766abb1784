"""The door for assistants, asked by the SDK's own client: in this process, over standard input, over HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from awaiting import awaited
from webapp_doubles import FakeEngine, stored

from kb.errors import LibraryMissing
from webapp import payload
from webapp.config import Settings
from webapp.library import Shelf

pytest.importorskip("mcp")

from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError

from webapp import assistants

ARTICLES = (
    stored("en/coffee.txt", "Coffee and sleep\n\nMany drink coffee to stay awake."),
    stored("pl/coffee.txt", "Kawa i sen\n\nWielu pije coffee, żeby nie zasnąć.", "pl"),
    stored("ar/tea.txt", "الشاي\n\nالشاي لذيذ في الصباح.", "ar"),
)
QUESTION = "how does service relate to loyalty"


@pytest.fixture
def engine():
    return FakeEngine(*ARTICLES)


def talk(server, *steps):
    """What each step, given a client, comes to; all of them in one session."""

    async def session():
        async with Client(server) as client:
            return [await step(client) for step in steps]

    return awaited(session())


def call(name, **arguments):
    return lambda client: client.call_tool(name, arguments)


def read(uri):
    return lambda client: client.read_resource(uri)


def local(engine):
    return assistants.server(Shelf(Settings(), engine))


def refused(result):
    assert result.is_error
    return result.content[0].text


def test_there_are_five_tools_that_only_read_and_say_what_they_take(engine):
    (listed,) = talk(local(engine), lambda client: client.list_tools())
    assert [tool.name for tool in listed.tools] == ["ask", "search", "lookup", "article", "translations"]
    for tool in listed.tools:
        assert tool.description
        assert tool.annotations.read_only_hint
        assert all("description" in one for one in tool.input_schema["properties"].values())


def test_what_comes_back_is_the_engine_s_own_json_with_a_link_to_each_article(engine):
    asked, found, entries, same = talk(
        local(engine),
        call("ask", question="who drinks coffee", languages=["pl"]),
        call("search", query="coffee", limit=1, folder="en"),
        call("lookup", term="coffee"),
        call("translations", article="en/coffee.txt"),
    )
    assert asked.structured_content == engine.ask("who drinks coffee", languages=["pl"]).to_dict()
    assert found.structured_content == engine.search("coffee", limit=1, folder="en").to_dict()
    assert entries.structured_content == {"entries": [one.to_dict() for one in engine.lookup("coffee")]}
    translations = engine.translations("en/coffee.txt")
    assert same.structured_content == {"translations": [one.to_dict() for one in translations]}
    for result in (asked, found, entries, same):
        assert json.loads(result.content[0].text) == result.structured_content
    assert [link.uri for link in asked.content[1:]] == [f"rosetta://articles/{ARTICLES[1].id}"]
    assert [link.name for link in entries.content[1:]] == ["en/coffee.txt", "pl/coffee.txt"]


def test_quotes_are_verbatim_in_the_article_that_their_link_leads_to(engine):
    (asked,) = talk(local(engine), call("ask", question="coffee"))
    for evidence in asked.structured_content["evidence"]:
        (got,) = talk(local(engine), call("article", article=evidence["article"]["id"]))
        text = got.structured_content["text"]
        assert text[evidence["start"] : evidence["end"]] == evidence["quote"]


def test_an_article_is_its_document_and_a_resource(engine):
    got, part, resource, templates = talk(
        local(engine),
        call("article", article="ar/tea.txt"),
        call("article", article="ar/tea.txt", start=5),
        read(f"rosetta://articles/{ARTICLES[2].id}"),
        lambda client: client.list_resource_templates(),
    )
    document = json.loads(json.dumps(payload.article_document(ARTICLES[2])))
    text = document["text"]
    assert got.structured_content == {**document, "start": 0, "characters": len(text)}
    assert part.structured_content["text"] == text[5:]
    assert "لذيذ في الصباح" in resource.contents[0].text
    assert resource.contents[0].mime_type == "text/markdown"
    assert [one.uri_template for one in templates.resource_templates] == ["rosetta://articles/{article}"]


def test_a_long_article_comes_in_parts():
    long = FakeEngine(stored("long.txt", "Long\n\n" + "One more sentence stands here. " * 5_000))
    text = long.article("long.txt").article.text
    first, rest = talk(
        local(long),
        call("article", article="long.txt"),
        call("article", article="long.txt", start=100_000),
    )
    parts = first.structured_content, rest.structured_content
    assert len(parts[0]["text"]) == 100_000
    assert parts[0]["text"] + parts[1]["text"] == text
    assert parts[0]["characters"] == len(text)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (call("ask", question=" "), "the query is empty"),
        (call("search", query="x" * 10_001), "at most 10,000 are read"),
        (call("article", article="nowhere.txt"), "no such article"),
        (call("search", query="coffee", since="May"), "such as 2024-05-31"),
        (call("search", query="coffee", limit=101), "less than or equal to 100"),
        (call("ask", question="coffee", per_language=21), "less than or equal to 20"),
        (call("article", article="en/coffee.txt", start=-1), "greater than or equal to 0"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_for_the_assistant(engine, asked, said):
    (result,) = talk(local(engine), asked)
    assert said in refused(result)


def test_a_resource_that_is_not_there_is_an_error(engine):
    with pytest.raises(BaseExceptionGroup) as raised:
        talk(local(engine), read("rosetta://articles/nowhere"))
    assert raised.group_contains(MCPError, match="no such article")


def test_without_a_library_it_says_what_to_do(tmp_path):
    missing = tmp_path / "none"
    (result,) = talk(assistants.server(Shelf(Settings(missing))), call("ask", question="coffee"))
    assert str(missing) in refused(result)
    assert LibraryMissing.__name__ not in refused(result)


def command(*arguments):
    script = "from webapp.terminal.cli import main; main()"
    return [sys.executable, "-c", script, "mcp", *arguments]


ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_the_tools_take_turns_at_a_gate_of_their_own(engine, monkeypatch):
    monkeypatch.setattr(assistants, "_SIZE", replace(assistants._SIZE, patience=0.1))
    tools = assistants._Tools(Shelf(Settings(), engine))
    assert tools.lookup("coffee").content
    for _ in range(2):
        tools._gate.enter()
    with pytest.raises(assistants.ToolError, match="did not get its turn"):
        tools.lookup("coffee")
    tools._gate.leave()
    assert tools.lookup("coffee").content


def test_kb_mcp_answers_a_client_over_standard_input_and_output(library):
    program, *arguments = command("--kb", str(library))
    server = StdioServerParameters(command=program, args=arguments, env=ENVIRONMENT)
    asked, none = talk(
        server, call("ask", question=QUESTION), call("ask", question="how do I slice a pineapple")
    )
    assert set(asked.structured_content["by_language"]) == {"pl", "tl", "nb", "ru", "lv"}
    assert not none.structured_content["found"]


def test_kb_mcp_answers_a_client_over_http_on_this_machine_only(library):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        command("--kb", str(library), "--port", str(port)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        try:
            assert process.stdout.readline().startswith(f"Rosetta is at http://127.0.0.1:{port}/mcp")
            _wait_for(port)
            asked = call("search", query="lojalitet", languages=["nb"])
            (found,) = talk(f"http://127.0.0.1:{port}/mcp", asked)
            assert [hit["article"]["language"] for hit in found.structured_content["hits"]] == ["nb"]
        finally:
            process.kill()


def _wait_for(port):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket() as tried:
            if not tried.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    raise AssertionError("nobody listens")
