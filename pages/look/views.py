"""Serve the stylesheet and the pictures of the look, which browsers may keep for good."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import parse_etags, quote_etag
from django.views.decorators.http import require_safe

from pages.look.models import Look, LookFile, LookImage

YEAR_SECONDS = 365 * 24 * 60 * 60
FOREVER = f"public, max-age={YEAR_SECONDS}, immutable"
# A page that is older than the look asks for a stylesheet that is gone.
RECHECK = "public, max-age=0, must-revalidate"


@require_safe
def look_stylesheet(request: HttpRequest, digest: str) -> HttpResponse:
    """Serve the stylesheet. At an older address it is today's, not to be kept."""
    stylesheet = Look.load().stylesheet
    if stylesheet is None:
        raise Http404
    response = HttpResponse(stylesheet.text, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOREVER if digest == stylesheet.digest else RECHECK
    return response


@require_safe
def look_file(request: HttpRequest, name: str) -> HttpResponse:
    """Serve a logo or an icon."""
    if LookImage.parse(name) is None:
        raise Http404
    etag = quote_etag(name)
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    if etag in asked or f"W/{etag}" in asked:
        response = HttpResponse(status=304)
    else:
        file = LookFile.objects.filter(name=name).first()
        if file is None:
            raise Http404
        response = HttpResponse(bytes(file.content), content_type="image/png")
    response["ETag"] = etag
    response["Cache-Control"] = FOREVER
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
