"""Every change of a sign-in is heard of here: written down, and mailed to whose it is."""

from typing import Any

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
    request: HttpRequest, user: User, action: str, mail: str, kind: str = ""
) -> None:
    with transaction.atomic():
        if mail:
            emails.enqueue_sign_in_changed_notice(user, mail, now=timezone.now())
        browsers.record_sign_in_event(request, action, user, fields=[kind] if kind else [])


def on_authenticator_added(
    sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any
) -> None:
    is_codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    mail = "" if is_codes else f"{authenticator.type}_added"
    _record_and_notify(request, user, "second_factor_added", mail, authenticator.type)


def on_authenticator_removed(
    sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any
) -> None:
    is_codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    mail = "" if is_codes else f"{authenticator.type}_removed"
    _record_and_notify(request, user, "second_factor_removed", mail, authenticator.type)


def on_authenticator_reset(
    sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any
) -> None:
    _record_and_notify(request, user, "recovery_codes_renewed", "codes_renewed", authenticator.type)


def on_authentication_failed(
    sender: Any, request: HttpRequest, user: User, authenticator: Any, **_: Any
) -> None:
    _record_and_notify(request, user, "second_factor_failed", "", authenticator.type)


def on_password_changed(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    """A changed password ends every other sign-in: Django's hash does it, the list shows it."""
    sessions.end_sessions(user, but=sessions.current_session_id(request))
    _record_and_notify(request, user, "password_changed", "password_changed")


def connect_signals() -> None:
    """Called once, when Django is ready."""
    authenticator_added.connect(on_authenticator_added)
    authenticator_removed.connect(on_authenticator_removed)
    authenticator_reset.connect(on_authenticator_reset)
    authentication_failed.connect(on_authentication_failed)
    password_changed.connect(on_password_changed)
    user_logged_in.connect(sessions.start_session_on_login)
    user_logged_out.connect(sessions.end_session_on_logout)
    post_save.connect(sync_email_address, sender=User)


# The row by which allauth knows an address, always a verified one.
#
# A single unverified row would keep somebody from adding a second factor, and with it from every
# staff page. So it is made wherever staff are made: command, form, invitation, demo.


def sync_email_address(
    sender: Any, instance: User, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    """Connected to ``post_save`` of users."""
    if raw or (update_fields and not {"email", "is_staff"} & set(update_fields)):
        return
    address = instance.email.strip()
    with transaction.atomic():
        others = EmailAddress.objects.filter(user=instance)
        if not (instance.is_staff and address):
            others.delete()
            return
        others.exclude(email=address.lower()).delete()
        taken = EmailAddress.objects.filter(email=address.lower()).exclude(user=instance)
        if taken.exists():
            return  # a shared address: it stays with whom it was given to first
        EmailAddress.objects.update_or_create(
            user=instance, email=address.lower(), defaults={"verified": True, "primary": True}
        )
