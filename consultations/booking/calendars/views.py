"""The practitioner's private feed, for calendar programs that ask again and again."""

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
    """The whole file, or 304 to a program that has it. A wrong address is the same 404 for all."""
    now = timezone.now()
    person = feed.find_feed_owner(token)
    if person is None:
        limits.record_wrong_link(request.META["REMOTE_ADDR"], now=now)
        raise Http404
    body = feed.render_feed(person, now=now)
    changed_at = feed.last_event_at()
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = compute_etag(body)
    if changed_at is not None:
        response["Last-Modified"] = http_date(changed_at.timestamp())
    # Kept by the program that asked, and by nothing between it and us.
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex, nofollow"
    found = get_conditional_response(
        request,
        etag=response["ETag"],
        last_modified=int(changed_at.timestamp()) if changed_at else None,
        response=response,
    )
    assert found is not None  # it gives back the response it was given
    return found
