"""Retention: each kind is kept until its last day, and purged on it."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from consultations import tasks
from consultations.booking import workflow as booking
from consultations.booking.models import Consultation, ConsultationEvent
from consultations.comments import workflow as comments
from consultations.comments.models import PERSONAL_FIELDS, Comment, CommentReport
from consultations.data_rights import export, records, retention, workflow
from consultations.outbox.models import OutgoingEmail
from consultations.rate_limits import limits
from consultations.rate_limits.models import RateCount
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import (
    NOW,
    START,
    make_comment,
    make_consultation,
    make_consultation_with_status,
    make_email,
    make_staff,
)
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
ONE_SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _days(settings):
    make_practice()
    settings.CONSULTATION_RETENTION_DAYS = 90
    settings.COMMENT_EMAIL_RETENTION_DAYS = 180
    settings.COMMENT_SPAM_RETENTION_DAYS = 15
    settings.COMMENT_TRASH_RETENTION_DAYS = 30
    settings.OUTBOX_RETENTION_DAYS = 7
    settings.ADDRESS_HASH_RETENTION_DAYS = 30


def make_comment_after(action: str) -> None:
    by = {} if action == "withdraw_comment" else {"by": None}
    getattr(comments, action)(make_comment(), **by, now=NOW)


def clear_network(comment: Comment) -> None:
    Comment.objects.filter(pk=comment.pk).update(network_fingerprint="")


def make_rate_count() -> None:
    RateCount.objects.create(key="k", window_at=NOW)


RETENTION_CASES = {
    "declined": (lambda: make_consultation_with_status("declined"), "consultations", 90, NOW),
    "taken back": (
        lambda: make_consultation_with_status("cancelled_by_visitor"),
        "consultations",
        90,
        NOW,
    ),
    "cancelled": (
        lambda: make_consultation_with_status("cancelled_by_staff"),
        "consultations",
        90,
        NOW,
    ),
    "never noted": (
        lambda: make_consultation_with_status("confirmed"),
        "consultations",
        90,
        START + timedelta(minutes=20),
    ),
    "completed": (
        lambda: make_consultation_with_status("completed"),
        "consultations",
        90,
        START + timedelta(hours=1),
    ),
    "expired": (
        lambda: make_consultation_with_status("expired"),
        "consultations",
        90,
        NOW + timedelta(days=14),
    ),
    "spam": (lambda: make_comment_after("mark_as_spam"), "spam", 15, NOW),
    "trash": (lambda: make_comment_after("trash_comment"), "trash", 30, NOW),
    "withdrawn": (lambda: make_comment_after("withdraw_comment"), "trash", 30, NOW),
    "sent": (lambda: make_email(state="sent", sent_at=NOW), "mails", 7, NOW),
    "dead": (lambda: make_email(state="dead"), "mails", 7, NOW),
    "void": (lambda: make_email(state="void"), "mails", 7, NOW),
    "rate": (make_rate_count, "rate counts", 30, NOW),
    "email": (lambda: make_comment(approved=True), "comment emails", 180, NOW),
    "network": (lambda: make_comment(approved=True), "comment hashes", 30, NOW),
    "words": (lambda: clear_network(make_comment(approved=True)), "comment hashes", 30, NOW),
}


@pytest.mark.parametrize("kind", RETENTION_CASES)
def test_each_category_is_purged_exactly_on_its_day(kind) -> None:
    make, rule, days, start = RETENTION_CASES[kind]
    make()
    ends = start + timedelta(days=days)
    assert rule not in workflow.purge_expired(now=ends - ONE_SECOND, dry_run=True)
    assert rule not in workflow.purge_expired(now=ends - ONE_SECOND)
    assert workflow.purge_expired(now=ends, dry_run=True)[rule] == 1
    assert workflow.purge_expired(now=ends, dry_run=True)[rule] == 1  # a dry run changes nothing
    assert workflow.purge_expired(now=ends)[rule] == 1
    assert rule not in workflow.purge_expired(now=ends)


def test_open_records_are_kept() -> None:
    make_consultation()
    make_comment()
    published = make_comment(approved=True)
    make_email()
    make_email(state="sending", lease_until=NOW)
    OutgoingEmail.objects.exclude(key__startswith="mail-").delete()
    workflow.purge_expired(now=NOW + timedelta(days=3650))
    assert Consultation.objects.count() == 1
    assert Comment.objects.count() == 2
    assert OutgoingEmail.objects.count() == 2
    published.refresh_from_db()
    assert (published.email, published.email_fingerprint, published.network_fingerprint) == (
        "",
        "",
        "",
    )
    assert published.content_fingerprint == ""
    assert published.published_html


def test_retention_days_come_from_settings(settings) -> None:
    settings.COMMENT_SPAM_RETENTION_DAYS = 2
    make_comment_after("mark_as_spam")
    assert workflow.purge_expired(now=NOW + timedelta(days=2))["spam"] == 1


def test_purged_consultation_takes_its_history() -> None:
    make_consultation_with_status("declined")
    assert ConsultationEvent.objects.count() == 2
    workflow.purge_expired(now=NOW + timedelta(days=90))
    assert not ConsultationEvent.objects.exists()


def test_corrected_outcome_restarts_retention() -> None:
    row = make_consultation_with_status("completed")
    corrected = START + timedelta(days=10)
    booking.mark_no_show(row, by=make_staff(), now=corrected)
    workflow.purge_expired(now=corrected + timedelta(days=90) - ONE_SECOND)
    assert Consultation.objects.exists()


@pytest.mark.parametrize(("action", "days"), [("mark_as_spam", 15), ("trash_comment", 30)])
def test_comment_with_replies_is_emptied_then_deleted(action, days) -> None:
    parent = make_comment(approved=True)
    reply = comments.reply_to_comment(parent, text="Thank you.", by=make_staff(), now=NOW)
    getattr(comments, action)(parent, by=None, now=NOW)
    ends = NOW + timedelta(days=days)
    workflow.purge_expired(now=ends - ONE_SECOND)
    assert Comment.objects.get(pk=parent.pk).text
    folder = parent.status
    assert workflow.purge_expired(now=ends, dry_run=True)[folder] == 1
    assert workflow.purge_expired(now=ends)[folder] == 1
    assert not workflow.purge_expired(now=ends)
    parent.refresh_from_db()
    assert [getattr(parent, name) for name in PERSONAL_FIELDS] == [""] * len(PERSONAL_FIELDS)
    assert (parent.email_fingerprint, parent.suspicions) == ("", [])
    assert Comment.objects.get(parent=parent) == reply
    with pytest.raises(comments.NotAllowed):
        comments.approve_comment(parent, by=None, now=ends)
    comments.trash_comment(reply, by=None, now=ends)
    workflow.purge_expired(now=ends + timedelta(days=30))
    workflow.purge_expired(now=ends + timedelta(days=30))
    assert not Comment.objects.exists()


def test_reports_lose_fingerprint_and_go_when_settled() -> None:
    comment = make_comment(approved=True)
    comments.report_comment(comment, network="192.0.2.7", now=NOW)
    ends = NOW + timedelta(days=30)
    assert "report hashes" not in workflow.purge_expired(now=ends - ONE_SECOND)
    assert workflow.purge_expired(now=ends)["report hashes"] == 1
    assert CommentReport.objects.get().network_fingerprint == ""
    comments.settle_reports(comment, by=None, now=ends)
    assert workflow.purge_expired(now=ends + timedelta(days=30))["reports"] == 1


def test_purge_handles_several_batches(monkeypatch) -> None:
    monkeypatch.setattr(retention, "BATCH_SIZE", 2)
    for _ in range(5):
        make_email(state="sent")
    assert workflow.purge_expired(now=NOW + timedelta(days=7))["mails"] == 5


def test_unreadable_comment_email_is_cleared() -> None:
    comment = make_comment(approved=True)
    tamper(comment, "email")
    workflow.purge_expired(now=NOW + timedelta(days=180))
    assert Comment.objects.get().email == ""


def test_purge_command_counts_and_deletes() -> None:
    make_email(state="sent")
    with time_machine.travel(NOW + timedelta(days=8), tick=False):
        out = StringIO()
        call_command("purge", "--dry-run", "--json", stdout=out)
        assert out.getvalue() == '{"mails": 1}\n'
        assert OutgoingEmail.objects.exists()
        call_command("purge", stdout=StringIO())
        assert not OutgoingEmail.objects.exists()
        out = StringIO()
        call_command("purge", stdout=out)
        assert out.getvalue() == "Nothing is past its time.\n"


def test_worker_expires_and_purges() -> None:
    row = make_consultation()
    limits.consume(limits.COMMENT_LIMITS, "192.0.2.1", now=NOW)
    tasks.run_hourly_cleanup(NOW + timedelta(days=14))
    row.refresh_from_db()
    assert row.status == "expired"
    tasks.run_hourly_cleanup(NOW + timedelta(days=14 + 90))
    assert not Consultation.objects.exists()
    assert not RateCount.objects.exists()
    assert tasks.run_hourly_cleanup in tasks.HOURLY_TASKS
    assert tasks.deliver_email in tasks.EVERY_ROUND_TASKS


def test_retention_report_matches_the_purge(client) -> None:
    make_email(state="sent")
    make_comment_after("mark_as_spam")
    with time_machine.travel(NOW + timedelta(days=8), tick=False) as clock:
        report = export.build_retention_report(now=NOW + timedelta(days=8))
        lines = {str(line.what): line for line in report}
        assert len(lines) == len({rule.name for rule in records.all_retention_rules()}) + 1
        emails, spam = lines["Mails, after they were written"], lines["Comments that are spam"]
        assert (emails.days, emails.now, emails.soon) == (7, 1, 0)
        assert (spam.days, spam.now, spam.soon) == (15, 0, 1)
        counts = workflow.purge_expired(now=NOW + timedelta(days=8), dry_run=True)
        assert sum(line.now for line in report) == counts.total()
        client.force_login(make_staff("handle_person"))
        page = client.get("/admin/consultations/tombstone/retention/")
        assert "15 days" in page.content.decode()
        clock.shift(timedelta(seconds=1))
        client.force_login(make_staff("view_comment"))
        assert client.get("/admin/consultations/tombstone/retention/").status_code == 403
