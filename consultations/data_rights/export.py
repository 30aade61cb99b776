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
from consultations.booking.choices import preferred_times_words
from consultations.booking.models import Consultation
from consultations.booking.states import Status
from consultations.comments.models import Comment
from consultations.comments.models import Status as CommentStatus
from consultations.data_rights import records
from consultations.data_rights.people import Person
from consultations.data_rights.records import Kind
from consultations.privacy import consent
from consultations.privacy.encryption import CannotOpen
from pages.practice.models import PracticeProfile

FORMAT = 1
# A secret stands on its own page only, so those in the text of a mail are cut out of it.
_SECRETS = re.compile(
    r"(/(?:c|calendar|comments/manage|consultation/confirm|your-data|preview)/)[^\s/\"<>]+"
)


@dataclass(frozen=True)
class Item:
    name: str
    label: str
    value: Any  # for programs
    words: str  # for people


@dataclass(frozen=True)
class Record:
    kind: Kind
    row: Any
    items: list[Item]
    parts: list[tuple[str, str, list[list[Item]]]]
    deleted_at: datetime | None
    address_removed_at: datetime | None
    while_open: str  # how long, while no day is known

    @property
    def title(self) -> str:
        reference = getattr(self.row, "reference", "")
        at = timezone.localtime(self.row.created_at)
        return reference or f"{at:%Y-%m-%d %H:%M} UTC"

    @property
    def shown(self) -> list[Item]:
        """Without what was left empty."""
        return [item for item in self.items if item.words]


def records_of(person: Person, *, with_own_work: bool = False) -> list[Record]:
    """``with_own_work``: what the practice noted for itself too, for staff and if they say so."""
    return [
        described(kind, row, with_own_work=with_own_work)
        for kind, rows in records.held(person)
        for row in rows
    ]


def consultation_of(person: Person, reference: str) -> Consultation | None:
    """The request of theirs that is called so on the phone."""
    rows = records.consultations_of(person)
    return next((row for row in rows if row.reference == reference), None)


def described(kind: Kind, row: Any, *, with_own_work: bool) -> Record:
    parts = []
    for part in kind.parts:
        if part.rows:
            shown = (one for one in getattr(row, part.rows).all() if part.shown(one))
            rows = [[it for it in items(one, part.hidden) if it.words] for one in shown]
            parts.append((part.name, str(part.label), rows))
    hidden = kind.hidden if with_own_work else kind.hidden | kind.own_work
    shown_items = items(row, hidden, with_own_work=with_own_work)
    ends = kind.deleted_at(row)
    return Record(
        kind=kind,
        row=row,
        items=shown_items,
        parts=parts,
        deleted_at=ends,
        address_removed_at=kind.address_removed_at(row),
        while_open="" if ends else kind.while_open(row),
    )


def items(row: Any, hidden: frozenset[str], *, with_own_work: bool = False) -> list[Item]:
    """Every column but those hidden by name: a column that is new is handed out by itself."""
    fields = [field for field in row._meta.concrete_fields if field.name not in hidden]
    return [item(row, field, with_own_work=with_own_work) for field in fields]


def item(row: Any, field: models.Field, *, with_own_work: bool) -> Item:
    label = capfirst(str(field.verbose_name))
    try:
        raw = field.value_from_object(row)
    except CannotOpen:
        return Item(field.name, label, None, gettext("cannot be read"))
    if isinstance(raw, str):
        raw = _SECRETS.sub(r"\1…", raw)
    is_spam = isinstance(row, Comment) and field.name == "status" and raw == CommentStatus.SPAM
    if is_spam and not with_own_work:
        raw = CommentStatus.WAITING.value  # as on the writer's own page
    if field.name == "preferred_times" and raw:
        values = json.loads(raw)
        return Item(field.name, label, values, "; ".join(preferred_times_words(values)))
    words = in_words(row, field, raw)
    # The number of a row of ours means nothing outside.
    return Item(field.name, label, words if field.is_relation else plain(raw), words)


def plain(raw: Any) -> Any:
    if isinstance(raw, datetime):
        return raw.isoformat()
    return raw if isinstance(raw, bool | int | float | str | list | None) else str(raw)


def in_words(row: Any, field: models.Field, raw: Any) -> str:
    if raw is None or raw == "" or raw == []:
        return ""
    if isinstance(raw, bool):
        return gettext("yes") if raw else gettext("no")
    if isinstance(raw, datetime):
        return f"{timezone.localtime(raw):%Y-%m-%d %H:%M} UTC"
    if field.is_relation:
        return str(getattr(row, field.name))
    if field.name == "consent_version":
        return f"{raw}: {consent.wording(raw)}"
    if field.name in ("before", "after"):
        return str(dict(Status.choices).get(raw, raw.replace("_", " ")))
    if field.name in ("message", "service"):
        return str(raw).replace("_", " ")
    if field.choices:
        return str(dict(field.flatchoices).get(raw, raw))
    return ", ".join(raw) if isinstance(raw, list) else str(raw)


def as_data(person: Person, *, now: datetime, with_own_work: bool = False) -> dict[str, Any]:
    """For the JSON file."""
    practice = PracticeProfile.load()
    return {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "practice": practice.name,
        "site": settings.SITE_URL,
        "records": [
            record_data(record) for record in records_of(person, with_own_work=with_own_work)
        ],
    }


def record_data(record: Record) -> dict[str, Any]:
    return {
        "of": record.kind.name,
        "deleted_at": plain(record.deleted_at),
        "address_removed_at": plain(record.address_removed_at),
        "held": {item.name: item.value for item in record.items},
        **{
            name: [{item.name: item.value for item in row} for row in rows]
            for name, _label, rows in record.parts
        },
    }


def as_page(person: Person, *, now: datetime, with_own_work: bool = False) -> str:
    """For the HTML file: opened without us, it asks no server for anything."""
    context = {
        "records": records_of(person, with_own_work=with_own_work),
        "has_own_work": with_own_work,
        "practice": PracticeProfile.load(),
        "site": settings.SITE_URL,
        "now": now,
    }
    return render_to_string("consultations/data_rights/export.html", context)


# For staff: what is deleted by itself, after how many days, and how much is due.

SOON = timedelta(days=7)
WORDS = {
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
class Line:
    what: Any
    days: int | None
    now: int = 0  # with the next round of the worker
    soon: int = 0  # besides, within a week


def lines(*, now: datetime) -> list[Line]:
    """One for each promise, in the order of the list that the purge goes through."""
    found: dict[str, Line] = {}
    for due in records.all_due():
        days = getattr(settings, due.setting) if due.setting else None
        line = found.setdefault(due.name, Line(WORDS[due.name], days))
        at_once = due.rows(now).distinct().count()
        line.now += at_once
        line.soon += due.rows(now + SOON).distinct().count() - at_once
    at_once = audit.purge(now=now, dry_run=True)
    soon = audit.purge(now=now + SOON, dry_run=True) - at_once
    log = Line(WORDS["audit entries"], settings.AUDIT_RETENTION_DAYS, at_once, soon)
    return [*found.values(), log]
