"""Staff sessions, known browsers, invitations, reset links and held forms.

No row holds a network address or a whole user agent.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultations.privacy import control_links
from consultations.privacy.fields import EncryptedTextField, PrivateModel
from pages.text.lists import TextListField

INVITATION_PURPOSE = "staff-invitation"
RESET_PURPOSE = "staff-reset"


class StaffSession(models.Model):
    """One sign-in. A Django session without its row is refused, so deleting the row ends it."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("who"), related_name="sessions"
    )
    began_at = models.DateTimeField(_("signed in at"))
    seen_at = models.DateTimeField(_("last used at"))
    browser = models.CharField(_("browser"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"#{str(self.uuid)[:8]}"


class KnownBrowser(models.Model):
    """A browser in which a user has signed in before; only a hash of its cookie is stored."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("who"), related_name="browsers"
    )
    token_fingerprint = models.CharField(max_length=64, db_index=True)
    browser = models.CharField(_("browser"), max_length=60, blank=True)
    first_at = models.DateTimeField(_("first seen at"))
    last_at = models.DateTimeField(_("last seen at"))

    class Meta:
        verbose_name = _("known browser")
        verbose_name_plural = _("known browsers")
        ordering = ["-last_at"]

    def __str__(self) -> str:
        return f"#{str(self.uuid)[:8]}"


class Invitation(PrivateModel):
    """An invitation to join the staff: an emailed link that works once, for some days.

    The row and its email address are deleted some weeks after it was used or expired.
    """

    class State(models.TextChoices):
        OPEN = "open", _("not used yet")
        USED = "used", _("used")
        REVOKED = "revoked", _("taken back")
        OVER = "over", _("ran out")

    public_id = models.CharField(
        max_length=24, unique=True, default=control_links.new_public_id, editable=False
    )
    token_version = models.PositiveIntegerField(default=1, editable=False)
    address = EncryptedTextField(_("email"), label="invitation.address", blank=False)
    name = EncryptedTextField(_("name"), label="invitation.name", blank=False)
    roles = TextListField(_("roles"))
    practitioner = models.ForeignKey(
        "pages.Practitioner",
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("practitioner"),
        related_name="+",
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("invited at"), editable=False)
    expires_at = models.DateTimeField(_("good until"), editable=False)
    used_at = models.DateTimeField(_("used at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("taken back at"), null=True, editable=False)

    class Meta(PrivateModel.Meta):
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]

    def state(self, now: datetime) -> str:
        """Return the ``State`` at this time."""
        if self.used_at:
            return self.State.USED
        if self.revoked_at:
            return self.State.REVOKED
        return self.State.OVER if self.expires_at <= now else self.State.OPEN

    def get_absolute_url(self) -> str:
        """Return the secret link, which belongs only into the email to this address."""
        token = control_links.make_token(INVITATION_PURPOSE, self.public_id, self.token_version)
        return reverse("account_invitation", args=[token])


class ResetLink(models.Model):
    """A link to set a new password after losing it or the phone. Works once, within an hour."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    public_id = models.CharField(
        max_length=24, unique=True, default=control_links.new_public_id, editable=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reset_links")
    created_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("good until"))

    class Meta:
        verbose_name = _("link for a new password")
        verbose_name_plural = _("links for a new password")

    def __str__(self) -> str:
        return f"#{str(self.uuid)[:8]}"

    def get_absolute_url(self) -> str:
        """Return the secret link, which only this user may see."""
        token = control_links.make_token(RESET_PURPOSE, self.public_id, 1)
        return reverse("account_reset", args=[token])


class HeldForm(PrivateModel):
    """A form a staff member posted after their session had ended, kept for their next sign-in."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", editable=False
    )
    path = models.CharField(max_length=500)
    fields = EncryptedTextField(label="held_form.fields", blank=False)
    had_files = models.BooleanField(default=False)
    kept_at = models.DateTimeField()

    class Meta(PrivateModel.Meta):
        verbose_name = _("form that waits")
        verbose_name_plural = _("forms that wait")
