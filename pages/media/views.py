"""The files of pictures, as browsers fetch them."""

import re
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.http import require_safe

from pages.media import files
from pages.media.variants import CONTENT_TYPES

# The names we give, and no others: the master is not among them.
NAME = re.compile(r"[1-9][0-9]{0,3}\.(avif|webp|jpg)")
YEAR = 365 * 24 * 60 * 60


@require_safe
def picture_file(request: HttpRequest, picture: str, name: str) -> HttpResponseBase:
    """A file never changes under its name, so browsers need not ask for it twice."""
    match = NAME.fullmatch(name)
    if match is None or not re.fullmatch(r"[0-9a-f]{32}", picture):
        raise Http404
    etag = quote_etag(f"{picture}/{name}")
    try:
        data = files.path(UUID(hex=picture), name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise Http404 from None
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    if etag in asked or f"W/{etag}" in asked:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(data, content_type=CONTENT_TYPES[match[1]])
        response["Content-Disposition"] = f'inline; filename="{name}"'
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    # Opened by itself it can do nothing, whatever a browser might take it for.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
