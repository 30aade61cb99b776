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
    KEYBOARD_SHORTCUTS,
    UNREADABLE_TEXT,
    actor_display_name,
    build_row,
    build_rows,
    bulk_buttons,
    is_undoable,
    split_paragraphs,
)
from consultations.comments.moderation.tabs import (
    get_tab,
    get_tab_page,
    tab_for_comment,
    tabs_with_counts,
)
from consultations.comments.reply_guard.guard import code_labels
from consultations.privacy.encryption import DecryptionError


def queue_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return apply_queue_action(model_admin, request)
    base.require_view(model_admin, request)
    now = timezone.now()
    tab = get_tab(request.GET.get("status", ""))
    after = request.GET.get("after", "")
    shown = get_tab_page(tab, after)
    may_act = model_admin.has_change_permission(request)
    response = base.render_page(
        model_admin,
        request,
        "queue",
        {
            "title": _g("Comments"),
            "tab": tab,
            "back": tab.key,
            "tabs": tabs_with_counts(),
            "rows": build_rows(shown.comments, now=now, may_act=may_act),
            "after": after,
            "next": shown.after,
            "shortcuts": KEYBOARD_SHORTCUTS,
            "bulk": bulk_buttons(tab.key) if may_act else [],
            "all_picked": request.GET.get("pick") == "all",
            "done": base.get_last_outcome(request, now=now),
        },
    )
    base.log_comments_viewed(request, "listed", shown.comments, ("name", "text"))
    return response


def apply_queue_action(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """A press on one comment (``do``) or on all that are chosen (``all``)."""
    base.require_change(model_admin, request)
    tab, after = get_tab(request.GET.get("status", "")), request.GET.get("after", "")
    seen = _parse_seen_revisions(request.POST.getlist("seen"))
    verb, _colon, key = request.POST.get("do", "").partition(":")
    picked = [key] if key else request.POST.getlist("pick")
    verb = verb if key else request.POST.get("all", "")
    chosen = {one: seen.get(one) for one in map(base.parse_uuid, picked) if one is not None}
    if verb not in actions.ACTIONS or not chosen:
        return base.redirect_to_queue(tab, after=after)
    now = timezone.now()
    with transaction.atomic():
        outcome = actions.apply_action(chosen, verb, by=base.get_staff_user(request), now=now)
        base.log_outcome(request, outcome)
    focus = _next_focus(list(seen), set(chosen))
    base.store_outcome(request, outcome, now=now, focus=focus)
    return base.redirect_to_queue(tab, after=after, focus=focus)


def undo_queue_actions(model_admin: Any, request: HttpRequest) -> HttpResponse:
    base.require_change(model_admin, request)
    now = timezone.now()
    tab, after = get_tab(request.POST.get("back", "")), request.POST.get("after", "")
    keys = [key for key in map(base.parse_uuid, request.POST.getlist("event")) if key]
    if request.method != "POST" or not keys:
        return base.redirect_to_queue(tab, after=after)
    with transaction.atomic():
        outcome = actions.undo_events(keys, by=base.get_staff_user(request), now=now)
        base.log_outcome(request, outcome)
    focus = outcome.comments[-1].pk if outcome.comments else None
    base.store_outcome(request, outcome, now=now, focus=focus)
    return base.redirect_to_queue(tab, after=after, focus=focus)


def _parse_seen_revisions(values: list[str]) -> dict[UUID, int | None]:
    """What stood on the page, in its order: each comment with the revision that was shown."""
    found = {}
    for value in values:
        key, _colon, revision = value.partition(":")
        if (uuid := base.parse_uuid(key)) is not None:
            found[uuid] = base.parse_revision(revision)
    return found


def _next_focus(order: list[UUID], chosen: set[UUID]) -> UUID | None:
    """The comment to go on with: the one below the last that was acted on, else the one above."""
    places = [number for number, key in enumerate(order) if key in chosen]
    if not places:
        return None
    below = [key for key in order[places[-1] + 1 :] if key not in chosen]
    above = [key for key in order[: places[-1]] if key not in chosen]
    return below[0] if below else (above[-1] if above else None)


# One comment with all that is known of it: original, thread, history, and its acts.

VIEWED_FIELDS = ("name", "text")


def comment_page(model_admin: Any, request: HttpRequest, key: Any) -> HttpResponse:
    base.require_view(model_admin, request)
    comment = base.get_comment_or_404(key)
    if request.method == "POST":
        return apply_comment_action(model_admin, request, comment)
    return _render_comment(model_admin, request, comment)


def apply_comment_action(model_admin: Any, request: HttpRequest, comment: Comment) -> HttpResponse:
    base.require_change(model_admin, request)
    verb = request.POST.get("_verb", "")
    if verb not in actions.ACTIONS:
        return _redirect_to_comment(comment)
    now, before = timezone.now(), tab_for_comment(comment)
    revision = base.parse_revision(request.POST.get("revision", ""))
    with transaction.atomic():
        outcome = actions.apply_action(
            {comment.pk: revision}, verb, by=base.get_staff_user(request), now=now
        )
        base.log_outcome(request, outcome)
    base.store_outcome(request, outcome, now=now)
    # What could not be done is told where the comment can be looked at again.
    return base.redirect_to_queue(before) if outcome.events else _redirect_to_comment(comment)


def reveal_email(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    """The address, once: in the answer to this press and nowhere else. It is written down."""
    base.require_change(model_admin, request)
    comment = base.get_comment_or_404(key)
    if request.method != "POST":
        return _redirect_to_comment(comment)
    try:
        address = comment.email or _g("No address is held: it was dropped, or never given.")
    except DecryptionError:
        address = str(UNREADABLE_TEXT)
    audit.record_request_action(request, "revealed", row=comment, fields=["email"])
    return _render_comment(model_admin, request, comment, revealed=address)


def _render_comment(
    model_admin: Any, request: HttpRequest, comment: Comment, revealed: str = ""
) -> HttpResponse:
    now = timezone.now()
    may_act = model_admin.has_change_permission(request)
    events = [
        {
            "event": event,
            "who": actor_display_name(event),
            "despite": [code_labels().get(code, code) for code in event.overridden],
            "may_be_undone": may_act and is_undoable(event, comment),
        }
        for event in comment.events.select_related("by").newest_first()
    ]
    row = build_row(comment, now=now, may_act=may_act)
    response = base.render_page(
        model_admin,
        request,
        "detail",
        {
            "title": _g("Comment"),
            "row": row,
            "original": _original_paragraphs(comment) if row.is_redacted else None,
            "history": events,
            "folder": tab_for_comment(comment),
            "back": tab_for_comment(comment).key,
            "after": "",
            "queue": base.queue_url(tab_for_comment(comment)),
            "revealed": revealed,
            "has_address": bool(comment.email_fingerprint),
            "may_erase": model_admin.has_erase_permission(request)
            and comment.status != "withdrawn",
            "done": base.get_last_outcome(request, now=now),
        },
    )
    audit.record_read(request, comment, VIEWED_FIELDS)
    return response


def _original_paragraphs(comment: Comment) -> list[str]:
    try:
        return split_paragraphs(comment.text)
    except DecryptionError:
        return [str(UNREADABLE_TEXT)]


def _redirect_to_comment(comment: Comment) -> HttpResponseRedirect:
    response = HttpResponseRedirect(reverse(base.CHANGE_URL_NAME, args=[comment.pk]))
    response.status_code = 303
    return response
