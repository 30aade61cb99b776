"""Forgetting a person: all that was written under one address goes, after a page that says so."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import ngettext

from consultations.audit import requests as audit
from consultations.comments import desk_view, queue_acts
from consultations.comments.models import Comment, CommentQuerySet, Status
from consultations.comments.queue_rows import row_for
from consultations.comments.queue_tabs import folder_of
from consultations.privacy.encryption import CannotOpen
from consultations.privacy.fingerprints import email_fingerprints

# What rooms above do once rows are erased; data_rights remembers them here, so that an older
# backup does not bring them back.
AFTERWARDS: list[Callable[[Sequence[Comment], datetime], None]] = []


def page(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    if not model_admin.may_erase(request):
        raise PermissionDenied
    comment = desk_view.comment_or_404(key)
    now = timezone.now()
    found = list(written_by_the_same(comment))
    if request.method == "POST" and found:
        with transaction.atomic():
            # Once more and locked: staff or the writer may have acted since they were counted.
            found = list(written_by_the_same(comment).select_for_update())
            for one in found:
                model_admin.log_change(request, one, [{"changed": {"fields": ["erase"]}}])
            done = queue_acts.erase_all(found, by=desk_view.staff_of(request), now=now)
            for remember in AFTERWARDS:
                remember(found, now)
            for one in found:
                audit.note(request, "erased", row=one)
        words = ngettext("%(n)d comment erased.", "%(n)d comments erased.", done)
        messages.success(request, words % {"n": done})
        return desk_view.to_queue(folder_of(comment))
    published = sum(one.status == Status.APPROVED for one in found)
    context = {
        "title": _g("Erase what this person wrote"),
        "row": row_for(comment, now=now, may_act=True),
        "count": len(found),
        "published": published,
        "knows_address": bool(comment.email_fingerprint),
        "folder": folder_of(comment),
        "queue": desk_view.queue_address(folder_of(comment)),
    }
    return desk_view.show(model_admin, request, "erase", context)


def written_by_the_same(comment: Comment) -> CommentQuerySet:
    """Every comment under its address; without an address this one alone."""
    left: CommentQuerySet = Comment.objects.exclude(status=Status.WITHDRAWN)
    try:
        known = email_fingerprints(comment.email)
    except CannotOpen:
        known = [comment.email_fingerprint] if comment.email_fingerprint else []
    return left.filter(email_fingerprint__in=known) if known else left.filter(pk=comment.pk)
