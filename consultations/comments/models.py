"""Comments under articles, their history and readers' reports.

What a visitor sent is stored encrypted; published HTML and name are stored in plain text while the
comment is approved.
"""

import uuid
from datetime import datetime, timedelta
from typing import Self, Unpack

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultations.audit.models import Actor
from consultations.privacy import control_links, fingerprints
from consultations.privacy.fields import EncryptedTextField, PrivateModel, PrivateQuerySet
from pages.articles.models import Article
from pages.practice.models import Practitioner
from pages.text.lists import TextListField
from pages.text.search_mixin import SaveOptions


class Status(models.TextChoices):
    """Where a comment is: four folders of the desk, and withdrawn."""

    WAITING = "waiting", _("Waiting")
    APPROVED = "approved", _("Published")
    SPAM = "spam", _("Spam")
    TRASH = "trash", _("Trash")
    WITHDRAWN = "withdrawn", _("Taken back by the writer")


# All columns with something the writer typed, or a hash of it.
PERSONAL_FIELDS = (
    "name",
    "email",
    "text",
    "redacted_text",
    "former_redaction",
    "content_fingerprint",
    "network_fingerprint",
)


class CommentQuerySet(PrivateQuerySet):
    """Comments by status."""

    def published(self) -> Self:
        return self.filter(status=Status.APPROVED)

    def waiting(self) -> Self:
        return self.filter(status=Status.WAITING)


class Comment(PrivateModel):
    """A visitor's comment on an article, or a reply of the practice."""

    public_id = models.CharField(
        max_length=24, unique=True, default=control_links.new_public_id, editable=False
    )
    token_version = models.PositiveIntegerField(default=0, editable=False)
    article = models.ForeignKey(
        Article, verbose_name=_("article"), on_delete=models.CASCADE, related_name="comments"
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("answers"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.WAITING
    )
    # The status before trash or spam, to restore the comment to.
    status_before = models.CharField(max_length=10, choices=Status.choices, blank=True)
    by_practice = models.BooleanField(_("by the practice"), default=False, editable=False)
    practitioner = models.ForeignKey(
        Practitioner,
        verbose_name=_("written by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    name = EncryptedTextField(_("name"), label="comment.name", blank=False)
    email = EncryptedTextField(_("email"), label="comment.email")
    email_fingerprint = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    text = EncryptedTextField(_("text"), label="comment.text", blank=False)
    # What readers see instead of the text after a redaction by staff; and the redacted text
    # before the last redaction, so that this one can be undone.
    redacted_text = EncryptedTextField(_("text as published"), label="comment.redacted_text")
    former_redaction = EncryptedTextField(label="comment.former_redaction", editable=False)
    # Keyed hash of article, parent, text and email address, to find duplicates. Removed together
    # with the network hash.
    content_fingerprint = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    # Keyed hash of the network address; dropped after ADDRESS_HASH_RETENTION_DAYS.
    network_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    suspicions = TextListField(_("marks"))
    # Probability of spam, 0 to 1; it only sorts the queue.
    score = models.FloatField(_("score"), null=True, blank=True, editable=False)
    read_first = models.BooleanField(_("read first"), default=False, editable=False)
    wants_notice = models.BooleanField(_("wants to be told"), default=False, editable=False)

    # In plain text, only while published: all that the public page shows.
    published_name = models.CharField(max_length=120, blank=True, editable=False)
    published_html = models.TextField(blank=True, editable=False)
    # The RENDERER_VERSION of that HTML; older HTML is rendered again by the worker.
    renderer_version = models.PositiveSmallIntegerField(default=0, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)

    created_at = models.DateTimeField(_("received at"))
    status_changed_at = models.DateTimeField(_("last change at"))
    # Raised by every action. An action applies to the revision that was read, or not at all.
    revision = models.PositiveIntegerField(default=0, editable=False)

    fingerprinted = {"email": fingerprints.email_fingerprint}

    objects = models.Manager.from_queryset(CommentQuerySet)()  # type: ignore[misc]

    class Meta(PrivateModel.Meta):
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="approved") | models.Q(published_html=""),
                name="comment_in_clear_only_while_published",
            ),
            models.CheckConstraint(
                condition=models.Q(status="approved") | models.Q(published_name=""),
                name="comment_name_in_clear_only_while_published",
            ),
        ]
        indexes = [
            models.Index(fields=["article", "status", "created_at"], name="comment_on_article"),
            models.Index(fields=["article", "published_at"], name="comment_in_its_thread"),
            # The two orders of the moderation queue; the first also serves its counts.
            models.Index(
                fields=["status", "-read_first", "created_at", "uuid"], name="comment_waiting_order"
            ),
            models.Index(fields=["status", "-status_changed_at", "-uuid"], name="comment_folder"),
        ]

    def empty(self) -> None:
        """Erase text and writer; the row stays as a placeholder above its replies."""
        for name in PERSONAL_FIELDS:
            setattr(self, name, "")
        self.suspicions, self.score = [], None
        self.save(update_fields=[*PERSONAL_FIELDS, "suspicions", "score"])

    @property
    def token(self) -> str:
        return control_links.make_token("comment", self.public_id, self.token_version)

    def get_absolute_url(self) -> str:
        """The private page of the comment's writer, a secret link."""
        return reverse("comments:manage", args=[self.token])

    @property
    def shown_text(self) -> str:
        """The text to publish: the redacted one if there is one."""
        return self.redacted_text or self.text

    @property
    def anchor(self) -> str:
        return f"comment-{self.public_id}"


# The history of a comment and readers' reports. Neither holds any text of it.


class CommentAction(models.TextChoices):
    """What happened to a comment."""

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


# Undoing a reply is not among them: it moves the reply to the trash.
UNDOABLE_ACTIONS = (
    CommentAction.APPROVE,
    CommentAction.REDACT,
    CommentAction.SPAM,
    CommentAction.TRASH,
    CommentAction.RESTORE,
)


class HistoryRow(models.Model):
    """A row about a comment, with a key that reveals no count."""

    # Part of the admin's addresses.
    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        # Django's admin stores this text in its log: no personal data.
        return f"{self._meta.verbose_name} #{str(self.uuid)[:8]}".capitalize()


class CommentEventQuerySet(models.QuerySet):
    def newest_first(self) -> Self:
        return self.order_by("-at", "-number")


class CommentEvent(HistoryRow):
    """One action on a comment. Rows are added and never changed."""

    comment = models.ForeignKey(
        Comment, on_delete=models.CASCADE, related_name="events", editable=False
    )
    # The revision that this action made: it orders events even when the clock is wrong.
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
    act = models.CharField(_("what"), max_length=10, choices=CommentAction.choices)
    before = models.CharField(_("from"), max_length=10, choices=Status.choices, blank=True)
    after = models.CharField(_("to"), max_length=10, choices=Status.choices)
    # For replies: codes of the reply guard's warnings that staff read and set aside.
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

    def save(self, *args: object, **options: Unpack[SaveOptions]) -> None:
        if not self._state.adding:
            raise RuntimeError("events are never changed")
        super().save(*args, **options)


class CommentReportQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(settled_at=None)


class CommentReport(HistoryRow):
    """A reader's report of a published comment, without a reason."""

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


def reported_comments() -> CommentQuerySet:
    """Return published comments with open reports."""
    reported = CommentReport.objects.open().values("comment")
    comments: CommentQuerySet = Comment.objects.published().filter(pk__in=reported)
    return comments


# How long comments are kept. The desk, exports and the purge all use these.


def deletion_due_at(row: Comment) -> datetime | None:
    """Return when the comment is deleted if nothing else happens; None while it is kept."""
    if row.status == Status.SPAM:
        return row.status_changed_at + timedelta(days=settings.COMMENT_SPAM_RETENTION_DAYS)
    if row.status in (Status.TRASH, Status.WITHDRAWN):
        return row.status_changed_at + timedelta(days=settings.COMMENT_TRASH_RETENTION_DAYS)
    return None


def email_removal_due_at(row: Comment) -> datetime | None:
    """Return when the email address is removed from a comment that stays.

    None without an address, or when the whole comment is deleted first.
    """
    if not row.email_fingerprint:
        return None
    due_at = row.created_at + timedelta(days=settings.COMMENT_EMAIL_RETENTION_DAYS)
    deleted_at = deletion_due_at(row)
    return due_at if deleted_at is None or due_at < deleted_at else None
