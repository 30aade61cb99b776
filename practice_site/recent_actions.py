"""The "What you did last" list of the admin's first page, without dead links."""

from collections import defaultdict

from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest

MAX_RECENT_ACTIONS = 10


def recent_actions(site: AdminSite, request: HttpRequest) -> list[tuple[LogEntry, str]]:
    """Return the user's last log entries, each with its row's admin URL.

    The URL is "" when the row was deleted or the user may no longer see it.
    """
    own_entries = LogEntry.objects.filter(user_id=request.user.pk or 0).select_related(
        "content_type"
    )
    entries = list(own_entries[:MAX_RECENT_ACTIONS])
    keys_by_type: dict[ContentType, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.content_type is not None and entry.object_id:
            keys_by_type[entry.content_type].add(entry.object_id)
    visible = {
        (content_type.pk, key)
        for content_type, keys in keys_by_type.items()
        for key in _visible_keys(site, request, content_type, keys)
    }
    return [
        (entry, str(entry.get_admin_url() or ""))
        if (entry.content_type_id, entry.object_id) in visible
        else (entry, "")
        for entry in entries
    ]


def _visible_keys(
    site: AdminSite, request: HttpRequest, content_type: ContentType, keys: set[str]
) -> set[str]:
    model = content_type.model_class()
    if model is None or not site.is_registered(model):
        return set()
    model_admin = site.get_model_admin(model)
    if not model_admin.has_view_or_change_permission(request):
        return set()
    rows = model_admin.get_queryset(request).filter(pk__in=keys)
    return {str(key) for key in rows.values_list("pk", flat=True)}
