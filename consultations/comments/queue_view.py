"""The moderation queue: one page a folder, a press for each decision."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _g

from consultations.comments import desk_view, queue_acts
from consultations.comments.queue_rows import rows_for
from consultations.comments.queue_tabs import page_of, tab_of, tabs_with_counts
from consultations.comments.staff_offers import SHORTCUTS, bulk_offers


def page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return act(model_admin, request)
    desk_view.see(model_admin, request)
    now = timezone.now()
    tab = tab_of(request.GET.get("status", ""))
    after = request.GET.get("after", "")
    shown = page_of(tab, after)
    may_act = model_admin.has_change_permission(request)
    response = desk_view.show(
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
            "done": desk_view.recall(request, now=now),
        },
    )
    desk_view.note_shown(request, "listed", shown.comments, ("name", "text"))
    return response


def act(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """A press on one comment (``do``) or on all that are chosen (``all``)."""
    desk_view.change(model_admin, request)
    tab, after = tab_of(request.GET.get("status", "")), request.GET.get("after", "")
    seen = _seen(request.POST.getlist("seen"))
    verb, _colon, key = request.POST.get("do", "").partition(":")
    picked = [key] if key else request.POST.getlist("pick")
    verb = verb if key else request.POST.get("all", "")
    chosen = {one: seen.get(one) for one in map(desk_view.uuid_of, picked) if one is not None}
    if verb not in queue_acts.VERBS or not chosen:
        return desk_view.to_queue(tab, after=after)
    now = timezone.now()
    with transaction.atomic():
        outcome = queue_acts.act_on(chosen, verb, by=desk_view.staff_of(request), now=now)
        desk_view.write_down(request, outcome)
    focus = _next_of(list(seen), set(chosen))
    desk_view.remember(request, outcome, now=now, focus=focus)
    return desk_view.to_queue(tab, after=after, focus=focus)


def undo(model_admin: Any, request: HttpRequest) -> HttpResponse:
    desk_view.change(model_admin, request)
    now = timezone.now()
    tab, after = tab_of(request.POST.get("back", "")), request.POST.get("after", "")
    keys = [key for key in map(desk_view.uuid_of, request.POST.getlist("event")) if key]
    if request.method != "POST" or not keys:
        return desk_view.to_queue(tab, after=after)
    with transaction.atomic():
        outcome = queue_acts.undo(keys, by=desk_view.staff_of(request), now=now)
        desk_view.write_down(request, outcome)
    focus = outcome.comments[-1].pk if outcome.comments else None
    desk_view.remember(request, outcome, now=now, focus=focus)
    return desk_view.to_queue(tab, after=after, focus=focus)


def _seen(values: list[str]) -> dict[UUID, int | None]:
    """What stood on the page, in its order: each comment with the revision that was shown."""
    found = {}
    for value in values:
        key, _colon, revision = value.partition(":")
        if (uuid := desk_view.uuid_of(key)) is not None:
            found[uuid] = desk_view.number_of(revision)
    return found


def _next_of(order: list[UUID], chosen: set[UUID]) -> UUID | None:
    """The comment to go on with: the one below the last that was acted on, else the one above."""
    places = [number for number, key in enumerate(order) if key in chosen]
    if not places:
        return None
    below = [key for key in order[places[-1] + 1 :] if key not in chosen]
    above = [key for key in order[: places[-1]] if key not in chosen]
    return below[0] if below else (above[-1] if above else None)
