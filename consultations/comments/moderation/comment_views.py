"""Answering a comment: the reply is read by the guard first, and a person decides."""

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
from consultations.comments import workflow
from consultations.comments.models import Comment, CommentQuerySet, Status
from consultations.comments.moderation import actions, base
from consultations.comments.moderation.forms import RedactForm, ReplyForm, SearchForm
from consultations.comments.moderation.known_texts import known_texts
from consultations.comments.moderation.rows import paragraphs, row_for, rows_for
from consultations.comments.moderation.tabs import WAITING, WITH_THREAD, folder_of, tabs_with_counts
from consultations.comments.reply_guard import guard
from consultations.comments.workflow import NotAllowed
from consultations.privacy.encryption import CannotOpen
from consultations.privacy.fingerprints import email_fingerprints
from pages.practice.models import PracticeProfile, Practitioner

ANSWERABLE = (Status.WAITING, Status.APPROVED)


class Desk:
    """The page with one comment and one reply in the making."""

    def __init__(self, model_admin: Any, request: HttpRequest, comment: Comment) -> None:
        self.model_admin, self.request, self.comment = model_admin, request, comment
        self.now = timezone.now()
        self.known = known_texts(comment)

    def show(
        self, text: str, *, form: ReplyForm | None = None, status: int = 200, **extra: Any
    ) -> HttpResponse:
        findings = extra.pop("findings", [])
        codes = guard.codes(findings)
        shown = form if form is not None else ReplyForm(initial={"text": text})
        row = row_for(self.comment, now=self.now, may_act=True)
        context = {
            "title": _g("Reply to a comment"),
            "row": row,
            "form": shown,
            "folder": folder_of(self.comment),
            "queue": base.queue_address(folder_of(self.comment)),
            "is_answerable": self.comment.status in ANSWERABLE,
            "public_name": public_name(self.request),
            "templates": guard.TEMPLATES,
            "pieces": guard.marked(text, findings) if findings else [],
            "reasons": [(code, guard.REASONS[code]) for code in codes],
            "warned": guard.seal(text) if findings else "",
            "neutral": (guard.neutral_alternative(text, known=self.known) if findings else ""),
            **extra,
        }
        return base.show(self.model_admin, self.request, "reply", context, status=status)


def page(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    base.change(model_admin, request)
    comment = base.comment_or_404(key)
    desk = Desk(model_admin, request, comment)
    if request.method != "POST":
        base.note_read(request, comment)
        return desk.show("")
    press = request.POST.get("press", "")
    if press.startswith("template:"):
        return desk.show(_with_template(request.POST.get("text", ""), press.partition(":")[2]))
    if press == "mine":
        return desk.show(request.POST.get("typed", ""))
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return desk.show(request.POST.get("text", ""), form=form, status=422)
    return _judge(desk, form.cleaned_data["text"], press)


def _judge(desk: Desk, text: str, press: str) -> HttpResponse:
    findings = guard.check(text, known=desk.known)
    if press == "neutral":
        offer = guard.neutral_alternative(text, known=desk.known)
        return desk.show(offer, typed=text)
    was_warned = desk.request.POST.get("warned", "") == guard.seal(text)
    if press == "check" or (findings and not (press == "anyway" and was_warned)):
        is_fine = press == "check" and not findings
        status = 200 if press == "check" else 422
        return desk.show(text, findings=findings, is_fine=is_fine, status=status)
    return _publish(desk, text, overridden=guard.codes(findings))


def _publish(desk: Desk, text: str, *, overridden: list[str]) -> HttpResponse:
    request, comment = desk.request, desk.comment
    before = folder_of(comment)
    revision = base.number_of(request.POST.get("revision", ""))
    current, comment.revision = comment.revision, comment.revision if revision is None else revision
    try:
        with transaction.atomic():
            outcome = actions.reply(
                comment,
                text=text,
                overridden=overridden,
                by=base.staff_of(request),
                now=desk.now,
            )
            base.write_down(request, outcome)
    except NotAllowed:
        comment.revision = current
        return desk.show(text, meanwhile=actions.what_happened(comment, now=desk.now), status=409)
    except CannotOpen:
        return desk.show(
            text, meanwhile=_g("It cannot be read, so it cannot be published."), status=409
        )
    base.remember(request, outcome, now=desk.now)
    return base.to_queue(before)


def _with_template(text: str, key: str) -> str:
    words = {name: str(words) for name, words in guard.TEMPLATES}.get(key, "")
    # What is typed already stays: the template goes below it.
    return f"{text.rstrip()}\n\n{words}".strip() if words not in text else text


def public_name(request: HttpRequest) -> str:
    """The name that readers see; never the login."""
    person = Practitioner.objects.filter(user=base.staff_of(request)).first()
    return person.name if person else PracticeProfile.load().name


# Taking words out of a comment before it is published. The original stays for staff, encrypted.

REDACTABLE = (Status.WAITING, Status.APPROVED)


def page_of_redact_view(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    base.change(model_admin, request)
    comment = base.comment_or_404(key)
    if request.method != "POST":
        base.note_read(request, comment)
        return _shown(model_admin, request, comment, RedactForm(initial={"text": _start(comment)}))
    form = RedactForm(request.POST)
    if not form.is_valid():
        return _shown(model_admin, request, comment, form, status=422)
    if "preview" in request.POST:
        return _shown(model_admin, request, comment, form, preview=form.cleaned_data["text"])
    return _publish_of_redact_view(model_admin, request, comment, form)


def _publish_of_redact_view(
    model_admin: Any, request: HttpRequest, comment: Comment, form: RedactForm
) -> HttpResponse:
    now, before, text = timezone.now(), folder_of(comment), form.cleaned_data["text"]
    current = comment.revision
    revision = base.number_of(request.POST.get("revision", ""))
    comment.revision = current if revision is None else revision
    fault = ""
    try:
        if comment.status not in REDACTABLE or comment.by_practice:
            raise workflow.NotAllowed("not here")
        with transaction.atomic():
            outcome = actions.redact(comment, text=text, by=base.staff_of(request), now=now)
            base.write_down(request, outcome)
    except workflow.NotAllowed:
        comment.revision = current
        fault = actions.what_happened(comment, now=now)
    except CannotOpen:
        fault = _g("It cannot be read, so it cannot be published.")
    if fault:
        return _shown(model_admin, request, comment, form, meanwhile=fault, status=409)
    base.remember(request, outcome, now=now)
    return base.to_queue(before)


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
        "queue": base.queue_address(folder_of(comment)),
        "is_redactable": comment.status in REDACTABLE and not comment.by_practice,
        "preview": paragraphs(preview),
        "is_changed": bool(preview) and preview != _original(comment),
        "meanwhile": meanwhile,
    }
    return base.show(model_admin, request, "redact", context, status=status)


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


# Forgetting a person: all that was written under one address goes, after a page that says so.

# What rooms above do once rows are erased; data_rights remembers them here, so that an older
# backup does not bring them back.
AFTERWARDS: list[Callable[[Sequence[Comment], datetime], None]] = []


def page_of_erase_view(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    if not model_admin.may_erase(request):
        raise PermissionDenied
    comment = base.comment_or_404(key)
    now = timezone.now()
    found = list(written_by_the_same(comment))
    if request.method == "POST" and found:
        with transaction.atomic():
            # Once more and locked: staff or the writer may have acted since they were counted.
            found = list(written_by_the_same(comment).select_for_update())
            for one in found:
                model_admin.log_change(request, one, [{"changed": {"fields": ["erase"]}}])
            done = actions.erase_all(found, by=base.staff_of(request), now=now)
            for remember in AFTERWARDS:
                remember(found, now)
            for one in found:
                audit.note(request, "erased", row=one)
        words = ngettext("%(n)d comment erased.", "%(n)d comments erased.", done)
        messages.success(request, words % {"n": done})
        return base.to_queue(folder_of(comment))
    published = sum(one.status == Status.APPROVED for one in found)
    context = {
        "title": _g("Erase what this person wrote"),
        "row": row_for(comment, now=now, may_act=True),
        "count": len(found),
        "published": published,
        "knows_address": bool(comment.email_fingerprint),
        "folder": folder_of(comment),
        "queue": base.queue_address(folder_of(comment)),
    }
    return base.show(model_admin, request, "erase", context)


def written_by_the_same(comment: Comment) -> CommentQuerySet:
    """Every comment under its address; without an address this one alone."""
    left: CommentQuerySet = Comment.objects.exclude(status=Status.WITHDRAWN)
    try:
        known = email_fingerprints(comment.email)
    except CannotOpen:
        known = [comment.email_fingerprint] if comment.email_fingerprint else []
    return left.filter(email_fingerprint__in=known) if known else left.filter(pk=comment.pk)


# Finding comments by a whole address or a published name; by POST, so that no URL holds one.

MOST = 50


def page_of_search_view(model_admin: Any, request: HttpRequest) -> HttpResponse:
    base.see(model_admin, request)
    if request.method != "POST":
        return base.to_queue(WAITING)
    now = timezone.now()
    form = SearchForm(request.POST)
    found = list(found_by(form.cleaned_data["q"])[: MOST + 1]) if form.is_valid() else []
    response = base.show(
        model_admin,
        request,
        "search",
        {
            "title": _g("Search in comments"),
            "search": form,
            "tabs": tabs_with_counts(),
            "rows": rows_for(
                found[:MOST], now=now, may_act=model_admin.has_change_permission(request)
            ),
            "is_cut": len(found) > MOST,
            "most": MOST,
        },
        status=422 if form.errors else 200,
    )
    base.note_shown(request, "searched", found[:MOST], ("name", "text"))
    return response


def found_by(words: str) -> CommentQuerySet:
    """An address is found by its keyed hash; a name only where it stands in clear: published."""
    rows: CommentQuerySet = Comment.objects.select_related(*WITH_THREAD)
    if "@" in words:
        rows = rows.filter(email_fingerprint__in=email_fingerprints(words))
    else:
        rows = rows.published().filter(published_name__icontains=words)
    return rows.order_by("-status_changed_at", "-pk")
