"""The door of every page on which a visitor writes or reads something personal."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

View = Callable[..., HttpResponse]


class VisitorRequest(HttpRequest):
    """A request that came through ``visitors_door``."""

    is_foreign: bool
    is_listed: bool  # search engines may show it; nothing personal stands on it


def visitor_view(view: View) -> View:
    """No token and no cookie: ``request.is_foreign`` says that a post came from another site.

    The view answers such a post with its form, filled, and status 403. Nothing here is stored by
    any cache, or listed by any search engine unless the view says so.
    """

    @wraps(view)
    @sensitive_post_parameters()
    @sensitive_variables()
    def through(request: VisitorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.is_foreign = request.method == "POST" and not is_same_origin(request)
        request.is_listed = False
        response = view(request, *args, **kwargs)
        patch_cache_control(response, no_store=True, private=True)
        if not request.is_listed:
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return csrf_exempt(through)


# Did this form come from our own pages? Asked instead of a token, so that visitors need no
# cookie.
#
# Browsers say where a post comes from: ``Sec-Fetch-Site``, and before that ``Origin`` and
# ``Referer``. A page elsewhere cannot forge them. Programs without a browser send none of the
# three
# and are let through: they hold nobody's authority.


def is_same_origin(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        # "none" is a person's own act, such as a reload of the answer.
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
