"""Taking words out of a comment before it is published. The original stays for staff, encrypted."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _g

from consultations.comments import desk_view, queue_acts, workflow
from consultations.comments.models import Comment, Status
from consultations.comments.queue_rows import paragraphs, row_for
from consultations.comments.queue_tabs import folder_of
from consultations.comments.staff_forms import RedactForm
from consultations.privacy.encryption import CannotOpen

REDACTABLE = (Status.WAITING, Status.APPROVED)


def page(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    desk_view.change(model_admin, request)
    comment = desk_view.comment_or_404(key)
    if request.method != "POST":
        desk_view.note_read(request, comment)
        return _shown(model_admin, request, comment, RedactForm(initial={"text": _start(comment)}))
    form = RedactForm(request.POST)
    if not form.is_valid():
        return _shown(model_admin, request, comment, form, status=422)
    if "preview" in request.POST:
        return _shown(model_admin, request, comment, form, preview=form.cleaned_data["text"])
    return _publish(model_admin, request, comment, form)


def _publish(
    model_admin: Any, request: HttpRequest, comment: Comment, form: RedactForm
) -> HttpResponse:
    now, before, text = timezone.now(), folder_of(comment), form.cleaned_data["text"]
    current = comment.revision
    revision = desk_view.number_of(request.POST.get("revision", ""))
    comment.revision = current if revision is None else revision
    fault = ""
    try:
        if comment.status not in REDACTABLE or comment.by_practice:
            raise workflow.NotAllowed("not here")
        with transaction.atomic():
            outcome = queue_acts.redact(comment, text=text, by=desk_view.staff_of(request), now=now)
            desk_view.write_down(request, outcome)
    except workflow.NotAllowed:
        comment.revision = current
        fault = queue_acts.what_happened(comment, now=now)
    except CannotOpen:
        fault = _g("It cannot be read, so it cannot be published.")
    if fault:
        return _shown(model_admin, request, comment, form, meanwhile=fault, status=409)
    desk_view.remember(request, outcome, now=now)
    return desk_view.to_queue(before)


def _shown(
    model_admin: Any,
    request: HttpRequest,
    comment: Comment,
    form: RedactForm,
    *,
    preview: str = "",
    meanwhile: str = "",
    status: int = 200,
) -> HttpResponse:
    row = row_for(comment, now=timezone.now(), may_act=True)
    context = {
        "title": _g("Redact a comment"),
        "row": row,
        "form": form,
        "original": paragraphs(_original(comment)),
        "folder": folder_of(comment),
        "queue": desk_view.queue_address(folder_of(comment)),
        "is_redactable": comment.status in REDACTABLE and not comment.by_practice,
        "preview": paragraphs(preview),
        "is_changed": bool(preview) and preview != _original(comment),
        "meanwhile": meanwhile,
    }
    return desk_view.show(model_admin, request, "redact", context, status=status)


def _start(comment: Comment) -> str:
    try:
        return comment.shown_text
    except CannotOpen:
        return ""


def _original(comment: Comment) -> str:
    try:
        return comment.text
    except CannotOpen:
        return _g("cannot be read")
