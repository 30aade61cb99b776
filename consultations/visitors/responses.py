"""Common to visitor-facing views: redirect after a POST, and find a row by its private link."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from consultations.privacy import control_links
from consultations.rate_limits import limits

Row = TypeVar("Row", bound=Model)


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
