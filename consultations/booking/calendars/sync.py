"""Read connected calendars in the worker: fetch those that are due and store their busy times.

Page views never fetch. On any failure the last good copy stays in use and the reason is stored.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

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
# A little more than the furthest date that any consultation type can be booked for.
SYNC_HORIZON = timedelta(days=400)
# Read an unchanged file again once a day: recurrences continue, and zones may have changed.
REEXPAND_INTERVAL = timedelta(days=1)
SYNC_LOOKBACK = timedelta(days=1)
MAX_STORED_NOTES = 50

# In addition to FetchProblem.
UNREADABLE = "unreadable"
CANNOT_DECRYPT = "cannot_open"

FetchFunction = Callable[..., FetchResult]


def sources_due(now: datetime) -> PrivateQuerySet:
    """Return calendars to read now, first the new ones and those that staff asked to read."""
    waits = Q(tried_at__isnull=True) | Q(tried_at__lte=now - SYNC_INTERVAL)
    return BusySource.objects.filter(waits, is_on=True).order_by("tried_at", "pk")


def stale_sources(now: datetime) -> PrivateQuerySet:
    """Return active calendars not read for so long that new appointments may be missing.

    Includes those that have failed from the start.
    """
    never = Q(good_at__isnull=True) & ~Q(fault="")
    return BusySource.objects.filter(never | Q(good_at__lt=now - STALE_AFTER), is_on=True)


def request_sync(source: BusySource) -> None:
    """Have the worker read this calendar in its next round."""
    BusySource.objects.filter(pk=source.pk).update(tried_at=None)


def sync_next(*, now: datetime, fetch_one: FetchFunction = fetch.fetch_calendar) -> bool:
    """Read one calendar that is due; only one, since a slow server must not delay emails.

    Returns False if none is due, or if another worker has taken it.
    """
    waiting = sources_due(now)
    # NULL sorts first on SQLite and last on PostgreSQL, so query for untried ones explicitly.
    source = waiting.filter(tried_at__isnull=True).first() or waiting.first()
    if source is None:
        return False
    # With two workers, the one whose update matches the row reads it.
    taken = BusySource.objects.filter(pk=source.pk, tried_at=source.tried_at)
    if source.tried_at is None:
        taken = BusySource.objects.filter(pk=source.pk, tried_at__isnull=True)
    if not taken.update(tried_at=now):
        return False
    _sync(source, now, fetch_one)
    return True


def _sync(source: BusySource, now: datetime, fetch_one: FetchFunction) -> None:
    """Fetch, read and store one calendar. No transaction is open during the request."""
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
    """Return ETag and date, unless recurrences must be expanded further."""
    is_followed = source.read_until and source.read_until > now + SYNC_HORIZON - REEXPAND_INTERVAL
    if not is_followed:
        return {}
    return {"etag": source.etag, "last_modified": source.last_modified}


def _parse_body(source: BusySource, body: bytes, now: datetime, until: datetime) -> BusyReading:
    practitioner = source.practitioner
    ours = Consultation.objects.values_list("ics_uid", flat=True)
    addresses = {practitioner.organizer_email, PracticeProfile.load().email}
    return parse_busy_times(
        body,
        zone=practitioner_time_zone(practitioner),
        since=now - SYNC_LOOKBACK,
        until=until,
        own_uids=[str(uid) for uid in ours],
        own_addresses=[address for address in addresses if address],
    )


def _store_reading(
    source: BusySource, reading: BusyReading, fetched: FetchResult, now: datetime, until: datetime
) -> None:
    """Replace the stored busy times, in one transaction."""
    with transaction.atomic():
        # If the URL was changed in the meantime, what was read belongs to another calendar.
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
        notes = [f"{event.reason.value} {event.on}".strip() for event in reading.skipped]
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


def _update_source(source: BusySource, **values: object) -> None:
    # Not save(), which would overwrite a URL that staff may have changed in the meantime.
    BusySource.objects.filter(pk=source.pk).update(**values)
