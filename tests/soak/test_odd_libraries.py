"""Hundreds of libraries of odd articles: the long version of ``test_search_odd_libraries``."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from odd_libraries import LIBRARIES, Plan, live

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(LIBRARIES)
def test_hundreds_of_libraries_of_odd_articles_are_built_and_asked(tiny_cache: Path, plan: Plan) -> None:
    live(plan, tiny_cache)
