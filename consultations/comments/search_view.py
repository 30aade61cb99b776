"""Finding comments by a whole address or a published name; by POST, so that no URL holds one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _g

from consultations.comments import desk_view
from consultations.comments.models import Comment, CommentQuerySet
from consultations.comments.queue_rows import rows_for
from consultations.comments.queue_tabs import WAITING, WITH_THREAD, tabs_with_counts
from consultations.comments.staff_forms import SearchForm
from consultations.privacy.fingerprints import email_fingerprints

MOST = 50


def page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    desk_view.see(model_admin, request)
    if request.method != "POST":
        return desk_view.to_queue(WAITING)
    now = timezone.now()
    form = SearchForm(request.POST)
    found = list(found_by(form.cleaned_data["q"])[: MOST + 1]) if form.is_valid() else []
    response = desk_view.show(
        model_admin,
        request,
        "search",
        {
            "title": _g("Search in comments"),
            "search": form,
            "tabs": tabs_with_counts(),
            "rows": rows_for(
                found[:MOST], now=now, may_act=model_admin.has_change_permission(request)
            ),
            "is_cut": len(found) > MOST,
            "most": MOST,
        },
        status=422 if form.errors else 200,
    )
    desk_view.note_shown(request, "searched", found[:MOST], ("name", "text"))
    return response


def found_by(words: str) -> CommentQuerySet:
    """An address is found by its keyed hash; a name only where it stands in clear: published."""
    rows: CommentQuerySet = Comment.objects.select_related(*WITH_THREAD)
    if "@" in words:
        rows = rows.filter(email_fingerprint__in=email_fingerprints(words))
    else:
        rows = rows.published().filter(published_name__icontains=words)
    return rows.order_by("-status_changed_at", "-pk")
