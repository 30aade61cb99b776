"""What is wrong with the site, in words, with the next step; for the first page of the admin."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext

from consultations.accounts.roles import is_owner
from consultations.backups.storage import is_backup_overdue, is_scheduled, read_last_backup
from consultations.booking.calendars.sync import stale_sources
from consultations.booking.staff.permissions import filter_own
from consultations.outbox.models import OutgoingEmail

EMAIL_PATIENCE = timedelta(hours=1)


@dataclass(frozen=True)
class HealthNote:
    """One sentence about the state of the site, and what to do about it."""

    text: str
    advice: str = ""
    url: str = ""
    link: str = ""
    is_fault: bool = True


def health_notes(user: User | AnonymousUser, *, now: datetime) -> list[HealthNote]:
    """Return faults first, then what works; only what this user may see and act on."""
    notes = [*_email_notes(user, now), *_calendar_notes(user, now), *_backup_notes(user, now)]
    return sorted(notes, key=lambda note: not note.is_fault)


def _email_notes(user: User | AnonymousUser, now: datetime) -> list[HealthNote]:
    if not user.has_perm("consultations.view_outgoingemail"):
        return []
    emails, states = OutgoingEmail.objects, OutgoingEmail.State
    changelist = reverse("admin:consultations_outgoingemail_changelist")
    late = emails.filter(
        state__in=[states.WAITING, states.SENDING], created_at__lt=now - EMAIL_PATIENCE
    ).count()
    dead = emails.filter(state=states.DEAD).count()
    notes = []
    if late:
        text = ngettext(
            "%(n)d email has been waiting for more than an hour.",
            "%(n)d emails have been waiting for more than an hour.",
            late,
        )
        advice = gettext("The worker may have stopped. Ask whoever runs your server to look at it.")
        notes.append(HealthNote(text % {"n": late}, advice, changelist, gettext("See the emails")))
    if dead:
        text = ngettext("%(n)d email wasn’t delivered.", "%(n)d emails weren’t delivered.", dead)
        advice = gettext("Reach these people another way, or try again.")
        url = f"{changelist}?state__exact=dead"
        notes.append(HealthNote(text % {"n": dead}, advice, url, gettext("See which")))
    return notes or [HealthNote(gettext("Emails go out."), is_fault=False)]


def _calendar_notes(user: User | AnonymousUser, now: datetime) -> list[HealthNote]:
    if not user.has_perm("consultations.view_busysource"):
        return []
    stale = filter_own(stale_sources(now), user).count()
    if not stale:
        return []
    text = ngettext(
        "%(n)d connected calendar can’t be read.",
        "%(n)d connected calendars can’t be read.",
        stale,
    )
    advice = gettext("Times that are busy there may look free.")
    url = reverse("admin:consultations_busysource_changelist")
    return [HealthNote(text % {"n": stale}, advice, url, gettext("See which"))]


def _backup_notes(user: User | AnonymousUser, now: datetime) -> list[HealthNote]:
    if not is_owner(user):
        return []
    last = read_last_backup()
    ask = gettext("Ask whoever runs your server to look at it.")
    if not is_scheduled():
        off = gettext("Automatic backups are off.")
        return [HealthNote(off, gettext("Ask whoever runs your server to turn them on."))]
    if last is None:
        return [HealthNote(gettext("There is no backup yet."), ask)]
    text = gettext("The newest backup is %(age)s old.") % {"age": timesince(last[0], now, depth=1)}
    if is_backup_overdue(now):
        return [HealthNote(text, ask)]
    return [HealthNote(text, is_fault=False)]
