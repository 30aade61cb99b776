"""Filter of the consultation list: groups by what needs doing."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.booking.local_time import epoch_seconds, get_zone, local_date_at
from consultations.booking.models import Consultation, ConsultationQuerySet
from consultations.booking.staff import display
from consultations.booking.states import Status
from pages.practice.models import PracticeProfile

if TYPE_CHECKING:
    from django.contrib.admin.filters import _ListFilterChoices

# A hold is not a call yet; it has a group of its own.
CALL_STATUSES = (Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW)


def filter_today(rows: ConsultationQuerySet, now: datetime) -> ConsultationQuerySet:
    """Filter calls on the practice's current date, including those already over."""
    zone = PracticeProfile.load().time_zone
    today = local_date_at(epoch_seconds(now), get_zone(zone))
    begin, end = display.day_bounds(today, today, zone)
    return rows.filter(status__in=CALL_STATUSES, start_at__gte=begin, start_at__lt=end)


def filter_held(rows: ConsultationQuerySet, now: datetime) -> ConsultationQuerySet:
    """Filter held times that have not expired."""
    return rows.filter(status=Status.HELD, hold_expires_at__gt=now)


FilterRows = Callable[[ConsultationQuerySet, datetime], ConsultationQuerySet]

GROUPS: dict[str, tuple[str | Promise, FilterRows]] = {
    "answer": (_("Needs an answer"), lambda rows, now: rows.awaiting_reply()),
    "overdue": (_("Overdue"), lambda rows, now: rows.overdue(now)),
    "today": (_("Today"), filter_today),
    "upcoming": (_("Upcoming"), lambda rows, now: rows.upcoming(now)),
    "held": (_("Time held"), filter_held),
    "waiting": (_("Waiting list"), lambda rows, now: rows.on_waitlist()),
    "past": (_("Past"), lambda rows, now: rows.past(now)),
    "closed": (_("Closed"), lambda rows, now: rows.closed()),
}


class GroupFilter(SimpleListFilter):
    """Filter by group; "Needs an answer" is the default."""

    title = _("state")
    parameter_name = "group"
    template = "admin/desk/_tabs_filter.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        rows, now = Consultation.objects.visible_to(request.user), timezone.now()
        return [
            (key, f"{label} ({find(rows, now).count()})") for key, (label, find) in GROUPS.items()
        ]

    def queryset(  # type: ignore[override]
        self, request: HttpRequest, queryset: ConsultationQuerySet
    ) -> ConsultationQuerySet:
        if self.value() == "all":
            return queryset
        _label, find = GROUPS.get(self.value() or "", GROUPS["answer"])
        return find(queryset, timezone.now())

    def choices(self, changelist: ChangeList) -> "Iterator[_ListFilterChoices]":
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


GROUP_ORDERING = {
    "today": ("start_at",),
    "upcoming": ("start_at",),
    "waiting": ("created_at",),
    "past": ("-start_at",),
    "closed": ("-closed_at",),
    "all": ("-created_at",),
}
