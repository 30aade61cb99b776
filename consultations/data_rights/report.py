"""For staff: what is deleted by itself, after how many days, and how much is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from consultations.audit import workflow as audit
from consultations.data_rights import records

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
