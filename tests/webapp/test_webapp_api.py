"""The API gives what the engine gives, described by its own OpenAPI document."""

from pathlib import Path

import pytest
from webapp_doubles import FakeEngine, folder_of, stored

from webapp import create_app
from webapp.config import Settings

CORPUS = Path(__file__).parents[2] / "corpus"


@pytest.fixture(scope="module")
def engine():
    return FakeEngine(*folder_of(CORPUS), stored("en/a.txt", "Coffee\n\nA cup of coffee.", date="2026-01-02"))


@pytest.fixture(scope="module")
def client(engine):
    return create_app(engine).test_client()


def faults(value, schema, document, path="$"):
    """Where ``value`` is not as ``schema`` says: the part of JSON Schema that our document uses."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        tried = [list(faults(value, option, document, path)) for option in schema["anyOf"]]
        if all(tried):
            yield from min(tried, key=len)
        return
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
    kinds |= {"array": list, "object": dict}
    kind = schema.get("type")
    if kind and (not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield f"{path}: {value!r} is no {kind}"
    elif kind == "array":
        prefix = schema.get("prefixItems", [])
        if prefix and len(value) != len(prefix):
            yield f"{path}: {len(value)} items"
        for index, item in enumerate(value):
            yield from faults(
                item, prefix[index] if prefix else schema["items"], document, f"{path}[{index}]"
            )
    elif kind == "object":
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        yield from (f"{path}: {name} is missing" for name in schema.get("required", []) if name not in value)
        for name, item in value.items():
            if name in properties:
                yield from faults(item, properties[name], document, f"{path}.{name}")
            elif others is False:
                yield f"{path}: {name} is not described"
            elif isinstance(others, dict):
                yield from faults(item, others, document, f"{path}.{name}")


def described(client, reply, template):
    document = client.get("/openapi.json").json
    responses = document["paths"][template]["get"]["responses"]
    schema = responses["200" if reply.status_code == 200 else "default"]["content"]["application/json"][
        "schema"
    ]
    return list(faults(reply.json, schema, document))


@pytest.mark.parametrize(
    ("address", "template", "status"),
    [
        ("/api/search?q=service", "/api/search", 200),
        ("/api/search?q=customer&in=tl,pl&limit=1&offset=1&query_language=en", "/api/search", 200),
        ("/api/search?q=xyzzy", "/api/search", 200),
        ("/api/search", "/api/search", 400),
        ("/api/search?q=a&in=fr", "/api/search", 400),
        ("/api/search?q=a&query_language=xx", "/api/search", 400),
        ("/api/search?q=a&limit=0", "/api/search", 400),
        ("/api/search?q=a&limit=101", "/api/search", 400),
        ("/api/search?q=a&offset=-1", "/api/search", 400),
        ("/api/ask?q=customer", "/api/ask", 200),
        ("/api/ask?q=xyzzy&per_language=1", "/api/ask", 200),
        ("/api/ask?q=%20", "/api/ask", 400),
        ("/api/suggest?q=cof", "/api/suggest", 200),
        ("/api/suggest?q=", "/api/suggest", 200),
        ("/api/lookup?q=coffee", "/api/lookup", 200),
        ("/api/lookup?q=", "/api/lookup", 400),
        ("/api/articles", "/api/articles", 200),
        ("/api/articles?title=a&in=pl&since=1999&until=2026-05&sort=date&limit=1", "/api/articles", 200),
        ("/api/articles?since=soon", "/api/articles", 400),
        ("/api/search?q=customer&folder=x&since=2020&sort=date", "/api/search", 200),
        ("/api/terms", "/api/terms", 200),
        ("/api/articles/nowhere", "/api/articles/{id}", 404),
    ],
)
def test_replies_are_as_described(client, address, template, status):
    reply = client.get(address)
    assert reply.status_code == status
    assert described(client, reply, template) == []


def test_every_article_is_as_described_and_the_same_through_every_door(client, engine):
    for one in folder_of(CORPUS):
        reply = client.get(f"/api/articles/{one.id}")
        assert described(client, reply, "/api/articles/{id}") == []
        assert reply.json == client.get(f"/articles/{one.id}.json").json
        assert reply.json["text"] == one.article.text


def test_the_json_is_the_engine_s_own(client, engine):
    assert client.get("/api/search?q=customer").json == engine.search("customer").to_dict()
    assert client.get("/api/ask?q=customer").json == engine.ask("customer").to_dict()


def test_quotes_are_verbatim_at_their_offsets(client):
    for evidence in client.get("/api/ask?q=customer klienta клиентов").json["evidence"]:
        text = client.get(f"/api/articles/{evidence['article']['id']}").json["text"]
        assert text[evidence["start"] : evidence["end"]] == evidence["quote"]


def test_the_document_describes_each_path_the_api_has(client):
    paths = client.get("/openapi.json").json["paths"]
    documented = {path.replace("{id}", "<article_id>").replace("{other}", "<other_id>") for path in paths}
    served = {rule.rule for rule in client.application.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert documented == served


def test_the_document_is_openapi_and_every_reference_leads_somewhere(client):
    reply = client.get("/openapi.json", headers={"Host": "books.example"})
    document = reply.json
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "http://books.example"}]
    named = document["components"]["schemas"]
    assert {"Answer", "Article", "Entry", "Error", "Evidence", "Hit", "Results", "Why"} <= set(named)
    for reference in {part.split('"')[0] for part in reply.text.split("#/components/schemas/")[1:]}:
        assert named[reference]


@pytest.mark.parametrize(("length", "status"), [(10_000, 200), (10_001, 400)])
def test_a_query_has_ten_thousand_characters_at_most(client, length, status):
    assert client.get("/api/search", query_string={"q": "x" * length}).status_code == status


def test_too_long_a_text_has_no_completions(client):
    assert client.get("/api/suggest", query_string={"q": "x" * 301}).json == {"suggestions": []}


@pytest.mark.parametrize(
    "address", ["/api/nowhere", "/api/search?q=", "/articles/nowhere.json", "/api/articles/x"]
)
def test_errors_have_one_shape(client, address):
    error = client.get(address).json["error"]
    assert set(error) == {"code", "message", "hint"}
    assert all(isinstance(text, str) for text in error.values())


def test_replies_carry_the_security_headers_and_a_tag(client):
    reply = client.get("/api/search?q=customer")
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.mimetype == "application/json"
    again = client.get("/api/search?q=customer", headers={"If-None-Match": reply.headers["ETag"]})
    assert again.status_code == 304


def test_a_healthy_server_is_up_and_ready(client):
    assert client.get("/healthz").json == {"status": "up"}
    assert client.get("/readyz").json == {"status": "ready", "generation": 1, "model": "a model"}
    assert "ETag" not in client.get("/readyz").headers


def test_without_a_library_the_server_is_up_and_not_ready(tmp_path):
    client = create_app(Settings(tmp_path / "none")).test_client()
    assert client.get("/healthz").status_code == 200
    reply = client.get("/readyz")
    assert (reply.status_code, reply.json["error"]["code"]) == (503, "library_missing")
    assert reply.json["error"]["message"].startswith("…/none: ")
    assert client.get("/api/search?q=x").json["error"]["code"] == "library_missing"
    assert client.get("/openapi.json").status_code == 200
