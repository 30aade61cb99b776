"""Pages of the moderation desk for actions on one comment: reply, redact, erase.

A reply passes the reply guard before it is published; staff may set its warnings aside.
"""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import ngettext

from consultations.audit import requests as audit
from consultations.audit.models import Action
from consultations.comments import workflow
from consultations.comments.models import Comment, CommentQuerySet, Status
from consultations.comments.moderation import actions, base
from consultations.comments.moderation.forms import RedactForm, ReplyForm
from consultations.comments.moderation.known_texts import collect_known_texts
from consultations.comments.moderation.rows import build_row, split_paragraphs
from consultations.comments.moderation.tabs import tab_for_comment
from consultations.comments.reply_guard import guard
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import email_fingerprints
from pages.practice.models import PracticeProfile, Practitioner
from pages.staff_pages import get_staff_user

REPLYABLE_STATUSES = (Status.WAITING, Status.APPROVED)


# Replying.


class ReplyEditor:
    """The page with one comment and the draft of a reply to it."""

    def __init__(
        self, model_admin: base.ModerationAdmin, request: HttpRequest, comment: Comment
    ) -> None:
        self.model_admin, self.request, self.comment = model_admin, request, comment
        self.now = timezone.now()
        self.known_texts = collect_known_texts(comment)

    def show(
        self,
        text: str,
        *,
        form: ReplyForm | None = None,
        findings: Sequence[guard.Finding] = (),
        status: int = 200,
        **extra: object,
    ) -> HttpResponse:
        """Render the page with a draft and the guard's findings in it."""
        codes = guard.finding_codes(findings)
        row = build_row(self.comment, now=self.now, may_act=True)
        context = {
            "title": _g("Reply to a comment"),
            "row": row,
            "form": form if form is not None else ReplyForm(initial={"text": text}),
            "folder": tab_for_comment(self.comment),
            "queue": base.queue_url(tab_for_comment(self.comment)),
            "is_answerable": self.comment.status in REPLYABLE_STATUSES,
            "public_name": reply_author_name(self.request),
            "templates": guard.REPLY_TEMPLATES,
            "pieces": guard.split_by_findings(text, findings) if findings else [],
            "reasons": [(code, guard.REASONS[code]) for code in codes],
            "warned": guard.text_digest(text) if findings else "",
            "neutral": (
                guard.neutral_alternative(text, known=self.known_texts) if findings else ""
            ),
            **extra,
        }
        return self.model_admin.render_page(self.request, "reply", context, status=status)


@base.require_change
def reply_page(model_admin: base.ModerationAdmin, request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the reply form; a POST checks, replaces or publishes the draft."""
    comment = base.get_comment_or_404(key)
    editor = ReplyEditor(model_admin, request, comment)
    if request.method != "POST":
        base.log_comment_read(request, comment)
        return editor.show("")
    button = request.POST.get("press", "")
    if button.startswith("template:"):
        template = button.partition(":")[2]
        return editor.show(_append_template(request.POST.get("text", ""), template))
    if button == "mine":
        return editor.show(request.POST.get("typed", ""))
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return editor.show(request.POST.get("text", ""), form=form, status=422)
    return _check_and_publish(editor, form.cleaned_data["text"], button)


def _check_and_publish(editor: ReplyEditor, text: str, button: str) -> HttpResponse:
    """Publish a reply that has no findings, or whose findings staff have seen and set aside."""
    findings = guard.check_reply(text, known=editor.known_texts)
    if button == "neutral":
        neutral = guard.neutral_alternative(text, known=editor.known_texts)
        return editor.show(neutral, typed=text)
    was_warned = editor.request.POST.get("warned", "") == guard.text_digest(text)
    if button == "check" or (findings and not (button == "anyway" and was_warned)):
        is_fine = button == "check" and not findings
        status = 200 if button == "check" else 422
        return editor.show(text, findings=findings, is_fine=is_fine, status=status)
    return _publish_reply(editor, text, overridden=guard.finding_codes(findings))


def _publish_reply(editor: ReplyEditor, text: str, *, overridden: list[str]) -> HttpResponse:
    request, comment = editor.request, editor.comment
    before = tab_for_comment(comment)
    revision = base.parse_revision(request.POST.get("revision", ""))
    try:
        with transaction.atomic():
            outcome = actions.publish_reply(
                comment,
                revision=revision,
                text=text,
                overridden=overridden,
                by=get_staff_user(request),
                now=editor.now,
            )
            base.log_outcome(request, outcome)
    except workflow.NotAllowed:
        return editor.show(
            text, meanwhile=actions.describe_conflict(comment, now=editor.now), status=409
        )
    except DecryptionError:
        return editor.show(
            text, meanwhile=_g("It cannot be read, so it cannot be published."), status=409
        )
    base.store_outcome(request, outcome, now=editor.now)
    return base.redirect_to_queue(before)


def _append_template(text: str, key: str) -> str:
    """Add a reply template below the text typed so far."""
    template = {name: str(template) for name, template in guard.REPLY_TEMPLATES}.get(key, "")
    return f"{text.rstrip()}\n\n{template}".strip() if template not in text else text


def reply_author_name(request: HttpRequest) -> str:
    """Return the public name under which this staff member replies; never the login."""
    practitioner = Practitioner.objects.filter(user=get_staff_user(request)).first()
    return practitioner.name if practitioner else PracticeProfile.load().name


# Redacting: publish a comment with another text. The original stays for staff, encrypted.

REDACTABLE_STATUSES = (Status.WAITING, Status.APPROVED)


@base.require_change
def redact_page(model_admin: base.ModerationAdmin, request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the redaction form; a POST previews or publishes."""
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
    model_admin: base.ModerationAdmin, request: HttpRequest, comment: Comment, form: RedactForm
) -> HttpResponse:
    now, before, text = timezone.now(), tab_for_comment(comment), form.cleaned_data["text"]
    revision = base.parse_revision(request.POST.get("revision", ""))
    fault = ""
    try:
        if comment.status not in REDACTABLE_STATUSES or comment.by_practice:
            raise workflow.NotAllowed("cannot be redacted")
        with transaction.atomic():
            outcome = actions.publish_redaction(
                comment, revision=revision, text=text, by=get_staff_user(request), now=now
            )
            base.log_outcome(request, outcome)
    except workflow.NotAllowed:
        fault = actions.describe_conflict(comment, now=now)
    except DecryptionError:
        fault = _g("It cannot be read, so it cannot be published.")
    if fault:
        return _render_redaction(model_admin, request, comment, form, meanwhile=fault, status=409)
    base.store_outcome(request, outcome, now=now)
    return base.redirect_to_queue(before)


def _render_redaction(
    model_admin: base.ModerationAdmin,
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
    return model_admin.render_page(request, "redact", context, status=status)


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


# Erasing all comments of a person, after a confirmation page.


@base.require_erase
def erase_page(model_admin: base.ModerationAdmin, request: HttpRequest, key: UUID) -> HttpResponse:
    """Ask for confirmation; a POST erases every comment by the writer of this one."""
    comment = base.get_comment_or_404(key)
    now = timezone.now()
    comments = list(comments_by_same_writer(comment))
    if request.method == "POST" and comments:
        with transaction.atomic():
            # Again, and locked: staff or the writer may have acted since the first query.
            comments = list(comments_by_same_writer(comment).select_for_update())
            for row in comments:
                model_admin.log_change(request, row, [{"changed": {"fields": ["erase"]}}])
            actions.erase_comments(comments, by=get_staff_user(request), now=now)
            workflow.comments_erased.send(sender=Comment, comments=comments, now=now)
            for row in comments:
                audit.record_request_action(request, Action.ERASED, row=row)
        n = len(comments)
        message = ngettext("%(n)d comment erased.", "%(n)d comments erased.", n)
        messages.success(request, message % {"n": n})
        return base.redirect_to_queue(tab_for_comment(comment))
    context = {
        "title": _g("Erase what this person wrote"),
        "row": build_row(comment, now=now, may_act=True),
        "count": len(comments),
        "published": sum(row.status == Status.APPROVED for row in comments),
        "knows_address": bool(comment.email_fingerprint),
        "folder": tab_for_comment(comment),
        "queue": base.queue_url(tab_for_comment(comment)),
    }
    return model_admin.render_page(request, "erase", context)


def comments_by_same_writer(comment: Comment) -> CommentQuerySet:
    """Return all comments with the same email address; only this one when it has none."""
    comments: CommentQuerySet = Comment.objects.exclude(status=Status.WITHDRAWN)
    try:
        hashes = email_fingerprints(comment.email)
    except DecryptionError:
        hashes = [comment.email_fingerprint] if comment.email_fingerprint else []
    if not hashes:
        return comments.filter(pk=comment.pk)
    return comments.filter(email_fingerprint__in=hashes)
