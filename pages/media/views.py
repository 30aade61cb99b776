"""Views that serve picture files and let the editor's user choose a picture."""

import re
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import parse_etags, quote_etag, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pages.media import files
from pages.media.files import CONTENT_TYPES
from pages.media.forms import DropForm, UploadForm
from pages.media.models import Picture
from pages.text.outline import single_line

# Only names of variants are served, so the master is not.
VARIANT_NAME_RE = re.compile(r"[1-9][0-9]{0,3}\.(avif|webp|jpg)")
YEAR_SECONDS = 365 * 24 * 60 * 60


@require_safe
def picture_file(request: HttpRequest, picture: str, name: str) -> HttpResponseBase:
    """Serve a variant. A file never changes under its name, so browsers may cache it for good."""
    match = VARIANT_NAME_RE.fullmatch(name)
    if match is None or not re.fullmatch(r"[0-9a-f]{32}", picture):
        raise Http404
    etag = quote_etag(f"{picture}/{name}")
    try:
        data = files.picture_path(UUID(hex=picture), name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise Http404 from None
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    if etag in asked or f"W/{etag}" in asked:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(data, content_type=CONTENT_TYPES[match[1]])
        response["Content-Disposition"] = f'inline; filename="{name}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    # If the file is opened directly it can't run anything, whatever type the browser guesses.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# The picture picker, a popup of the editor

PICKER_PAGE_SIZE = 24
CALLBACK_NUMBER_RE = re.compile(r"-?[0-9]{1,6}")


def picture_picker(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show a popup for finding, uploading and choosing a picture.

    Only choosing needs JavaScript, as the editor does; searching and uploading work without it.
    """
    if not request.user.has_perm("pages.view_picture"):
        raise PermissionDenied
    number = request.GET.get("CKEditorFuncNum", "")
    if not CALLBACK_NUMBER_RE.fullmatch(number):
        number = ""
    may_add = request.user.has_perm("pages.add_picture")
    form = UploadForm()
    if request.method == "POST":
        if not may_add:
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            picture = form.store(by=cast("User", request.user), now=timezone.now())
            for remark in form.remarks():
                messages.info(request, remark)
            query = urlencode({"CKEditorFuncNum": number, "new": picture.pk.hex})
            return HttpResponseRedirect(f"{reverse('admin:pages_picture_picker')}?{query}")
    query = request.GET.get("q", "")[:100]
    pictures = Picture.objects.all()
    if query.replace("\0", "").strip():
        pictures = pictures.filter(_search_filter(query))
    context: dict[str, object] = {
        **site.each_context(request),
        "title": _("Choose a picture"),
        "is_popup": True,
        "form": form,
        "may_add": may_add,
        "number": number,
        "query": query,
        "page_obj": Paginator(pictures, PICKER_PAGE_SIZE).get_page(request.GET.get("page")),
    }
    status = 422 if form.errors else 200
    return render(request, "admin/pages/picture/picker.html", context, status=status)


# Pictures dropped or pasted into a text


@require_POST
def upload_picture(request: HttpRequest) -> JsonResponse:
    """Store a file dropped into a text, and answer what the editor needs to show it."""
    if not request.user.has_perm("pages.add_picture"):
        raise PermissionDenied
    form = DropForm(request.POST, request.FILES)
    if not form.is_valid():
        words = " ".join(str(text) for texts in form.errors.values() for text in texts)
        return JsonResponse({"error": words}, status=422)
    picture = form.store(by=cast("User", request.user), now=timezone.now())
    answer = {"id": str(picture.pk), "url": picture.first_url, "alt": picture.alt_text}
    return JsonResponse(answer, status=201)


@require_POST
def describe_picture(request: HttpRequest) -> HttpResponse:
    """Take the alt text from a text for a picture that has none in the library yet."""
    if not request.user.has_perm("pages.change_picture"):
        raise PermissionDenied
    alt = single_line(request.POST.get("alt", ""))[:300]
    try:
        waiting = Picture.objects.filter(pk=UUID(request.POST.get("picture", "")), awaits_alt=True)
    except ValueError:
        waiting = Picture.objects.none()
    if not request.user.has_perm("pages.change_everybodys_picture"):
        waiting = waiting.filter(uploaded_by=request.user.pk)
    if alt:
        waiting.update(alt=alt, awaits_alt=False)
    return HttpResponse(status=204)


def _search_filter(query: str) -> Q:
    where = Q()
    for word in query.replace("\0", "").split()[:8]:
        where &= Q(name__icontains=word) | Q(alt__icontains=word) | Q(caption__icontains=word)
    return where
