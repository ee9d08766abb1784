"""The page about the API says what the OpenAPI document says."""

import pytest
from webapp_doubles import FakeEngine, elements, stored

from webapp import create_app, errors, openapi
from webapp.pages import reference

DOCUMENT = openapi.document("http://here")


@pytest.fixture(scope="module")
def page():
    client = create_app(FakeEngine(stored("en/a.txt", "Coffee\n\nA cup of coffee."))).test_client()
    return client.get("/api").text


def test_every_address_parameter_and_shape_is_there(page):
    text = elements(page, "main")[0].text
    for path, methods in DOCUMENT["paths"].items():
        assert f"GET {path}" in text
        for parameter in methods["get"]["parameters"]:
            assert parameter["description"] in text
    for name, shape in DOCUMENT["components"]["schemas"].items():
        assert name in text
        assert all(field in text for field in shape["properties"])


def test_limits_and_error_codes_are_there(page):
    text = elements(page, "main")[0].text
    assert all(limit in text for limit in DOCUMENT["info"]["x-limits"])
    assert all(means.code in text for means in errors.known())
    assert {"bad_query", "article_missing", "not_found", "too_large", "internal_error"} <= {
        means.code for means in errors.known()
    }


def test_examples_lead_to_replies(page):
    client = create_app(FakeEngine(stored("en/a.txt", "Coffee\n\nA cup of coffee."))).test_client()
    links = [one.attributes["href"] for one in elements(page, "a")]
    tried = [link for link in links if link.startswith("/api/")]
    assert {link.split("?")[0] for link in tried} >= {"/api/search", "/api/ask", "/api/suggest"}
    for link in tried:
        assert client.get(link).status_code in (200, 501)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string"}, "string"),
        ({"$ref": "#/components/schemas/Why"}, "Why"),
        ({"type": "array", "items": {"type": "integer"}}, "list of integer"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"type": "array", "prefixItems": [{"type": "string"}, {}]}, "[string, anything]"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object of integer by name"),
    ],
)
def test_a_type_is_said_in_a_few_words(schema, said):
    parameter = {"name": "x", "schema": schema, "required": False, "description": ""}
    operation = {
        "summary": "",
        "parameters": [parameter],
        "responses": {"200": {"content": {"application/json": {"schema": schema}}}},
    }
    document = {
        "info": {"description": "", "x-limits": []},
        "paths": {"/x": {"get": operation}},
        "components": {"schemas": {}},
    }
    assert reference.read(document).operations[0].result == said
