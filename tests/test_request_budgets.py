"""Typical requests stay within their number of SQL queries."""

import pytest

from tests.request_scenarios import SCENARIOS, count_queries, scenario

# The most statements each request may take, on SQLite and PostgreSQL alike: one more is a failure.
# tools/structure.py prints what they take today.
MAX_QUERIES = {"booking POST": 25, "comment POST": 16, "article GET": 8}


@pytest.mark.django_db
@pytest.mark.parametrize("name", SCENARIOS)
def test_request_stays_within_its_query_budget(name):
    with scenario(name) as send:
        assert count_queries(send) <= MAX_QUERIES[name]
