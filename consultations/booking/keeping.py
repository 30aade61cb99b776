"""Until when a consultation is kept: one day for its admin page, for exports and for the purge."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.booking.models import Consultation
from consultations.booking.states import Status
from consultations.privacy import consent


def deleted_at(row: Consultation) -> datetime | None:
    """When the row goes if nothing more happens to it; None while that is open."""
    kept = timedelta(days=consent.days_kept(row.consent_version))
    if row.closed_at:
        return row.closed_at + kept
    # A call after which nobody noted how it went is over all the same.
    if row.status == Status.CONFIRMED and row.end_at:
        return row.end_at + kept
    return None


def words(row: Consultation) -> str:
    at = deleted_at(row)
    if at is None:
        return _("Will be deleted %(days)d days after it is closed") % {
            "days": consent.days_kept(row.consent_version)
        }
    return _("Will be deleted on %(day)s") % {"day": f"{timezone.localtime(at):%Y-%m-%d}"}
