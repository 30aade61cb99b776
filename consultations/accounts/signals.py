"""Signal receivers for changes to someone's sign-in.

Each change goes into the audit log and is reported to its owner by email. Another receiver keeps
allauth's email addresses in line with the users'.
"""

from collections.abc import Collection

from allauth.account.models import EmailAddress
from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.db.models.signals import post_save
from django.http import HttpRequest
from django.utils import timezone

from consultations.accounts import browsers, emails, sessions


def _record_and_notify(
    request: HttpRequest, user: User, action: str, change: str, kind: str = ""
) -> None:
    """Write the audit row and, unless ``change`` is "", the email that reports the change."""
    with transaction.atomic():
        if change:
            emails.enqueue_sign_in_changed_notice(user, change, now=timezone.now())
        browsers.record_sign_in_event(request, action, user, fields=[kind] if kind else [])


def on_authenticator_added(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **_: object
) -> None:
    is_codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    change = "" if is_codes else f"{authenticator.type}_added"
    _record_and_notify(request, user, "second_factor_added", change, authenticator.type)


def on_authenticator_removed(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **_: object
) -> None:
    is_codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    change = "" if is_codes else f"{authenticator.type}_removed"
    _record_and_notify(request, user, "second_factor_removed", change, authenticator.type)


def on_authenticator_reset(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **_: object
) -> None:
    _record_and_notify(request, user, "recovery_codes_renewed", "codes_renewed", authenticator.type)


def on_authentication_failed(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **_: object
) -> None:
    _record_and_notify(request, user, "second_factor_failed", "", authenticator.type)


def on_password_changed(sender: object, request: HttpRequest, user: User, **_: object) -> None:
    """Delete the rows of all other sessions, which Django's session auth hash has just ended."""
    sessions.end_sessions(user, except_id=sessions.current_session_id(request))
    _record_and_notify(request, user, "password_changed", "password_changed")


def connect_signals() -> None:
    """Connect all receivers of this app; called once, when Django is ready."""
    authenticator_added.connect(on_authenticator_added)
    authenticator_removed.connect(on_authenticator_removed)
    authenticator_reset.connect(on_authenticator_reset)
    authentication_failed.connect(on_authentication_failed)
    password_changed.connect(on_password_changed)
    user_logged_in.connect(sessions.start_session_on_login)
    user_logged_out.connect(sessions.end_session_on_logout)
    post_save.connect(sync_email_address, sender=User)


def sync_email_address(
    sender: object,
    instance: User,
    raw: bool = False,
    update_fields: Collection[str] | None = None,
    **kwargs: object,
) -> None:
    """Give each staff user one verified EmailAddress row. Connected to ``post_save`` of users.

    A single unverified row would keep somebody from adding a second factor, and with it from every
    staff page. A signal catches every way to create staff: command, form, invitation, demo.
    """
    if raw or (update_fields and not {"email", "is_staff"} & set(update_fields)):
        return
    address = instance.email.strip()
    with transaction.atomic():
        own_rows = EmailAddress.objects.filter(user=instance)
        if not (instance.is_staff and address):
            own_rows.delete()
            return
        own_rows.exclude(email=address.lower()).delete()
        taken = EmailAddress.objects.filter(email=address.lower()).exclude(user=instance)
        if taken.exists():
            return  # a shared address stays with its first user
        EmailAddress.objects.update_or_create(
            user=instance, email=address.lower(), defaults={"verified": True, "primary": True}
        )
