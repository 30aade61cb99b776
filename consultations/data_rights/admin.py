"""Data requests handled by staff: find a person, view, export, correct and erase their data.

Everything is posted, so that no email or phone number appears in a URL or a log. Export and
erasure ask for a reason and the password; every action is in the audit log.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
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
from consultations.audit.admin import ReadOnlyAdmin
from consultations.audit.models import Action
from consultations.data_rights import export, workflow
from consultations.data_rights.export import ExportRecord
from consultations.data_rights.forms import ConfirmActionForm, CorrectionForm, FindPersonForm
from consultations.data_rights.models import Tombstone
from consultations.data_rights.people import Person, initials
from consultations.data_rights.views import build_export_response
from pages import desk
from pages.practice.models import PracticeProfile
from pages.practice.staff_dates import format_day
from pages.staff_pages import get_staff_user

HANDLE_PERSON_PERMISSION = "consultations.handle_person"
PERSON_TEMPLATE = "admin/consultations/tombstone/find_person.html"
EXPORT_FORMATS = ("json", "html")
ERASE_ACTION = "erase"
CORRECT_ACTION_PREFIX = "correct:"  # followed by the reference of the consultation


@admin.register(Tombstone)
class DataRequestAdmin(ReadOnlyAdmin):
    """Data requests: the list of tombstones, one person's data, and the retention report."""

    list_display = ("kind_label", "at", "deletion_date")
    change_list_template = "admin/consultations/tombstone/change_list.html"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_active and request.user.has_perm(HANDLE_PERSON_PERMISSION)

    @admin.display(description=_("what was erased"), ordering="kind")
    def kind_label(self, tombstone: Tombstone) -> str:
        return tombstone.get_kind_display()

    @admin.display(description=_("will be deleted on"))
    def deletion_date(self, tombstone: Tombstone) -> str:
        at = tombstone.at + timedelta(days=settings.ERASURE_RETENTION_DAYS)
        return format_day(timezone.localdate(at), timezone.localdate())

    def get_urls(self) -> list[URLPattern]:
        person = self.admin_site.admin_view(self.person_view)
        retention = self.admin_site.admin_view(self.retention_view)
        return [
            path("person/", person, name="consultations_tombstone_find_person"),
            path("retention/", retention, name="consultations_tombstone_retention"),
            *super().get_urls(),
        ]

    def retention_view(self, request: HttpRequest) -> HttpResponse:
        """Show what is deleted when. Only numbers, so viewing is not logged."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _g("What is deleted when"),
            "opts": self.opts,
            "rules": export.build_retention_report(now=timezone.now()),
        }
        return render(request, "admin/consultations/tombstone/retention.html", context)

    @method_decorator([sensitive_post_parameters(), sensitive_variables()])
    def person_view(self, request: HttpRequest) -> HttpResponse:
        """Find a person by posted contact data; each action is another post to the same page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._render_person_page(request, PersonSearch(FindPersonForm()))
        form = FindPersonForm(request.POST)
        if not form.is_valid():
            return self._render_person_page(request, PersonSearch(form), status=422)
        people = form.people()
        person = choose_person(people, request.POST.get("person", ""))
        search = PersonSearch(form, people, person)
        action = request.POST.get("act", "")
        if person is not None and action.startswith(CORRECT_ACTION_PREFIX):
            reference = action.removeprefix(CORRECT_ACTION_PREFIX)
            return self._handle_correction(request, search, person, reference)
        if person is not None and action in (*EXPORT_FORMATS, ERASE_ACTION):
            return self._handle_confirmed_action(request, search, person, action)
        self._log_action(request, Action.SEARCHED, person, [])
        return self._render_person_page(request, search)

    def _handle_confirmed_action(
        self, request: HttpRequest, search: "PersonSearch", person: Person, action: str
    ) -> HttpResponse:
        """Export or erase, once reason and password are valid; erasing asks for confirmation."""
        form = ConfirmActionForm(request.POST, user=request.user)
        if not form.is_valid():
            return self._render_person_page(request, search, form=form, status=422)
        if action in EXPORT_FORMATS:
            own_work = form.cleaned_data["with_own_work"]
            reason = f"reason:{form.cleaned_data['reason']}"
            fields = [reason, *(["own_work"] if own_work else [])]
            self._log_action(request, Action.EXPORTED, person, fields)
            return build_export_response(person, action, with_own_work=own_work)
        if not request.POST.get("sure"):
            return self._render_person_page(request, search, form=form, needs_confirmation=True)
        count = workflow.erase_person(
            person,
            by=get_staff_user(request),
            now=timezone.now(),
            network=request.META.get("REMOTE_ADDR", ""),
        )
        message = ngettext("%(n)d record is erased.", "%(n)d records are erased.", count)
        messages.success(request, message % {"n": count})
        return HttpResponseRedirect(reverse("admin:consultations_tombstone_find_person"))

    def _handle_correction(
        self, request: HttpRequest, search: "PersonSearch", person: Person, reference: str
    ) -> HttpResponse:
        """Correct a consultation for the person. No data leaves, so no password is asked."""
        row = export.find_consultation(person, reference)
        form = CorrectionForm.for_row(row, region=PracticeProfile.load().country, data=request.POST)
        if form is None:
            return self._render_person_page(request, search, status=409)
        if not form.is_valid():
            return self._render_person_page(request, search, status=422, correction=form)
        try:
            workflow.correct_consultation(
                form.row,
                form.cleaned_data,
                by=get_staff_user(request),
                now=timezone.now(),
                network=request.META.get("REMOTE_ADDR", ""),
            )
        except workflow.NotAllowed:
            return self._render_person_page(request, search, status=409)
        messages.success(request, _g("%(reference)s is put right.") % {"reference": reference})
        return HttpResponseRedirect(reverse("admin:consultations_tombstone_find_person"))

    def _render_person_page(
        self,
        request: HttpRequest,
        search: "PersonSearch",
        *,
        form: ConfirmActionForm | None = None,
        needs_confirmation: bool = False,
        correction: CorrectionForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        person, people = search.person, search.people or []
        records = export.collect_records(person, with_own_work=True) if person else []
        region = PracticeProfile.load().country
        context = {
            **self.admin_site.each_context(request),
            "title": _g("A person’s data"),
            "opts": self.opts,
            "find": search.form,
            "people": list(enumerate(map(describe_person, people))),
            "is_asked": search.people is not None,
            "chosen": people.index(person) if person else None,
            "records": records,
            "with_forms": [
                (
                    record,
                    correction
                    if is_form_for_record(correction, record)
                    else CorrectionForm.for_row(record.row, region=region),
                )
                for record in records
            ],
            "status": status,
            "form": form or ConfirmActionForm(user=request.user),
            "has_errors": bool((form and form.errors) or correction),
            "needs_confirmation": needs_confirmation,
        }
        return render(request, PERSON_TEMPLATE, context, status=status)

    def _log_action(
        self, request: HttpRequest, action: str, person: Person | None, fields: list[str]
    ) -> None:
        records = export.collect_records(person) if person else []
        audit.record(
            action=action,
            by=get_staff_user(request),
            model=workflow.PERSON_AUDIT_LABEL,
            uuid=None,
            fields=[*{record.kind.name for record in records}, *fields],
            network=request.META.get("REMOTE_ADDR", ""),
            now=timezone.now(),
        )


@dataclass(frozen=True)
class PersonSearch:
    """The posted search, whom it found, and the one of them who is chosen."""

    form: FindPersonForm
    people: list[Person] | None = None  # None before a search
    person: Person | None = None


def is_form_for_record(form: CorrectionForm | None, record: ExportRecord) -> bool:
    return form is not None and form.row.pk == record.row.pk


def choose_person(people: list[Person], number: str) -> Person | None:
    """Return the only person, or the chosen one of several who share a phone number."""
    if len(people) == 1:
        return people[0]
    if number.isascii() and number.isdecimal() and len(number) < 4 and int(number) < len(people):
        return people[int(number)]
    return None


def describe_person(person: Person) -> str:
    """Tell people who share a phone number apart, without showing more than needed."""
    if person.email:
        return _g("who left an address that begins with %(letter)s") % {"letter": person.email[:1]}
    return _g("who left no address: %(initials)s") % {"initials": initials(person.name)}


desk.register(
    "settings",
    _("Data requests"),
    20,
    model=Tombstone,
    empty=_("No data has been erased yet. Find a person to show, export or erase what you hold."),
)
