"""A consultation, from the request to its outcome, with its history."""

import secrets
import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self, Unpack

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consultations.audit.models import Actor
from consultations.booking.choices import Audience, Channel, Meeting, RequestKind, Voicemail
from consultations.booking.hours import ConsultationType
from consultations.booking.states import FINAL_STATUSES, TIMED_STATUSES, HoldFor, Status
from consultations.privacy import consent, control_links, fingerprints
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fields import (
    EncryptedTextField,
    PrivateModel,
    PrivateQuerySet,
    SaveOptions,
)
from pages.practice.models import Practitioner
from pages.practice.staff_dates import format_day
from pages.text.lists import TextListField

if TYPE_CHECKING:
    from django.db.models.fetch_modes import FetchMode

# Events that are not a status. ANSWERS_CHANGED: the visitor sent the form again with other answers.
ADDRESS_CORRECTED = "address_corrected"
ANSWERS_CHANGED = "answers_changed"
PLACE_CHANGED = "place_changed"
# Tried to call back; the request stays open. MOVED_TO_WAITLIST: staff put it on the waiting list.
CALL_NOT_ANSWERED, VOICEMAIL_LEFT = "call_not_answered", "voicemail_left"
MOVED_TO_WAITLIST = "moved_to_waitlist"
MAX_KEY_CHARS = 64
# Only the workflow changes these; see Consultation.save().
WORKFLOW_FIELDS = ("status", "start_at", "end_at", "hold_expires_at", "practitioner_id")
# Without this permission, staff see only their own consultations.
WORK_FOR_EVERYBODY_PERMISSION = "consultations.work_for_everybody"


class ConsultationQuerySet(PrivateQuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Filter what a staff user may see: everything, or only consultations with them."""
        if user.has_perm(WORK_FOR_EVERYBODY_PERMISSION):
            return self
        return self.filter(practitioner__user=user.pk) if user.pk else self.none()

    def awaiting_reply(self) -> Self:
        """Filter what needs a staff reply, without email holds, offers and the waiting list."""
        asked = Q(status=Status.REQUESTED) & ~Q(kind=RequestKind.WAITLIST)
        return self.filter(asked | Q(status=Status.HELD, hold_for=HoldFor.APPROVAL))

    def on_waitlist(self) -> Self:
        return self.filter(status=Status.REQUESTED, kind=RequestKind.WAITLIST)

    def overdue(self, now: datetime) -> Self:
        return self.awaiting_reply().filter(reply_by__lte=now)

    def unanswered_since(self, moment: datetime) -> Self:
        """Filter requests whose ``last_requested_at()`` is not after a moment."""
        last = Max("events__at", filter=Q(events__after=Status.REQUESTED))
        rows = self.filter(status=Status.REQUESTED)
        return rows.alias(asked_at=Coalesce(last, F("created_at"))).filter(asked_at__lte=moment)

    def upcoming(self, now: datetime) -> Self:
        return self.filter(status=Status.CONFIRMED, end_at__gt=now)

    def past(self, now: datetime) -> Self:
        """Filter calls that are over, with or without an outcome."""
        held = Q(status__in=[Status.COMPLETED, Status.NO_SHOW])
        return self.filter(held | Q(status=Status.CONFIRMED, end_at__lte=now))

    def closed(self) -> Self:
        return self.filter(status__in=FINAL_STATUSES - {Status.COMPLETED, Status.NO_SHOW})


class Consultation(PrivateModel):
    """A free consultation, requested or booked. All times are UTC instants."""

    public_id = models.CharField(
        max_length=24, unique=True, default=control_links.new_public_id, editable=False
    )
    token_version = models.PositiveIntegerField(default=0, editable=False)
    reference = models.CharField(_("reference"), max_length=12, unique=True, editable=False)
    idempotency_key = models.CharField(max_length=MAX_KEY_CHARS, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=RequestKind.choices)
    status = models.CharField(
        _("status"), max_length=24, choices=Status.choices, default=Status.REQUESTED
    )
    practitioner = models.ForeignKey(
        Practitioner,
        verbose_name=_("practitioner"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="consultations",
    )
    # The practitioner the visitor asked for; null means anyone. An offer by another keeps it.
    wanted_practitioner = models.ForeignKey(
        Practitioner,
        verbose_name=_("asked for"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    type = models.ForeignKey(
        ConsultationType,
        verbose_name=_("kind of consultation"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="consultations",
    )
    start_at = models.DateTimeField(_("start"), null=True, blank=True)
    end_at = models.DateTimeField(_("end"), null=True, blank=True)
    # As they were when the time was booked: later changes of the type do not apply.
    before_min = models.PositiveSmallIntegerField(_("free before"), default=0)
    after_min = models.PositiveSmallIntegerField(_("free after"), default=0)
    hold_expires_at = models.DateTimeField(_("held until"), null=True, blank=True)
    hold_for = models.CharField(_("waits for"), max_length=10, choices=HoldFor.choices, blank=True)
    visitor_zone = models.CharField(_("time zone of the visitor"), max_length=64)
    # The time as the visitor saw it, in case the zone's rules change later.
    promised_time = models.CharField(_("time as shown"), max_length=120, blank=True)
    rebooked_from = models.ForeignKey(
        "self",
        verbose_name=_("booked again after"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    ics_uid = models.UUIDField(default=uuid.uuid4, editable=False)

    name = EncryptedTextField(_("name"), label="consultation.name", blank=False)
    email = EncryptedTextField(_("email"), label="consultation.email")
    email_fingerprint = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    phone = EncryptedTextField(_("phone"), label="consultation.phone")
    phone_fingerprint = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    channel = models.CharField(_("best way to reach"), max_length=10, choices=Channel.choices)
    voicemail = models.CharField(
        _("voicemail"), max_length=10, choices=Voicemail.choices, default=Voicemail.NO
    )
    location = models.CharField(_("place during sessions"), max_length=20, blank=True)
    service = models.CharField(_("interested in"), max_length=80, blank=True)
    audience = models.CharField(
        _("for whom"), max_length=10, choices=Audience.choices, default=Audience.ME
    )
    meeting = models.CharField(_("how to meet"), max_length=10, choices=Meeting.choices, blank=True)
    note = EncryptedTextField(_("note"), label="consultation.note")
    access_needs = EncryptedTextField(_("access or language needs"), label="consultation.access")
    preferred_times = EncryptedTextField(_("times that suit"), label="consultation.preferred")
    # This call's own; by default the practitioner's is used. Set by staff, never by the visitor.
    video_url = EncryptedTextField(_("video link"), label="consultation.video_url")
    is_adult = models.BooleanField(_("18 or older, or a parent or guardian"), default=False)
    consent_version = models.CharField(_("wording agreed to"), max_length=40)
    consent_at = models.DateTimeField(_("agreed at"))

    reply_by = models.DateTimeField(_("answer by"))
    suspicions = TextListField(_("marks"))
    # The answers contain a listed phrase of distress: shown first to staff, with crisis lines to
    # the visitor.
    read_first = models.BooleanField(_("read first"), default=False, editable=False)
    staff_notes = EncryptedTextField(_("notes of the practice"), label="consultation.staff_notes")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    outcome = models.CharField(_("outcome"), max_length=40, blank=True)
    decline_reason = models.CharField(_("reason for declining"), max_length=20, blank=True)
    # For the email that declines; not a column, so nothing about others is kept here.
    suggested_referrals: Sequence[str] = ()
    created_at = models.DateTimeField(_("received at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    # SEQUENCE of the calendar file: 0 when first confirmed, one more with each change of time and
    # on canceling. Also part of every compare-and-swap.
    sequence = models.PositiveIntegerField(default=0, editable=False)

    fingerprinted = {
        "email": fingerprints.email_fingerprint,
        "phone": fingerprints.phone_fingerprint,
    }

    objects = models.Manager.from_queryset(ConsultationQuerySet)()  # type: ignore[misc]

    if TYPE_CHECKING:
        # Set by the admin on the row that it shows.
        seen_by: User | AnonymousUser

    class Meta(PrivateModel.Meta):
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                # A comparison with NULL is neither true nor false and passes a CHECK, so both
                # columns are tested for NULL explicitly.
                condition=Q(end_at__isnull=True, start_at__isnull=True)
                | Q(end_at__isnull=False, start_at__isnull=False, end_at__gt=F("start_at")),
                name="consultation_end_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=sorted(TIMED_STATUSES)) | Q(start_at__isnull=False),
                name="consultation_time_when_timed",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.HELD, hold_expires_at__isnull=False)
                | (~Q(status=Status.HELD) & Q(hold_expires_at__isnull=True)),
                name="consultation_hold_expires_iff_held",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "reply_by"], name="consultation_to_answer"),
            models.Index(fields=["status", "start_at"], name="consultation_by_start"),
        ]
        permissions = [
            (
                "work_for_everybody",
                _("Can work with everybody’s consultations and hours, not only with own"),
            )
        ]

    @classmethod
    def from_db(
        cls,
        db: str | None,
        field_names: Collection[str],
        values: Collection[object],
        **options: "FetchMode | None",
    ) -> Self:
        row = super().from_db(db, field_names, values, **options)
        row.snapshot_workflow_fields()
        return row

    def snapshot_workflow_fields(self) -> None:
        """Remember status and times, which save() expects to be unchanged."""
        self._as_loaded = {name: self.__dict__.get(name) for name in WORKFLOW_FIELDS}

    def save(self, *args: object, **options: Unpack[SaveOptions]) -> None:
        """Refuse changes of status or time, which need the workflow for history and emails."""
        before = getattr(self, "_as_loaded", None)
        if before is not None and any(self.__dict__.get(n) != before[n] for n in WORKFLOW_FIELDS):
            raise RuntimeError("status and times of a consultation change in booking.workflow only")
        super().save(*args, **options)
        self.snapshot_workflow_fields()

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Self] | None = None,
    ) -> None:
        super().refresh_from_db(using, fields, from_queryset)
        fresh = [name for name in WORKFLOW_FIELDS if fields is None or name in fields]
        before = getattr(self, "_as_loaded", {})
        self._as_loaded = {**before, **{name: self.__dict__.get(name) for name in fresh}}

    @property
    def token(self) -> str:
        return control_links.make_token("consultation", self.public_id, self.token_version)

    def get_absolute_url(self) -> str:
        """Return the private page: a secret link, only for emails to the visitor."""
        return reverse("booking:manage", args=[self.token])

    @property
    def is_final(self) -> bool:
        return self.status in FINAL_STATUSES

    def is_overdue(self, now: datetime) -> bool:
        asked = self.status == Status.REQUESTED and self.kind != RequestKind.WAITLIST
        waits = asked or (self.status == Status.HELD and self.hold_for == HoldFor.APPROVAL)
        return waits and self.reply_by <= now

    def last_requested_at(self) -> datetime:
        """Return when the request last came to staff: on receipt, or after an offer failed."""
        events = self.events.filter(after=Status.REQUESTED)
        return events.aggregate(last=Max("at"))["last"] or self.created_at

    @property
    def address_is_lost(self) -> bool:
        """Whether there is an address that cannot be decrypted."""
        try:
            bool(self.email)
        except DecryptionError:
            return True
        return False

    def record_event(
        self,
        actor: str,
        before: str,
        after: str,
        *,
        now: datetime,
        by: User | None = None,
        old_start: datetime | None = None,
        old_practitioner: Practitioner | None = None,
        note: str = "",
    ) -> None:
        """Add one row to the history, in the transaction of the change itself."""
        ConsultationEvent.objects.create(
            consultation=self,
            at=now,
            actor=actor,
            by=by,
            before=before,
            after=after,
            old_start_at=old_start,
            old_practitioner=old_practitioner,
            new_start_at=self.start_at,
            note=note,
        )

    @property
    def initials(self) -> str:
        """Initials, for lists that someone might see over a shoulder."""
        return "".join(word[0] for word in self.name.split()[:2]).upper()


class Calendar(models.Model):
    """A practitioner's private feed, and the time of their latest new booking."""

    practitioner = models.OneToOneField(
        Practitioner, on_delete=models.CASCADE, related_name="calendar"
    )
    # Part of the private feed's URL; a higher version revokes it.
    feed_id = models.CharField(
        max_length=24, unique=True, default=control_links.new_public_id, editable=False
    )
    feed_token_version = models.PositiveIntegerField(default=0, editable=False)
    last_assigned_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self) -> str:
        return str(self.practitioner)


class ConsultationEvent(PrivateModel):
    """One event in the history of a consultation. Rows are added and never changed."""

    consultation = models.ForeignKey(
        Consultation, on_delete=models.CASCADE, related_name="events", editable=False
    )
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
    before = models.CharField(_("from"), max_length=24, blank=True)
    after = models.CharField(_("to"), max_length=24)
    old_start_at = models.DateTimeField(_("old start"), null=True, blank=True)
    old_practitioner = models.ForeignKey(
        Practitioner,
        verbose_name=_("with whom before"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    new_start_at = models.DateTimeField(_("new start"), null=True, blank=True)
    note = EncryptedTextField(_("note"), label="consultation_event.note")

    class Meta(PrivateModel.Meta):
        verbose_name = _("event")
        verbose_name_plural = _("history")
        ordering = ["at"]

    def save(self, *args: object, **options: Unpack[SaveOptions]) -> None:
        if not self._state.adding:
            raise RuntimeError("history is added to, never changed")
        super().save(*args, **options)


# Retention: one date for the admin page, exports and the purge.


def scheduled_deletion_at(row: Consultation) -> datetime | None:
    """Return when the row is deleted if nothing more happens to it; None while it is open."""
    kept = timedelta(days=consent.consent_retention_days(row.consent_version))
    if row.closed_at:
        return row.closed_at + kept
    # A past call without an outcome is over as well.
    if row.status == Status.CONFIRMED and row.end_at:
        return row.end_at + kept
    return None


def describe_retention(row: Consultation) -> str:
    at = scheduled_deletion_at(row)
    if at is None:
        return gettext("Will be deleted %(days)d days after it is closed") % {
            "days": consent.consent_retention_days(row.consent_version)
        }
    day = format_day(timezone.localdate(at), timezone.localdate())
    return gettext("Will be deleted on %(day)s") % {"day": day}


# The reference is for use on the phone, and gives access to nothing.

# Crockford's base 32: no I, L, O or U, so that references are not misread and spell no words.
REFERENCE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_CHARS = 5


def generate_reference(prefix: str) -> str:
    """Return a random reference; sequential ones would reveal the number of requests."""
    return f"{prefix}-" + "".join(
        secrets.choice(REFERENCE_ALPHABET) for _ in range(REFERENCE_CHARS)
    )


def new_idempotency_key() -> str:
    return secrets.token_hex(16)


def is_valid_key(value: str) -> bool:
    return value.isascii() and value.isalnum() and len(value) <= MAX_KEY_CHARS
