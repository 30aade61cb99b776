"""Other calendars, read by the worker: what is due, fetched, and kept until something better comes.

A page view never fetches. Whatever goes wrong leaves the last good copy in force and says why.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from consultations.booking.calendars import fetch
from consultations.booking.calendars.busy import BusyReading, UnreadableCalendar, parse_busy_times
from consultations.booking.calendars.errors import FetchError
from consultations.booking.calendars.fetch import FetchResult
from consultations.booking.calendars.models import BusyInterval, BusySource
from consultations.booking.hours import practitioner_time_zone
from consultations.booking.models import Consultation
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fields import PrivateQuerySet
from pages.practice.models import PracticeProfile

SYNC_INTERVAL = timedelta(minutes=30)
STALE_AFTER = timedelta(hours=2)
# As far as any kind of consultation may be booked, and somewhat more.
SYNC_HORIZON = timedelta(days=400)
# An unchanged file is read anew once a day: its repetitions go on, and zones may have been changed.
REEXPAND_INTERVAL = timedelta(days=1)
SYNC_LOOKBACK = timedelta(days=1)
MAX_STORED_NOTES = 50

# Beside the problems of fetching.
UNREADABLE = "unreadable"
CANNOT_DECRYPT = "cannot_open"

FetchFunction = Callable[..., FetchResult]


def sources_due(now: datetime) -> PrivateQuerySet:
    """Those to be read now; a source that was never tried, or asked for by staff, comes first."""
    waits = Q(tried_at__isnull=True) | Q(tried_at__lte=now - SYNC_INTERVAL)
    return BusySource.objects.filter(waits, is_on=True).order_by("tried_at", "pk")


def stale_sources(now: datetime) -> PrivateQuerySet:
    """In use, and not read rightly for so long that new appointments may be missing."""
    never = Q(good_at__isnull=True) & ~Q(fault="")
    return BusySource.objects.filter(never | Q(good_at__lt=now - STALE_AFTER), is_on=True)


def request_sync(source: BusySource) -> None:
    """Staff cannot wait: the worker takes it in its next round."""
    BusySource.objects.filter(pk=source.pk).update(tried_at=None)


def sync_next(*, now: datetime, fetch_one: FetchFunction = fetch.fetch_calendar) -> bool:
    """Read one source that is due. One, since a slow server must not hold up the mail."""
    waiting = sources_due(now)
    # On SQLite NULL sorts first, on PostgreSQL last: those without a try are asked for by name.
    source = waiting.filter(tried_at__isnull=True).first() or waiting.first()
    if source is None:
        return False
    # Two workers: the one that changes the row reads it.
    taken = BusySource.objects.filter(pk=source.pk, tried_at=source.tried_at)
    if source.tried_at is None:
        taken = BusySource.objects.filter(pk=source.pk, tried_at__isnull=True)
    if not taken.update(tried_at=now):
        return False
    _sync(source, now, fetch_one)
    return True


def _sync(source: BusySource, now: datetime, fetch_one: FetchFunction) -> None:
    """No transaction is open while a stranger's server is asked."""
    try:
        fetched = fetch_one(source.address, **_cache_validators(source, now))
    except DecryptionError:
        _update_source(source, fault=CANNOT_DECRYPT)
        return
    except FetchError as problem:
        _update_source(source, fault=problem.problem.value)
        return
    if fetched.body is None:
        _update_source(source, fault="", good_at=now)
        return
    until = now + SYNC_HORIZON
    try:
        reading = _parse_body(source, fetched.body, now, until)
    except UnreadableCalendar:
        _update_source(source, fault=UNREADABLE)
        return
    _store_reading(source, reading, fetched, now, until)


def _cache_validators(source: BusySource, now: datetime) -> dict[str, str]:
    is_followed = source.read_until and source.read_until > now + SYNC_HORIZON - REEXPAND_INTERVAL
    if not is_followed:
        return {}
    return {"etag": source.etag, "last_modified": source.last_modified}


def _parse_body(source: BusySource, body: bytes, now: datetime, until: datetime) -> BusyReading:
    person = source.practitioner
    ours = Consultation.objects.values_list("ics_uid", flat=True)
    addresses = {person.organizer_email, PracticeProfile.load().email}
    return parse_busy_times(
        body,
        zone=practitioner_time_zone(person),
        since=now - SYNC_LOOKBACK,
        until=until,
        own_uids=[str(uid) for uid in ours],
        own_addresses=[address for address in addresses if address],
    )


def _store_reading(
    source: BusySource, reading: BusyReading, fetched: FetchResult, now: datetime, until: datetime
) -> None:
    with transaction.atomic():
        # The address may have been changed meanwhile: what was read is then of another calendar.
        still = BusySource.objects.select_for_update().filter(pk=source.pk).first()
        if still is None or still.address != source.address:
            return
        BusyInterval.objects.filter(source=source).delete()
        BusyInterval.objects.bulk_create(
            (
                BusyInterval(
                    source=source, start_at=span.start, end_at=span.end, uid_hash=span.uid_hash
                )
                for span in reading.spans
            ),
            batch_size=1000,
        )
        notes = [f"{one.reason.value} {one.on}".strip() for one in reading.skipped]
        _update_source(
            source,
            fault="",
            good_at=now,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            read_until=until,
            skipped=len(notes),
            skipped_reasons="\n".join(notes[:MAX_STORED_NOTES]),
        )


def _update_source(source: BusySource, **values: Any) -> None:
    # Not save(): that would write back an address that staff may have changed meanwhile.
    BusySource.objects.filter(pk=source.pk).update(**values)
