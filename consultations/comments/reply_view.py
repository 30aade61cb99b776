"""Answering a comment: the reply is read by the guard first, and a person decides."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _g

from consultations.comments import desk_view, queue_acts, reply_guard
from consultations.comments.models import Comment, Status
from consultations.comments.queue_rows import row_for
from consultations.comments.queue_tabs import folder_of
from consultations.comments.reply_known import known_texts
from consultations.comments.staff_forms import ReplyForm
from consultations.comments.workflow import NotAllowed
from consultations.privacy.encryption import CannotOpen
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
        codes = reply_guard.codes(findings)
        shown = form if form is not None else ReplyForm(initial={"text": text})
        row = row_for(self.comment, now=self.now, may_act=True)
        context = {
            "title": _g("Reply to a comment"),
            "row": row,
            "form": shown,
            "folder": folder_of(self.comment),
            "queue": desk_view.queue_address(folder_of(self.comment)),
            "is_answerable": self.comment.status in ANSWERABLE,
            "public_name": public_name(self.request),
            "templates": reply_guard.TEMPLATES,
            "pieces": reply_guard.marked(text, findings) if findings else [],
            "reasons": [(code, reply_guard.REASONS[code]) for code in codes],
            "warned": reply_guard.seal(text) if findings else "",
            "neutral": (
                reply_guard.neutral_alternative(text, known=self.known) if findings else ""
            ),
            **extra,
        }
        return desk_view.show(self.model_admin, self.request, "reply", context, status=status)


def page(model_admin: Any, request: HttpRequest, key: UUID) -> HttpResponse:
    desk_view.change(model_admin, request)
    comment = desk_view.comment_or_404(key)
    desk = Desk(model_admin, request, comment)
    if request.method != "POST":
        desk_view.note_read(request, comment)
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
    findings = reply_guard.check(text, known=desk.known)
    if press == "neutral":
        offer = reply_guard.neutral_alternative(text, known=desk.known)
        return desk.show(offer, typed=text)
    was_warned = desk.request.POST.get("warned", "") == reply_guard.seal(text)
    if press == "check" or (findings and not (press == "anyway" and was_warned)):
        is_fine = press == "check" and not findings
        status = 200 if press == "check" else 422
        return desk.show(text, findings=findings, is_fine=is_fine, status=status)
    return _publish(desk, text, overridden=reply_guard.codes(findings))


def _publish(desk: Desk, text: str, *, overridden: list[str]) -> HttpResponse:
    request, comment = desk.request, desk.comment
    before = folder_of(comment)
    revision = desk_view.number_of(request.POST.get("revision", ""))
    current, comment.revision = comment.revision, comment.revision if revision is None else revision
    try:
        with transaction.atomic():
            outcome = queue_acts.reply(
                comment,
                text=text,
                overridden=overridden,
                by=desk_view.staff_of(request),
                now=desk.now,
            )
            desk_view.write_down(request, outcome)
    except NotAllowed:
        comment.revision = current
        return desk.show(
            text, meanwhile=queue_acts.what_happened(comment, now=desk.now), status=409
        )
    except CannotOpen:
        return desk.show(
            text, meanwhile=_g("It cannot be read, so it cannot be published."), status=409
        )
    desk_view.remember(request, outcome, now=desk.now)
    return desk_view.to_queue(before)


def _with_template(text: str, key: str) -> str:
    words = {name: str(words) for name, words in reply_guard.TEMPLATES}.get(key, "")
    # What is typed already stays: the template goes below it.
    return f"{text.rstrip()}\n\n{words}".strip() if words not in text else text


def public_name(request: HttpRequest) -> str:
    """The name that readers see; never the login."""
    person = Practitioner.objects.filter(user=desk_view.staff_of(request)).first()
    return person.name if person else PracticeProfile.load().name
