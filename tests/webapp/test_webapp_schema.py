"""The API keeps to its own description, whatever schemathesis makes of it."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from webapp import create_app, openapi

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.fixture(scope="module")
def api(engine):
    return schemathesis.openapi.from_wsgi("/openapi.json", create_app(engine))


@pytest.mark.parametrize("path", sorted(openapi.document("")["paths"]))
def test_every_reply_is_as_described(api, path):
    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    @given(api[path]["GET"].as_strategy())
    def keeps_to_it(case):
        # The client behind schemathesis does not unpack.
        case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})

    keeps_to_it()
