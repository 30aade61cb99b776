"""The staff's list of consultations in groups, by what needs doing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking.local_time import date_at, seconds_of, zone_of
from consultations.booking.models import Consultation
from consultations.booking.staff import display
from consultations.booking.states import Status
from pages.practice.models import PracticeProfile

# A hold is not a call yet: it stands where it waits.
CALLS = (Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW)


def of_today(rows: Any, now: datetime) -> Any:
    """Calls of the practice's date, those that have been included."""
    zone = PracticeProfile.load().time_zone
    today = date_at(seconds_of(now), zone_of(zone))
    begin, end = display.day_bounds(today, today, zone)
    return rows.filter(status__in=CALLS, start_at__gte=begin, start_at__lt=end)


def held(rows: Any, now: datetime) -> Any:
    """Times that wait for the visitor's answer."""
    return rows.filter(status=Status.HELD, hold_expires_at__gt=now)


GROUPS: dict[str, tuple[Any, Callable[[Any, datetime], Any]]] = {
    "answer": (_("Needs an answer"), lambda rows, now: rows.needing_an_answer()),
    "overdue": (_("Overdue"), lambda rows, now: rows.overdue(now)),
    "today": (_("Today"), of_today),
    "upcoming": (_("Upcoming"), lambda rows, now: rows.upcoming(now)),
    "held": (_("Time held"), held),
    "waiting": (_("Waiting list"), lambda rows, now: rows.waiting_for_a_place()),
    "past": (_("Past"), lambda rows, now: rows.past(now)),
    "closed": (_("Closed"), lambda rows, now: rows.closed()),
}


class GroupFilter(SimpleListFilter):
    """What needs an answer comes first; the rest is one press away."""

    title = _("state")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows, now = Consultation.objects.visible_to(request.user), timezone.now()
        return [
            (key, f"{label} ({find(rows, now).count()})") for key, (label, find) in GROUPS.items()
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Consultation]:
        if self.value() == "all":
            return queryset
        _label, find = GROUPS.get(self.value() or "", GROUPS["answer"])
        return find(queryset, timezone.now())

    def choices(self, changelist: Any) -> Any:
        for key, label in self.lookup_choices:
            yield {
                "selected": (self.value() or "answer") == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}),
                "display": label,
            }
        yield {
            "selected": self.value() == "all",
            "query_string": changelist.get_query_string({self.parameter_name: "all"}),
            "display": _g("All"),
        }


ORDER_OF_GROUP = {
    "today": ("start_at",),
    "upcoming": ("start_at",),
    "waiting": ("created_at",),
    "past": ("-start_at",),
    "closed": ("-closed_at",),
    "all": ("-created_at",),
}
