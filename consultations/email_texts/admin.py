"""The admin pages for the wording of emails: the list of all emails, and one email's text."""

from itertools import groupby
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.audit import requests as audit
from consultations.audit.models import Action
from consultations.email_texts import workflow
from consultations.email_texts.catalog import (
    EMAIL_KINDS,
    LINKS,
    MEANINGS,
    EmailKind,
    find_kind,
)
from consultations.email_texts.forms import EmailTextForm
from consultations.email_texts.models import EmailText
from consultations.email_texts.rendering import write_email
from consultations.email_texts.samples import sample_context
from pages import desk
from pages.practice.models import PracticeProfile

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

TEMPLATES = "admin/consultations/emailtext"


@admin.register(EmailText)
class EmailTextAdmin(admin.ModelAdmin):
    """Every email of the catalog has a page, whether the practice has changed it or not."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: EmailText | None = None) -> bool:
        return False  # "Back to the default" on the email's page

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        changed = dict(EmailText.objects.values_list("key", "changed_at"))
        rows = [(kind, changed.get(kind.key)) for kind in EMAIL_KINDS]
        context = {
            **self.admin_site.each_context(request),
            **(extra_context or {}),
            "title": _("Email texts"),
            "opts": self.opts,
            "groups": [(group, list(of)) for group, of in groupby(rows, lambda row: row[0].group)],
        }
        return render(request, f"{TEMPLATES}/list.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        kind = find_kind(object_id)
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if kind is None:
            messages.warning(request, _("There is no such email. It may have a new name."))
            return HttpResponseRedirect(reverse("admin:consultations_emailtext_changelist"))
        if request.method != "POST":
            return self._page(request, kind, EmailTextForm(kind=kind, initial=_stored(kind)))
        if not self.has_change_permission(request):
            raise PermissionDenied
        if "_default" in request.POST:
            return self._restore_default(request, kind)
        form = EmailTextForm(request.POST, kind=kind)
        is_valid = form.is_valid()
        if "_check" in request.POST:
            return render(request, f"{TEMPLATES}/_check.html", _check_context(form))
        if "_preview" in request.POST or not is_valid:
            return self._page(request, kind, form)
        if "_test" in request.POST:
            return self._send_test(request, kind, form)
        return self._save(request, kind, form)

    def _page(self, request: HttpRequest, kind: EmailKind, form: EmailTextForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **_check_context(form),
            "title": kind.label,
            "opts": self.opts,
            "kind": kind,
            "placeholders": [
                (name, MEANINGS[name], name in kind.required, name not in LINKS)
                for name in kind.placeholders
            ],
            "is_changed": EmailText.objects.filter(key=kind.key).exists(),
            "may_change": self.has_change_permission(request),
            "test_address": test_address(request),
        }
        status = 422 if form.is_bound and form.errors else 200
        return render(request, f"{TEMPLATES}/edit.html", context, status=status)

    def _save(self, request: HttpRequest, kind: EmailKind, form: EmailTextForm) -> HttpResponse:
        answers = form.cleaned_data
        subject, body = answers["subject"], answers["body"]
        version = answers["version"] or 0
        if (subject, body) == (str(kind.subject), str(kind.body)) and not version:
            messages.info(request, _("This is the default text. Nothing has changed."))
            return HttpResponseRedirect(request.path)
        try:
            workflow.save_text(
                kind, subject=subject, body=body, version=version, now=timezone.now()
            )
        except workflow.TextConflict:
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data["version"] = str(_stored(kind)["version"])  # type: ignore[index]
            form.add_error(
                None,
                _(
                    "Someone else changed this text while you were editing. Yours is below: save "
                    "again to use it instead of theirs."
                ),
            )
            return self._page(request, kind, form)
        self._record(request, kind, "text")
        messages.success(request, _g("Saved. New emails use this text."))
        if words := form.health_words():
            messages.warning(request, health_warning(words))
        return HttpResponseRedirect(reverse("admin:consultations_emailtext_changelist"))

    def _restore_default(self, request: HttpRequest, kind: EmailKind) -> HttpResponse:
        if workflow.restore_default(kind):
            self._record(request, kind, "default")
        messages.success(request, _("The default text is back."))
        return HttpResponseRedirect(request.path)

    def _send_test(
        self, request: HttpRequest, kind: EmailKind, form: EmailTextForm
    ) -> HttpResponse:
        to = test_address(request)
        if not to:
            form.add_error(None, _("Your login has no email address to send a test to."))
            return self._page(request, kind, form)
        answers = form.cleaned_data
        workflow.send_test(
            kind, subject=answers["subject"], body=answers["body"], to=to, now=timezone.now()
        )
        words = _g("A test is on its way to %(to)s. It has sample details, and isn’t saved.")
        messages.success(request, words % {"to": to})
        return self._page(request, kind, form)

    def _record(self, request: HttpRequest, kind: EmailKind, what: str) -> None:
        audit.record_request_action(request, Action.CHANGED, fields=["email_text", kind.key, what])


def test_address(request: HttpRequest) -> str:
    """Return where a test goes: to whoever asks for it, or else to the practice."""
    own = request.user.email if isinstance(request.user, User) else ""
    return own or PracticeProfile.load().email


def health_warning(words: list[str]) -> "_StrOrPromise":
    text = _g("Other people may see this email, and “%(words)s” could tell them what it’s about.")
    return text % {"words": "”, “".join(words)}


def _stored(kind: EmailKind) -> dict[str, object]:
    """Return what the form starts with."""
    row = EmailText.objects.filter(key=kind.key).first()
    if row is None:
        return {"subject": str(kind.subject), "body": str(kind.body), "version": 0}
    return {"subject": row.subject, "body": row.body, "version": row.version}


def _check_context(form: EmailTextForm) -> dict[str, object]:
    """Return what the preview shows: the email with made-up values, its faults and warnings."""
    words = form.health_words()
    return {
        "form": form,
        "email": write_email(*form.typed(), sample_context(timezone.now())),
        "sender": PracticeProfile.load().sender_name,
        "warning": health_warning(words) if words else "",
    }


desk.register("practice", _("Email texts"), 80, model=EmailText)
