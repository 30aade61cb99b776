"""Answers when something went wrong. They touch no form data, session, user or database."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from pages.practice import error_pages


def answer(status: int, reference: str = "") -> HttpResponse:
    response = HttpResponse(error_pages.page(status, reference=reference), status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    if status in (429, 503):
        response["Retry-After"] = "120"  # seconds
    return response


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return answer(400)


def permission_denied(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return answer(403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(403)


def page_not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return answer(404)


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(500, getattr(request, "reference", ""))


def unavailable(request: HttpRequest) -> HttpResponse:
    return answer(503, getattr(request, "reference", ""))
