"""The words a visitor agrees to, with their versions. A changed wording gets a new version."""

from django.conf import settings
from django.utils.translation import gettext

CONSULTATION_VERSION = "consultation-1"


def consultation_wording() -> str:
    """What stands beside the tick box; the days are the ones that retention uses."""
    return gettext(
        "You may use what I write here to answer me. "
        "It is deleted %(days)d days after we last wrote to each other."
    ) % {"days": settings.CONSULTATION_RETENTION_DAYS}
