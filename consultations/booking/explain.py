"""Explain why a time is not offered, using the functions that offer times. Pure.

The visitor's zone does not matter: it only groups and labels times.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from consultations.booking.local_time import (
    MINUTE_SECONDS,
    Span,
    epoch_seconds,
    from_epoch_seconds,
    get_zone,
    local_date_at,
    merge_spans,
    overlaps_any,
)
from consultations.booking.slots import (
    Booking,
    BookingLimits,
    Interval,
    Override,
    Policy,
    Window,
    blocked_span,
    booking_spans,
    interval_spans,
    is_live,
    open_spans_between,
)

# In display order. Staff pages have a sentence for each code.
OUTSIDE_HOURS = "outside_hours"
CLOSED_BY_OVERRIDE = "closed_by_override"  # the weekly hours alone would allow it
TOO_SHORT = "too_short"  # it starts within the hours but ends after them
OFF_GRID = "off_grid"
TOO_SOON = "too_soon"
TOO_FAR = "too_far"
DAY_FULL = "day_full"
TAKEN = "taken"
TIME_OFF = "time_off"
BUSY = "busy"
REASONS = (
    OUTSIDE_HOURS,
    CLOSED_BY_OVERRIDE,
    TOO_SHORT,
    OFF_GRID,
    TOO_SOON,
    TOO_FAR,
    DAY_FULL,
    TAKEN,
    TIME_OFF,
    BUSY,
)


def explain_unavailability(
    *,
    start: datetime,
    practitioner_zone: str,
    windows: Collection[Window],
    overrides: Collection[Override],
    time_off: Collection[Interval],
    busy: Collection[Interval],
    bookings: Collection[Booking],
    policy: Policy,
    now: datetime,
) -> list[str]:
    """Return all reasons against this start, in the order of REASONS; empty if it is offered."""
    zone = get_zone(practitioner_zone)
    live = [booking for booking in bookings if is_live(booking, now)]
    return [
        *_hours_reasons(start, zone, windows, overrides, policy),
        *_limit_reasons(epoch_seconds(start), zone, BookingLimits(zone, policy, live, now)),
        *_overlap_reasons(
            blocked_span(epoch_seconds(start), policy),
            {
                TAKEN: booking_spans(live),
                TIME_OFF: interval_spans(time_off),
                BUSY: interval_spans(busy),
            },
        ),
    ]


def _hours_reasons(
    start: datetime,
    zone: ZoneInfo,
    windows: Collection[Window],
    overrides: Collection[Override],
    policy: Policy,
) -> list[str]:
    at, duration = epoch_seconds(start), policy.duration_min * MINUTE_SECONDS
    begun = _spans_containing(at, zone, windows, overrides)
    usual = _spans_containing(at, zone, windows, ())
    if not begun:
        return [CLOSED_BY_OVERRIDE if usual else OUTSIDE_HOURS]
    long_enough = _spans_lasting_until(begun, at + duration)
    reasons = []
    if not long_enough:
        reasons.append(
            CLOSED_BY_OVERRIDE if _spans_lasting_until(usual, at + duration) else TOO_SHORT
        )
    if not _is_on_grid(start, long_enough or begun, policy.step_min * MINUTE_SECONDS):
        reasons.append(OFF_GRID)
    return reasons


def _spans_containing(
    at: int, zone: ZoneInfo, windows: Collection[Window], overrides: Collection[Override]
) -> list[Span]:
    """Return the open spans that contain an instant; several if the hours of two dates overlap."""
    spans = open_spans_between(zone, windows, overrides, at, at + 1)
    return [(begin, end) for begin, end in spans if begin <= at < end]


def _spans_lasting_until(spans: list[Span], until: int) -> list[Span]:
    return [(begin, end) for begin, end in spans if until <= end]


def _is_on_grid(start: datetime, spans: list[Span], step: int) -> bool:
    at = epoch_seconds(start)
    return from_epoch_seconds(at) == start and any(
        (at - begin) % step == 0 for begin, _end in spans
    )


def _limit_reasons(at: int, zone: ZoneInfo, limits: BookingLimits) -> list[str]:
    local_date = local_date_at(at, zone)
    reasons = {
        TOO_SOON: at < limits.earliest,
        TOO_FAR: local_date > limits.last_date,
        DAY_FULL: limits.is_full(local_date),
    }
    return [reason for reason, applies in reasons.items() if applies]


def _overlap_reasons(wanted: Span, in_the_way: dict[str, Iterable[Span]]) -> list[str]:
    return [
        reason for reason, spans in in_the_way.items() if overlaps_any(merge_spans(spans), *wanted)
    ]
