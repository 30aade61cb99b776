"""Factories for consultations, comments, emails and staff, with typical defaults."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Permission, User
from django.utils import timezone

from consultations.accounts import roles
from consultations.booking import bookings, workflow
from consultations.booking.models import Consultation
from consultations.booking.states import Status
from consultations.booking.submission import RequestDetails, SubmissionMeta
from consultations.comments import workflow as comments_workflow
from consultations.comments.models import Comment
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import consent
from consultations.visitors.forms import sign_opened_at
from pages.articles.models import Article
from pages.practice.models import Practitioner
from tests.factories.pages import make_article, make_practitioner

# A Monday morning in Oregon, and the start of a call two days later.
NOW = datetime(2026, 5, 4, 17, 0, tzinfo=UTC)
START = NOW + timedelta(days=2)
_numbers = count(1)


def make_staff(*permissions: str, **facts: Any) -> User:
    """Create a superuser, or a staff user with only these permissions.

    Either can access every practitioner's records.
    """
    number = next(_numbers)
    user = User.objects.create(
        username=f"login-{number}", is_staff=True, is_superuser=not permissions, **facts
    )
    names = (*permissions, "work_for_everybody") if permissions else ()
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


def make_staff_with_roles(*keys: str, **facts: Any) -> User:
    """Create a staff user with these roles and no other permissions."""
    user = User.objects.create(username=f"member-{next(_numbers)}", is_staff=True, **facts)
    roles.set_roles(user, keys)
    return user


def make_details(**facts: Any) -> RequestDetails:
    defaults: dict[str, Any] = {
        "kind": "preferred_times",
        "name": "Ada Visitor",
        "channel": "email",
        "email": "ada@mail.example",
        "zone": "America/New_York",
        "is_adult": True,
    }
    return RequestDetails(**{**defaults, **facts})


def make_consultation(
    *, now: datetime = NOW, key: str = "", suspicions: list[str] | None = None, **facts: Any
) -> Consultation:
    """Store a consultation request the way the form does."""
    return workflow.request_consultation(
        make_details(**facts), make_submission_meta(key=key, suspicions=suspicions), now=now
    )


def make_submission_meta(*, key: str = "", suspicions: list[str] | None = None) -> SubmissionMeta:
    return SubmissionMeta(
        key=key or uuid4().hex,
        consent_version=consent.CONSULTATION_VERSION,
        suspicions=suspicions or [],
    )


def make_consultation_with_status(
    status: str, *, now: datetime = NOW, start_at: datetime = START, **facts: Any
) -> Consultation:
    """Create a consultation and move it to ``status`` through the real workflow."""
    row, by = make_consultation(now=now, **facts), make_staff()
    after_call = start_at + timedelta(hours=1)
    if status == Status.ANSWERED:
        workflow.record_call_back(row, outcome="connected", note="", by=by, now=now)
    elif status == Status.DECLINED:
        workflow.decline_consultation(row, reason="full", by=by, now=now)
    elif status == Status.CANCELLED_BY_VISITOR:
        workflow.withdraw_consultation(row, now=now)
    elif status == Status.EXPIRED:
        workflow.expire_requests(now=row.created_at + timedelta(days=14))
        row.refresh_from_db()
    elif status != Status.REQUESTED:
        confirm_with_defaults(row, by=by, now=now, start_at=start_at)
    if status == Status.CANCELLED_BY_STAFF:
        workflow.cancel_consultation(row, by=by, now=now)
    elif status == Status.COMPLETED:
        workflow.complete_consultation(row, outcome="connected", by=by, now=after_call)
    elif status == Status.NO_SHOW:
        workflow.mark_no_show(row, by=by, now=after_call)
    return row


def confirm_with_defaults(
    row: Consultation,
    *,
    start_at: datetime = START,
    practitioner: Practitioner | None = None,
    by: User | None = None,
    now: datetime = NOW,
) -> None:
    bookings.confirm_consultation(
        row,
        start_at=start_at,
        practitioner=practitioner or make_practitioner(),
        by=by or make_staff(),
        now=now,
    )


def make_comment(
    *, article: Article | None = None, approved: bool = False, now: datetime = NOW, **facts: Any
) -> Comment:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "parent": None,
        "name": f"Reader {number}",
        "email": f"reader-{number}@mail.example",
        "text": f"Thank you for these words, number {number}.",
        "network": "192.0.2.1",
        "suspicions": [],
    }
    comment = comments_workflow.submit_comment(
        article=article or make_article(), now=now, **{**defaults, **facts}
    )
    if approved:
        comments_workflow.approve_comment(comment, by=None, now=now)
    return comment


def make_email(*, now: datetime = NOW, **facts: Any) -> OutgoingEmail:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "key": f"mail-{number}",
        "message": "consultation_received",
        "about": uuid4(),
        "to": f"person-{number}@mail.example",
        "sender": "Robin <hello@quietroom.example.com>",
        "reply_to": "hello@quietroom.example.com",
        "subject": "We received your message",
        "text": "Thank you.\n",
        "html": "<p>Thank you.</p>",
        "next_at": now,
        "created_at": now,
    }
    return OutgoingEmail.objects.create(**{**defaults, **facts})


def comment_form_data(**answers: Any) -> dict[str, Any]:
    """Return the data that a browser posts from a comment form opened a minute ago."""
    opened = sign_opened_at(timezone.now() - timedelta(minutes=1))
    defaults = {"text": "A kind thought.", "name": "Sam", "email": "sam@mail.example"}
    return {**defaults, "parent": "", "website": "", "opened": opened, **answers}


def consultation_form_data(**answers: Any) -> dict[str, Any]:
    """Return the data that a browser posts from a consultation form opened a minute ago."""
    defaults = {
        "name": "Ada Visitor",
        "channel": "email",
        "email": "ada@mail.example",
        "phone": "",
        "voicemail": "no",
        "location": "US-OR",
        "service": "not_sure",
        "audience": "me",
        "preferred": ["mon-morning"],
        "zone": "America/New_York",
        "meeting": "phone",
        "note": "",
        "access": "",
        "adult": "on",
        "consent": "on",
        "kind": "preferred_times",
        "key": uuid4().hex,
        "website": "",
        "opened": sign_opened_at(timezone.now() - timedelta(minutes=1)),
    }
    return {**defaults, **answers}
