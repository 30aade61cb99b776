"""Why a time is not offered, in sentences for staff."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from consultations.booking import explain
from consultations.booking.hours import ConsultationType, Mode
from pages.practice.models import PracticeProfile, Practitioner

SENTENCES: dict[str, Any] = {
    explain.OUTSIDE_HOURS: _("It lies outside the weekly hours."),
    explain.CLOSED_BY_OVERRIDE: _("That date has hours of its own, or is closed."),
    explain.TOO_SHORT: _("The hours end before the call would."),
    explain.OFF_GRID: _("Times of this kind begin at other minutes."),
    explain.TOO_SOON: _("It is sooner than the shortest notice."),
    explain.TOO_FAR: _("It is further ahead than visitors may book."),
    explain.DAY_FULL: _("That day has as many calls as are allowed."),
    explain.TAKEN: _("Another consultation, or the free time around it, lies there."),
    explain.TIME_OFF: _("It lies in time off."),
    explain.BUSY: _("Another calendar says busy."),
}


def in_words(reasons: Iterable[str]) -> list[str]:
    return [str(SENTENCES[reason]) for reason in reasons]


def nothing_because(
    kind: ConsultationType, person: Practitioner, practice: PracticeProfile
) -> list[str]:
    """What keeps visitors from seeing any time at all, whatever the hours say."""
    able = {one.pk for one in kind.bookable_practitioners()}
    against = {
        _("The practice takes no new people at the moment."): practice.accepting != "accepting",
        _("This kind of consultation is not offered."): not kind.is_active,
        _("For this kind visitors see no times: they say which suit them."): (
            kind.mode == Mode.REQUEST_ONLY
        ),
        _("%(name)s takes no consultations of this kind.") % {"name": person.name}: (
            person.pk not in able
        ),
    }
    return [str(sentence) for sentence, applies in against.items() if applies]
