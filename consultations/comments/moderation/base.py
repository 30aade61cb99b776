"""Shared by all pages of the moderation desk: permissions, rendering, redirects, undo, logging."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypedDict
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from consultations.audit import requests as audit
from consultations.audit.models import Action
from consultations.comments.models import Comment
from consultations.comments.moderation.actions import ActionOutcome
from consultations.comments.moderation.tabs import THREAD_RELATIONS, Tab
from consultations.privacy.fields import unreadable_fields
from pages.staff_pages import get_staff_user

TEMPLATE_DIR = "admin/consultations/comment"
CHANGELIST_URL_NAME = "admin:consultations_comment_changelist"
CHANGE_URL_NAME = "admin:consultations_comment_change"
VIEWED_FIELDS = ("name", "text")  # what the audit log says was read
_OUTCOME_SESSION_KEY = "comments_outcome"
UNDO_OFFER_LIFETIME = timedelta(minutes=15)  # how long the undo button is shown


class ModerationAdmin(admin.ModelAdmin):
    """Permissions of the moderation desk, and how its pages are rendered."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False  # the trash is emptied after some days

    def has_erase_permission(self, request: HttpRequest) -> bool:
        """Erasing all comments of a person cannot be undone: it needs the delete permission too."""
        return self.has_change_permission(request) and request.user.has_perm(
            "consultations.delete_comment"
        )

    def render_page(
        self,
        request: HttpRequest,
        template: str,
        context: Mapping[str, object],
        status: int = 200,
    ) -> HttpResponse:
        """Render a template of the desk in the frame of the admin site."""
        full_context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "may_act": self.has_change_permission(request),
            **context,
        }
        return render(request, f"{TEMPLATE_DIR}/{template}.html", full_context, status=status)


P = ParamSpec("P")
PageView = Callable[Concatenate[ModerationAdmin, HttpRequest, P], HttpResponse]


def _require(
    is_allowed: Callable[[ModerationAdmin, HttpRequest], bool], view: PageView[P]
) -> PageView[P]:
    @wraps(view)
    def checked(
        model_admin: ModerationAdmin, request: HttpRequest, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if not is_allowed(model_admin, request):
            raise PermissionDenied
        return view(model_admin, request, *args, **kwargs)

    return checked


def require_view(view: PageView[P]) -> PageView[P]:
    """Refuse staff who may not view comments (403)."""
    return _require(lambda model_admin, request: model_admin.has_view_permission(request), view)


def require_change(view: PageView[P]) -> PageView[P]:
    """Refuse staff who may not moderate comments (403)."""
    return _require(lambda model_admin, request: model_admin.has_change_permission(request), view)


def require_erase(view: PageView[P]) -> PageView[P]:
    """Refuse staff who may not erase comments (403)."""
    return _require(lambda model_admin, request: model_admin.has_erase_permission(request), view)


def get_comment_or_404(key: UUID | None) -> Comment:
    """Return a comment with what its page shows of the thread above it."""
    return get_object_or_404(Comment.objects.select_related(*THREAD_RELATIONS), pk=key)


def parse_uuid(text: str) -> UUID | None:
    """Return the UUID in a text; None when there is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def parse_revision(text: str) -> int | None:
    """Return the revision in a form's field; None when the value is invalid."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def queue_url(tab: Tab | str, *, after: str = "", focus: UUID | None = None) -> str:
    """Return the address of a folder; ``after`` is a page cursor, ``focus`` a comment on it."""
    key = tab if isinstance(tab, str) else tab.key
    query = {"status": key, **({"after": after[:80]} if after else {})}
    return f"{reverse(CHANGELIST_URL_NAME)}?{urlencode(query)}" + (f"#c-{focus}" if focus else "")


def redirect_to_queue(
    tab: Tab | str, *, after: str = "", focus: UUID | None = None
) -> HttpResponseRedirect:
    """Redirect to a folder after a POST (303)."""
    return HttpResponseRedirect(queue_url(tab, after=after, focus=focus), status=303)


class StoredOutcome(TypedDict):
    """An outcome as the session stores it."""

    message: str
    failures: list[str]
    failure_count: int
    events: list[str]
    focus: str
    at: str


# The outcome of the last action, for the message on the next page and its undo button.


def store_outcome(
    request: HttpRequest, outcome: ActionOutcome, *, now: datetime, focus: UUID | None = None
) -> None:
    """Store an outcome in the session.

    Sessions are not encrypted: only counts, ids and names of staff go there, no comment's text.
    """
    request.session[_OUTCOME_SESSION_KEY] = {
        "message": outcome.message,
        "failures": sorted(set(outcome.failures)),
        "failure_count": len(outcome.failures),
        "events": [str(event.pk) for event in outcome.undoable_events()]
        if outcome.action != "undo"
        else [],
        "focus": str(focus or ""),
        "at": now.isoformat(),
    }


def get_last_outcome(request: HttpRequest, *, now: datetime) -> StoredOutcome | None:
    """Return the stored outcome while it can still be undone; None afterwards."""
    # JSON from the session.
    stored: StoredOutcome | None = request.session.get(_OUTCOME_SESSION_KEY)
    if stored is None:
        return None
    at = parse_datetime(stored["at"])
    return stored if at is not None and at > now - UNDO_OFFER_LIFETIME else None


def log_outcome(request: HttpRequest, outcome: ActionOutcome) -> None:
    """Write the action and its rows to the admin's history and the audit log, without any text."""
    comments = outcome.comments
    if not comments:
        return
    LogEntry.objects.log_actions(
        user_id=get_staff_user(request).pk,
        queryset=comments,
        action_flag=CHANGE,
        change_message=[{"changed": {"fields": [outcome.action]}}],
    )
    for comment in comments:
        audit.record_request_action(request, outcome.action, row=comment)


def log_comments_viewed(request: HttpRequest, action: Action, comments: Sequence[Comment]) -> None:
    """Audit that comments were shown in a list, and which of them could not be decrypted."""
    audit.record_request_action(request, action, model=Comment, fields=VIEWED_FIELDS)
    for comment in comments:
        if unreadable := unreadable_fields(comment, VIEWED_FIELDS):
            audit.record_request_action(request, Action.CANNOT_OPEN, row=comment, fields=unreadable)


def log_comment_read(request: HttpRequest, comment: Comment) -> None:
    """Audit that one comment was read."""
    audit.record_read(request, comment, VIEWED_FIELDS)
