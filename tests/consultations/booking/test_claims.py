"""Tests that claims prevent double booking and always match the live consultations."""

import random
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from consultations.booking import bookings, checks, workflow
from consultations.booking.claims import SlotTaken, TimeClaim, cells_between
from consultations.booking.models import Consultation
from consultations.booking.states import LIVE_STATUSES, Status
from consultations.booking.transitions import TransitionNotAllowed
from tests.factories.booking import (
    claimed_cells,
    make_booking,
    make_open_practitioner,
    make_type,
    required_cells,
)
from tests.factories.consultations import (
    NOW,
    START,
    confirm_with_defaults,
    make_consultation,
    make_staff,
)
from tests.factories.pages import make_practice

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("start", "minutes", "before", "after", "first", "count"),
    [
        (EPOCH, 5, 0, 0, 0, 1),
        (EPOCH, 20, 0, 15, 0, 7),
        (EPOCH, 30, 0, 15, 0, 9),
        (EPOCH + HOUR, 20, 10, 15, 10, 9),
        # Off the grid, every cell that is touched is claimed: rounded down at the start, up at
        # the end.
        (EPOCH + MINUTE, 20, 0, 0, 0, 5),
        (EPOCH + 4 * MINUTE, 1, 0, 0, 0, 1),
        (EPOCH + 4 * MINUTE, 2, 0, 0, 0, 2),
        (EPOCH + 299 * SECOND, 20, 0, 0, 0, 5),
        (EPOCH - HOUR, 20, 0, 0, -12, 4),
        (EPOCH - MINUTE, 2, 0, 0, -1, 2),
        (EPOCH + timedelta(microseconds=1), 5, 0, 0, 0, 2),
    ],
)
def test_cells_cover_time_and_buffers(start, minutes, before, after, first, count) -> None:
    found = cells_between(start, start + minutes * MINUTE, before, after)
    assert list(found) == list(range(first, first + count))


def test_cells_across_dst_change_follow_elapsed_time() -> None:
    start = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # first 1:30 in New York
    assert len(cells_between(start, start + 90 * MINUTE, 0, 0)) == 18


@pytest.mark.django_db
def test_second_claim_on_a_cell_violates_constraint() -> None:
    make_practice()
    rows, practitioner = [make_consultation(), make_consultation()], make_open_practitioner()
    TimeClaim.objects.create(consultation=rows[0], practitioner=practitioner, cell=7)
    for row in rows:
        with pytest.raises(IntegrityError), transaction.atomic():
            TimeClaim.objects.create(consultation=row, practitioner=practitioner, cell=7)
    TimeClaim.objects.create(consultation=rows[1], practitioner=make_open_practitioner(), cell=7)
    rows[0].delete()
    assert TimeClaim.objects.count() == 1


class RandomWalk:
    """Apply random operations as time passes, including ones that are not allowed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = NOW
        self.practitioners = [make_open_practitioner(order=n) for n in range(2)]
        lengths = [(20, 0, 15), (50, 10, 0), (15, 5, 5)]
        self.kinds = [
            make_type(
                mode=mode, duration_min=length, before_min=before, after_min=after, notice_hours=0
            )
            for mode in ("instant", "email_confirm", "staff_approval")
            for length, before, after in lengths
        ]
        self.by = make_staff()
        self.done: set[str] = set()
        self.made: list[Any] = []

    def start(self) -> datetime:
        """Return a random start within two working days, often one that is already taken."""
        base = self.now.replace(hour=16, minute=0) + self.chance.randrange(1, 3) * DAY
        return base + self.chance.randrange(0, 32) * 15 * MINUTE

    def row(self) -> Consultation | None:
        """Return a random consultation, usually an open one.

        They are chosen in order of creation, so that a seed always gives the same walk.
        """
        rows = {row.pk: row for row in Consultation.objects.all()}
        self.made += [key for key in rows if key not in self.made]
        alive = [key for key in self.made if not rows[key].is_final]
        keys = alive if alive and self.chance.random() < 0.8 else self.made
        return rows[self.chance.choice(keys)] if keys else None

    def step(self) -> None:
        verb = self.chance.choice(OPERATIONS)
        try:
            with transaction.atomic():
                done = getattr(self, verb)()
        except (TransitionNotAllowed, SlotTaken):
            return
        if done is not False:
            self.done.add(verb)

    def book(self) -> None:
        practitioners = self.chance.sample(self.practitioners, self.chance.randrange(1, 3))
        self.row()
        make_booking(self.chance.choice(self.kinds), practitioners, self.start(), now=self.now)

    def ask(self) -> None:
        self.row()
        make_consultation(now=self.now, kind=self.chance.choice(["waitlist", "call_back"]))

    def on_row(self, verb, **options) -> bool | None:
        row = self.row()
        return False if row is None else verb(row, now=self.now, **options)

    def confirm_hold(self):
        return self.on_row(bookings.confirm_hold)

    def approve(self):
        return self.on_row(bookings.approve_hold, by=self.by)

    def confirm(self):
        practitioner = self.chance.choice(self.practitioners)
        return self.on_row(
            confirm_with_defaults, practitioner=practitioner, start_at=self.start(), by=self.by
        )

    def offer(self):
        practitioner = self.chance.choice(self.practitioners)
        return self.on_row(
            bookings.offer_slot, practitioner=practitioner, start_at=self.start(), by=self.by
        )

    def refuse(self):
        return self.on_row(bookings.decline_offer)

    def move(self):
        return self.on_row(bookings.move_consultation, start_at=self.start(), promised_time="then")

    def move_by_staff(self):
        return self.on_row(
            bookings.move_consultation,
            start_at=self.start(),
            promised_time="then",
            practitioners=[self.chance.choice(self.practitioners)],
            by=self.by,
        )

    def withdraw(self):
        return self.on_row(workflow.withdraw_consultation)

    def cancel(self):
        return self.on_row(workflow.cancel_consultation, by=self.by)

    def decline(self):
        return self.on_row(workflow.decline_consultation, by=self.by, reason="full")

    def complete(self):
        return self.on_row(workflow.complete_consultation, by=self.by, outcome="connected")

    def no_show(self):
        return self.on_row(workflow.mark_no_show, by=self.by)

    def pass_time(self):
        self.now += self.chance.choice([10 * MINUTE, HOUR, HOUR, DAY])

    def sweep(self):
        bookings.expire_holds(now=self.now)
        workflow.expire_requests(now=self.now)


OPERATIONS = [
    *["book"] * 6, "ask", "ask", "confirm_hold", "confirm_hold", "approve", "approve", "confirm",
    "offer", "offer", "refuse", "move", "move", "move_by_staff", "withdraw", "cancel", "decline",
    "complete", "no_show", "pass_time", "sweep",
]  # fmt: skip


def find_overlaps(now: datetime) -> list[tuple[str, str]]:
    """Return pairs of one practitioner's live consultations whose times overlap."""
    rows: list[Any] = list(Consultation.objects.filter(status__in=LIVE_STATUSES))
    spans = [
        (
            row.start_at - row.before_min * MINUTE,
            row.end_at + row.after_min * MINUTE,
            row.practitioner_id,
            row.reference,
        )
        for row in rows
        if row.status != Status.HELD or row.hold_expires_at > now
    ]
    return [
        (one[3], other[3])
        for one, other in combinations(spans, 2)
        if one[2] == other[2] and one[0] < other[1] and other[0] < one[1]
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_claims_match_live_consultations_after_random_operations(seed) -> None:
    make_practice()
    walk = RandomWalk(seed)
    for _ in range(110):
        walk.step()
        assert checks.find_claim_mismatches(now=walk.now) == [], walk.done
        assert find_overlaps(walk.now) == []
    assert len(walk.done) >= 10, walk.done  # otherwise the walk tried too little


@pytest.mark.django_db
def test_canceling_releases_all_claims() -> None:
    make_practice()
    practitioner = make_open_practitioner()
    row = make_booking(make_type(), [practitioner])
    assert claimed_cells(row) == required_cells(row)
    workflow.cancel_consultation(row, by=make_staff(), now=NOW)
    assert not TimeClaim.objects.exists()
    assert row.start_at == START  # the page and the email still show the canceled time
