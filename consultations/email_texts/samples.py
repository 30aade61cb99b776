"""Made-up values for a preview and for a test email, about a call tomorrow."""

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from consultations.email_texts import catalog
from consultations.email_texts.rendering import VALUES
from pages.practice.models import PracticeProfile, Practitioner

SAMPLE_REFERENCE = "AB-7K4M2"


def sample_context(now: datetime) -> dict[str, object]:
    """Return a context with every placeholder's value. Its private links open nothing."""
    practice = PracticeProfile.load()
    with timezone.override(practice.time_zone):
        tomorrow = timezone.localtime(now) + timedelta(days=1)
        call = tomorrow.replace(hour=10, minute=0)
        time = _("%(day)s, %(time)s") % {
            "day": formats.date_format(call, "l, F j, Y"),
            "time": formats.date_format(call, "TIME_FORMAT"),
        }
        day = formats.date_format(tomorrow, "l, F j")
    practitioner = Practitioner.objects.bookable().first()
    counselor = (practitioner.sender_name if practitioner else "") or practice.sender_name
    private = f"{settings.SITE_URL}/{_('sample-link')}/"
    return {
        VALUES: {
            catalog.COUNSELOR: counselor,
            catalog.TIME: time,
            catalog.HOW_WE_MEET: _("We’ll talk by phone."),
            catalog.MINUTES: str(settings.CALL_MINUTES),
            catalog.REFERENCE: SAMPLE_REFERENCE,
            catalog.REPLY_BY: day,
            catalog.HELD_UNTIL: time,
            catalog.HOW_TO_CALL_US: _("You can also call us at %(phone)s.")
            % {"phone": practice.phone or "(503) 555-0100"},
            catalog.PRIVATE_LINK: private,
            catalog.CONFIRMATION_LINK: private,
            catalog.BOOKING_PAGE: settings.SITE_URL + reverse("booking:consultation"),
        },
        "crisis_url": settings.SITE_URL + reverse("pages:crisis"),
    }
