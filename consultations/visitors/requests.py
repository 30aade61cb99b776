"""What all views share on which a visitor writes or reads something personal."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from consultations.privacy import control_links
from consultations.rate_limits import limits

View = Callable[..., HttpResponse]
Row = TypeVar("Row", bound=Model)


class VisitorRequest(HttpRequest):
    """A request that came through ``visitor_view``."""

    is_cross_site: bool
    is_listed: bool  # search engines may list it: there is nothing personal on it


def visitor_view(view: View) -> View:
    """Check the origin of a POST in place of a CSRF token, and forbid caches and listing.

    ``request.is_cross_site`` says that a POST came from another site: the view answers with its
    form, filled, and status 403. Search engines list only what sets ``request.is_listed``.
    """

    @wraps(view)
    @sensitive_post_parameters()
    @sensitive_variables()
    def wrapper(request: VisitorRequest, *args: object, **kwargs: object) -> HttpResponse:
        request.is_cross_site = request.method == "POST" and not is_same_origin(request)
        request.is_listed = False
        response = view(request, *args, **kwargs)
        patch_cache_control(response, no_store=True, private=True)
        if not request.is_listed:
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return csrf_exempt(wrapper)


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a form came from our own pages; used instead of a token, which needs a cookie.

    Browsers send ``Sec-Fetch-Site``, and before that ``Origin`` and ``Referer``; a page elsewhere
    cannot forge them. Programs that are not browsers send none of the three and are let through:
    they carry no user's session.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        # "none" is the user's own doing, such as a reload of the response.
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is not None:
        return _is_site_origin(origin)
    referer = request.headers.get("Referer")
    if referer is not None:
        return _is_site_origin(referer)
    return True


def _is_site_origin(address: str) -> bool:
    try:
        host = urlsplit(address).netloc.lower()
    except ValueError:
        return False
    return bool(host) and host == urlsplit(settings.SITE_URL).netloc.lower()


def see_other(address: str) -> HttpResponse:
    """Redirect with 303: going back or reloading never sends a form twice."""
    return HttpResponseRedirect(address, status=303)


def find_or_404(
    request: HttpRequest,
    rows: "QuerySet[Row]",
    *,
    purpose: str,
    token: str,
    has_versions: bool = True,
) -> Row:
    """Return the row of a private link; ``has_versions`` where links to it can be revoked.

    A wrong, foreign, truncated or revoked token raises one and the same Http404, and is counted.
    """
    read = control_links.read_token(purpose, token)
    if read is not None:
        public_id, version = read
        rows = rows.filter(public_id=public_id)
        if has_versions:
            rows = rows.filter(token_version=version)
        if (row := rows.first()) is not None:
            return row
    limits.record_wrong_link(request.META["REMOTE_ADDR"], now=timezone.now())
    raise Http404
