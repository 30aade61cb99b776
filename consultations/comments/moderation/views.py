"""The moderation queue with its folders, the search, and the page of one comment."""

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _g

from consultations.audit import requests as audit
from consultations.audit.models import Action
from consultations.comments.models import Comment, CommentQuerySet
from consultations.comments.moderation import actions, base
from consultations.comments.moderation.base import ModerationAdmin
from consultations.comments.moderation.forms import SearchForm
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
    THREAD_RELATIONS,
    WAITING_TAB,
    get_tab,
    get_tab_page,
    tab_for_comment,
    tabs_with_counts,
)
from consultations.comments.reply_guard.guard import code_labels
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import email_fingerprints
from pages.staff_pages import get_staff_user


@base.require_view
def queue_page(model_admin: ModerationAdmin, request: HttpRequest) -> HttpResponse:
    """Show a page of a folder; a POST applies an action."""
    if request.method == "POST":
        return apply_queue_action(model_admin, request)
    now = timezone.now()
    tab = get_tab(request.GET.get("status", ""))
    after = request.GET.get("after", "")
    page = get_tab_page(tab, after)
    may_act = model_admin.has_change_permission(request)
    response = model_admin.render_page(
        request,
        "queue",
        {
            "title": _g("Comments"),
            "tab": tab,
            "back": tab.key,
            "tabs": tabs_with_counts(),
            "rows": build_rows(page.comments, now=now, may_act=may_act),
            "after": after,
            "next": page.after,
            "shortcuts": KEYBOARD_SHORTCUTS,
            "bulk": bulk_buttons(tab.key) if may_act else [],
            "all_picked": request.GET.get("pick") == "all",
            "outcome": base.get_last_outcome(request, now=now),
        },
    )
    base.log_comments_viewed(request, Action.LISTED, page.comments)
    return response


@base.require_change
def apply_queue_action(model_admin: ModerationAdmin, request: HttpRequest) -> HttpResponse:
    """Apply an action to one comment (``do``) or to all that are selected (``all``)."""
    tab, after = get_tab(request.GET.get("status", "")), request.GET.get("after", "")
    seen = _parse_seen_revisions(request.POST.getlist("seen"))
    action, _colon, key = request.POST.get("do", "").partition(":")
    picked = [key] if key else request.POST.getlist("pick")
    action = action if key else request.POST.get("all", "")
    keys = [uuid for uuid in map(base.parse_uuid, picked) if uuid is not None]
    if action not in actions.ACTIONS or not keys:
        return base.redirect_to_queue(tab, after=after)
    now = timezone.now()
    with transaction.atomic():
        outcome = actions.apply_action(
            {uuid: seen.get(uuid) for uuid in keys},
            action,
            by=get_staff_user(request),
            now=now,
        )
        base.log_outcome(request, outcome)
    focus = _next_focus(list(seen), set(keys))
    base.store_outcome(request, outcome, now=now, focus=focus)
    if _wants_json(request):
        return _outcome_as_json(outcome)
    if request.POST.get("next") == "today":
        return HttpResponseRedirect(f"{reverse('admin:index')}#comments", status=303)
    return base.redirect_to_queue(tab, after=after, focus=focus)


@base.require_change
def undo_queue_actions(model_admin: ModerationAdmin, request: HttpRequest) -> HttpResponse:
    """Undo the events in the form, and go back to the folder."""
    now = timezone.now()
    tab, after = get_tab(request.POST.get("back", "")), request.POST.get("after", "")
    keys = [key for key in map(base.parse_uuid, request.POST.getlist("event")) if key]
    if request.method != "POST" or not keys:
        return base.redirect_to_queue(tab, after=after)
    with transaction.atomic():
        outcome = actions.undo_events(keys, by=get_staff_user(request), now=now)
        base.log_outcome(request, outcome)
    focus = outcome.comments[-1].pk if outcome.comments else None
    base.store_outcome(request, outcome, now=now, focus=focus)
    if _wants_json(request):
        return _outcome_as_json(outcome)
    return base.redirect_to_queue(tab, after=after, focus=focus)


def _wants_json(request: HttpRequest) -> bool:
    """Return whether the desk's script asks: it needs no page, only what became of its action."""
    return request.headers.get("Accept") == "application/json"


def _outcome_as_json(outcome: actions.ActionOutcome) -> JsonResponse:
    """Tell the desk's script what was done, by ids and counts only; no text of a comment."""
    undoable = {event.comment.pk: event.pk for event in outcome.undoable_events()}
    failures = zip(outcome.failed_keys, outcome.failures, strict=True)
    return JsonResponse(
        {
            "done": [
                {
                    "comment": comment.pk,
                    "revision": comment.revision,
                    "event": undoable.get(comment.pk, ""),
                }
                for comment in outcome.comments
            ],
            "failed": [{"comment": key, "why": reason} for key, reason in failures],
            "counts": {tab.key: count for tab, count in tabs_with_counts()},
        }
    )


def _parse_seen_revisions(values: list[str]) -> dict[UUID, int | None]:
    """Return the comments of the page in its order, each with the revision that was shown."""
    revisions = {}
    for value in values:
        key, _colon, revision = value.partition(":")
        if (uuid := base.parse_uuid(key)) is not None:
            revisions[uuid] = base.parse_revision(revision)
    return revisions


def _next_focus(order: list[UUID], handled: set[UUID]) -> UUID | None:
    """Return the comment below the last one that was acted on, else the one above."""
    indexes = [index for index, key in enumerate(order) if key in handled]
    if not indexes:
        return None
    below = [key for key in order[indexes[-1] + 1 :] if key not in handled]
    above = [key for key in order[: indexes[-1]] if key not in handled]
    return below[0] if below else (above[-1] if above else None)


# Search by a whole email address or a published name. By POST, so that neither is in a URL.

MAX_SEARCH_RESULTS = 50


@base.require_view
def search_page(model_admin: ModerationAdmin, request: HttpRequest) -> HttpResponse:
    """Show the comments that match; anything but a POST goes to the queue."""
    if request.method != "POST":
        return base.redirect_to_queue(WAITING_TAB)
    now = timezone.now()
    form = SearchForm(request.POST)
    results = (
        list(search_comments(form.cleaned_data["q"])[: MAX_SEARCH_RESULTS + 1])
        if form.is_valid()
        else []
    )
    response = model_admin.render_page(
        request,
        "search",
        {
            "title": _g("Search in comments"),
            "search": form,
            "tabs": tabs_with_counts(),
            "rows": build_rows(
                results[:MAX_SEARCH_RESULTS],
                now=now,
                may_act=model_admin.has_change_permission(request),
            ),
            "is_cut": len(results) > MAX_SEARCH_RESULTS,
            "max_results": MAX_SEARCH_RESULTS,
        },
        status=422 if form.errors else 200,
    )
    base.log_comments_viewed(request, Action.SEARCHED, results[:MAX_SEARCH_RESULTS])
    return response


def search_comments(query: str) -> CommentQuerySet:
    """Return comments by email address (its keyed hash) or by published name."""
    rows: CommentQuerySet = Comment.objects.select_related(*THREAD_RELATIONS)
    if "@" in query:
        rows = rows.filter(email_fingerprint__in=email_fingerprints(query))
    else:
        rows = rows.published().filter(published_name__icontains=query)
    return rows.order_by("-status_changed_at", "-pk")


# The page of one comment: original, thread, history, actions.


@base.require_view
def comment_page(
    model_admin: ModerationAdmin, request: HttpRequest, key: UUID | None
) -> HttpResponse:
    """Show one comment; a POST applies an action."""
    comment = base.get_comment_or_404(key)
    if request.method == "POST":
        return apply_comment_action(model_admin, request, comment)
    return _render_comment(model_admin, request, comment)


@base.require_change
def apply_comment_action(
    model_admin: ModerationAdmin, request: HttpRequest, comment: Comment
) -> HttpResponse:
    """Apply an action to one comment, and go back to its folder."""
    action = request.POST.get("_verb", "")
    if action not in actions.ACTIONS:
        return _redirect_to_comment(comment)
    now, before = timezone.now(), tab_for_comment(comment)
    revision = base.parse_revision(request.POST.get("revision", ""))
    with transaction.atomic():
        outcome = actions.apply_action(
            {comment.pk: revision}, action, by=get_staff_user(request), now=now
        )
        base.log_outcome(request, outcome)
    base.store_outcome(request, outcome, now=now)
    # After a conflict staff want to see the comment as it is now.
    return base.redirect_to_queue(before) if outcome.events else _redirect_to_comment(comment)


@base.require_change
def reveal_email(model_admin: ModerationAdmin, request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the email address in the response to this POST only, and audit it."""
    comment = base.get_comment_or_404(key)
    if request.method != "POST":
        return _redirect_to_comment(comment)
    try:
        address = comment.email or _g("No address is held: it was dropped, or never given.")
    except DecryptionError:
        address = str(UNREADABLE_TEXT)
    audit.record_request_action(request, Action.REVEALED, row=comment, fields=["email"])
    return _render_comment(model_admin, request, comment, revealed=address)


def _render_comment(
    model_admin: ModerationAdmin, request: HttpRequest, comment: Comment, revealed: str = ""
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
    response = model_admin.render_page(
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
            "outcome": base.get_last_outcome(request, now=now),
        },
    )
    base.log_comment_read(request, comment)
    return response


def _original_paragraphs(comment: Comment) -> list[str]:
    try:
        return split_paragraphs(comment.text)
    except DecryptionError:
        return [str(UNREADABLE_TEXT)]


def _redirect_to_comment(comment: Comment) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(base.CHANGE_URL_NAME, args=[comment.pk]), status=303)
