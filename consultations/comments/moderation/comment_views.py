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
from consultations.comments.moderation.known_texts import collect_known_texts
from consultations.comments.moderation.rows import build_row, build_rows, split_paragraphs
from consultations.comments.moderation.tabs import (
    THREAD_RELATIONS,
    WAITING_TAB,
    tab_for_comment,
    tabs_with_counts,
)
from consultations.comments.reply_guard import guard
from consultations.comments.workflow import NotAllowed
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import email_fingerprints
from pages.practice.models import PracticeProfile, Practitioner

REPLYABLE_STATUSES = (Status.WAITING, Status.APPROVED)


class ReplyEditor:
    """The page with one comment and one reply in the making."""

    def __init__(self, model_admin: Any, request: HttpRequest, comment: Comment) -> None:
        self.model_admin, self.request, self.comment = model_admin, request, comment
        self.now = timezone.now()
        self.known = collect_known_texts(comment)

    def show(
        self, text: str, *, form: ReplyForm | None = None, status: int = 200, **extra: Any
    ) -> HttpResponse:
        findings = extra.pop("findings", [])
        codes = guard.finding_codes(findings)
        shown = form if form is not None else ReplyForm(initial={"text": text})
        row = build_row(self.comment, now=self.now, may_act=True)
        context = {
            "title": _g("Reply to a comment"),
            "row": row,
            "form": shown,
            "folder": tab_for_comment(self.comment),
            "queue": base.queue_url(tab_for_comment(self.comment)),
            "is_answerable": self.comment.status in REPLYABLE_STATUSES,
            "public_name": reply_author_name(self.request),
            "templates": guard.REPLY_TEMPLATES,
            "pieces": guard.split_by_findings(text, findings) if findings else [],
            "reasons": [(code, guard.REASONS[code]) for code in codes],
            "warned": guard.text_digest(text) if findings else "",
            "neutral": (guard.neutral_alternative(text, known=self.known) if findings else ""),
            **extra,
        }
        return base.render_page(self.model_admin, self.request, "reply", context, status=status)


def reply_page(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    base.require_change(model_admin, request)
    comment = base.get_comment_or_404(key)
    desk = ReplyEditor(model_admin, request, comment)
    if request.method != "POST":
        base.log_comment_read(request, comment)
        return desk.show("")
    press = request.POST.get("press", "")
    if press.startswith("template:"):
        return desk.show(_append_template(request.POST.get("text", ""), press.partition(":")[2]))
    if press == "mine":
        return desk.show(request.POST.get("typed", ""))
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return desk.show(request.POST.get("text", ""), form=form, status=422)
    return _check_and_publish(desk, form.cleaned_data["text"], press)


def _check_and_publish(desk: ReplyEditor, text: str, press: str) -> HttpResponse:
    findings = guard.check_reply(text, known=desk.known)
    if press == "neutral":
        offer = guard.neutral_alternative(text, known=desk.known)
        return desk.show(offer, typed=text)
    was_warned = desk.request.POST.get("warned", "") == guard.text_digest(text)
    if press == "check" or (findings and not (press == "anyway" and was_warned)):
        is_fine = press == "check" and not findings
        status = 200 if press == "check" else 422
        return desk.show(text, findings=findings, is_fine=is_fine, status=status)
    return _publish_reply(desk, text, overridden=guard.finding_codes(findings))


def _publish_reply(desk: ReplyEditor, text: str, *, overridden: list[str]) -> HttpResponse:
    request, comment = desk.request, desk.comment
    before = tab_for_comment(comment)
    revision = base.parse_revision(request.POST.get("revision", ""))
    current, comment.revision = comment.revision, comment.revision if revision is None else revision
    try:
        with transaction.atomic():
            outcome = actions.publish_reply(
                comment,
                text=text,
                overridden=overridden,
                by=base.get_staff_user(request),
                now=desk.now,
            )
            base.log_outcome(request, outcome)
    except NotAllowed:
        comment.revision = current
        return desk.show(
            text, meanwhile=actions.describe_conflict(comment, now=desk.now), status=409
        )
    except DecryptionError:
        return desk.show(
            text, meanwhile=_g("It cannot be read, so it cannot be published."), status=409
        )
    base.store_outcome(request, outcome, now=desk.now)
    return base.redirect_to_queue(before)


def _append_template(text: str, key: str) -> str:
    words = {name: str(words) for name, words in guard.REPLY_TEMPLATES}.get(key, "")
    # What is typed already stays: the template goes below it.
    return f"{text.rstrip()}\n\n{words}".strip() if words not in text else text


def reply_author_name(request: HttpRequest) -> str:
    """The name that readers see; never the login."""
    person = Practitioner.objects.filter(user=base.get_staff_user(request)).first()
    return person.name if person else PracticeProfile.load().name


# Taking words out of a comment before it is published. The original stays for staff, encrypted.

REDACTABLE_STATUSES = (Status.WAITING, Status.APPROVED)


def redact_page(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    base.require_change(model_admin, request)
    comment = base.get_comment_or_404(key)
    if request.method != "POST":
        base.log_comment_read(request, comment)
        return _render_redaction(
            model_admin, request, comment, RedactForm(initial={"text": _initial_redaction(comment)})
        )
    form = RedactForm(request.POST)
    if not form.is_valid():
        return _render_redaction(model_admin, request, comment, form, status=422)
    if "preview" in request.POST:
        return _render_redaction(
            model_admin, request, comment, form, preview=form.cleaned_data["text"]
        )
    return _publish_redaction(model_admin, request, comment, form)


def _publish_redaction(
    model_admin: Any, request: HttpRequest, comment: Comment, form: RedactForm
) -> HttpResponse:
    now, before, text = timezone.now(), tab_for_comment(comment), form.cleaned_data["text"]
    current = comment.revision
    revision = base.parse_revision(request.POST.get("revision", ""))
    comment.revision = current if revision is None else revision
    fault = ""
    try:
        if comment.status not in REDACTABLE_STATUSES or comment.by_practice:
            raise workflow.NotAllowed("not here")
        with transaction.atomic():
            outcome = actions.publish_redaction(
                comment, text=text, by=base.get_staff_user(request), now=now
            )
            base.log_outcome(request, outcome)
    except workflow.NotAllowed:
        comment.revision = current
        fault = actions.describe_conflict(comment, now=now)
    except DecryptionError:
        fault = _g("It cannot be read, so it cannot be published.")
    if fault:
        return _render_redaction(model_admin, request, comment, form, meanwhile=fault, status=409)
    base.store_outcome(request, outcome, now=now)
    return base.redirect_to_queue(before)


def _render_redaction(
    model_admin: Any,
    request: HttpRequest,
    comment: Comment,
    form: RedactForm,
    *,
    preview: str = "",
    meanwhile: str = "",
    status: int = 200,
) -> HttpResponse:
    row = build_row(comment, now=timezone.now(), may_act=True)
    context = {
        "title": _g("Redact a comment"),
        "row": row,
        "form": form,
        "original": split_paragraphs(_original_text(comment)),
        "folder": tab_for_comment(comment),
        "queue": base.queue_url(tab_for_comment(comment)),
        "is_redactable": comment.status in REDACTABLE_STATUSES and not comment.by_practice,
        "preview": split_paragraphs(preview),
        "is_changed": bool(preview) and preview != _original_text(comment),
        "meanwhile": meanwhile,
    }
    return base.render_page(model_admin, request, "redact", context, status=status)


def _initial_redaction(comment: Comment) -> str:
    try:
        return comment.shown_text
    except DecryptionError:
        return ""


def _original_text(comment: Comment) -> str:
    try:
        return comment.text
    except DecryptionError:
        return _g("cannot be read")


# Forgetting a person: all that was written under one address goes, after a page that says so.

# What rooms above do once rows are erased; data_rights remembers them here, so that an older
# backup does not bring them back.
POST_ERASE_HOOKS: list[Callable[[Sequence[Comment], datetime], None]] = []


def erase_page(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    if not model_admin.has_erase_permission(request):
        raise PermissionDenied
    comment = base.get_comment_or_404(key)
    now = timezone.now()
    found = list(comments_by_same_writer(comment))
    if request.method == "POST" and found:
        with transaction.atomic():
            # Once more and locked: staff or the writer may have acted since they were counted.
            found = list(comments_by_same_writer(comment).select_for_update())
            for one in found:
                model_admin.log_change(request, one, [{"changed": {"fields": ["erase"]}}])
            done = actions.erase_comments(found, by=base.get_staff_user(request), now=now)
            for remember in POST_ERASE_HOOKS:
                remember(found, now)
            for one in found:
                audit.record_request_action(request, "erased", row=one)
        words = ngettext("%(n)d comment erased.", "%(n)d comments erased.", done)
        messages.success(request, words % {"n": done})
        return base.redirect_to_queue(tab_for_comment(comment))
    published = sum(one.status == Status.APPROVED for one in found)
    context = {
        "title": _g("Erase what this person wrote"),
        "row": build_row(comment, now=now, may_act=True),
        "count": len(found),
        "published": published,
        "knows_address": bool(comment.email_fingerprint),
        "folder": tab_for_comment(comment),
        "queue": base.queue_url(tab_for_comment(comment)),
    }
    return base.render_page(model_admin, request, "erase", context)


def comments_by_same_writer(comment: Comment) -> CommentQuerySet:
    """Every comment under its address; without an address this one alone."""
    left: CommentQuerySet = Comment.objects.exclude(status=Status.WITHDRAWN)
    try:
        known = email_fingerprints(comment.email)
    except DecryptionError:
        known = [comment.email_fingerprint] if comment.email_fingerprint else []
    return left.filter(email_fingerprint__in=known) if known else left.filter(pk=comment.pk)


# Finding comments by a whole address or a published name; by POST, so that no URL holds one.

MAX_SEARCH_RESULTS = 50


def search_page(model_admin: Any, request: HttpRequest) -> HttpResponse:
    base.require_view(model_admin, request)
    if request.method != "POST":
        return base.redirect_to_queue(WAITING_TAB)
    now = timezone.now()
    form = SearchForm(request.POST)
    found = (
        list(search_comments(form.cleaned_data["q"])[: MAX_SEARCH_RESULTS + 1])
        if form.is_valid()
        else []
    )
    response = base.render_page(
        model_admin,
        request,
        "search",
        {
            "title": _g("Search in comments"),
            "search": form,
            "tabs": tabs_with_counts(),
            "rows": build_rows(
                found[:MAX_SEARCH_RESULTS],
                now=now,
                may_act=model_admin.has_change_permission(request),
            ),
            "is_cut": len(found) > MAX_SEARCH_RESULTS,
            "most": MAX_SEARCH_RESULTS,
        },
        status=422 if form.errors else 200,
    )
    base.log_comments_viewed(request, "searched", found[:MAX_SEARCH_RESULTS], ("name", "text"))
    return response


def search_comments(words: str) -> CommentQuerySet:
    """An address is found by its keyed hash; a name only where it stands in clear: published."""
    rows: CommentQuerySet = Comment.objects.select_related(*THREAD_RELATIONS)
    if "@" in words:
        rows = rows.filter(email_fingerprint__in=email_fingerprints(words))
    else:
        rows = rows.published().filter(published_name__icontains=words)
    return rows.order_by("-status_changed_at", "-pk")
