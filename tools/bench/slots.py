"""Measure the search for open slots: 60 days, 3 practitioners, 1,000 bookings, 2,000 busy events.

Prints milliseconds, and the ratio to a fixed loop of plain Python run before and after, which can
be compared between machines.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any

from consultations.booking.slots import (
    Booking,
    Interval,
    Override,
    Policy,
    Slot,
    Window,
    find_open_slots,
)

FIRST = date(2026, 3, 1)  # New York and London both change their clocks within the span
DAYS = 60
PRACTITIONERS, BOOKINGS, BUSY = 3, 1_000, 2_000
ROUNDS = 15
TARGET_MS = 30


@dataclass
class Practitioner:
    windows: list[Window]
    overrides: list[Override]
    time_off: list[Interval]
    busy: list[Interval]
    bookings: list[Booking]


def make_practitioner(rng: random.Random, bookings: int, busy: int) -> Practitioner:
    """Make one with two windows a weekday, a holiday, time off and a full calendar."""
    return Practitioner(
        windows=[
            Window(day, start_min, length_min)
            for day in range(5)
            for start_min, length_min in ((8 * 60, 4 * 60), (13 * 60, 6 * 60))
        ],
        overrides=[Override(FIRST + timedelta(days=20)), Override(FIRST, ((600, 120),))],
        time_off=[Interval(_moment(rng, 40 * 24 * 12), _moment(rng, 0) + timedelta(days=49))],
        busy=[_interval(rng) for _ in range(busy)],
        bookings=[
            Booking(interval.start, interval.start + timedelta(minutes=20), "confirmed", 0, 15)
            for interval in (_interval(rng) for _ in range(bookings))
        ],
    )


def _interval(rng: random.Random) -> Interval:
    start = _moment(rng, rng.randrange(DAYS * 24 * 12))
    return Interval(start, start + timedelta(minutes=rng.choice((15, 30, 45))))


def _moment(_rng: random.Random, cells: int) -> datetime:
    return datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(minutes=5 * cells)


def find_all_open(people: list[Practitioner]) -> list[list[Slot]]:
    return [
        find_open_slots(
            practitioner_zone="America/New_York",
            policy=Policy(horizon_days=DAYS, daily_cap=None),
            visitor_zone="Europe/London",
            first_date=FIRST,
            last_date=FIRST + timedelta(days=DAYS - 1),
            now=datetime.combine(FIRST, datetime.min.time(), UTC),
            **vars(person),
        )
        for person in people
    ]


def baseline_loop() -> int:
    """Run a million steps of plain Python."""
    total = 0
    for number in range(1_000_000):
        total += number & 7
    return total


def best_ms(function: Callable[[], Any]) -> float:
    """Return the fastest of some rounds, the one least disturbed by the rest of the machine."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = perf_counter()
        function()
        best = min(best, perf_counter() - began)
    return best * 1000


def main() -> None:
    rng = random.Random(3)  # noqa: S311 - the same calendar in every run
    people = [
        make_practitioner(rng, BOOKINGS // PRACTITIONERS, BUSY // PRACTITIONERS)
        for _ in range(PRACTITIONERS)
    ]
    count = sum(map(len, find_all_open(people)))
    before = best_ms(baseline_loop)
    took = best_ms(lambda: find_all_open(people))
    loop = min(before, best_ms(baseline_loop))
    print(
        f"slots: {count} open slots of {PRACTITIONERS} practitioners, {DAYS} days, "
        f"{BOOKINGS} bookings, {BUSY} busy events: {took:.1f} ms "
        f"(target {TARGET_MS}), {took / loop:.2f} of a million plain steps ({loop:.1f} ms)"
    )


if __name__ == "__main__":
    main()
