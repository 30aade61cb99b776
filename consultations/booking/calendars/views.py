"""Serve a practitioner's private feed to calendar programs, which poll it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from consultations.booking.calendars import feed
from consultations.booking.calendars.feed import compute_etag
from consultations.rate_limits import limits


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """Return the file, or 304 if the program has it; every invalid URL gets the same 404."""
    now = timezone.now()
    practitioner = feed.find_feed_owner(token)
    if practitioner is None:
        limits.record_wrong_link(request.META["REMOTE_ADDR"], now=now)
        raise Http404
    body = feed.render_feed(practitioner, now=now)
    changed_at = feed.last_event_at()
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = compute_etag(body)
    if changed_at is not None:
        response["Last-Modified"] = http_date(changed_at.timestamp())
    # Only the program that asked may cache it, no proxy.
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex, nofollow"
    conditional = get_conditional_response(
        request,
        etag=response["ETag"],
        last_modified=int(changed_at.timestamp()) if changed_at else None,
        response=response,
    )
    assert conditional is not None  # returns the response it was given
    return conditional
