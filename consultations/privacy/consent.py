"""The words a visitor agrees to, with their versions.

A changed wording gets a new version, and the old one stays here: a row keeps the version that its
person agreed to, with the days that stood in it, and staff can read it as long as the row lives. A
test holds each wording to its version.
"""

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.practice.models import PracticeProfile

CONSULTATION_VERSION = "consultation-1"
# Where data about health need an express agreement, see PracticeProfile.follows_gdpr.
GDPR_VERSION = "consultation-gdpr-1"
CONSENT_TEXTS = {
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


def current_consent_version(practice: PracticeProfile) -> str:
    """The wording and the days that stand in it: ``consultation-1:90``."""
    words = GDPR_VERSION if practice.follows_gdpr else CONSULTATION_VERSION
    return f"{words}:{settings.CONSULTATION_RETENTION_DAYS}"


def consent_text(version: str) -> str:
    """The words of a version, with the days that it promised; "" for one we never had."""
    words, _colon, days = version.partition(":")
    promised = {"days": int(days or settings.CONSULTATION_RETENTION_DAYS)}
    return gettext(str(CONSENT_TEXTS[words])) % promised if words in CONSENT_TEXTS else ""


def consent_retention_days(version: str) -> int:
    """What was agreed to holds: a practice may keep it for less, and later decide no more."""
    usual = settings.CONSULTATION_RETENTION_DAYS
    return min(int(version.partition(":")[2] or usual), usual)
