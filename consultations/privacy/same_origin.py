"""Did this form come from our own pages? Asked instead of a token, so that visitors need no cookie.

Browsers say where a post comes from: ``Sec-Fetch-Site``, and before that ``Origin`` and
``Referer``. A page elsewhere cannot forge them. Programs without a browser send none of the three
and are let through: they hold nobody's authority.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def is_same_origin(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        # "none" is a person's own act, such as a reload of the answer.
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is not None:
        return _is_ours(origin)
    referer = request.headers.get("Referer")
    if referer is not None:
        return _is_ours(referer)
    return True


def _is_ours(address: str) -> bool:
    try:
        host = urlsplit(address).netloc.lower()
    except ValueError:
        return False
    return bool(host) and host == urlsplit(settings.SITE_URL).netloc.lower()
