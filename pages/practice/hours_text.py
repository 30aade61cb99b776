"""Opening hours in a few words: `Mon, Tue, Thu` and `9–6`."""

from collections.abc import Iterable, Sequence
from datetime import time
from typing import Protocol

from django.utils import formats
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

NOON = time(12)
# Three days or more in a row are a range; two are named.
MIN_RANGE_DAYS = 3


class Span(Protocol):
    """The part of an `OpeningHours` row that is read here."""

    weekday: int
    opens_at: time
    closes_at: time


def short_hours(rows: Iterable[Span]) -> list[tuple[str, str]]:
    """Return days and spans, days with the same spans together, in the order of the week."""
    by_day: dict[int, list[str]] = {}
    for row in rows:
        by_day.setdefault(row.weekday, []).append(short_span(row.opens_at, row.closes_at))
    by_spans: dict[str, list[int]] = {}
    for day, spans in sorted(by_day.items()):
        by_spans.setdefault(", ".join(spans), []).append(day)
    return [(short_days(days), spans) for spans, days in by_spans.items()]


def short_days(days: Sequence[int]) -> str:
    """Name sorted weekdays: `Mon–Thu` for a run, `Mon, Wed` for single ones."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(_run_text(run) for run in runs)


def short_span(opens_at: time, closes_at: time) -> str:
    """Return `9–6` where the clock has 12 hours, and `09:00–18:00` where it has 24.

    Without AM and PM only from a morning to an afternoon, where nobody can take it for the night.
    """
    if not _has_twelve_hours():
        return "–".join(formats.time_format(at, "TIME_FORMAT") for at in (opens_at, closes_at))
    start, end = _twelve_hours(opens_at), _twelve_hours(closes_at)
    if opens_at < NOON <= closes_at:
        return f"{start}–{end}"
    half = _("AM") if closes_at < NOON else _("PM")
    return f"{start}–{end} {half}"


def _run_text(run: list[int]) -> str:
    names = [str(WEEKDAYS_ABBR[day]) for day in run]
    return f"{names[0]}–{names[-1]}" if len(run) >= MIN_RANGE_DAYS else ", ".join(names)


def _has_twelve_hours() -> bool:
    return bool(set(formats.get_format("TIME_FORMAT")) & set("PgfhaA"))


def _twelve_hours(at: time) -> str:
    return formats.time_format(at, "g:i" if at.minute else "g")
