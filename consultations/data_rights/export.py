"""All that we hold of a person, as data for programs and as words for people."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from consultations.audit import workflow as audit
from consultations.booking.choices import format_preferred_times
from consultations.booking.models import Consultation
from consultations.booking.states import Status
from consultations.comments.models import Comment
from consultations.comments.models import Status as CommentStatus
from consultations.data_rights import records
from consultations.data_rights.people import Person
from consultations.data_rights.records import DataCategory
from consultations.privacy import consent
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import PracticeProfile

EXPORT_FORMAT_VERSION = 1
# A secret stands on its own page only, so those in the text of a mail are cut out of it.
_SECRET_URL_PATTERN = re.compile(
    r"(/(?:c|calendar|comments/manage|consultation/confirm|your-data|preview)/)[^\s/\"<>]+"
)


@dataclass(frozen=True)
class ExportItem:
    name: str
    label: str
    value: Any  # for programs
    words: str  # for people


@dataclass(frozen=True)
class ExportRecord:
    kind: DataCategory
    row: Any
    items: list[ExportItem]
    parts: list[tuple[str, str, list[list[ExportItem]]]]
    deleted_at: datetime | None
    address_removed_at: datetime | None
    while_open: str  # how long, while no day is known

    @property
    def title(self) -> str:
        reference = getattr(self.row, "reference", "")
        at = timezone.localtime(self.row.created_at)
        return reference or f"{at:%Y-%m-%d %H:%M} UTC"

    @property
    def shown(self) -> list[ExportItem]:
        """Without what was left empty."""
        return [item for item in self.items if item.words]


def collect_records(person: Person, *, with_own_work: bool = False) -> list[ExportRecord]:
    """``with_own_work``: what the practice noted for itself too, for staff and if they say so."""
    return [
        build_record(kind, row, with_own_work=with_own_work)
        for kind, rows in records.find_records(person)
        for row in rows
    ]


def find_consultation(person: Person, reference: str) -> Consultation | None:
    """The request of theirs that is called so on the phone."""
    rows = records.find_consultations(person)
    return next((row for row in rows if row.reference == reference), None)


def build_record(kind: DataCategory, row: Any, *, with_own_work: bool) -> ExportRecord:
    parts = []
    for part in kind.parts:
        if part.rows:
            shown = (one for one in getattr(row, part.rows).all() if part.shown(one))
            rows = [[it for it in build_items(one, part.hidden) if it.words] for one in shown]
            parts.append((part.name, str(part.label), rows))
    hidden = kind.hidden if with_own_work else kind.hidden | kind.own_work
    shown_items = build_items(row, hidden, with_own_work=with_own_work)
    ends = kind.deleted_at(row)
    return ExportRecord(
        kind=kind,
        row=row,
        items=shown_items,
        parts=parts,
        deleted_at=ends,
        address_removed_at=kind.address_removed_at(row),
        while_open="" if ends else kind.while_open(row),
    )


def build_items(
    row: Any, hidden: frozenset[str], *, with_own_work: bool = False
) -> list[ExportItem]:
    """Every column but those hidden by name: a column that is new is handed out by itself."""
    fields = [field for field in row._meta.concrete_fields if field.name not in hidden]
    return [build_item(row, field, with_own_work=with_own_work) for field in fields]


def build_item(row: Any, field: models.Field, *, with_own_work: bool) -> ExportItem:
    label = capfirst(str(field.verbose_name))
    try:
        raw = field.value_from_object(row)
    except DecryptionError:
        return ExportItem(field.name, label, None, gettext("cannot be read"))
    if isinstance(raw, str):
        raw = _SECRET_URL_PATTERN.sub(r"\1…", raw)
    is_spam = isinstance(row, Comment) and field.name == "status" and raw == CommentStatus.SPAM
    if is_spam and not with_own_work:
        raw = CommentStatus.WAITING.value  # as on the writer's own page
    if field.name == "preferred_times" and raw:
        values = json.loads(raw)
        return ExportItem(field.name, label, values, "; ".join(format_preferred_times(values)))
    words = display_value(row, field, raw)
    # The number of a row of ours means nothing outside.
    return ExportItem(field.name, label, words if field.is_relation else json_value(raw), words)


def json_value(raw: Any) -> Any:
    if isinstance(raw, datetime):
        return raw.isoformat()
    return raw if isinstance(raw, bool | int | float | str | list | None) else str(raw)


def display_value(row: Any, field: models.Field, raw: Any) -> str:
    if raw is None or raw == "" or raw == []:
        return ""
    if isinstance(raw, bool):
        return gettext("yes") if raw else gettext("no")
    if isinstance(raw, datetime):
        return f"{timezone.localtime(raw):%Y-%m-%d %H:%M} UTC"
    if field.is_relation:
        return str(getattr(row, field.name))
    if field.name == "consent_version":
        return f"{raw}: {consent.consent_text(raw)}"
    if field.name in ("before", "after"):
        return str(dict(Status.choices).get(raw, raw.replace("_", " ")))
    if field.name in ("message", "service"):
        return str(raw).replace("_", " ")
    if field.choices:
        return str(dict(field.flatchoices).get(raw, raw))
    return ", ".join(raw) if isinstance(raw, list) else str(raw)


def build_export_data(
    person: Person, *, now: datetime, with_own_work: bool = False
) -> dict[str, Any]:
    """For the JSON file."""
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


def build_record_data(record: ExportRecord) -> dict[str, Any]:
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
    """For the HTML file: opened without us, it asks no server for anything."""
    context = {
        "records": collect_records(person, with_own_work=with_own_work),
        "has_own_work": with_own_work,
        "practice": PracticeProfile.load(),
        "site": settings.SITE_URL,
        "now": now,
    }
    return render_to_string("consultations/data_rights/export.html", context)


# For staff: what is deleted by itself, after how many days, and how much is due.

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
    what: Any
    days: int | None
    now: int = 0  # with the next round of the worker
    soon: int = 0  # besides, within a week


def build_retention_report(*, now: datetime) -> list[ReportLine]:
    """One for each promise, in the order of the list that the purge goes through."""
    found: dict[str, ReportLine] = {}
    for due in records.all_retention_rules():
        days = getattr(settings, due.setting) if due.setting else None
        line = found.setdefault(due.name, ReportLine(RULE_LABELS[due.name], days))
        at_once = due.rows(now).distinct().count()
        line.now += at_once
        line.soon += due.rows(now + UPCOMING_WINDOW).distinct().count() - at_once
    at_once = audit.purge_expired_entries(now=now, dry_run=True)
    soon = audit.purge_expired_entries(now=now + UPCOMING_WINDOW, dry_run=True) - at_once
    log = ReportLine(RULE_LABELS["audit entries"], settings.AUDIT_RETENTION_DAYS, at_once, soon)
    return [*found.values(), log]
