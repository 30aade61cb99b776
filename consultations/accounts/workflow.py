"""Invite staff, and reset the sign-in of someone who lost their password or phone.

Each operation is one transaction with its email and its audit row. A link works once: its row is
locked, and a used, revoked or expired one is refused.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from consultations.accounts import emails, rate_limits, roles, sessions
from consultations.accounts.models import (
    INVITATION_PURPOSE,
    RESET_PURPOSE,
    Invitation,
    KnownBrowser,
    ResetLink,
)
from consultations.audit import workflow as audit
from consultations.privacy import control_links
from consultations.privacy.fields import readable_text
from pages.practice.models import Practitioner

INVITATION_LIFETIME = timedelta(days=7)
RESET_LINK_LIFETIME = timedelta(hours=1)
INVITATION_MODEL = "consultations.invitation"
USER_MODEL = "auth.user"


def create_invitation(
    *,
    address: str,
    name: str,
    role_keys: Sequence[str],
    practitioner: Practitioner | None,
    by: User,
    network: str,
    now: datetime,
) -> Invitation:
    """Store the invitation, email its link, and record who invited and which roles it gives."""
    with transaction.atomic():
        row = Invitation.objects.create(
            address=address,
            name=name,
            roles=list(role_keys),
            practitioner=practitioner,
            invited_by=by,
            created_at=now,
            expires_at=now + INVITATION_LIFETIME,
        )
        emails.enqueue_invitation(row, now=now)
        _audit_invitation("staff_invited", row, by, network, now, fields=_role_names(row))
    return row


def resend_invitation(row: Invitation, *, by: User, network: str, now: datetime) -> bool:
    """Send a new link, valid for a week, and revoke the old one; False if it was already used."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update().get(pk=row.pk)
        if row.used_at:
            return False
        row.token_version += 1
        row.expires_at, row.revoked_at, row.invited_by = now + INVITATION_LIFETIME, None, by
        row.save(update_fields=["token_version", "expires_at", "revoked_at", "invited_by"])
        emails.enqueue_invitation(row, now=now)
        _audit_invitation("staff_invited", row, by, network, now, fields=_role_names(row))
    return True


def revoke_invitation(row: Invitation, *, by: User, network: str, now: datetime) -> bool:
    """Revoke an open invitation; False if it is not open any more."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update().get(pk=row.pk)
        if row.state(now) != Invitation.State.OPEN:
            return False
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        emails.void_invitation_email(row)
        _audit_invitation("invitation_taken_back", row, by, network, now)
    return True


def find_open_invitation(token: str, *, now: datetime) -> Invitation | None:
    """Return the invitation a link belongs to, if it can still be accepted."""
    id_and_version = control_links.read_token(INVITATION_PURPOSE, token)
    if id_and_version is None:
        return None
    public_id, version = id_and_version
    row = Invitation.objects.filter(public_id=public_id, token_version=version).first()
    return row if row and is_invitation_valid(row, now=now) else None


def is_invitation_valid(row: Invitation, *, now: datetime) -> bool:
    """Tell whether it is open, invited by an owner, and for an email that has no login yet."""
    if row.state(now) != Invitation.State.OPEN:
        return False
    # A former owner can no longer give roles, not even by a link sent before.
    if row.invited_by is None or not roles.is_owner(row.invited_by):
        return False
    return not User.objects.filter(email__iexact=readable_text(row, "address")).exists()


def accept_invitation(
    token: str, *, username: str, password: str, network: str, now: datetime
) -> User | None:
    """Create the invited person's user; None if the link is not valid any more.

    Raises IntegrityError when somebody else takes the username at the same moment.
    """
    with transaction.atomic():
        invitation = find_open_invitation(token, now=now)
        if invitation is None:
            return None
        row = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if not is_invitation_valid(row, now=now):
            return None  # accepted by the other click of a double click
        user = User.objects.create_user(
            username, row.address, password, is_staff=True, first_name=row.name[:150]
        )
        roles.set_roles(user, row.roles)
        if row.practitioner is not None:
            Practitioner.objects.filter(pk=row.practitioner.pk, user=None).update(user=user)
        row.used_at, row.user = now, user
        row.save(update_fields=["used_at", "user"])
        _audit_invitation("staff_joined", row, user, network, now, fields=_role_names(row))
    return user


def create_reset_link(user: User, *, now: datetime) -> ResetLink:
    """Make a link for a new password, for the command line; earlier links stop working.

    Nobody is asked for permission: a shell on the machine already has full access.
    """
    with transaction.atomic():
        ResetLink.objects.filter(user=user).delete()
        row = ResetLink.objects.create(
            user=user, created_at=now, expires_at=now + RESET_LINK_LIFETIME
        )
        _audit_user("reset_link_made", user, "", now)
    return row


def find_reset_link(token: str, *, now: datetime) -> ResetLink | None:
    """Return the reset link of a token, if it has not expired and its user is active."""
    id_and_version = control_links.read_token(RESET_PURPOSE, token)
    if id_and_version is None:
        return None
    rows = ResetLink.objects.filter(public_id=id_and_version[0], expires_at__gt=now)
    return rows.filter(user__is_active=True).select_related("user").first()


def reset_password(token: str, *, password: str, network: str, now: datetime) -> User | None:
    """Set a new password and remove second factors, sessions and known browsers.

    Returns None if the link is not valid any more.
    """
    with transaction.atomic():
        row = find_reset_link(token, now=now)
        # If two requests use the link at once, only one of them deletes the row.
        if row is None or not ResetLink.objects.filter(pk=row.pk).delete()[0]:
            return None
        user = row.user
        user.set_password(password)
        user.save(update_fields=["password"])
        Authenticator.objects.filter(user=user).delete()
        # Otherwise a stranger's attempts would keep the user from setting up another app.
        rate_limits.code_attempt(user.pk).reset()
        rate_limits.reauthentication_attempt(user.pk).reset()
        sessions.end_sessions(user)
        # A sign-in from the lost device must be reported as one from a new browser.
        KnownBrowser.objects.filter(user=user).delete()
        emails.enqueue_sign_in_changed_notice(user, "reset", now=now)
        _audit_user("sign_in_reset", user, network, now)
    return user


def purge_expired_links(now: datetime) -> int:
    """Delete expired reset links, and invitations past their retention; return how many."""
    limit = now - timedelta(days=settings.INVITATION_RETENTION_DAYS)
    purged_links = ResetLink.objects.filter(expires_at__lte=now).delete()[0]
    return purged_links + Invitation.objects.filter(expires_at__lt=limit).delete()[0]


def _role_names(row: Invitation) -> list[str]:
    return [f"role:{key}" for key in row.roles]


def _audit_invitation(
    action: str,
    row: Invitation,
    by: User,
    network: str,
    now: datetime,
    fields: Sequence[str] = (),
) -> None:
    audit.record(
        action=action,
        by=by,
        model=INVITATION_MODEL,
        uuid=row.pk,
        fields=fields,
        network=network,
        now=now,
    )


def _audit_user(action: str, user: User, network: str, now: datetime) -> None:
    audit.record(action=action, by=user, model=USER_MODEL, uuid=None, network=network, now=now)
