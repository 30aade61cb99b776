"""Log lines: one JSON object each, without visitors' text and secret links."""

import json
import logging
import sys
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import resolve

from practice_site.logs import JsonFormatter

SECRET = "xanthippe@mail.example"


def format_line(
    name: str = "django.request", message: Any = "hello", *args: Any, **extra: Any
) -> dict:
    record = logging.LogRecord(
        name, logging.ERROR, "f.py", 1, message, args, extra.pop("exc_info", None)
    )
    for key, value in extra.items():
        setattr(record, key, value)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert line.isascii()
    return json.loads(line)


def test_own_messages_are_logged_in_full() -> None:
    assert format_line("consultations.tasks", "mail: sent %d", 3)["message"] == "mail: sent 3"


@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("Not Found: %s", (f"/c/{SECRET}/",)),
        (f"Invalid HTTP_HOST header: '{SECRET}'.", ()),
        (ValueError(SECRET), ()),
    ],
)
def test_arguments_of_third_party_messages_are_dropped(message, args) -> None:
    assert SECRET not in json.dumps(format_line("django.security", message, *args))


def test_url_is_logged_as_route_pattern() -> None:
    request = RequestFactory().get(f"/c/{SECRET}/?q={SECRET}")
    request.resolver_match = resolve(f"/c/{SECRET}/")
    line = format_line(request=request, status_code=404)
    assert (line["route"], line["method"], line["status"]) == ("c/<str:token>/", "GET", 404)
    assert SECRET not in json.dumps(line)
    request.resolver_match = None
    assert format_line(request=request)["route"] == "(no route)"


def test_error_is_logged_without_values() -> None:
    def fail(note: str) -> None:
        raise ValueError(f"cannot take {note}")

    try:
        fail(SECRET)
    except ValueError:
        line = format_line("consultations.x", "task failed", exc_info=sys.exc_info())
    assert line["error"] == "ValueError"
    assert line["at_code"][-1].endswith(" fail")
    assert SECRET not in json.dumps(line)


def test_control_characters_cannot_forge_a_log_line() -> None:
    line = format_line("consultations.x", 'one\n{"level": "forged"}\x1b[2J\u2028two')
    assert line["message"].startswith("one\n")
