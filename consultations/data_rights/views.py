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
from consultations.data_rights.forms import AskForm, CorrectForm
from consultations.data_rights.models import PURPOSE, DataLink
from consultations.data_rights.people import Person, by_email
from consultations.privacy import control_links
from consultations.privacy.encryption import CannotOpen
from consultations.privacy.fingerprints import normalised_email
from consultations.rate_limits import limits
from consultations.rate_limits.limits import RateLimit
from consultations.visitors.decorators import VisitorRequest, visitor_view
from pages.practice.models import PracticeProfile

FROM_ONE_PLACE = (RateLimit("your-data", 10, 3_600),)
# More mails than these to one address in an hour help nobody; the answer stays the same.
TO_ONE_ADDRESS = (RateLimit("your-data-to", 3, 3_600),)
# Words in our own address that say which page of the two follows a post: nothing of the person.
SENT, ERASED = "sent", "erased"


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: VisitorRequest) -> HttpResponse:
    """One answer for every address: look into your mail."""
    if request.method != "POST":
        done = next((word for word in (SENT, ERASED) if word in request.GET), "")
        return _ask_page(request, AskForm(), done=done)
    form, now = AskForm(request.POST), timezone.now()
    if request.is_foreign:
        return _ask_page(request, form, status=403)
    if not form.is_valid():
        return _ask_page(request, form, status=422)
    if not limits.consume(FROM_ONE_PLACE, request.META["REMOTE_ADDR"], now=now):
        return _ask_page(request, form, status=429)
    address = form.cleaned_data["email"]
    if limits.consume(TO_ONE_ADDRESS, normalised_email(address), now=now):
        workflow.send_link(address, now=now)
    return see_other(f"{reverse('data_rights:ask')}?{SENT}")


def _ask_page(
    request: HttpRequest, form: AskForm, *, status: int = 200, done: str = ""
) -> HttpResponse:
    context = {
        "form": form,
        "done": done,
        "backup_days": settings.BACKUP_RETENTION_DAYS,
        "status": status,
        "is_error": status >= 400,
    }
    return render(request, "consultations/data_rights/ask.html", context, status=status)


@visitor_view
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: VisitorRequest, token: str) -> HttpResponse:
    """Everything under the address that the link was mailed to."""
    link, person = find_or_404(request, token)
    if request.method != "POST":
        return _own_page(request, link, person)
    if request.is_foreign:
        typed = _typed(request, person) if request.POST.get("act") == "correct" else None
        return _own_page(request, link, person, status=403, faulty=typed)
    match request.POST.get("act"):
        case "json":
            return _download(person, "json")
        case "html":
            return _download(person, "html")
        case "correct":
            return _correct(request, link, person)
        case "erase":
            return _own_page(request, link, person, page="erase")
        case "erase-all":
            workflow.erase_person(person, by=None, now=timezone.now())
            return see_other(f"{reverse('data_rights:ask')}?{ERASED}")
    return _own_page(request, link, person, status=400)


def find_or_404(request: HttpRequest, token: str) -> tuple[DataLink, Person]:
    """Wrong, foreign, cut, used up or out of time: one and the same 404."""
    now = timezone.now()
    read = control_links.read(PURPOSE, token)
    if read is not None:
        link = DataLink.objects.unexpired(now).filter(public_id=read[0]).first()
        if link is not None:
            try:
                return link, by_email(link.email)
            except CannotOpen:
                raise Http404 from None
    limits.record_wrong_link(request.META["REMOTE_ADDR"], now=now)
    raise Http404


def _own_page(
    request: HttpRequest,
    link: DataLink,
    person: Person,
    *,
    page: str = "own",
    status: int = 200,
    faulty: CorrectForm | None = None,
    changed: bool = False,
) -> HttpResponse:
    found, region = export.collect_records(person), PracticeProfile.load().country
    context = {
        "own_url": link.get_absolute_url(),
        "expires_at": link.expires_at,
        "records": found,
        "with_forms": [(record, _form_for(record.row, faulty, region)) for record in found],
        "form": faulty,
        "has_changed": changed,
        "status": status,
        "is_error": status >= 400,
    }
    return render(request, f"consultations/data_rights/{page}.html", context, status=status)


def _form_for(row: Any, faulty: CorrectForm | None, region: str) -> CorrectForm | None:
    if faulty is not None and faulty.row.pk == row.pk:
        return faulty
    return CorrectForm.of(row, region=region)


def _correct(request: VisitorRequest, link: DataLink, person: Person) -> HttpResponse:
    form = _typed(request, person)
    if form is None:
        return _own_page(request, link, person, status=409)
    if not form.is_valid():
        return _own_page(request, link, person, status=422, faulty=form)
    try:
        workflow.correct(form.row, form.cleaned_data, now=timezone.now())
    except workflow.NotAllowed:
        return _own_page(request, link, person, status=409)
    return see_other(link.get_absolute_url())


def _typed(request: VisitorRequest, person: Person) -> CorrectForm | None:
    row = export.find_consultation(person, request.POST.get("record", ""))
    return CorrectForm.of(row, region=PracticeProfile.load().country, typed=request.POST)


def _download(person: Person, kind: str) -> HttpResponse:
    now = timezone.now()
    response = file_of(person, kind)
    audit.record(action=Action.EXPORTED, by=None, model=workflow.PERSON, uuid=None, now=now)
    return response


def file_of(person: Person, kind: str, *, with_own_work: bool = False) -> HttpResponse:
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
