"""All data of one person, for staff who act for them: find, look, hand out, erase.

Everything is posted, so that no address stands in an address line or a log. Before data leave or
go, the reason and the password are asked; the audit log gets a row for each of these acts.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from consultations.audit import workflow as audit
from consultations.audit.models import Action
from consultations.data_rights import export, people, workflow
from consultations.data_rights.export import ExportRecord
from consultations.data_rights.forms import ConfirmActionForm, CorrectionForm, FindPersonForm
from consultations.data_rights.models import Tombstone
from consultations.data_rights.people import Person
from consultations.data_rights.views import build_export_response
from pages.practice.models import PracticeProfile

HANDLE_PERSON_PERMISSION = "consultations.handle_person"
PERSON_TEMPLATE = "admin/consultations/tombstone/find_person.html"
EXPORT_FORMATS = ("json", "html")
ERASE_ACTION = "erase"
CORRECT_ACTION_PREFIX = "correct:"  # and the reference of the request


@admin.register(Tombstone)
class PersonAdmin(admin.ModelAdmin):
    """The list is of what was erased: hashes and days. The page beside it is for one person."""

    list_display = ("what", "at", "goes")
    list_display_links = None
    change_list_template = "admin/consultations/tombstone/change_list.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.has_perm(HANDLE_PERSON_PERMISSION)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("what was erased"), ordering="kind")
    def what(self, stone: Tombstone) -> str:
        return stone.get_kind_display()

    @admin.display(description=_("will be deleted on"))
    def goes(self, stone: Tombstone) -> str:
        at = stone.at + timedelta(days=settings.ERASURE_RETENTION_DAYS)
        return f"{timezone.localtime(at):%Y-%m-%d}"

    def get_urls(self) -> list[URLPattern]:
        person = self.admin_site.admin_view(self.person_view)
        retention = self.admin_site.admin_view(self.retention_view)
        return [
            path("person/", person, name="consultations_tombstone_find_person"),
            path("retention/", retention, name="consultations_tombstone_retention"),
            *super().get_urls(),
        ]

    def retention_view(self, request: HttpRequest) -> HttpResponse:
        """What goes by itself and when: numbers only, so nothing is written down for it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _g("What is deleted when"),
            "opts": self.opts,
            "lines": export.build_retention_report(now=timezone.now()),
        }
        return render(request, "admin/consultations/tombstone/retention.html", context)

    @method_decorator([sensitive_post_parameters(), sensitive_variables()])
    def person_view(self, request: HttpRequest) -> HttpResponse:
        """Found by a posted address; each further act is a post of the same page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self.page(request, FindPersonForm())
        find = FindPersonForm(request.POST)
        if not find.is_valid():
            return self.page(request, find, status=422)
        found = find.people()
        person = choose_person(found, request.POST.get("person", ""))
        act = request.POST.get("act", "")
        if person is not None and act.startswith(CORRECT_ACTION_PREFIX):
            return self.correct(
                request, find, found, person, act.removeprefix(CORRECT_ACTION_PREFIX)
            )
        if person is None or act not in (*EXPORT_FORMATS, ERASE_ACTION):
            self.note(request, Action.SEARCHED, person, [])
            return self.page(request, find, people=found, person=person)
        form = ConfirmActionForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.page(request, find, people=found, person=person, form=form, status=422)
        reason = f"reason:{form.cleaned_data['reason']}"
        if act in EXPORT_FORMATS:
            fields = [reason, *(["own_work"] if form.cleaned_data["with_own_work"] else [])]
            self.note(request, Action.EXPORTED, person, fields)
            own_work = form.cleaned_data["with_own_work"]
            return build_export_response(person, act, with_own_work=own_work)
        if not request.POST.get("sure"):
            return self.page(request, find, people=found, person=person, form=form, asks=True)
        count = workflow.erase_person(
            person,
            by=request.user if request.user.is_authenticated else None,
            now=timezone.now(),
            network=request.META.get("REMOTE_ADDR", ""),
        )
        words = ngettext("%(n)d record is erased.", "%(n)d records are erased.", count)
        messages.success(request, words % {"n": count})
        return HttpResponseRedirect(reverse("admin:consultations_tombstone_find_person"))

    def correct(
        self,
        request: HttpRequest,
        find: FindPersonForm,
        found: list[Person],
        person: Person,
        reference: str,
    ) -> HttpResponse:
        """Put right what somebody wrote, because they said so. No data leave by it: no password."""
        row = export.find_consultation(person, reference)
        form = CorrectionForm.of(row, region=PracticeProfile.load().country, typed=request.POST)
        if form is None:
            return self.page(request, find, people=found, person=person, status=409)
        if not form.is_valid():
            return self.page(
                request, find, people=found, person=person, status=422, correcting=form
            )
        try:
            workflow.correct_consultation(
                form.row,
                form.cleaned_data,
                by=request.user if request.user.is_authenticated else None,
                now=timezone.now(),
                network=request.META.get("REMOTE_ADDR", ""),
            )
        except workflow.NotAllowed:
            return self.page(request, find, people=found, person=person, status=409)
        messages.success(request, _g("%(reference)s is put right.") % {"reference": reference})
        return HttpResponseRedirect(reverse("admin:consultations_tombstone_find_person"))

    def page(
        self,
        request: HttpRequest,
        find: FindPersonForm,
        *,
        people: list[Person] | None = None,
        person: Person | None = None,
        form: ConfirmActionForm | None = None,
        asks: bool = False,
        correcting: CorrectionForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        found = export.collect_records(person, with_own_work=True) if person else []
        blank = partial(CorrectionForm.of, region=PracticeProfile.load().country)
        context = {
            **self.admin_site.each_context(request),
            "title": _g("A person’s data"),
            "opts": self.opts,
            "find": find,
            "people": list(enumerate(describe_person(one) for one in people or [])),
            "is_asked": people is not None,
            "chosen": (people or []).index(person) if person else None,
            "records": found,
            "with_forms": [
                (one, correcting if is_form_for_record(correcting, one) else blank(one.row))
                for one in found
            ],
            "status": status,
            "form": form or ConfirmActionForm(user=request.user),
            "is_faulty": bool((form and form.errors) or correcting),
            "asks": asks,
        }
        return render(request, PERSON_TEMPLATE, context, status=status)

    def note(
        self, request: HttpRequest, action: str, person: Person | None, fields: list[str]
    ) -> None:
        kinds = {one.kind.name for one in export.collect_records(person)} if person else set()
        audit.record(
            action=action,
            by=request.user if request.user.is_authenticated else None,
            model=workflow.PERSON_AUDIT_LABEL,
            uuid=None,
            fields=[*kinds, *fields],
            network=request.META.get("REMOTE_ADDR", ""),
            now=timezone.now(),
        )


def is_form_for_record(form: CorrectionForm | None, record: ExportRecord) -> bool:
    return form is not None and form.row.pk == record.row.pk


def choose_person(found: list[Person], number: str) -> Person | None:
    """The only one; of several who share a number the one that was picked."""
    if len(found) == 1:
        return found[0]
    if number.isascii() and number.isdecimal() and len(number) < 4 and int(number) < len(found):
        return found[int(number)]
    return None


def describe_person(person: Person) -> str:
    """To tell people apart who share a number, and no more than that."""
    if person.email:
        return _g("who left an address that begins with %(letter)s") % {"letter": person.email[:1]}
    return _g("who left no address: %(initials)s") % {"initials": people.initials(person.name)}
