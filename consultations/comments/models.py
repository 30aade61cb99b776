"""A comment under an article: encrypted as sent, readable by all once staff approve it."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultations.privacy import control_links
from consultations.privacy.fields import EncryptedTextField, PrivateModel, PrivateQuerySet
from consultations.privacy.fingerprints import email_fingerprint
from pages.articles.models import Article
from pages.practice.models import Practitioner
from pages.text.lists import TextListField


class Status(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    APPROVED = "approved", _("Published")
    SPAM = "spam", _("Spam")
    TRASH = "trash", _("Trash")
    WITHDRAWN = "withdrawn", _("Taken back by the writer")


# All columns that hold words of the writer, or a hash of some.
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
    def published(self) -> Self:
        return self.filter(status=Status.APPROVED)

    def waiting(self) -> Self:
        return self.filter(status=Status.WAITING)


class Comment(PrivateModel):
    """What one person wrote under one article, or the practice's reply to it."""

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
    # Where a comment in the trash came from, to put it back there.
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
    # What readers see instead of the text, when staff took something out of it; and what that
    # was before the last redaction, so that this too can be taken back.
    redacted_text = EncryptedTextField(_("text as published"), label="comment.redacted_text")
    former_redaction = EncryptedTextField(label="comment.former_redaction", editable=False)
    # Keyed hash of article, parent, text and address: to know the same comment sent twice. It goes
    # with the next one.
    content_fingerprint = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    # Keyed hash of the network address; dropped after ADDRESS_HASH_RETENTION_DAYS.
    network_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    suspicions = TextListField(_("marks"))
    # How likely it is spam, 0 to 1; it only sorts the queue.
    score = models.FloatField(_("score"), null=True, blank=True, editable=False)
    read_first = models.BooleanField(_("read first"), default=False, editable=False)
    wants_notice = models.BooleanField(_("wants to be told"), default=False, editable=False)

    # In clear only while published: all that the public page shows.
    published_name = models.CharField(max_length=120, blank=True, editable=False)
    published_html = models.TextField(blank=True, editable=False)
    # By which version of ``rendering`` that HTML was made; an older one is made again.
    renderer_version = models.PositiveSmallIntegerField(default=0, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)

    created_at = models.DateTimeField(_("received at"))
    status_changed_at = models.DateTimeField(_("last change at"))
    # Raised by every act. Who acts on what they saw, acts on that revision or not at all.
    revision = models.PositiveIntegerField(default=0, editable=False)

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
            # The two orders of the moderation queue; the first also answers its counts.
            models.Index(
                fields=["status", "-read_first", "created_at", "uuid"], name="comment_waiting_order"
            ),
            models.Index(fields=["status", "-status_changed_at", "-uuid"], name="comment_folder"),
        ]

    def save(self, *args: Any, **options: Any) -> None:
        names: Iterable[str] | None = options.get("update_fields")
        if names is None or "email" in names:
            self.email_fingerprint = email_fingerprint(self.email)
            if names is not None:
                options["update_fields"] = {*names, "email_fingerprint"}
        super().save(*args, **options)

    def empty(self) -> None:
        """Forget all that was said and who said it; the row keeps its place above its answers."""
        for name in PERSONAL_FIELDS:
            setattr(self, name, "")
        self.suspicions, self.score = [], None
        self.save(update_fields=[*PERSONAL_FIELDS, "suspicions", "score"])

    def renew_fingerprints(self) -> list[str]:
        self.email_fingerprint = email_fingerprint(self.email)
        return ["email_fingerprint"]

    @property
    def token(self) -> str:
        return control_links.make_token("comment", self.public_id, self.token_version)

    def get_absolute_url(self) -> str:
        """The writer's own page of this comment: a secret link."""
        return reverse("comments:manage", args=[self.token])

    @property
    def shown_text(self) -> str:
        """What readers are meant to see."""
        return self.redacted_text or self.text

    @property
    def anchor(self) -> str:
        return f"comment-{self.public_id}"


# What happened to a comment, and who among its readers asked for another look. No words of it.


class Actor(models.TextChoices):
    VISITOR = "visitor", _("Visitor")
    STAFF = "staff", _("Practice")
    SYSTEM = "system", _("The site")


class CommentAction(models.TextChoices):
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
    act = models.CharField(_("what"), max_length=10, choices=CommentAction.choices)
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


def reported_comments() -> CommentQuerySet:
    """Published comments that a reader asked us to look at again, and nobody has yet."""
    asked = CommentReport.objects.open().values("comment")
    comments: CommentQuerySet = Comment.objects.published().filter(pk__in=asked)
    return comments


# Until when a comment and its address are kept: one day for the desk, exports and the purge.


def deletion_due_at(row: Comment) -> datetime | None:
    """When its words go if nothing more happens to it; None while that is open."""
    if row.status == Status.SPAM:
        return row.status_changed_at + timedelta(days=settings.COMMENT_SPAM_RETENTION_DAYS)
    if row.status in (Status.TRASH, Status.WITHDRAWN):
        return row.status_changed_at + timedelta(days=settings.COMMENT_TRASH_RETENTION_DAYS)
    return None


def email_removal_due_at(row: Comment) -> datetime | None:
    """When the address goes from a comment that stays; None without one, or when all goes first."""
    if not row.email_fingerprint:
        return None
    at = row.created_at + timedelta(days=settings.COMMENT_EMAIL_RETENTION_DAYS)
    whole = deletion_due_at(row)
    return at if whole is None or at < whole else None
