"""Log lines: one JSON object each, and nothing in them that a visitor wrote or may keep secret."""

import json
import logging
import sys
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import resolve

from practice_site.logs import JsonFormatter

SECRET = "xanthippe@mail.example"


def line(name: str = "django.request", message: Any = "hello", *args: Any, **extra: Any) -> dict:
    record = logging.LogRecord(
        name, logging.ERROR, "f.py", 1, message, args, extra.pop("exc_info", None)
    )
    for key, value in extra.items():
        setattr(record, key, value)
    written = JsonFormatter().format(record)
    assert "\n" not in written
    assert written.isascii()
    return json.loads(written)


def test_our_own_words_are_written_whole() -> None:
    assert line("consultations.tasks", "mail: sent %d", 3)["message"] == "mail: sent 3"


@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("Not Found: %s", (f"/c/{SECRET}/",)),
        (f"Invalid HTTP_HOST header: '{SECRET}'.", ()),
        (ValueError(SECRET), ()),
    ],
)
def test_the_arguments_of_others_are_not(message, args) -> None:
    assert SECRET not in json.dumps(line("django.security", message, *args))


def test_an_address_is_written_as_its_pattern() -> None:
    request = RequestFactory().get(f"/c/{SECRET}/?q={SECRET}")
    request.resolver_match = resolve(f"/c/{SECRET}/")
    found = line(request=request, status_code=404)
    assert (found["route"], found["method"], found["status"]) == ("c/<str:token>/", "GET", 404)
    assert SECRET not in json.dumps(found)
    request.resolver_match = None
    assert line(request=request)["route"] == "(no route)"


def test_an_error_is_its_kind_and_place_without_values() -> None:
    def fail(note: str) -> None:
        raise ValueError(f"cannot take {note}")

    try:
        fail(SECRET)
    except ValueError:
        found = line("consultations.x", "task failed", exc_info=sys.exc_info())
    assert found["error"] == "ValueError"
    assert found["at_code"][-1].endswith(" fail")
    assert SECRET not in json.dumps(found)


def test_control_characters_and_line_breaks_cannot_forge_a_line() -> None:
    line("consultations.x", 'one\n{"level": "forged"}\x1b[2J\u2028two')
