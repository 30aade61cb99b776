"""Export all data we hold about a person, as JSON and as an HTML page.

Also the retention report for staff: what is deleted automatically, and when.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.conf import settings
from django.db.models import Field, Model
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consultations.audit import workflow as audit
from consultations.booking.choices import format_preferred_times
from consultations.booking.local_time import format_datetime_in_zone
from consultations.booking.models import Consultation
from consultations.comments.models import Comment
from consultations.comments.models import Status as CommentStatus
from consultations.data_rights import records, wording
from consultations.data_rights.people import Person
from consultations.data_rights.records import AnyCategory, PersonalRecord
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import PracticeProfile

EXPORT_FORMAT_VERSION = 1
# Secret links in the text of an email are cut: they belong in that email only.
_SECRET_URL_PATTERN = re.compile(
    r"(/(?:c|calendar|comments/manage|consultation/confirm|your-data|preview)/)[^\s/\"<>]+"
)


RecordData = dict[str, Any]  # JSON; the names of related rows are keys of their own


class ExportData(TypedDict):
    """The content of the JSON file."""

    format: int
    made_at: str
    practice: str
    site: str
    records: list[RecordData]


@dataclass(frozen=True)
class ExportItem:
    """One field of a row."""

    name: str
    label: str
    value: object  # for the JSON file
    words: str  # for the HTML page


@dataclass(frozen=True)
class ExportRecord:
    """One row with the rows that belong to it, and when it will be deleted."""

    kind: AnyCategory
    row: PersonalRecord
    items: list[ExportItem]
    parts: list[tuple[str, str, list[list[ExportItem]]]]
    deleted_at: datetime | None
    address_removed_at: datetime | None
    while_open: str  # how long it is kept, while deleted_at is None

    @property
    def title(self) -> str:
        return wording.record_title(self.row)

    @property
    def history(self) -> list[str]:
        """What happened to the row, a line each, oldest first."""
        return [
            wording.history_line(event)
            for part in self.kind.parts
            if part.accessor and part.name == records.HISTORY
            for event in sorted(getattr(self.row, part.accessor).all(), key=lambda one: one.at)
            if part.is_shown(event)
        ]

    @property
    def other_parts(self) -> list[tuple[str, list[list[ExportItem]]]]:
        """The label and the rows of each related kind that is not a line of the history."""
        return [
            (label, rows) for name, label, rows in self.parts if rows and name != records.HISTORY
        ]

    @property
    def shown(self) -> list[ExportItem]:
        """Items with a value."""
        return [item for item in self.items if item.words]


def collect_records(person: Person, *, with_own_work: bool = False) -> list[ExportRecord]:
    """Return all records of a person; ``with_own_work`` adds the practice's own notes and marks."""
    return [
        build_record(kind, row, with_own_work=with_own_work)
        for kind, rows in records.find_records(person)
        for row in rows
    ]


def find_consultation(person: Person, reference: str) -> Consultation | None:
    """Return this person's consultation with this reference."""
    rows = records.find_consultations(person)
    return next((row for row in rows if row.reference == reference), None)


def build_record(kind: AnyCategory, row: PersonalRecord, *, with_own_work: bool) -> ExportRecord:
    """Collect a row's visible fields, related rows and deletion dates."""
    parts = []
    for part in kind.parts:
        if part.accessor:
            related = (item for item in getattr(row, part.accessor).all() if part.is_shown(item))
            rows = [
                [item for item in build_items(one, part.hidden) if item.words] for one in related
            ]
            parts.append((part.name, str(part.label), rows))
    hidden = kind.hidden if with_own_work else kind.hidden | kind.own_work
    items = build_items(row, hidden, with_own_work=with_own_work)
    deleted_at = kind.deleted_at(row)
    return ExportRecord(
        kind=kind,
        row=row,
        items=items,
        parts=parts,
        deleted_at=deleted_at,
        address_removed_at=kind.address_removed_at(row),
        while_open="" if deleted_at else kind.while_open(row),
    )


def build_items(
    row: Model, hidden: frozenset[str], *, with_own_work: bool = False
) -> list[ExportItem]:
    """Include every column except those hidden by name, so that a new column is exported."""
    fields = [field for field in row._meta.concrete_fields if field.name not in hidden]
    return [build_item(row, field, with_own_work=with_own_work) for field in fields]


def build_item(row: Model, field: Field, *, with_own_work: bool) -> ExportItem:
    """Read one field, as a value for programs and as text for people."""
    label = wording.field_label(field)
    try:
        raw = field.value_from_object(row)
    except DecryptionError:
        return ExportItem(field.name, label, None, gettext("cannot be read"))
    if isinstance(raw, str):
        raw = _SECRET_URL_PATTERN.sub(r"\1…", raw)
    is_spam = isinstance(row, Comment) and field.name == "status" and raw == CommentStatus.SPAM
    if is_spam and not with_own_work:
        raw = CommentStatus.WAITING.value  # as on the writer's private page
    if field.name == "preferred_times" and raw:
        values = json.loads(raw)
        return ExportItem(field.name, label, values, "; ".join(format_preferred_times(values)))
    words = wording.field_words(row, field, raw)
    # The key of a related row means nothing outside our database.
    value = related_value(row, field) if field.is_relation else json_value(raw)
    return ExportItem(field.name, label, value, words)


def related_value(row: Model, field: Field) -> str:
    related = getattr(row, field.name)
    return "" if related is None else str(related)


def json_value(raw: object) -> object:
    """Return a value that JSON can represent."""
    if isinstance(raw, datetime):
        return raw.isoformat()
    return raw if isinstance(raw, bool | int | float | str | list | None) else str(raw)


def build_export_data(person: Person, *, now: datetime, with_own_work: bool = False) -> ExportData:
    """Return the content of the JSON file."""
    practice = PracticeProfile.load()
    return {
        "format": EXPORT_FORMAT_VERSION,
        "made_at": now.isoformat(),
        "practice": practice.name,
        "site": settings.SITE_URL,
        "records": [
            build_record_data(record)
            for record in collect_records(person, with_own_work=with_own_work)
        ],
    }


def build_record_data(record: ExportRecord) -> RecordData:
    return {
        "of": record.kind.name,
        "deleted_at": json_value(record.deleted_at),
        "address_removed_at": json_value(record.address_removed_at),
        "held": {item.name: item.value for item in record.items},
        **{
            name: [{item.name: item.value for item in row} for row in rows]
            for name, _label, rows in record.parts
        },
    }


def render_export_page(person: Person, *, now: datetime, with_own_work: bool = False) -> str:
    """Return the HTML file; it is opened offline, so it loads nothing from any server."""
    context = {
        "records": collect_records(person, with_own_work=with_own_work),
        "has_own_work": with_own_work,
        "practice": PracticeProfile.load(),
        "site": settings.SITE_URL,
        "made_at": format_datetime_in_zone(now, PracticeProfile.load().time_zone),
    }
    return render_to_string("consultations/data_rights/export.html", context)


# --- retention report ---

UPCOMING_WINDOW = timedelta(days=7)
RULE_LABELS = {
    "consultations": _("Consultations that are closed or over"),
    "spam": _("Comments that are spam"),
    "trash": _("Comments in the trash, or taken back"),
    "comment emails": _("Email addresses of comments"),
    "comment hashes": _("Fingerprints of comments and their networks"),
    "report hashes": _("Fingerprints of who reported a comment"),
    "reports": _("Reports that are settled"),
    "mails": _("Mails, after they were written"),
    "expired links": _("Links to one’s own data, after their hour"),
    "rate counts": _("Counts of presses from one network"),
    "erasures": _("Marks of what was erased"),
    "audit entries": _("Entries of the audit log, by whole months"),
}


@dataclass
class ReportLine:
    """How many rows of one kind expire now, and in the week after."""

    what: str | Promise
    days: int | None
    now: int = 0  # deleted in the worker's next run
    soon: int = 0  # in addition, within UPCOMING_WINDOW


def build_retention_report(*, now: datetime) -> list[ReportLine]:
    """Return a line for each retention rule, in the order of the purge."""
    lines: dict[str, ReportLine] = {}
    for rule in records.all_retention_rules():
        days = getattr(settings, rule.setting) if rule.setting else None
        line = lines.setdefault(rule.name, ReportLine(RULE_LABELS[rule.name], days))
        expired = rule.rows(now).distinct().count()
        line.now += expired
        line.soon += rule.rows(now + UPCOMING_WINDOW).distinct().count() - expired
    expired = audit.purge_expired_entries(now=now, dry_run=True)
    soon = audit.purge_expired_entries(now=now + UPCOMING_WINDOW, dry_run=True) - expired
    audit_line = ReportLine(
        RULE_LABELS["audit entries"], settings.AUDIT_RETENTION_DAYS, expired, soon
    )
    return [*lines.values(), audit_line]
