"""Pages for visitors: what we collect, request a link, view, export, correct and erase data.

GET changes nothing.
"""

import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consultations.audit import workflow as audit
from consultations.audit.models import Action
from consultations.booking.local_time import format_datetime_in_zone
from consultations.data_rights import collected, export, workflow
from consultations.data_rights.forms import CorrectionForm, RequestLinkForm
from consultations.data_rights.models import LINK_PURPOSE, DataLink
from consultations.data_rights.people import Person, person_with_email
from consultations.data_rights.records import PersonalRecord
from consultations.privacy.encryption import DecryptionError
from consultations.privacy.fingerprints import normalize_email
from consultations.rate_limits import limits
from consultations.rate_limits.limits import RateLimit
from consultations.visitors.requests import VisitorRequest, find_or_404, see_other, visitor_view
from pages.caching import cacheable_page
from pages.practice.models import PracticeProfile
from pages.practice.profile import get_practice_facts
from pages.seo.metadata import breadcrumb_entity, build_metadata
from pages.site_pages.models import PageKey

NETWORK_LIMITS = (RateLimit("your-data", 10, 3_600),)
# Emails per hour to one address. Above the limit none is sent, but the response is the same.
ADDRESS_LIMITS = (RateLimit("your-data-to", 3, 3_600),)
# Query parameters that select the message after a post; they say nothing about the person.
SENT_PARAM, ERASED_PARAM = "sent", "erased"


@cacheable_page
def what_we_collect(request: HttpRequest) -> HttpResponse:
    """List every field we store, why, and for how long: a public page without personal data."""
    practice = get_practice_facts().practice
    title = _("What we collect")
    trail = [
        (_("Home"), reverse("pages:home")),
        (str(PageKey.PRIVACY.label), reverse("pages:privacy")),
        (title, ""),
    ]
    context = {
        "title": title,
        "sections": collected.collected_sections(practice),
        "not_collected": collected.NOT_COLLECTED,
        "audit_days": settings.AUDIT_RETENTION_DAYS,
        "breadcrumb": trail,
        "metadata": build_metadata(
            practice,
            title=title,
            path=request.path,
            description=_(
                "Every field we keep, why, and for how long. No cookies, no other sites."
            ),
            graph=[breadcrumb_entity(trail)],
        ),
    }
    return render(request, "consultations/data_rights/what_we_collect.html", context)


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def request_link(request: VisitorRequest) -> HttpResponse:
    """Send a link. The response is the same for every address, known or not."""
    if request.method != "POST":
        done = next((name for name in (SENT_PARAM, ERASED_PARAM) if name in request.GET), "")
        return _render_request_page(request, RequestLinkForm(), done=done)
    form, now = RequestLinkForm(request.POST), timezone.now()
    if request.is_cross_site:
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
    """Show everything stored under the email that the link was sent to, and act on it."""
    link, person = get_link_or_404(request, token)
    if request.method != "POST":
        return _render_data_page(request, link, person)
    if request.is_cross_site:
        is_correction = request.POST.get("act") == "correct"
        form = _bound_correction_form(request, person) if is_correction else None
        return _render_data_page(request, link, person, status=403, correction=form)
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
    """Return the link and its person; every kind of invalid link gets the same 404."""
    links = DataLink.objects.unexpired(timezone.now())
    link = find_or_404(request, links, purpose=LINK_PURPOSE, token=token, has_versions=False)
    try:
        return link, person_with_email(link.email)
    except DecryptionError:
        raise Http404 from None


def _render_data_page(
    request: HttpRequest,
    link: DataLink,
    person: Person,
    *,
    page: str = "records",
    status: int = 200,
    correction: CorrectionForm | None = None,
) -> HttpResponse:
    collected_records, region = export.collect_records(person), PracticeProfile.load().country
    context = {
        "link_url": link.get_absolute_url(),
        "open_until": format_datetime_in_zone(link.expires_at, PracticeProfile.load().time_zone),
        "records": collected_records,
        "with_forms": [
            (record, _correction_form_for(record.row, correction, region))
            for record in collected_records
        ],
        "form": correction,
        "status": status,
        "is_error": status >= 400,
    }
    return render(request, f"consultations/data_rights/{page}.html", context, status=status)


def _correction_form_for(
    row: PersonalRecord, correction: CorrectionForm | None, region: str
) -> CorrectionForm | None:
    """Return the submitted form for its own row, and an unbound one for any other."""
    if correction is not None and correction.row.pk == row.pk:
        return correction
    return CorrectionForm.for_row(row, region=region)


def _handle_correction(request: VisitorRequest, link: DataLink, person: Person) -> HttpResponse:
    form = _bound_correction_form(request, person)
    if form is None:
        return _render_data_page(request, link, person, status=409)
    if not form.is_valid():
        return _render_data_page(request, link, person, status=422, correction=form)
    try:
        workflow.correct_consultation(form.row, form.cleaned_data, now=timezone.now())
    except workflow.NotAllowed:
        return _render_data_page(request, link, person, status=409)
    return see_other(link.get_absolute_url())


def _bound_correction_form(request: VisitorRequest, person: Person) -> CorrectionForm | None:
    row = export.find_consultation(person, request.POST.get("record", ""))
    return CorrectionForm.for_row(row, region=PracticeProfile.load().country, data=request.POST)


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
    """Return the export as an attachment, so that browsers never show it as a page of ours."""
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
