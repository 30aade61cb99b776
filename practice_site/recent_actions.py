"""What somebody of the staff did last, with links that still lead somewhere."""

from collections import defaultdict
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest

MAX_ENTRIES = 10


def recent_actions(site: AdminSite, request: HttpRequest) -> list[tuple[LogEntry, str]]:
    """Each act with the address of its row; "" where that is gone or has become a colleague's."""
    own = LogEntry.objects.filter(user_id=request.user.pk or 0).select_related("content_type")
    entries = list(own[:MAX_ENTRIES])
    named: dict[ContentType, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.content_type is not None and entry.object_id:
            named[entry.content_type].add(entry.object_id)
    there = {
        (kind.pk, key)
        for kind, keys in named.items()
        for key in _visible_keys(site, request, kind, keys)
    }
    return [
        (entry, str(entry.get_admin_url() or ""))
        if (entry.content_type_id, entry.object_id) in there
        else (entry, "")
        for entry in entries
    ]


def _visible_keys(
    site: AdminSite, request: HttpRequest, kind: ContentType, keys: set[str]
) -> set[str]:
    model: Any = kind.model_class()
    if model is None or not site.is_registered(model):
        return set()
    model_admin = site.get_model_admin(model)
    if not model_admin.has_view_or_change_permission(request):
        return set()
    rows = model_admin.get_queryset(request).filter(pk__in=keys)
    return {str(key) for key in rows.values_list("pk", flat=True)}
