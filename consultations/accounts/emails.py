"""Mails to staff about their own sign-in: neutral words, no visitor in them."""

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


def enqueue_sign_in_changed_notice(user: User, what: str, *, now: datetime) -> None:
    """``what`` is a code that the template knows."""
    mail = uuid4()
    queue.enqueue(
        SIGN_IN_CHANGED_MESSAGE,
        key=f"{mail}:{SIGN_IN_CHANGED_MESSAGE}",
        to=user.email,
        about=mail,
        context={
            "what": what,
            "at": now,
            "zone": PracticeProfile.load().time_zone,
            "account_url": settings.SITE_URL + reverse("mfa_index"),
        },
        now=now,
    )


def enqueue_invitation(row: Invitation, *, now: datetime) -> None:
    """The former mail, if it still waits, would carry a link that is void."""
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
    queue.void_emails(about=row.uuid, messages=[INVITATION_MESSAGE])
