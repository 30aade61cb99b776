"""For the person: ask for a link; see, take away, put right, erase. GET changes nothing."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from consultations.audit import workflow as audit
from consultations.audit.models import Action
from consultations.data_rights import export, workflow
from consultations.data_rights.forms import CorrectionForm, RequestLinkForm
from consultations.data_rights.models import LINK_PURPOSE, DataLink
from consultations.data_rights.people import Person, person_with_email
from consultations.privacy import control_links
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import normalize_email
from consultations.rate_limits import limits
from consultations.rate_limits.limits import RateLimit
from consultations.visitors.decorators import VisitorRequest, visitor_view
from pages.practice.models import PracticeProfile

NETWORK_LIMITS = (RateLimit("your-data", 10, 3_600),)
# More mails than these to one address in an hour help nobody; the answer stays the same.
ADDRESS_LIMITS = (RateLimit("your-data-to", 3, 3_600),)
# Words in our own address that say which page of the two follows a post: nothing of the person.
SENT_PARAM, ERASED_PARAM = "sent", "erased"


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def request_link(request: VisitorRequest) -> HttpResponse:
    """One answer for every address: look into your mail."""
    if request.method != "POST":
        done = next((word for word in (SENT_PARAM, ERASED_PARAM) if word in request.GET), "")
        return _render_request_page(request, RequestLinkForm(), done=done)
    form, now = RequestLinkForm(request.POST), timezone.now()
    if request.is_foreign:
        return _render_request_page(request, form, status=403)
    if not form.is_valid():
        return _render_request_page(request, form, status=422)
    if not limits.consume(NETWORK_LIMITS, request.META["REMOTE_ADDR"], now=now):
        return _render_request_page(request, form, status=429)
    address = form.cleaned_data["email"]
    if limits.consume(ADDRESS_LIMITS, normalize_email(address), now=now):
        workflow.send_link(address, now=now)
    return see_other(f"{reverse('data_rights:request_link')}?{SENT_PARAM}")


def _render_request_page(
    request: HttpRequest, form: RequestLinkForm, *, status: int = 200, done: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "done": done,
        "backup_days": settings.BACKUP_RETENTION_DAYS,
        "status": status,
        "is_error": status >= 400,
    }
    return render(request, "consultations/data_rights/request_link.html", context, status=status)


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def your_data(request: VisitorRequest, token: str) -> HttpResponse:
    """Everything under the address that the link was mailed to."""
    link, person = get_link_or_404(request, token)
    if request.method != "POST":
        return _render_data_page(request, link, person)
    if request.is_foreign:
        typed = (
            _bound_correction_form(request, person)
            if request.POST.get("act") == "correct"
            else None
        )
        return _render_data_page(request, link, person, status=403, faulty=typed)
    match request.POST.get("act"):
        case "json":
            return _download_export(person, "json")
        case "html":
            return _download_export(person, "html")
        case "correct":
            return _handle_correction(request, link, person)
        case "erase":
            return _render_data_page(request, link, person, page="erase")
        case "erase-all":
            workflow.erase_person(person, by=None, now=timezone.now())
            return see_other(f"{reverse('data_rights:request_link')}?{ERASED_PARAM}")
    return _render_data_page(request, link, person, status=400)


def get_link_or_404(request: HttpRequest, token: str) -> tuple[DataLink, Person]:
    """Wrong, foreign, cut, used up or out of time: one and the same 404."""
    now = timezone.now()
    read = control_links.read_token(LINK_PURPOSE, token)
    if read is not None:
        link = DataLink.objects.unexpired(now).filter(public_id=read[0]).first()
        if link is not None:
            try:
                return link, person_with_email(link.email)
            except DecryptionError:
                raise Http404 from None
    limits.record_wrong_link(request.META["REMOTE_ADDR"], now=now)
    raise Http404


def _render_data_page(
    request: HttpRequest,
    link: DataLink,
    person: Person,
    *,
    page: str = "records",
    status: int = 200,
    faulty: CorrectionForm | None = None,
    changed: bool = False,
) -> HttpResponse:
    found, region = export.collect_records(person), PracticeProfile.load().country
    context = {
        "own_url": link.get_absolute_url(),
        "expires_at": link.expires_at,
        "records": found,
        "with_forms": [
            (record, _correction_form_for(record.row, faulty, region)) for record in found
        ],
        "form": faulty,
        "has_changed": changed,
        "status": status,
        "is_error": status >= 400,
    }
    return render(request, f"consultations/data_rights/{page}.html", context, status=status)


def _correction_form_for(
    row: Any, faulty: CorrectionForm | None, region: str
) -> CorrectionForm | None:
    if faulty is not None and faulty.row.pk == row.pk:
        return faulty
    return CorrectionForm.of(row, region=region)


def _handle_correction(request: VisitorRequest, link: DataLink, person: Person) -> HttpResponse:
    form = _bound_correction_form(request, person)
    if form is None:
        return _render_data_page(request, link, person, status=409)
    if not form.is_valid():
        return _render_data_page(request, link, person, status=422, faulty=form)
    try:
        workflow.correct_consultation(form.row, form.cleaned_data, now=timezone.now())
    except workflow.NotAllowed:
        return _render_data_page(request, link, person, status=409)
    return see_other(link.get_absolute_url())


def _bound_correction_form(request: VisitorRequest, person: Person) -> CorrectionForm | None:
    row = export.find_consultation(person, request.POST.get("record", ""))
    return CorrectionForm.of(row, region=PracticeProfile.load().country, typed=request.POST)


def _download_export(person: Person, kind: str) -> HttpResponse:
    now = timezone.now()
    response = build_export_response(person, kind)
    audit.record(
        action=Action.EXPORTED, by=None, model=workflow.PERSON_AUDIT_LABEL, uuid=None, now=now
    )
    return response


def build_export_response(
    person: Person, kind: str, *, with_own_work: bool = False
) -> HttpResponse:
    """A file to keep, never a page of ours."""
    now = timezone.now()
    if kind == "json":
        data = export.build_export_data(person, now=now, with_own_work=with_own_work)
        body = json.dumps(data, ensure_ascii=False, indent=2)
        response = HttpResponse(body, content_type="application/json; charset=utf-8")
    else:
        page = export.render_export_page(person, now=now, with_own_work=with_own_work)
        response = HttpResponse(page, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="my-data.{kind}"'
    return response


def see_other(address: str) -> HttpResponse:
    """303: going back or reloading never sends a form twice."""
    return HttpResponseRedirect(address, status=303)
