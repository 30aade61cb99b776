"""One comment with all that is known of it: original, thread, history, and its acts."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _g

from consultations.audit import requests as audit
from consultations.comments import desk_view, queue_acts
from consultations.comments.models import Comment
from consultations.comments.queue_rows import CANNOT, may_be_undone, paragraphs, row_for, who
from consultations.comments.queue_tabs import folder_of
from consultations.comments.reply_guard import labels
from consultations.privacy.encryption import CannotOpen

READ = ("name", "text")


def page(model_admin: Any, request: HttpRequest, key: Any) -> HttpResponse:
    desk_view.see(model_admin, request)
    comment = desk_view.comment_or_404(key)
    if request.method == "POST":
        return act(model_admin, request, comment)
    return _shown(model_admin, request, comment)


def act(model_admin: Any, request: HttpRequest, comment: Comment) -> HttpResponse:
    desk_view.change(model_admin, request)
    verb = request.POST.get("_verb", "")
    if verb not in queue_acts.VERBS:
        return _back_to(comment)
    now, before = timezone.now(), folder_of(comment)
    revision = desk_view.number_of(request.POST.get("revision", ""))
    with transaction.atomic():
        outcome = queue_acts.act_on(
            {comment.pk: revision}, verb, by=desk_view.staff_of(request), now=now
        )
        desk_view.write_down(request, outcome)
    desk_view.remember(request, outcome, now=now)
    # What could not be done is told where the comment can be looked at again.
    return desk_view.to_queue(before) if outcome.events else _back_to(comment)


def reveal(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    """The address, once: in the answer to this press and nowhere else. It is written down."""
    desk_view.change(model_admin, request)
    comment = desk_view.comment_or_404(key)
    if request.method != "POST":
        return _back_to(comment)
    try:
        address = comment.email or _g("No address is held: it was dropped, or never given.")
    except CannotOpen:
        address = str(CANNOT)
    audit.note(request, "revealed", row=comment, fields=["email"])
    return _shown(model_admin, request, comment, revealed=address)


def _shown(
    model_admin: Any, request: HttpRequest, comment: Comment, revealed: str = ""
) -> HttpResponse:
    now = timezone.now()
    may_act = model_admin.has_change_permission(request)
    events = [
        {
            "event": event,
            "who": who(event),
            "despite": [labels().get(code, code) for code in event.overridden],
            "may_be_undone": may_act and may_be_undone(event, comment),
        }
        for event in comment.events.select_related("by").newest_first()
    ]
    row = row_for(comment, now=now, may_act=may_act)
    response = desk_view.show(
        model_admin,
        request,
        "detail",
        {
            "title": _g("Comment"),
            "row": row,
            "original": _original(comment) if row.is_redacted else None,
            "history": events,
            "folder": folder_of(comment),
            "back": folder_of(comment).key,
            "after": "",
            "queue": desk_view.queue_address(folder_of(comment)),
            "revealed": revealed,
            "has_address": bool(comment.email_fingerprint),
            "may_erase": model_admin.may_erase(request) and comment.status != "withdrawn",
            "done": desk_view.recall(request, now=now),
        },
    )
    audit.note_reading(request, comment, READ)
    return response


def _original(comment: Comment) -> list[str]:
    try:
        return paragraphs(comment.text)
    except CannotOpen:
        return [str(CANNOT)]


def _back_to(comment: Comment) -> HttpResponseRedirect:
    response = HttpResponseRedirect(reverse(desk_view.DETAIL, args=[comment.pk]))
    response.status_code = 303
    return response
