"""The versioned consent texts of the consultation form.

A changed text gets a new version, and the old one stays here. Each request stores the version that
was agreed to, with its number of days, so that staff can read the text as long as the row exists. A
test makes sure that the text of a version never changes.
"""

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.practice.models import PracticeProfile

CONSULTATION_VERSION = "consultation-2"
# Health data needs explicit consent under the GDPR; see PracticeProfile.follows_gdpr.
GDPR_VERSION = "consultation-gdpr-2"
CONSENT_TEXTS = {
    CONSULTATION_VERSION: _(
        "I agree that you may use my answers to reply to me. "
        "They are deleted %(days)d days after my request is closed."
    ),
    GDPR_VERSION: _(
        "I expressly agree that you may use my answers, including what they say about my health, "
        "to reply to me and for nothing else. They are deleted %(days)d days after my request is "
        "closed. I can withdraw this consent at any time."
    ),
    "consultation-1": _(
        "You may use what I write here to answer me. "
        "It is deleted %(days)d days after we last wrote to each other."
    ),
    "consultation-gdpr-1": _(
        "I expressly agree that you use what I write here, also where it tells about my health, to "
        "answer me and for nothing else. It is deleted %(days)d days after we last wrote to each "
        "other. I can take this back at any time."
    ),
}


def current_consent_version(practice: PracticeProfile) -> str:
    """Return the version to store, with the number of days in it, such as ``consultation-2:90``."""
    text_version = GDPR_VERSION if practice.follows_gdpr else CONSULTATION_VERSION
    return f"{text_version}:{settings.CONSULTATION_RETENTION_DAYS}"


def consent_text(version: str) -> str:
    """Return the translated text of a version, or "" for an unknown one."""
    text_version, _colon, days = version.partition(":")
    if text_version not in CONSENT_TEXTS:
        return ""
    values = {"days": int(days or settings.CONSULTATION_RETENTION_DAYS)}
    return gettext(str(CONSENT_TEXTS[text_version])) % values


def consent_retention_days(version: str) -> int:
    """Return how many days a request may be kept under the consent it was sent with.

    The practice may shorten the retention period later, but not extend it.
    """
    current_days = settings.CONSULTATION_RETENTION_DAYS
    return min(int(version.partition(":")[2] or current_days), current_days)
