"""Emails to staff about their own sign-in. They never mention a client or commenter."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from consultations.accounts.models import Invitation, KnownBrowser
from consultations.outbox import queue
from pages.practice.models import PracticeProfile

NEW_BROWSER_MESSAGE = "staff_new_browser"
SIGN_IN_CHANGED_MESSAGE = "staff_sign_in_changed"
INVITATION_MESSAGE = "staff_invitation"


def enqueue_new_browser_notice(row: KnownBrowser) -> None:
    """Tell a user that somebody signed in as them from a new browser."""
    queue.enqueue(
        NEW_BROWSER_MESSAGE,
        key=f"{row.uuid}:{NEW_BROWSER_MESSAGE}",
        to=row.user.email,
        about=row.uuid,
        context={
            "at": row.first_at,
            "zone": PracticeProfile.load().time_zone,
            "browser": row.browser,
            "account_url": settings.SITE_URL + reverse("mfa_index"),
        },
        now=row.first_at,
    )


def enqueue_sign_in_changed_notice(user: User, change: str, *, now: datetime) -> None:
    """Tell a user what changed about their sign-in; ``change`` is a code the template knows."""
    notice_id = uuid4()
    queue.enqueue(
        SIGN_IN_CHANGED_MESSAGE,
        key=f"{notice_id}:{SIGN_IN_CHANGED_MESSAGE}",
        to=user.email,
        about=notice_id,
        context={
            "what": change,
            "at": now,
            "zone": PracticeProfile.load().time_zone,
            "account_url": settings.SITE_URL + reverse("mfa_index"),
        },
        now=now,
    )


def enqueue_invitation(row: Invitation, *, now: datetime) -> None:
    """Email the invitation's link, instead of an earlier email that has not been sent yet."""
    void_invitation_email(row)
    queue.enqueue(
        INVITATION_MESSAGE,
        key=f"{row.uuid}:{INVITATION_MESSAGE}:{row.token_version}",
        to=row.address,
        about=row.uuid,
        context={
            "join_url": settings.SITE_URL + row.get_absolute_url(),
            "until": row.expires_at,
            "zone": PracticeProfile.load().time_zone,
        },
        now=now,
    )


def void_invitation_email(row: Invitation) -> None:
    """Cancel unsent emails whose link no longer works."""
    queue.void_emails(about=row.uuid, messages=[INVITATION_MESSAGE])
