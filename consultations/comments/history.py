"""What happened to a comment, and who among its readers asked for another look. No words of it."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.comments.models import Comment, CommentQuerySet, Status
from pages.text.lists import TextListField


class Actor(models.TextChoices):
    VISITOR = "visitor", _("Visitor")
    STAFF = "staff", _("Practice")
    SYSTEM = "system", _("The site")


class Act(models.TextChoices):
    SUBMIT = "submit", _("sent")
    EDIT = "edit", _("changed by the writer")
    WITHDRAW = "withdraw", _("taken back by the writer")
    APPROVE = "approve", _("approved")
    REDACT = "redact", _("approved with words taken out")
    SPAM = "spam", _("marked as spam")
    TRASH = "trash", _("moved to the trash")
    RESTORE = "restore", _("put back")
    REPLY = "reply", _("answered")
    SETTLE = "settle", _("looked at again and kept")
    ERASE = "erase", _("erased")
    UNDO = "undo", _("undone")
    IMPORT = "import", _("taken over from the former site")


class HistoryRow(models.Model):
    # Stands in the admin's addresses, where it counts nothing.
    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        # Django's admin keeps this text in its log.
        return f"{self._meta.verbose_name} #{str(self.uuid)[:8]}".capitalize()


class CommentEventQuerySet(models.QuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-at", "-number")


class CommentEvent(HistoryRow):
    """One act on a comment. Rows are added and never changed."""

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="events", editable=False
    )
    # The comment's revision that this act made: the order of acts, whatever the clock says.
    number = models.PositiveIntegerField(editable=False)
    at = models.DateTimeField(_("at"))
    actor = models.CharField(_("who"), max_length=10, choices=Actor.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("staff member"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    act = models.CharField(_("what"), max_length=10, choices=Act.choices)
    before = models.CharField(_("from"), max_length=10, choices=Status.choices, blank=True)
    after = models.CharField(_("to"), max_length=10, choices=Status.choices)
    # Of a reply: which warnings of the reply guard were read and set aside. Codes, no words.
    overridden = TextListField(_("published despite"), editable=False)

    objects = models.Manager.from_queryset(CommentEventQuerySet)()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("history")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["comment", "number"], name="one_act_per_revision"),
        ]
        indexes = [models.Index(fields=["by", "-at"], name="comment_acts_of_staff")]

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise RuntimeError("history is added to, never changed")
        super().save(*args, **options)


class CommentReportQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(settled_at=None)


class CommentReport(HistoryRow):
    """A reader asked us to look at a published comment again. Nobody is asked why."""

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="reports", editable=False
    )
    at = models.DateTimeField(_("at"))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    # One per network and comment; dropped after ADDRESS_HASH_RETENTION_DAYS.
    network_fingerprint = models.CharField(max_length=64, blank=True, editable=False)

    objects = models.Manager.from_queryset(CommentReportQuerySet)()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "network_fingerprint"],
                condition=~models.Q(network_fingerprint=""),
                name="one_report_per_network",
            ),
        ]
        indexes = [models.Index(fields=["settled_at", "comment"], name="comment_report_open")]


def reported() -> CommentQuerySet:
    """Published comments that a reader asked us to look at again, and nobody has yet."""
    asked = CommentReport.objects.open().values("comment")
    comments: CommentQuerySet = Comment.objects.published().filter(pk__in=asked)
    return comments
