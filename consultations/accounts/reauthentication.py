"""Is it still the person who signed in? Asked before what matters.

One way for all pages: password, code or passkey, by allauth's pages; then not again for five
minutes. A form that was opened in time may be sent for half an hour, so that nothing typed is lost.
Commands ask nothing: whoever has a shell on the machine has its authority already.
"""

import time

from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest

SUBMIT_WINDOW_SECONDS = 30 * 60


def is_recently_authenticated(request: HttpRequest) -> bool:
    shown = [
        one["at"]
        for one in get_authentication_records(request, request.user)
        if one.get("reauthenticated")
    ]
    limit = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    if request.method == "POST":
        limit = SUBMIT_WINDOW_SECONDS
    return bool(shown) and time.time() - shown[-1] < limit


def require_recent_authentication(request: HttpRequest) -> None:
    """Leads to the page that asks and back, by an exception that allauth's middleware knows."""
    if request.user.is_authenticated and not is_recently_authenticated(request):
        # What was posted would be kept in the session, in clear.
        request.method = "GET"
        raise ReauthenticationRequired
