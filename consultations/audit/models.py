"""The audit log: which staff member did what with which record. Append-only.

Rows hold the names of fields, never their values. Database triggers refuse to change or remove a
row (see ``triggers``), and each row's ``mac`` also covers the row before it (see ``chain``).
"""

from typing import Self, Unpack

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.utils.translation import gettext_lazy as _

from pages.text.lists import TextListField
from pages.text.search_mixin import SaveOptions


class Action(models.TextChoices):
    """Actions recorded by several rooms; a room may also record its own codes."""

    READ = "read", _("read")
    LISTED = "listed", _("looked through the list")
    SEARCHED = "searched", _("searched")
    REVEALED = "revealed", _("revealed")
    EXPORTED = "exported", _("exported")
    CHANGED = "changed", _("changed")
    ERASED = "erased", _("erased")
    CANNOT_OPEN = "cannot_open", _("could not be opened")


class Actor(models.TextChoices):
    """Who changed a record that a visitor may change too: one list for every history of changes.

    The audit log itself needs none, because only staff act in it.
    """

    VISITOR = "visitor", _("Visitor")
    STAFF = "staff", _("Practice")
    SYSTEM = "system", _("The site")


def can_view_all_entries(user: User | AnonymousUser) -> bool:
    """Tell whether a user may see what everybody did, not only themselves."""
    return user.has_perm("consultations.view_everybodys_auditentry")


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return all entries for owners, and for other staff only their own."""
        if can_view_all_entries(user):
            return self
        return self.filter(staff_id=user.pk)


class AppendOnlyModel(models.Model):
    """Refuses to change or delete a row, as the database triggers do."""

    class Meta:
        abstract = True

    def save(self, *args: object, **options: Unpack[SaveOptions]) -> None:
        if not self._state.adding:
            raise RuntimeError("the audit log is added to, never changed")
        super().save(*args, **options)

    def delete(self, *args: object, **options: object) -> tuple[int, dict[str, int]]:
        raise RuntimeError("the audit log is added to, never changed")


class AuditEntry(AppendOnlyModel):
    """One action. No foreign keys, because the entry stays when the record it names is erased."""

    number = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("at"), db_index=True)
    action = models.CharField(_("act"), max_length=40)
    staff_id = models.BigIntegerField(_("staff member"), null=True, blank=True, db_index=True)
    staff_name = models.CharField(_("login"), max_length=150, blank=True)
    model = models.CharField(_("kind of record"), max_length=60)
    row = models.UUIDField(_("record"), null=True, blank=True, db_index=True)
    fields = TextListField(_("fields"))
    network = models.CharField(_("cut network address"), max_length=49, blank=True)
    mac = models.CharField(_("signature"), max_length=64, blank=True)

    objects = models.Manager.from_queryset(AuditQuerySet)()

    class Meta:
        verbose_name = _("entry of the audit log")
        verbose_name_plural = _("audit log")
        ordering = ["-number"]
        permissions = [("view_everybodys_auditentry", _("Can see what everybody did"))]

    def __str__(self) -> str:
        return f"#{self.number}"


class AuditHead(models.Model):
    """The single row that holds the last entry's number, to detect rows removed from the end."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(_("last number"), default=0)
    seal = models.CharField(_("signature"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("end of the audit log")
        verbose_name_plural = _("end of the audit log")

    def __str__(self) -> str:
        return f"#{self.number}"


class AuditCheckpoint(AppendOnlyModel):
    """What remains of purged months: the last number and the MAC that the next entry continues."""

    up_to = models.BigIntegerField(_("up to number"), primary_key=True)
    up_to_at = models.DateTimeField(_("last of them at"))
    mac = models.CharField(_("signature of the last of them"), max_length=64, blank=True)
    made_at = models.DateTimeField(_("made at"))
    seal = models.CharField(_("signature"), max_length=64)

    class Meta:
        verbose_name = _("checkpoint of the audit log")
        verbose_name_plural = _("checkpoints of the audit log")
        ordering = ["up_to"]

    def __str__(self) -> str:
        return f"#{self.up_to}"
