"""Django's admin with our name on it and today's work first."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from consultations.booking.models import Consultation
from consultations.comments.models import Comment
from consultations.outbox.models import OutgoingEmail
from pages.practice.models import PracticeProfile

CALLS_WITHIN = timedelta(hours=24)


class PracticeAdminSite(AdminSite):
    site_title = _("Staff")
    index_title = _("Your site")
    enable_nav_sidebar = True

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "site_header": PracticeProfile.load().name}

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        context = {"today": today(request), "calls": calls(request)}
        return super().index(request, {**context, **(extra_context or {})})


def today(request: HttpRequest) -> list[dict[str, Any]]:
    """What waits, with the way to it; only what this person may see."""
    now = timezone.now()
    user = request.user
    rows: list[tuple[str, str, Any, Any, bool]] = []
    if user.has_perm("consultations.view_consultation"):
        asked = Consultation.objects
        address = reverse("admin:consultations_consultation_changelist")
        rows += [
            (
                address,
                "?group=overdue",
                asked.overdue(now),
                ngettext_lazy("answer overdue", "answers overdue", "n"),
                True,
            ),
            (
                address,
                "",
                asked.needing_an_answer(),
                ngettext_lazy("request that needs an answer", "requests that need an answer", "n"),
                False,
            ),
        ]
    if user.has_perm("consultations.view_comment"):
        address = reverse("admin:consultations_comment_changelist")
        rows.append(
            (
                address,
                "",
                Comment.objects.waiting(),
                ngettext_lazy("comment waiting", "comments waiting", "n"),
                False,
            )
        )
    if user.has_perm("consultations.view_outgoingemail"):
        address = reverse("admin:consultations_outgoingemail_changelist")
        dead = OutgoingEmail.objects.filter(state=OutgoingEmail.State.DEAD)
        rows.append(
            (
                address,
                "?state__exact=dead",
                dead,
                ngettext_lazy("mail not delivered", "mails not delivered", "n"),
                True,
            )
        )
    counted = [
        (url + query, found.count(), label, urgent) for url, query, found, label, urgent in rows
    ]
    return [
        {"url": url, "count": count, "label": label % {"n": count}, "is_urgent": urgent and count}
        for url, count, label, urgent in counted
        if count or not urgent
    ]


def calls(request: HttpRequest) -> list[dict[str, Any]]:
    if not request.user.has_perm("consultations.view_consultation"):
        return []
    now = timezone.now()
    zone = ZoneInfo(PracticeProfile.load().time_zone)
    soon = Consultation.objects.upcoming(now).filter(start_at__lte=now + CALLS_WITHIN)
    return [
        {
            "url": reverse("admin:consultations_consultation_change", args=[row.pk]),
            "when": formats.date_format(row.start_at.astimezone(zone), "DATETIME_FORMAT"),
            "who": row.practitioner.name if row.practitioner else "",
        }
        for row in soon.select_related("practitioner").order_by("start_at")
        if row.start_at is not None
    ]
