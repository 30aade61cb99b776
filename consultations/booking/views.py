"""Asking for a consultation, and a visitor's own page of one: thin doors to workflow."""

from contextlib import suppress

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consultations.booking import pages as own_page
from consultations.booking import workflow
from consultations.booking.forms import ConsultationForm, offered_kinds
from consultations.booking.models import Consultation
from consultations.doors import VisitorRequest, visitors_door
from consultations.privacy import consent, control_links
from consultations.screening import rate_limits
from pages.practice.models import PracticeProfile
from pages.site_pages.views import page_context


@visitors_door
@require_safe
def consultation(request: VisitorRequest) -> HttpResponse:
    """What it is, and the ways to ask for it."""
    practice = PracticeProfile.load()
    return render(
        request,
        "consultations/booking/consultation.html",
        {**page_context(request, "consultation"), "kinds": offered_kinds(practice)},
    )


@visitors_door
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: VisitorRequest) -> HttpResponse:
    """The form; a good one leads to the visitor's own page of the request."""
    practice, now = PracticeProfile.load(), timezone.now()
    if not offered_kinds(practice):
        return redirect("booking:consultation")
    if request.method != "POST":
        form = ConsultationForm(
            practice=practice, now=now, initial={"kind": request.GET.get("kind", "")}
        )
        return _form_page(request, form)
    form = ConsultationForm(request.POST, practice=practice, now=now)
    if request.is_foreign:
        return _form_page(request, form, status=403)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    if not rate_limits.within(rate_limits.CONSULTATIONS, request.META["REMOTE_ADDR"], now=now):
        return _form_page(request, form, status=429)
    stored = workflow.request_consultation(
        form.details(),
        key=form.cleaned_data["key"],
        consent_version=consent.CONSULTATION_VERSION,
        suspicions=form.suspicions(),
        now=now,
    )
    return see_other(stored.get_absolute_url())


@visitors_door
@require_safe
def manage(request: VisitorRequest, token: str) -> HttpResponse:
    """The visitor's own page: its state, what happens next, and the way to take it back."""
    found, now = find_or_404(request, token), timezone.now()
    context = own_page.context(found, PracticeProfile.load(), now=now)
    return render(request, "consultations/booking/manage.html", context)


@visitors_door
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: VisitorRequest, token: str) -> HttpResponse:
    """Asks once; only the post acts, since mail scanners open links."""
    found, now = find_or_404(request, token), timezone.now()
    context = own_page.context(found, PracticeProfile.load(), now=now)
    if request.method != "POST" or request.is_foreign or not context["may_cancel"]:
        if request.method != "POST" and not context["may_cancel"]:
            return see_other(found.get_absolute_url())
        status = 403 if request.is_foreign else 200 if request.method != "POST" else 409
        return render(request, "consultations/booking/cancel.html", context, status=status)
    # Otherwise something happened meanwhile, and its own page says what.
    with suppress(workflow.NotAllowed):
        workflow.withdraw_consultation(found, now=now)
    return see_other(found.get_absolute_url())


def find_or_404(request: HttpRequest, token: str) -> Consultation:
    """The consultation of a secret link. Wrong, foreign, cut or revoked: one and the same 404."""
    read = control_links.read("consultation", token)
    if read is not None:
        public_id, version = read
        found = Consultation.objects.filter(public_id=public_id, token_version=version).first()
        if found is not None:
            return found
    raise Http404


def see_other(address: str) -> HttpResponse:
    """303: going back or reloading never sends a form twice."""
    return HttpResponseRedirect(address, status=303)


def _form_page(
    request: VisitorRequest, form: ConsultationForm, *, status: int = 200
) -> HttpResponse:
    return render(
        request,
        "consultations/booking/details.html",
        {
            "form": form,
            "status": status,
            "is_error": status != 200,
            "back": reverse("booking:consultation"),
            "minutes": settings.CALL_MINUTES,
        },
        status=status,
    )
