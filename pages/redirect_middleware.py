"""Redirect old addresses that answer nothing any more."""

from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase

from pages.publishing import redirects
from pages.site_pages import models

GetResponse = Callable[[HttpRequest], HttpResponseBase]
READ_METHODS = {"GET", "HEAD"}


class RedirectMiddleware:
    """Look up `/?p=12` before the home page, and everything else only after a 404.

    An existing page always wins, so a wrong redirect cannot hide it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_reading = request.method in READ_METHODS and not _is_staff_page(request)
        query = request.META.get("QUERY_STRING", "")
        if is_reading and query and request.path_info in redirects.FRONT_PAGE_PATHS:
            new = _find_redirect(request.path_info, query)
            if new:
                return _permanent_redirect(new)
        response = self.get_response(request)
        if not is_reading or response.status_code != 404:
            return response
        new = _find_redirect(request.path_info, query) or _find_canonical_path(request.path_info)
        return _permanent_redirect(new) if new else response


def _find_redirect(path: str, query: str) -> str:
    try:
        return redirects.find_redirect(path, query)
    except DatabaseError:
        return ""


def _find_canonical_path(path: str) -> str:
    """Find a free page that was requested without its slash or in other capitals."""
    try:
        right = models.find_canonical_url(path)
    except DatabaseError:
        return ""
    return right if right != path else ""


def _is_staff_page(request: HttpRequest) -> bool:
    return request.path_info.startswith(f"/{settings.ADMIN_PATH}")


def _permanent_redirect(path: str) -> HttpResponsePermanentRedirect:
    return HttpResponsePermanentRedirect(quote(path, safe="/%?#=&+;:,@!$'()*~-._"))
