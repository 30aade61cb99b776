"""Claims, leases and retries: one of two workers sends, and a dead one loses nothing."""

import re
import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail as django_mail
from django.db import connection

from consultations.outbox import delivery
from consultations.outbox.models import OutgoingEmail
from tests.factories.consultations import NOW, make_email

State = OutgoingEmail.State


@pytest.fixture
def broken_server(monkeypatch):
    def refuse() -> None:
        raise ConnectionRefusedError(111, "refused: Thank you, ada@mail.example")

    monkeypatch.setattr(delivery, "open_connection", refuse)


@pytest.mark.django_db
def test_only_due_emails_are_sent() -> None:
    make_email(to="due@mail.example", next_at=NOW)
    make_email(to="later@mail.example", next_at=NOW + timedelta(seconds=1))
    for state in (State.SENT, State.DEAD, State.VOID):
        make_email(to=f"{state}@mail.example", state=state)
    make_email(to="busy@mail.example", state=State.SENDING, lease_until=NOW + timedelta(seconds=1))
    delivery.deliver_due(NOW)
    assert [message.to for message in django_mail.outbox] == [["due@mail.example"]]


@pytest.mark.django_db
def test_retry_delay_doubles_up_to_six_hours() -> None:
    minutes = [delivery.retry_delay(attempt).total_seconds() / 60 for attempt in range(12)]
    assert minutes == [1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert delivery.retry_delay(30_000) == timedelta(hours=6)


@pytest.mark.django_db
def test_unreachable_server_is_retried_for_three_days(broken_server) -> None:
    mail, now, waits = make_email(), NOW, []
    while mail.state == State.WAITING:
        now = mail.next_at
        delivery.deliver_due(now)
        mail.refresh_from_db()
        waits.append(mail.next_at - now)
    assert mail.state == State.DEAD
    assert now - mail.created_at >= timedelta(hours=72)
    assert now - mail.created_at < timedelta(hours=72) + delivery.MAX_RETRY_DELAY
    assert waits == sorted(waits)
    assert mail.attempts == len(waits)


@pytest.mark.django_db
def test_failure_is_recorded_without_server_text(broken_server, caplog) -> None:
    mail = make_email(to="ada@mail.example")
    delivery.deliver_due(NOW)
    mail.refresh_from_db()
    assert mail.last_error == "ConnectionRefusedError 111"
    assert "Thank you" not in caplog.text
    assert "ada@" not in caplog.text
    assert "ConnectionRefusedError" in caplog.text


@pytest.mark.django_db
def test_email_of_a_dead_worker_is_sent_after_its_lease() -> None:
    mail = make_email()
    assert delivery.claim_email(mail, NOW)  # then the process is killed
    assert delivery.deliver_due(NOW + delivery.LEASE_DURATION - timedelta(seconds=1)) == {}
    assert delivery.deliver_due(NOW + delivery.LEASE_DURATION) == {"sent": 1}
    assert len(django_mail.outbox) == 1


@pytest.mark.django_db
def test_worker_that_lost_its_lease_records_nothing() -> None:
    slow = make_email()
    assert delivery.claim_email(slow, NOW)
    quick = OutgoingEmail.objects.get(pk=slow.pk)
    assert delivery.claim_email(quick, NOW + delivery.LEASE_DURATION)
    delivery.record_failure(slow, OSError(), NOW + delivery.LEASE_DURATION)
    delivery.record_sent(slow, NOW + delivery.LEASE_DURATION)
    slow.refresh_from_db()
    assert (slow.state, slow.attempts) == (State.SENDING, 2)
    delivery.record_sent(quick, NOW + delivery.LEASE_DURATION)
    slow.refresh_from_db()
    assert slow.state == State.SENT


@pytest.mark.django_db
def test_email_voided_after_listing_is_not_sent(monkeypatch) -> None:
    mail = make_email()
    listed = delivery.due_emails(NOW)
    OutgoingEmail.objects.filter(pk=mail.pk).update(state=State.VOID)
    monkeypatch.setattr(delivery, "due_emails", lambda now: listed)
    assert delivery.deliver_due(NOW) == {}
    assert django_mail.outbox == []


@pytest.mark.django_db
def test_round_ends_before_its_leases_expire(monkeypatch) -> None:
    clock = iter(range(0, 10_000, 25))
    monkeypatch.setattr(delivery, "monotonic", lambda: float(next(clock)))
    for _ in range(6):
        make_email()
    assert delivery.deliver_due(NOW) == {"sent": 2}
    assert OutgoingEmail.objects.filter(state=State.WAITING).count() == 4
    assert timedelta(seconds=2 * delivery.MAX_ROUND_SECONDS) < delivery.LEASE_DURATION


@pytest.mark.django_db
def test_message_id_depends_only_on_the_key(settings) -> None:
    settings.SITE_URL = "https://quiet.example.com"
    one = delivery.message_id("a")
    assert one == delivery.message_id("a")
    assert one != delivery.message_id("b")
    assert re.fullmatch(r"<[0-9a-f]{32}@quiet\.example\.com>", one)


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_claim_each_email_once() -> None:
    mails = [make_email() for _ in range(12)]
    gate = threading.Barrier(2)
    claimed: list[UUID] = []

    def worker() -> None:
        try:
            listed = delivery.due_emails(NOW)
            gate.wait(timeout=20)  # both have the same list of due emails
            claimed.extend(mail.pk for mail in listed if delivery.claim_email(mail, NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(claimed) == sorted(mail.pk for mail in mails)
    assert set(OutgoingEmail.objects.values_list("attempts", flat=True)) == {1}
