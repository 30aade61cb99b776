"""The one list of where a person's data lives. Export, erasure and retention all go through it.

A model that holds something personal stands in ``KINDS`` or, with its reason, in ``ELSEWHERE``;
a test walks all models and knows no third way.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consultations.booking import models
from consultations.booking.models import Consultation, ConsultationEvent
from consultations.comments import models as comment_keeping
from consultations.comments.models import Actor, Comment, CommentAction, CommentEvent, CommentReport
from consultations.data_rights import erasure, retention
from consultations.data_rights.models import DataLink
from consultations.data_rights.people import Person, decrypted_or_blank, normalize_name
from consultations.data_rights.retention import RetentionRule
from consultations.outbox.models import OutgoingEmail
from consultations.privacy.fields import PrivateModel
from consultations.privacy.fingerprints import email_fingerprints, phone_fingerprints

# Handles of ours that say nothing about a person, and what links are made of: a secret stands on
# no other page.
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
# What staff did to a comment and its writer sees anyway; that it was taken for spam is not told.
ACTIONS_SHOWN_TO_WRITER = (CommentAction.APPROVE, CommentAction.REDACT, CommentAction.ERASE)


@dataclass(frozen=True)
class RelatedRows:
    """Rows that belong to a record and go with it."""

    name: str
    label: Any
    model: type[Any]
    # The record's attribute that leads to them; "" where they are others' and only go with it.
    rows: str
    hidden: frozenset[str] = frozenset()
    # Which of them a person gets to see.
    shown: Callable[[Any], bool] = lambda row: True


@dataclass(frozen=True)
class DataCategory:
    name: str
    label: Any
    model: type[PrivateModel]
    find: Callable[[Person], QuerySet[Any]]
    erase: Callable[..., None]
    # When the row goes if nothing more happens to it; None while that is open.
    deleted_at: Callable[[Any], datetime | None]
    due: tuple[RetentionRule, ...]
    hidden: frozenset[str] = INTERNAL_FIELDS
    # What the practice noted or marked for its own work: staff see it, and may hand it out.
    own_work: frozenset[str] = frozenset()
    # How long it is kept, while no day can be named.
    while_open: Callable[[Any], str] = lambda row: ""
    # When the address goes from a row that stays.
    address_removed_at: Callable[[Any], datetime | None] = lambda row: None
    parts: tuple[RelatedRows, ...] = field(default=())
    # Rows of the practice that a record points to, fetched together.
    points_to: tuple[str, ...] = ()


def find_consultations(person: Person) -> QuerySet[Any]:
    if person.email:
        fingerprints = email_fingerprints(person.email)
        return Consultation.objects.filter(email_fingerprint__in=fingerprints)
    without_address = Consultation.objects.filter(
        phone_fingerprint__in=phone_fingerprints(person.phone), email_fingerprint=""
    )
    wanted = normalize_name(person.name)
    same = [
        row.pk
        for row in without_address
        if normalize_name(decrypted_or_blank(row, "name")) == wanted
    ]
    return Consultation.objects.filter(pk__in=same)


def find_comments(person: Person) -> QuerySet[Any]:
    fingerprints = email_fingerprints(person.email)
    return Comment.objects.filter(email_fingerprint__in=fingerprints, by_practice=False)


def find_emails(person: Person) -> QuerySet[Any]:
    return OutgoingEmail.objects.filter(to_fingerprint__in=email_fingerprints(person.email))


def find_links(person: Person) -> QuerySet[Any]:
    return DataLink.objects.filter(email_fingerprint__in=email_fingerprints(person.email))


DATA_CATEGORIES: tuple[DataCategory, ...] = (
    DataCategory(
        name="consultations",
        label=_("Consultations"),
        model=Consultation,
        find=find_consultations,
        erase=erasure.erase_consultation,
        deleted_at=models.scheduled_deletion_at,
        while_open=models.describe_retention,
        due=(
            RetentionRule(
                "consultations",
                retention.expired_consultations,
                setting="CONSULTATION_RETENTION_DAYS",
            ),
        ),
        # Besides: the gaps around a time.
        hidden=INTERNAL_FIELDS | {"before_min", "after_min", "rebooked_from"},
        own_work=frozenset({"staff_notes", "suspicions", "read_first"}),
        parts=(
            RelatedRows(
                "history",
                _("History"),
                ConsultationEvent,
                "events",
                # The note is the reason that they gave for cancelling.
                INTERNAL_FIELDS | {"uuid", "consultation", "by"},
            ),
        ),
        points_to=("practitioner", "type"),
    ),
    DataCategory(
        name="comments",
        label=_("Comments"),
        model=Comment,
        find=find_comments,
        erase=erasure.erase_comment,
        deleted_at=comment_keeping.deletion_due_at,
        while_open=lambda row: gettext("Stays until it is taken back, or taken down"),
        address_removed_at=comment_keeping.email_removal_due_at,
        due=(
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
        # Writers are not told that a program or a person took something for spam.
        own_work=frozenset({"suspicions", "score", "read_first"}),
        parts=(
            RelatedRows(
                "history",
                _("History"),
                CommentEvent,
                "events",
                INTERNAL_FIELDS | {"uuid", "comment", "by", "before", "after"},
                lambda event: event.actor == Actor.VISITOR or event.act in ACTIONS_SHOWN_TO_WRITER,
            ),
            # By readers, of whom nothing is kept but that they asked.
            RelatedRows("reports", _("Reports"), CommentReport, ""),
        ),
        points_to=("article", "parent"),
    ),
    DataCategory(
        name="mails",
        label=_("Mails"),
        model=OutgoingEmail,
        find=find_emails,
        erase=erasure.erase_row,
        deleted_at=lambda row: row.deleted_at,
        due=(RetentionRule("mails", retention.expired_emails, setting="OUTBOX_RETENTION_DAYS"),),
        hidden=INTERNAL_FIELDS
        | {"about", "key", "html", "attempts", "next_at", "lease_until", "last_error"}
        | {"calendar_method", "unsubscribe"},
    ),
    DataCategory(
        name="links",
        label=_("Links to this data"),
        model=DataLink,
        find=find_links,
        erase=erasure.erase_row,
        deleted_at=lambda row: row.expires_at,
        due=(RetentionRule("expired links", retention.expired_links),),
    ),
)
# What is no record of a person, and has a time all the same.
OTHER_RETENTION_RULES = (
    RetentionRule(
        "rate counts", retention.expired_rate_counts, setting="ADDRESS_HASH_RETENTION_DAYS"
    ),
    RetentionRule("erasures", retention.expired_tombstones, setting="ERASURE_RETENTION_DAYS"),
)

# Models of what visitors tell us that hold nothing of one person to find or to hand out.
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


def find_records(person: Person) -> list[tuple[DataCategory, list[Any]]]:
    """All that we hold of a person, by kind, oldest first."""
    return [(kind, list(_fetch_rows(kind, person))) for kind in DATA_CATEGORIES]


def _fetch_rows(kind: DataCategory, person: Person) -> QuerySet[Any]:
    """With what belongs to each row, in a number of queries that does not grow with them."""
    rows = kind.find(person).order_by("created_at", "pk")
    rows = rows.select_related(*kind.points_to) if kind.points_to else rows
    return rows.prefetch_related(*(part.rows for part in kind.parts if part.rows))


def get_category(row: Any) -> DataCategory:
    return next(kind for kind in DATA_CATEGORIES if isinstance(row, kind.model))


def all_retention_rules() -> list[RetentionRule]:
    return [due for kind in DATA_CATEGORIES for due in kind.due] + list(OTHER_RETENTION_RULES)


def erase_records(person: Person, *, by: User | None, now: datetime) -> list[Any]:
    """Erase all that ``held`` finds; gives the rows back, for their tombstones."""
    gone = [(kind, row) for kind in DATA_CATEGORIES for row in kind.find(person)]
    for kind, row in gone:
        kind.erase(row, by=by, now=now)
    # Mails that calling off a call has just written to a person who is no longer here.
    find_emails(person).delete()
    return [row for _kind, row in gone]
