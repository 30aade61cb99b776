"""The decorator of every view on which a visitor writes or reads something personal."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

View = Callable[..., HttpResponse]


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
