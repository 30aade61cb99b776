"""Who did what with what people told us: rows that are added and never changed.

Names of fields stand here, never their values. The database itself refuses to change or remove a
row (see ``triggers``), and each row's ``mac`` covers the row before it (see ``chain``).
"""

from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from pages.text.lists import TextListField


class Action(models.TextChoices):
    """What the site itself records; rooms may record codes of their own."""

    READ = "read", _("read")
    LISTED = "listed", _("looked through the list")
    SEARCHED = "searched", _("searched")
    REVEALED = "revealed", _("revealed")
    EXPORTED = "exported", _("exported")
    CHANGED = "changed", _("changed")
    ADDED = "added", _("added")
    ERASED = "erased", _("erased")
    CANNOT_OPEN = "cannot_open", _("could not be opened")


def can_view_all_entries(user: Any) -> bool:
    return bool(user.has_perm("consultations.view_everybodys_auditentry"))


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Owners see everything, everybody else what they did themselves."""
        if can_view_all_entries(user):
            return self
        return self.filter(staff_id=user.pk)


class AppendOnlyModel(models.Model):
    """Refuses in Python what the triggers refuse in the database."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise RuntimeError("the audit log is added to, never changed")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        raise RuntimeError("the audit log is added to, never changed")


class AuditEntry(AppendOnlyModel):
    """One act. No foreign keys: what it speaks of may be erased, the row stays as it is."""

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
    """Where the chain ends: cut rows off its end and this no longer fits. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(_("last number"), default=0)
    seal = models.CharField(_("signature"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("end of the audit log")
        verbose_name_plural = _("end of the audit log")

    def __str__(self) -> str:
        return f"#{self.number}"


class AuditCheckpoint(AppendOnlyModel):
    """What stays of the months that went: up to which number, and the link the rest hangs on."""

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
