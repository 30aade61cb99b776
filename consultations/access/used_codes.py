"""A code of an app opens once, in whichever process."""

from datetime import UTC, datetime

from allauth.mfa import app_settings
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import User

from consultations.privacy.fingerprints import fingerprint
from consultations.screening import rate_limits


def is_first_use(user: User, secret: str, code: str) -> bool:
    """Whether this code of an app was not used before, in whichever process.

    allauth remembers used codes in a cache of one process and for half a minute; a code is good
    for a minute and a half, in all of them.
    """
    for counter in totp.yield_hotp_counters_from_time():
        if totp.format_hotp_value(totp.hotp_value(secret, counter)) == code:
            begins = datetime.fromtimestamp(counter * app_settings.TOTP_PERIOD, UTC)
            return rate_limits.raised(fingerprint("used-code", f"{user.pk} {counter}"), begins) == 1
    return False
