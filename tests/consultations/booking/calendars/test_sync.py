"""Other calendars in the worker: when they are read, and what stays in force when it goes wrong."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from consultations import tasks
from consultations.booking import availability
from consultations.booking.calendars import sync
from consultations.booking.calendars.errors import FetchError, FetchProblem
from consultations.booking.calendars.fetch import Fetched
from consultations.booking.calendars.models import BusyInterval, BusySource
from tests.consultations.privacy.test_fields import tamper
from tests.factories.booking import book, make_open_practitioner, make_type
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
def person():
    return make_open_practitioner()


@pytest.fixture
def source(person):
    return BusySource.objects.create(practitioner=person, label="Own calendar", address=ADDRESS)


def event(start: datetime, minutes: int = 60, uid: str = "e1", *more: str) -> str:
    end = start + timedelta(minutes=minutes)
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
         f"DTEND:{end:%Y%m%dT%H%M%SZ}", "SUMMARY:Dentist with Featherword", *more, "END:VEVENT"]
    )  # fmt: skip


def file(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""]).encode()


class Server:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict]] = []

    def __call__(self, url: str, **marks) -> Fetched:
        self.asked.append((url, marks))
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, bytes):
            return Fetched(self.answer, etag='"one"', last_modified="Mon")
        return self.answer


def read(answer, now: datetime = NOW) -> Server:
    server = Server(answer)
    sync.sync_next(now=now, fetch_one=server)
    return server


def spans() -> list[tuple[datetime, datetime]]:
    return list(BusyInterval.objects.order_by("start_at").values_list("start_at", "end_at"))


def test_what_is_busy_is_kept_and_closes_times(source, person) -> None:
    server = read(file(event(START)))
    assert server.asked == [(ADDRESS, {})]
    assert spans() == [(START, START + timedelta(hours=1))]
    source.refresh_from_db()
    assert (source.good_at, source.tried_at, source.fault) == (NOW, NOW, "")
    assert availability.why_not(make_type(), person, START, now=NOW) == ["busy"]
    stored = " ".join(str(value) for value in BusyInterval.objects.values_list()[0])
    assert "Dentist" not in stored
    assert "Featherword" not in f"{source.skipped_reasons}{source.fault}"


def test_it_is_read_again_after_half_an_hour(source) -> None:
    read(file())
    assert read(file(), NOW + timedelta(minutes=29, seconds=59)).asked == []
    assert len(read(file(), NOW + timedelta(minutes=30)).asked) == 1


def test_a_new_copy_takes_the_place_of_the_old(source) -> None:
    read(file(event(START)))
    read(file(event(START + timedelta(days=1))), NOW + timedelta(hours=1))
    assert spans() == [(START + timedelta(days=1), START + timedelta(days=1, hours=1))]


def test_an_unchanged_file_is_good_news(source) -> None:
    read(file(event(START)))
    later = NOW + timedelta(hours=1)
    server = read(Fetched(None, etag='"one"'), later)
    assert server.asked[0][1] == {"etag": '"one"', "last_modified": "Mon"}
    source.refresh_from_db()
    assert (source.good_at, source.etag) == (later, '"one"')
    assert len(spans()) == 1


def test_repetitions_are_followed_anew_every_day(source) -> None:
    """A file that never changes would otherwise end where the first reading stopped."""
    weekly = file(event(START, 60, "e1", "RRULE:FREQ=WEEKLY"))
    read(weekly)
    last = spans()[-1][0]
    assert last > NOW + timedelta(days=390)
    server = read(weekly, NOW + timedelta(days=8))
    assert server.asked[0][1] == {}
    assert spans()[-1][0] == last + timedelta(days=7)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        *((FetchError(problem), problem.value) for problem in FetchProblem),
        (b"<html>Please sign in</html>", sync.UNREADABLE),
    ],
)
def test_what_goes_wrong_leaves_the_last_good_copy_and_says_why(source, answer, fault) -> None:
    read(file(event(START)))
    later = NOW + timedelta(hours=1)
    read(answer, later)
    source.refresh_from_db()
    assert (source.fault, source.good_at, source.tried_at) == (fault, NOW, later)
    assert len(spans()) == 1
    read(file(), later + timedelta(hours=1))
    source.refresh_from_db()
    assert (source.fault, spans()) == ("", [])


def test_a_sealed_address_that_does_not_open_is_told(source) -> None:
    tamper(source, "address")
    assert read(file()).asked == []
    source.refresh_from_db()
    assert source.fault == sync.CANNOT_DECRYPT


def test_our_own_calls_block_only_once(source, person) -> None:
    row = book(make_type(), [person], START)
    read(file(event(START, 20, str(row.ics_uid)), event(START + timedelta(days=1), 20, "other")))
    assert [start for start, _end in spans()] == [START + timedelta(days=1)]


def test_times_without_a_zone_are_the_practitioners(source, person) -> None:
    person.time_zone = "Europe/Berlin"
    person.save()
    floating = (
        "BEGIN:VEVENT\r\nUID:f\r\nDTSTART:20260507T090000\r\nDTEND:20260507T100000\r\nEND:VEVENT"
    )
    read(file(floating))
    assert spans()[0][0] == datetime(2026, 5, 7, 7, tzinfo=UTC)


def test_what_was_left_out_is_noted_and_the_rest_is_read(source) -> None:
    read(file("BEGIN:VEVENT\r\nUID:x\r\nSUMMARY:Secret\r\nEND:VEVENT", event(START)))
    source.refresh_from_db()
    assert source.skipped == 1
    assert source.skipped_reasons.startswith("no_start")
    assert "Secret" not in source.skipped_reasons
    assert len(spans()) == 1


def test_one_source_a_round_and_the_one_that_was_asked_for_first(person) -> None:
    rows = [
        BusySource.objects.create(
            practitioner=person, label=f"C{n}", address=f"https://c{n}.example/",
            tried_at=NOW - timedelta(hours=n) if n else None,
        )
        for n in (1, 2, 0)
    ]  # fmt: skip
    asked = [read(file()).asked[0][0] for _round in range(3)]
    assert asked == ["https://c0.example/", "https://c2.example/", "https://c1.example/"]
    assert read(file()).asked == []
    sync.request_sync(rows[0])
    assert len(read(file()).asked) == 1


def test_what_is_not_used_is_not_read(source) -> None:
    BusySource.objects.update(is_on=False)
    assert read(file()).asked == []


def test_an_address_changed_meanwhile_keeps_nothing_of_the_old(source) -> None:
    class Changing(Server):
        def __call__(self, url, **marks):
            row = BusySource.objects.get()
            row.address = "https://new.example/"
            row.save()
            return super().__call__(url, **marks)

    sync.sync_next(now=NOW, fetch_one=Changing(file(event(START))))
    assert spans() == []


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
def test_staff_are_warned_after_two_hours(source, good, tried, fault, is_stale) -> None:
    BusySource.objects.update(
        good_at=None if good is None else NOW - good,
        tried_at=None if tried is None else NOW - tried,
        fault=fault,
    )
    assert sync.stale_sources(NOW).exists() is is_stale
    BusySource.objects.update(is_on=False)
    assert not sync.stale_sources(NOW).exists()


def test_the_worker_reads_in_every_round(source, monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(sync, "sync_next", lambda *, now: seen.append(now))
    for task in tasks.EVERY_ROUND:
        task(NOW)
    assert seen == [NOW]


# --- staff ---
@pytest.fixture
def staff(client):
    client.force_login(make_staff())
    return client


def typed(person, **other) -> dict:
    return {"practitioner": person.pk, "label": "Own", "is_on": "on", **other}


def test_an_address_goes_in_and_never_comes_out(staff, person) -> None:
    staff.post(f"{EDIT}add/", typed(person, new_address=ADDRESS.replace("https", "webcal")))
    row = BusySource.objects.get()
    assert row.address == ADDRESS.replace("https", "webcal")
    page = staff.get(f"{EDIT}{row.pk}/change/").content.decode()
    assert "calendar.example.com/…" in page
    for listed in (page, staff.get(EDIT).content.decode()):
        assert "secret-part" not in listed


@pytest.mark.parametrize("address", ["", "x", "ftp://a.example/", "https://u:p@a.example/c.ics"])
def test_what_is_no_address_is_said(staff, person, address) -> None:
    response = staff.post(f"{EDIT}add/", typed(person, new_address=address))
    assert response.status_code == 200
    assert not BusySource.objects.exists()


def test_a_new_address_starts_anew(staff, source, person) -> None:
    read(file(event(START)))
    staff.post(f"{EDIT}{source.pk}/change/", typed(person, new_address="https://new.example/"))
    row = BusySource.objects.get()
    assert (row.address, row.tried_at, row.good_at, row.etag) == (
        "https://new.example/",
        None,
        None,
        "",
    )
    assert spans() == []


def test_other_changes_keep_address_and_copy(staff, source, person) -> None:
    read(file(event(START)))
    staff.post(f"{EDIT}{source.pk}/change/", typed(person, label="Renamed", new_address=""))
    row = BusySource.objects.get()
    assert (row.label, row.address, row.good_at, row.etag) == ("Renamed", ADDRESS, NOW, '"one"')
    assert len(spans()) == 1


def test_read_now_leaves_it_to_the_worker(client, source) -> None:
    read(file())
    press = f"{EDIT}{source.pk}/read-now/"
    client.force_login(make_staff("view_busysource"))
    assert client.post(press).status_code == 403
    assert "read-now" not in client.get(f"{EDIT}{source.pk}/change/").content.decode()
    client.force_login(make_staff("view_busysource", "change_busysource"))
    assert client.get(press).status_code == 405
    assert list(sync.sources_due(NOW)) == []
    assert client.post(press).status_code == 302
    assert list(sync.sources_due(NOW)) == [source]


def test_staff_read_what_is_wrong_in_words(client, source) -> None:
    read(file("BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT", event(START)))
    with time_machine.travel(NOW + timedelta(hours=3), tick=False):
        # Signed in then: what is older than half a day has run out.
        client.force_login(make_staff())
        read(FetchError(FetchProblem.TOO_SLOW), NOW + timedelta(hours=3))
        page = client.get(f"{EDIT}{source.pk}/change/").content.decode()
        for words in ("The server takes too long.", "Last read 3", "may be missing",
                      "It has no start, so it was left out."):  # fmt: skip
            assert words in page
        assert "The server takes too long." in client.get(EDIT).content.decode()
