"""Pictures fetched from the former site, as guarded as the calendars that we read.

Only addresses of the export's own files come here. Each is http or https, every IP address behind
its name has to be public at every redirect, and the connection goes to the one that was checked.
"""

from django.utils.translation import gettext as _

from consultations.booking.calendars.errors import FetchError
from consultations.booking.calendars.fetch import Limits, fetch
from pages.media.decoding import MAX_BYTES
from pages.wordpress.pictures import Missing

LIMITS = Limits(connect_seconds=5.0, total_seconds=30.0, most_bytes=MAX_BYTES)


def would_fetch(_path: str, _address: str) -> bytes | None:
    """For a look beforehand, which asks nobody for anything."""
    return b""


def from_the_web(_path: str, address: str) -> bytes | None:
    try:
        return fetch(address, limits=LIMITS).body
    except FetchError as fault:
        raise Missing(
            _("%(address)s could not be fetched (%(why)s).")
            % {"address": address, "why": fault.problem.label}
        ) from None
