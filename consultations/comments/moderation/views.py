"""The moderation queue: one page a folder, a press for each decision."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _g

from consultations.audit import requests as audit
from consultations.comments.models import Comment
from consultations.comments.moderation import actions, base
from consultations.comments.moderation.rows import (
    CANNOT,
    SHORTCUTS,
    bulk_offers,
    may_be_undone,
    paragraphs,
    row_for,
    rows_for,
    who,
)
from consultations.comments.moderation.tabs import folder_of, page_of, tab_of, tabs_with_counts
from consultations.comments.reply_guard.guard import labels
from consultations.privacy.encryption import CannotOpen


def page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return act(model_admin, request)
    base.see(model_admin, request)
    now = timezone.now()
    tab = tab_of(request.GET.get("status", ""))
    after = request.GET.get("after", "")
    shown = page_of(tab, after)
    may_act = model_admin.has_change_permission(request)
    response = base.show(
        model_admin,
        request,
        "queue",
        {
            "title": _g("Comments"),
            "tab": tab,
            "back": tab.key,
            "tabs": tabs_with_counts(),
            "rows": rows_for(shown.comments, now=now, may_act=may_act),
            "after": after,
            "next": shown.after,
            "shortcuts": SHORTCUTS,
            "bulk": bulk_offers(tab.key) if may_act else [],
            "all_picked": request.GET.get("pick") == "all",
            "done": base.recall(request, now=now),
        },
    )
    base.note_shown(request, "listed", shown.comments, ("name", "text"))
    return response


def act(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """A press on one comment (``do``) or on all that are chosen (``all``)."""
    base.change(model_admin, request)
    tab, after = tab_of(request.GET.get("status", "")), request.GET.get("after", "")
    seen = _seen(request.POST.getlist("seen"))
    verb, _colon, key = request.POST.get("do", "").partition(":")
    picked = [key] if key else request.POST.getlist("pick")
    verb = verb if key else request.POST.get("all", "")
    chosen = {one: seen.get(one) for one in map(base.uuid_of, picked) if one is not None}
    if verb not in actions.VERBS or not chosen:
        return base.to_queue(tab, after=after)
    now = timezone.now()
    with transaction.atomic():
        outcome = actions.act_on(chosen, verb, by=base.staff_of(request), now=now)
        base.write_down(request, outcome)
    focus = _next_of(list(seen), set(chosen))
    base.remember(request, outcome, now=now, focus=focus)
    return base.to_queue(tab, after=after, focus=focus)


def undo(model_admin: Any, request: HttpRequest) -> HttpResponse:
    base.change(model_admin, request)
    now = timezone.now()
    tab, after = tab_of(request.POST.get("back", "")), request.POST.get("after", "")
    keys = [key for key in map(base.uuid_of, request.POST.getlist("event")) if key]
    if request.method != "POST" or not keys:
        return base.to_queue(tab, after=after)
    with transaction.atomic():
        outcome = actions.undo(keys, by=base.staff_of(request), now=now)
        base.write_down(request, outcome)
    focus = outcome.comments[-1].pk if outcome.comments else None
    base.remember(request, outcome, now=now, focus=focus)
    return base.to_queue(tab, after=after, focus=focus)


def _seen(values: list[str]) -> dict[UUID, int | None]:
    """What stood on the page, in its order: each comment with the revision that was shown."""
    found = {}
    for value in values:
        key, _colon, revision = value.partition(":")
        if (uuid := base.uuid_of(key)) is not None:
            found[uuid] = base.number_of(revision)
    return found


def _next_of(order: list[UUID], chosen: set[UUID]) -> UUID | None:
    """The comment to go on with: the one below the last that was acted on, else the one above."""
    places = [number for number, key in enumerate(order) if key in chosen]
    if not places:
        return None
    below = [key for key in order[places[-1] + 1 :] if key not in chosen]
    above = [key for key in order[: places[-1]] if key not in chosen]
    return below[0] if below else (above[-1] if above else None)


# One comment with all that is known of it: original, thread, history, and its acts.

READ = ("name", "text")


def page_of_detail_view(model_admin: Any, request: HttpRequest, key: Any) -> HttpResponse:
    base.see(model_admin, request)
    comment = base.comment_or_404(key)
    if request.method == "POST":
        return act_of_detail_view(model_admin, request, comment)
    return _shown(model_admin, request, comment)


def act_of_detail_view(model_admin: Any, request: HttpRequest, comment: Comment) -> HttpResponse:
    base.change(model_admin, request)
    verb = request.POST.get("_verb", "")
    if verb not in actions.VERBS:
        return _back_to(comment)
    now, before = timezone.now(), folder_of(comment)
    revision = base.number_of(request.POST.get("revision", ""))
    with transaction.atomic():
        outcome = actions.act_on({comment.pk: revision}, verb, by=base.staff_of(request), now=now)
        base.write_down(request, outcome)
    base.remember(request, outcome, now=now)
    # What could not be done is told where the comment can be looked at again.
    return base.to_queue(before) if outcome.events else _back_to(comment)


def reveal(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    """The address, once: in the answer to this press and nowhere else. It is written down."""
    base.change(model_admin, request)
    comment = base.comment_or_404(key)
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
    response = base.show(
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
            "queue": base.queue_address(folder_of(comment)),
            "revealed": revealed,
            "has_address": bool(comment.email_fingerprint),
            "may_erase": model_admin.may_erase(request) and comment.status != "withdrawn",
            "done": base.recall(request, now=now),
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
    response = HttpResponseRedirect(reverse(base.DETAIL, args=[comment.pk]))
    response.status_code = 303
    return response
