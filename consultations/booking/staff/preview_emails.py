"""The mail that an act sends, as staff see it before it leaves."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from consultations.booking import emails
from consultations.booking.models import Consultation
from consultations.privacy.encryption import CannotOpen
from pages.practice.models import PracticeProfile


def without_words(row: Consultation) -> dict[str, Any]:
    """To whom, while there is nothing to say yet."""
    try:
        address = row.email
    except CannotOpen:
        address = ""
    return {"to": address, "subject": "", "text": ""}


def preview(message: str, shown: Consultation) -> dict[str, Any]:
    """``shown`` is the consultation as it will be; it need not be stored."""
    empty = without_words(shown)
    if not empty["to"]:
        return empty
    context = emails.visitor_context(shown, PracticeProfile.load())
    # The links in it are the visitor's own keys; staff need not hold them.
    own = _("(their own link)")
    context |= {"site_url": settings.SITE_URL, "manage_url": own, "confirm_url": own}
    folder = f"emails/{message}"
    subject = render_to_string(f"{folder}/subject.txt", context)
    return {
        **empty,
        "subject": " ".join(subject.split()),
        "text": render_to_string(f"{folder}/body.txt", context).strip(),
    }
