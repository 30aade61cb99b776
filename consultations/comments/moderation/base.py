"""What all pages of the moderation desk share: who may, what was done last, and the way back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from consultations.audit import requests as audit
from consultations.comments.models import Comment
from consultations.comments.moderation.actions import ActionOutcome
from consultations.comments.moderation.tabs import THREAD_RELATIONS, Tab
from consultations.privacy.fields import unreadable_fields

TEMPLATE_DIR = "admin/consultations/comment"
CHANGELIST_URL_NAME = "admin:consultations_comment_changelist"
CHANGE_URL_NAME = "admin:consultations_comment_change"
_OUTCOME_SESSION_KEY = "comments_done"
UNDO_OFFER_LIFETIME = timedelta(minutes=15)  # the button that undoes the last act


def get_staff_user(request: HttpRequest) -> User:
    return cast(User, request.user)


def require_view(model_admin: Any, request: HttpRequest) -> None:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied


def require_change(model_admin: Any, request: HttpRequest) -> None:
    if not model_admin.has_change_permission(request):
        raise PermissionDenied


def get_comment_or_404(key: Any) -> Comment:
    return get_object_or_404(Comment.objects.select_related(*THREAD_RELATIONS), pk=key)


def parse_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def parse_revision(text: str) -> int | None:
    """A revision as a form carries it; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def render_page(
    model_admin: Any,
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    whole = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "may_act": model_admin.has_change_permission(request),
        **context,
    }
    return render(request, f"{TEMPLATE_DIR}/{template}.html", whole, status=status)


def queue_url(tab: Tab | str, *, after: str = "", focus: UUID | None = None) -> str:
    key = tab if isinstance(tab, str) else tab.key
    query = {"status": key, **({"after": after[:80]} if after else {})}
    return f"{reverse(CHANGELIST_URL_NAME)}?{urlencode(query)}" + (f"#c-{focus}" if focus else "")


def redirect_to_queue(
    tab: Tab | str, *, after: str = "", focus: UUID | None = None
) -> HttpResponseRedirect:
    response = HttpResponseRedirect(queue_url(tab, after=after, focus=focus))
    response.status_code = 303
    return response


# --- the last act, to be told and to be undone ---
def store_outcome(
    request: HttpRequest, outcome: ActionOutcome, *, now: datetime, focus: UUID | None = None
) -> None:
    """In the session, which is stored in clear: counts, ids, colleagues; no word of a visitor."""
    request.session[_OUTCOME_SESSION_KEY] = {
        "words": outcome.words,
        "left": sorted(set(outcome.left)),
        "left_n": len(outcome.left),
        "events": [str(event.pk) for event in outcome.undoable_events()]
        if outcome.verb != "undo"
        else [],
        "focus": str(focus or ""),
        "at": now.isoformat(),
    }


def get_last_outcome(request: HttpRequest, *, now: datetime) -> dict[str, Any] | None:
    done: dict[str, Any] | None = request.session.get(_OUTCOME_SESSION_KEY)
    if done is None:
        return None
    at = parse_datetime(done["at"])
    return done if at is not None and at > now - UNDO_OFFER_LIFETIME else None


def log_outcome(request: HttpRequest, outcome: ActionOutcome) -> None:
    """In the admin's history and in the audit log: the verb and the row, nothing of its words."""
    comments = outcome.comments
    if not comments:
        return
    LogEntry.objects.log_actions(
        user_id=get_staff_user(request).pk,
        queryset=comments,
        action_flag=CHANGE,
        change_message=[{"changed": {"fields": [outcome.verb]}}],
    )
    for comment in comments:
        audit.record_request_action(request, outcome.verb, row=comment)


def log_comments_viewed(
    request: HttpRequest, action: str, comments: Sequence[Comment], fields: Sequence[str]
) -> None:
    """That these were shown in a list, and which of them could not be opened."""
    audit.record_request_action(request, action, model=Comment, fields=fields)
    for comment in comments:
        if closed := unreadable_fields(comment, fields):
            audit.record_request_action(request, "cannot_open", row=comment, fields=closed)


def log_comment_read(request: HttpRequest, comment: Comment) -> None:
    audit.record_read(request, comment, ("name", "text"))
