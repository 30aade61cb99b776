"""Opening hours in a few words."""

from datetime import time
from types import SimpleNamespace

import pytest
from django.utils import translation

from pages.practice.hours_text import short_days, short_hours, short_span


def span(weekday: int, opens: int, closes: int) -> SimpleNamespace:
    return SimpleNamespace(weekday=weekday, opens_at=time(opens), closes_at=time(closes))


def test_days_with_same_hours_are_joined() -> None:
    rows = [span(0, 9, 18), span(1, 9, 18), span(2, 11, 19), span(3, 9, 18), span(4, 9, 14)]
    assert short_hours(rows) == [("Mon, Tue, Thu", "9–6"), ("Wed", "11–7"), ("Fri", "9–2")]


def test_two_spans_of_a_day_stand_in_one_row() -> None:
    assert short_hours([span(0, 9, 12), span(0, 13, 17)]) == [("Mon", "9–12, 1–5 PM")]


@pytest.mark.parametrize(
    ("days", "text"),
    [([0, 1, 2, 3], "Mon–Thu"), ([0, 1], "Mon, Tue"), ([0, 2, 3, 4, 6], "Mon, Wed–Fri, Sun")],
)
def test_run_of_days_becomes_a_range(days, text) -> None:
    assert short_days(days) == text


@pytest.mark.parametrize(
    ("opens", "closes", "text"),
    [
        (time(9), time(18), "9–6"),
        (time(9, 30), time(17), "9:30–5"),
        (time(13), time(17), "1–5 PM"),
        (time(7), time(11), "7–11 AM"),
        (time(12), time(20), "12–8 PM"),
    ],
)
def test_span_names_half_of_day_only_where_needed(opens, closes, text) -> None:
    assert short_span(opens, closes) == text


def test_span_uses_24_hours_where_the_language_does() -> None:
    with translation.override("de"):
        assert short_span(time(9), time(18)) == "09:00–18:00"
