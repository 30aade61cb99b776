"""The one list of where a person's data is stored; export, erasure and retention all use it.

Every model is listed in ``DATA_CATEGORIES`` or, with the reason, in ``EXCLUDED_MODELS``; a test
checks this for all models.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consultations.audit.models import Actor
from consultations.booking.email_copies import SentEmail
from consultations.booking.models import (
    Consultation,
    ConsultationEvent,
    describe_retention,
    scheduled_deletion_at,
)
from consultations.comments.models import (
    Comment,
    CommentAction,
    CommentEvent,
    CommentReport,
    deletion_due_at,
    email_removal_due_at,
)
from consultations.data_rights import erasure, retention
from consultations.data_rights.models import DataLink
from consultations.data_rights.people import Person, decrypted_or_blank, normalize_name
from consultations.data_rights.retention import RetentionRule
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.fingerprints import email_fingerprints, phone_fingerprints

PersonalRecord = Consultation | Comment | OutgoingEmail | DataLink
Record = TypeVar("Record", bound=PersonalRecord)
AnyRule = RetentionRule[Any]

# Internal ids that say nothing about a person, and the parts of secret links: a link's secret is
# shown on its own page only.
INTERNAL_FIELDS = frozenset(
    {
        "uuid",
        "public_id",
        "token_version",
        "idempotency_key",
        "ics_uid",
        "sequence",
        "revision",
        "number",
        "email_fingerprint",
        "phone_fingerprint",
        "to_fingerprint",
        "content_fingerprint",
        "network_fingerprint",
    }
)
# The related rows that are read as lines: what happened, and who did it.
HISTORY = "history"
# Staff actions whose result the writer sees anyway. Writers do not learn of a spam verdict.
ACTIONS_SHOWN_TO_WRITER = (CommentAction.APPROVE, CommentAction.REDACT, CommentAction.ERASE)


@dataclass(frozen=True)
class RelatedRows:
    """Rows that belong to a record and are deleted with it."""

    name: str
    label: str | Promise
    model: type[Model]
    # The record's related manager; "" for rows about other people, which are not exported.
    accessor: str
    hidden: frozenset[str] = frozenset()
    # Which of the rows are shown to the person. Called with a row of `model`.
    is_shown: Callable[[Any], bool] = lambda row: True


@dataclass(frozen=True)
class DataCategory(Generic[Record]):
    """One kind of personal record: how to find, show, erase and expire it."""

    name: str
    label: str | Promise
    model: type[Record]
    find: Callable[[Person], QuerySet[Record]]
    erase: Callable[..., None]
    # When the row is deleted if nothing more happens to it; None while that is unknown.
    deleted_at: Callable[[Record], datetime | None]
    retention_rules: tuple[AnyRule, ...]  # some rules are about related rows
    hidden: frozenset[str] = INTERNAL_FIELDS
    # Notes and marks of the practice: staff see them, and may include them in an export.
    own_work: frozenset[str] = frozenset()
    # How long the row is kept, in words, while `deleted_at` is None.
    while_open: Callable[[Record], str] = lambda row: ""
    # When the email address is removed from a row that stays.
    address_removed_at: Callable[[Record], datetime | None] = lambda row: None
    parts: tuple[RelatedRows, ...] = field(default=())
    select_related: tuple[str, ...] = ()


AnyCategory = DataCategory[Any]


def find_consultations(person: Person) -> QuerySet[Consultation]:
    """Match by email, or else by phone and name among requests without an email."""
    if person.email:
        fingerprints = email_fingerprints(person.email)
        return Consultation.objects.filter(email_fingerprint__in=fingerprints)
    without_email = Consultation.objects.filter(
        phone_fingerprint__in=phone_fingerprints(person.phone), email_fingerprint=""
    )
    name = normalize_name(person.name)
    keys = [
        row.pk for row in without_email if normalize_name(decrypted_or_blank(row, "name")) == name
    ]
    return Consultation.objects.filter(pk__in=keys)


def find_comments(person: Person) -> QuerySet[Comment]:
    """Match by email, without the practice's own replies."""
    fingerprints = email_fingerprints(person.email)
    return Comment.objects.filter(email_fingerprint__in=fingerprints, by_practice=False)


def find_emails(person: Person) -> QuerySet[OutgoingEmail]:
    return OutgoingEmail.objects.filter(to_fingerprint__in=email_fingerprints(person.email))


def find_links(person: Person) -> QuerySet[DataLink]:
    return DataLink.objects.filter(email_fingerprint__in=email_fingerprints(person.email))


DATA_CATEGORIES: tuple[AnyCategory, ...] = (
    DataCategory(
        name="consultations",
        label=_("Consultations"),
        model=Consultation,
        find=find_consultations,
        erase=erasure.erase_consultation,
        deleted_at=scheduled_deletion_at,
        while_open=describe_retention,
        retention_rules=(
            RetentionRule(
                "consultations",
                retention.expired_consultations,
                setting="CONSULTATION_RETENTION_DAYS",
            ),
        ),
        # Also the buffers around the call.
        hidden=INTERNAL_FIELDS | {"before_min", "after_min", "rebooked_from", "assignee"},
        own_work=frozenset({"staff_notes", "suspicions", "read_first"}),
        parts=(
            RelatedRows(
                HISTORY,
                _("History"),
                ConsultationEvent,
                "events",
                # `note` is shown: it is the reason they gave for canceling.
                INTERNAL_FIELDS | {"uuid", "consultation", "by"},
            ),
            RelatedRows(
                "emails sent",
                _("Emails we sent"),
                SentEmail,
                "sent",
                INTERNAL_FIELDS | {"consultation", "key"},
            ),
        ),
        select_related=("practitioner", "type"),
    ),
    DataCategory(
        name="comments",
        label=_("Comments"),
        model=Comment,
        find=find_comments,
        erase=erasure.erase_comment,
        deleted_at=deletion_due_at,
        while_open=lambda row: gettext("Stays until you withdraw it or we remove it"),
        address_removed_at=email_removal_due_at,
        retention_rules=(
            RetentionRule("spam", retention.expired_spam, setting="COMMENT_SPAM_RETENTION_DAYS"),
            RetentionRule(
                "spam",
                retention.expired_spam_with_replies,
                retention.empty_comments,
                setting="COMMENT_SPAM_RETENTION_DAYS",
            ),
            RetentionRule("trash", retention.expired_trash, setting="COMMENT_TRASH_RETENTION_DAYS"),
            RetentionRule(
                "trash",
                retention.expired_trash_with_replies,
                retention.empty_comments,
                setting="COMMENT_TRASH_RETENTION_DAYS",
            ),
            RetentionRule(
                "comment emails",
                retention.expired_comment_emails,
                retention.clear_email,
                setting="COMMENT_EMAIL_RETENTION_DAYS",
            ),
            RetentionRule(
                "comment hashes",
                retention.expired_comment_fingerprints,
                retention.clear_fingerprints,
                setting="ADDRESS_HASH_RETENTION_DAYS",
            ),
            RetentionRule(
                "report hashes",
                retention.expired_report_fingerprints,
                retention.clear_network_fingerprint,
                setting="ADDRESS_HASH_RETENTION_DAYS",
            ),
            RetentionRule(
                "reports", retention.expired_reports, setting="ADDRESS_HASH_RETENTION_DAYS"
            ),
        ),
        hidden=INTERNAL_FIELDS
        | {"status_before", "former_redaction"}
        | {"published_html", "renderer_version", "by_practice", "practitioner"},
        # Writers do not learn that a program or a person took something for spam.
        own_work=frozenset({"suspicions", "score", "read_first"}),
        parts=(
            RelatedRows(
                HISTORY,
                _("History"),
                CommentEvent,
                "events",
                INTERNAL_FIELDS | {"uuid", "comment", "by", "before", "after"},
                lambda event: event.actor == Actor.VISITOR or event.act in ACTIONS_SHOWN_TO_WRITER,
            ),
            # Made by readers; all we keep of them is that they asked.
            RelatedRows("reports", _("Reports"), CommentReport, ""),
        ),
        select_related=("article", "parent"),
    ),
    DataCategory(
        name="mails",
        label=_("Emails"),
        model=OutgoingEmail,
        find=find_emails,
        erase=erasure.erase_row,
        deleted_at=lambda row: row.deleted_at,
        retention_rules=(
            RetentionRule("mails", retention.expired_emails, setting="OUTBOX_RETENTION_DAYS"),
        ),
        hidden=INTERNAL_FIELDS
        | {"about", "key", "html", "attempts", "next_at", "lease_until", "last_error"}
        | {"calendar_method", "unsubscribe"},
    ),
    DataCategory(
        name="links",
        label=_("Links to this page"),
        model=DataLink,
        find=find_links,
        erase=erasure.erase_row,
        deleted_at=lambda row: row.expires_at,
        retention_rules=(RetentionRule("expired links", retention.expired_links),),
    ),
)
# Rows that are not personal records, but expire too.
OTHER_RETENTION_RULES = (
    RetentionRule(
        "rate counts", retention.expired_rate_counts, setting="ADDRESS_HASH_RETENTION_DAYS"
    ),
    RetentionRule("erasures", retention.expired_tombstones, setting="ERASURE_RETENTION_DAYS"),
)

# Models without data of one visitor that could be found or exported, and why.
EXCLUDED_MODELS = {
    "AuditCheckpoint": "of staff, signed",
    "AuditEntry": "what staff did: row ids and names of fields; kept to show it",
    "AuditHead": "a number",
    "BusyInterval": "of practitioners: times only",
    "BusySource": "of practitioners",
    "Calendar": "of practitioners",
    "ConsultationType": "of the practice",
    "DateOverride": "of practitioners",
    "DemoRow": "of the demonstration",
    "DurableKey": "of the site",
    "EmailText": "of the practice",
    "HeldForm": "a form of staff, for an hour",
    "Invitation": "of staff to be",
    "KeyCanary": "of the site",
    "KnownBrowser": "of staff: a keyed hash",
    "LearnedWord": "a keyed hash of a word that five people or more used, and two counts",
    "Lesson": "when it was last learned from comments, and how many people wrote them",
    "OverrideWindow": "of practitioners",
    "RateCount": "a keyed hash of an act and an address, for a while; it leads to no record",
    "ResetLink": "of staff, for an hour",
    "ScreeningSettings": "of the practice",
    "StaffSession": "of staff, while they are signed in",
    "TimeClaim": "part of a consultation, goes with it",
    "TimeOff": "of practitioners",
    "Tombstone": "keyed hashes, by which the erased stay erased",
    "WeeklyWindow": "of practitioners",
    "WordPressImport": "how a move went: counts and codes; the file itself goes with it",
}


def find_records(person: Person) -> list[tuple[AnyCategory, list[PersonalRecord]]]:
    """Return all data we hold about a person, by category, oldest first."""
    return [(category, list(_fetch_rows(category, person))) for category in DATA_CATEGORIES]


def _fetch_rows(category: AnyCategory, person: Person) -> QuerySet[PersonalRecord]:
    """Fetch related rows too, in a constant number of queries."""
    rows = category.find(person).order_by("created_at", "pk")
    if category.select_related:
        rows = rows.select_related(*category.select_related)
    return rows.prefetch_related(*(part.accessor for part in category.parts if part.accessor))


def get_category(row: PersonalRecord) -> AnyCategory:
    """Return the category of a row's model."""
    return next(category for category in DATA_CATEGORIES if isinstance(row, category.model))


def all_retention_rules() -> list[AnyRule]:
    return [
        *(rule for category in DATA_CATEGORIES for rule in category.retention_rules),
        *OTHER_RETENTION_RULES,
    ]


def erase_records(person: Person, *, by: User | None, now: datetime) -> list[PersonalRecord]:
    """Erase everything found for a person; return the erased rows for their tombstones."""
    matches = [(category, row) for category in DATA_CATEGORIES for row in category.find(person)]
    for category, row in matches:
        category.erase(row, by=by, now=now)
    # Canceling a call has just queued emails to the person who is being erased.
    find_emails(person).delete()
    return [row for _category, row in matches]
