"""The words a visitor agrees to, with their versions.

A changed wording gets a new version, and the old one stays here: a row keeps the version that its
person agreed to, and staff can read it as long as the row lives. A test holds each wording to its
version.
"""

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.practice.models import PracticeProfile

CONSULTATION_VERSION = "consultation-1"
# Where data about health need an express agreement, see PracticeProfile.follows_gdpr.
GDPR_VERSION = "consultation-gdpr-1"
WORDINGS = {
    CONSULTATION_VERSION: _(
        "You may use what I write here to answer me. "
        "It is deleted %(days)d days after we last wrote to each other."
    ),
    GDPR_VERSION: _(
        "I expressly agree that you use what I write here, also where it tells about my health, to "
        "answer me and for nothing else. It is deleted %(days)d days after we last wrote to each "
        "other. I can take this back at any time."
    ),
}


def version_for(practice: PracticeProfile) -> str:
    return GDPR_VERSION if practice.follows_gdpr else CONSULTATION_VERSION


def wording(version: str) -> str:
    """The words of a version, with the days that retention uses; "" for one we never had."""
    days = {"days": settings.CONSULTATION_RETENTION_DAYS}
    return gettext(str(WORDINGS[version])) % days if version in WORDINGS else ""
