"""Syncing connected calendars in the worker: when they are read, and what failures keep."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consultations import tasks
from consultations.booking import availability
from consultations.booking.calendars import sync
from consultations.booking.calendars.errors import FetchError, FetchProblem
from consultations.booking.calendars.fetch import FetchResult
from consultations.booking.calendars.models import BusyInterval, BusySource
from tests.consultations.privacy.test_fields import tamper
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import NOW, START, make_staff
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
ADDRESS = "https://calendar.example.com/secret-part/basic.ics"
EDIT = "/admin/consultations/busysource/"


@pytest.fixture(autouse=True)
def _practice():
    make_practice()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def practitioner():
    return make_open_practitioner()


@pytest.fixture
def source(practitioner):
    return BusySource.objects.create(
        practitioner=practitioner, label="Own calendar", address=ADDRESS
    )


def ics_event(start: datetime, minutes: int = 60, uid: str = "e1", *more: str) -> str:
    end = start + timedelta(minutes=minutes)
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
         f"DTEND:{end:%Y%m%dT%H%M%SZ}", "SUMMARY:Dentist with Featherword", *more, "END:VEVENT"]
    )  # fmt: skip


def ics_file(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""]).encode()


class FakeServer:
    """Returns or raises what a test sets, and records the requests."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict]] = []

    def __call__(self, url: str, **marks) -> FetchResult:
        self.asked.append((url, marks))
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, bytes):
            return FetchResult(self.answer, etag='"one"', last_modified="Mon")
        return self.answer


def sync_with(answer, now: datetime = NOW) -> FakeServer:
    server = FakeServer(answer)
    sync.sync_next(now=now, fetch_one=server)
    return server


def stored_spans() -> list[tuple[datetime, datetime]]:
    return list(BusyInterval.objects.order_by("start_at").values_list("start_at", "end_at"))


def test_sync_stores_busy_intervals_and_blocks_slots(source, practitioner) -> None:
    server = sync_with(ics_file(ics_event(START)))
    assert server.asked == [(ADDRESS, {})]
    assert stored_spans() == [(START, START + timedelta(hours=1))]
    source.refresh_from_db()
    assert (source.good_at, source.tried_at, source.fault) == (NOW, NOW, "")
    assert availability.find_unavailability_reasons(make_type(), practitioner, START, now=NOW) == [
        "busy"
    ]
    stored = " ".join(str(value) for value in BusyInterval.objects.values_list()[0])
    assert "Dentist" not in stored
    assert "Featherword" not in f"{source.skipped_reasons}{source.fault}"


def test_source_is_synced_again_after_30_minutes(source) -> None:
    sync_with(ics_file())
    assert sync_with(ics_file(), NOW + timedelta(minutes=29, seconds=59)).asked == []
    assert len(sync_with(ics_file(), NOW + timedelta(minutes=30)).asked) == 1


def test_sync_replaces_previous_intervals(source) -> None:
    sync_with(ics_file(ics_event(START)))
    sync_with(ics_file(ics_event(START + timedelta(days=1))), NOW + timedelta(hours=1))
    assert stored_spans() == [(START + timedelta(days=1), START + timedelta(days=1, hours=1))]


def test_not_modified_response_counts_as_success(source) -> None:
    sync_with(ics_file(ics_event(START)))
    later = NOW + timedelta(hours=1)
    server = sync_with(FetchResult(None, etag='"one"'), later)
    assert server.asked[0][1] == {"etag": '"one"', "last_modified": "Mon"}
    source.refresh_from_db()
    assert (source.good_at, source.etag) == (later, '"one"')
    assert len(stored_spans()) == 1


def test_recurrences_are_expanded_again_daily(source) -> None:
    """Otherwise the occurrences of an unchanged file would end where the first reading stopped."""
    weekly = ics_file(ics_event(START, 60, "e1", "RRULE:FREQ=WEEKLY"))
    sync_with(weekly)
    last = stored_spans()[-1][0]
    assert last > NOW + timedelta(days=390)
    server = sync_with(weekly, NOW + timedelta(days=8))
    assert server.asked[0][1] == {}
    assert stored_spans()[-1][0] == last + timedelta(days=7)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        *((FetchError(problem), problem.value) for problem in FetchProblem),
        (b"<html>Please sign in</html>", sync.UNREADABLE),
    ],
)
def test_failed_sync_keeps_last_good_copy_and_records_fault(source, answer, fault) -> None:
    sync_with(ics_file(ics_event(START)))
    later = NOW + timedelta(hours=1)
    sync_with(answer, later)
    source.refresh_from_db()
    assert (source.fault, source.good_at, source.tried_at) == (fault, NOW, later)
    assert len(stored_spans()) == 1
    sync_with(ics_file(), later + timedelta(hours=1))
    source.refresh_from_db()
    assert (source.fault, stored_spans()) == ("", [])


def test_undecryptable_address_records_fault(source) -> None:
    tamper(source, "address")
    assert sync_with(ics_file()).asked == []
    source.refresh_from_db()
    assert source.fault == sync.CANNOT_DECRYPT


def test_own_consultation_in_calendar_is_ignored(source, practitioner) -> None:
    row = make_booking(make_type(), [practitioner], START)
    sync_with(
        ics_file(
            ics_event(START, 20, str(row.ics_uid)),
            ics_event(START + timedelta(days=1), 20, "other"),
        )
    )
    assert [start for start, _end in stored_spans()] == [START + timedelta(days=1)]


def test_floating_times_use_practitioner_zone(source, practitioner) -> None:
    practitioner.time_zone = "Europe/Berlin"
    practitioner.save()
    floating = (
        "BEGIN:VEVENT\r\nUID:f\r\nDTSTART:20260507T090000\r\nDTEND:20260507T100000\r\nEND:VEVENT"
    )
    sync_with(ics_file(floating))
    assert stored_spans()[0][0] == datetime(2026, 5, 7, 7, tzinfo=UTC)


def test_skipped_events_are_noted_and_the_rest_stored(source) -> None:
    sync_with(ics_file("BEGIN:VEVENT\r\nUID:x\r\nSUMMARY:Secret\r\nEND:VEVENT", ics_event(START)))
    source.refresh_from_db()
    assert source.skipped == 1
    assert source.skipped_reasons.startswith("no_start")
    assert "Secret" not in source.skipped_reasons
    assert len(stored_spans()) == 1


def test_one_source_per_round_with_requested_source_first(practitioner) -> None:
    rows = [
        BusySource.objects.create(
            practitioner=practitioner, label=f"C{n}", address=f"https://c{n}.example/",
            tried_at=NOW - timedelta(hours=n) if n else None,
        )
        for n in (1, 2, 0)
    ]  # fmt: skip
    asked = [sync_with(ics_file()).asked[0][0] for _round in range(3)]
    assert asked == ["https://c0.example/", "https://c2.example/", "https://c1.example/"]
    assert sync_with(ics_file()).asked == []
    sync.request_sync(rows[0])
    assert len(sync_with(ics_file()).asked) == 1


def test_disabled_source_is_not_synced(source) -> None:
    BusySource.objects.update(is_on=False)
    assert sync_with(ics_file()).asked == []


def test_result_is_discarded_if_address_changed_during_sync(source) -> None:
    class Changing(FakeServer):
        def __call__(self, url, **marks):
            row = BusySource.objects.get()
            row.address = "https://new.example/"
            row.save()
            return super().__call__(url, **marks)

    sync.sync_next(now=NOW, fetch_one=Changing(ics_file(ics_event(START))))
    assert stored_spans() == []


@pytest.mark.parametrize(
    ("good", "tried", "fault", "is_stale"),
    [
        (timedelta(hours=2), timedelta(0), "", False),
        (timedelta(hours=2, seconds=1), timedelta(0), "", True),
        (timedelta(minutes=5), timedelta(0), "too_slow", False),
        (None, timedelta(0), "too_slow", True),
        (None, None, "", False),
    ],
)
def test_source_is_stale_after_two_hours(source, good, tried, fault, is_stale) -> None:
    BusySource.objects.update(
        good_at=None if good is None else NOW - good,
        tried_at=None if tried is None else NOW - tried,
        fault=fault,
    )
    assert sync.stale_sources(NOW).exists() is is_stale
    BusySource.objects.update(is_on=False)
    assert not sync.stale_sources(NOW).exists()


def test_worker_syncs_every_round(source, monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(sync, "sync_next", lambda *, now: seen.append(now))
    for task in tasks.EVERY_ROUND_TASKS:
        task(NOW)
    assert seen == [NOW]


# --- staff pages ---
@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def source_form_data(practitioner, **other) -> dict:
    return {"practitioner": practitioner.pk, "label": "Own", "is_on": "on", **other}


def test_source_address_is_never_displayed(staff, practitioner) -> None:
    staff.post(
        f"{EDIT}add/",
        source_form_data(practitioner, new_address=ADDRESS.replace("https", "webcal")),
    )
    row = BusySource.objects.get()
    assert row.address == ADDRESS.replace("https", "webcal")
    page = staff.get(f"{EDIT}{row.pk}/change/").content.decode()
    assert "calendar.example.com/…" in page
    for listed in (page, staff.get(EDIT).content.decode()):
        assert "secret-part" not in listed


@pytest.mark.parametrize("address", ["", "x", "ftp://a.example/", "https://u:p@a.example/c.ics"])
def test_invalid_source_address_is_rejected(staff, practitioner, address) -> None:
    response = staff.post(f"{EDIT}add/", source_form_data(practitioner, new_address=address))
    assert response.status_code == 200
    assert not BusySource.objects.exists()


def test_changing_address_resets_source(staff, source, practitioner) -> None:
    sync_with(ics_file(ics_event(START)))
    staff.post(
        f"{EDIT}{source.pk}/change/",
        source_form_data(practitioner, new_address="https://new.example/"),
    )
    row = BusySource.objects.get()
    assert (row.address, row.tried_at, row.good_at, row.etag) == (
        "https://new.example/",
        None,
        None,
        "",
    )
    assert stored_spans() == []


def test_other_edits_keep_address_and_intervals(staff, source, practitioner) -> None:
    sync_with(ics_file(ics_event(START)))
    staff.post(
        f"{EDIT}{source.pk}/change/",
        source_form_data(practitioner, label="Renamed", new_address=""),
    )
    row = BusySource.objects.get()
    assert (row.label, row.address, row.good_at, row.etag) == ("Renamed", ADDRESS, NOW, '"one"')
    assert len(stored_spans()) == 1


def test_read_now_queues_sync_for_worker(client, source) -> None:
    sync_with(ics_file())
    press = f"{EDIT}{source.pk}/read-now/"
    client.force_login(make_staff("view_busysource"))
    assert client.post(press).status_code == 403
    assert "read-now" not in client.get(f"{EDIT}{source.pk}/change/").content.decode()
    client.force_login(make_staff("view_busysource", "change_busysource"))
    assert client.get(press).status_code == 405
    assert list(sync.sources_due(NOW)) == []
    assert client.post(press).status_code == 302
    assert list(sync.sources_due(NOW)) == [source]


def test_sync_faults_are_shown_as_sentences(client, source) -> None:
    sync_with(ics_file("BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT", ics_event(START)))
    with time_machine.travel(NOW + timedelta(hours=3), tick=False):
        # Log in at that time: a session from NOW would have expired.
        client.force_login(make_staff())
        sync_with(FetchError(FetchProblem.TOO_SLOW), NOW + timedelta(hours=3))
        page = client.get(f"{EDIT}{source.pk}/change/").content.decode()
        for words in ("The server takes too long.", "Last read 3", "may be missing",
                      "It has no start, so it was left out."):  # fmt: skip
            assert words in page
        assert "The server takes too long." in client.get(EDIT).content.decode()
