"""Ask for a password, code or passkey again before sensitive actions.

allauth's pages ask, and then not again for five minutes. A form that was opened in time can be
submitted for half an hour, so that nothing typed is lost. Management commands do not ask: a shell
on the machine already has full access.
"""

import time

from django.conf import settings
from django.http import HttpRequest

from consultations.accounts.allauth_compat import (
    ReauthenticationRequired,
    get_authentication_records,
)

SUBMIT_WINDOW_SECONDS = 30 * 60


def is_recently_authenticated(request: HttpRequest) -> bool:
    """Tell whether the user signed in or confirmed who they are recently enough."""
    authenticated_at = [
        record["at"]
        for record in get_authentication_records(request, request.user)
        if record.get("reauthenticated")
    ]
    limit = settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    if request.method == "POST":
        limit = SUBMIT_WINDOW_SECONDS
    return bool(authenticated_at) and time.time() - authenticated_at[-1] < limit


def require_recent_authentication(request: HttpRequest) -> None:
    """Send the user to the page that asks, and back here afterwards.

    Raises ReauthenticationRequired, which allauth's middleware turns into the redirect.
    """
    if request.user.is_authenticated and not is_recently_authenticated(request):
        # For a POST, allauth would store the posted fields in the session, unencrypted.
        request.method = "GET"
        raise ReauthenticationRequired
