"""Enter a request of somebody who called: a call back, preferred times, the waiting list."""

from collections.abc import Collection, Mapping
from typing import cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consultations.booking import workflow
from consultations.booking.choices import PARTS_OF_DAY, WEEKDAYS, RequestKind
from consultations.booking.staff import permissions
from consultations.booking.staff.views import AddBookingForm
from consultations.booking.submission import RequestDetails
from consultations.visitors.forms import PlainTextField

TEMPLATE = "admin/consultations/consultation/add_request.html"


class AddRequestForm(AddBookingForm):
    """A request without a time, as somebody tells it on the phone."""

    kind = forms.ChoiceField(
        label=_("What they want"),
        choices=[(kind.value, kind.label) for kind in RequestKind if kind != RequestKind.SLOT],
    )
    preferred = forms.MultipleChoiceField(
        label=_("Times that suit"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            (f"{day}-{part}", f"{day_label} {part_label}")
            for day, day_label in WEEKDAYS
            for part, part_label in PARTS_OF_DAY
        ],
    )
    note = PlainTextField(
        label=_("What they said"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Encrypted. Please leave out medical details."),
    )

    field_order = ["kind", "practitioner", "name", "channel", "email", "phone"]

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        practitioner_ids: Collection[int] | None = None,
    ) -> None:
        super().__init__(data, practitioner_ids=practitioner_ids)
        del self.fields["start_at"], self.fields["type"]
        practitioner = self.fields["practitioner"]
        if practitioner_ids is None:
            # Those who see only their own requests would lose one that is nobody's.
            practitioner.required, practitioner.initial = False, None
            practitioner.empty_label = _("Anyone")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        if cleaned.get("kind") == RequestKind.WAITLIST and not cleaned.get("email"):
            self.add_error("email", _("Enter an email address: we write when a spot opens."))
        return cleaned

    def details(self) -> RequestDetails:
        names = ("kind", "name", "email", "phone", "channel", "voicemail", "meeting", "zone")
        answers = {name: self.cleaned_data[name] for name in names}
        return RequestDetails(
            **answers,
            practitioner=self.cleaned_data["practitioner"],
            preferred=self.cleaned_data["preferred"],
            note=self.cleaned_data["note"],
        )


def add_request_page(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Show the form; store the request on POST."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    form = AddRequestForm(
        request.POST if request.method == "POST" else None,
        practitioner_ids=permissions.accessible_practitioner_ids(request.user),
    )
    if request.method == "POST" and form.is_valid():
        by = cast("User", request.user)
        now = timezone.now()
        row = workflow.add_staff_request(form.details(), form.submission_meta(), by=by, now=now)
        model_admin.log_addition(request, row, [{"added": {}}])
        messages.success(request, _("Added. The person is told by email where we have one."))
        return HttpResponseRedirect(
            reverse("admin:consultations_consultation_change", args=[row.pk])
        )
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Add a request"),
        "opts": model_admin.opts,
        "form": form,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, TEMPLATE, context, status=status)
