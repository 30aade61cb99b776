"""How often signing in may be tried, counted in the database so that it holds across processes.

A stranger who types somebody's name again and again must not lock that person out: a browser in
which the person has signed in before has a count of its own, which nobody else can use up.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from unicodedata import normalize

from allauth.mfa import app_settings
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.models import User

from consultations.privacy.fingerprints import fingerprint
from consultations.rate_limits import limits
from consultations.rate_limits.limits import RateLimit, network_identity

# One network address with one name; one network address with any names; one name from anywhere.
NAME_AND_NETWORK_LIMITS = (RateLimit("sign-in-name-place", 5, 300),)
NETWORK_LIMITS = (RateLimit("sign-in-place", 30, 600),)
NAME_LIMITS = (RateLimit("sign-in-name", 60, 3_600),)
# A name in a browser that this name has signed in with before. Nothing else counts there.
KNOWN_BROWSER_LIMITS = (RateLimit("sign-in-browser", 10, 300),)
# Codes of one person: six digits are guessed in a million tries, so few a day are allowed.
CODE_LIMITS = (RateLimit("sign-in-code", 5, 300), RateLimit("sign-in-code-day", 40, 86_400))
PASSKEY_LIMITS = (RateLimit("sign-in-passkey", 40, 600),)  # a challenge and an answer each
REAUTHENTICATION_LIMITS = (RateLimit("confirm-again", 10, 300),)


@dataclass(frozen=True)
class Attempt:
    """One try, and what it is counted against. Known and unknown names are counted alike."""

    counted: tuple[tuple[tuple[RateLimit, ...], str], ...]

    def is_allowed(self, now: datetime) -> bool:
        # All are counted, also after one is passed: the answer must not tell which.
        fits = [limits.consume(what, key, now=now) for what, key in self.counted]
        return all(fits)

    def refund(self, now: datetime) -> None:
        """It was right, so it was no guess."""
        for what, key in self.counted:
            limits.refund(what, key, now=now)

    def forget(self) -> None:
        """Tries at a secret that is gone."""
        for what, key in self.counted:
            limits.reset_counts(what, key)


def password_attempt(name: str, address: str, *, known_browser: str = "") -> Attempt:
    name = normalize("NFKC", name[:254]).strip().casefold()
    if known_browser:
        return Attempt(((KNOWN_BROWSER_LIMITS, f"{known_browser} {name}"),))
    here = network_identity(address)
    return Attempt(
        ((NAME_AND_NETWORK_LIMITS, f"{here} {name}"), (NETWORK_LIMITS, here), (NAME_LIMITS, name))
    )


def code_attempt(user_id: int) -> Attempt:
    return Attempt(((CODE_LIMITS, str(user_id)),))


def reauthentication_attempt(user_id: int) -> Attempt:
    return Attempt(((REAUTHENTICATION_LIMITS, str(user_id)),))


def passkey_attempt(address: str) -> Attempt:
    return Attempt(((PASSKEY_LIMITS, network_identity(address)),))


# A code of an app opens once, in whichever process.


def consume_totp_code(user: User, secret: str, code: str) -> bool:
    """Whether this code of an app was not used before, in whichever process.

    allauth remembers used codes in a cache of one process and for half a minute; a code is good
    for a minute and a half, in all of them.
    """
    for counter in totp.yield_hotp_counters_from_time():
        if totp.format_hotp_value(totp.hotp_value(secret, counter)) == code:
            begins = datetime.fromtimestamp(counter * app_settings.TOTP_PERIOD, UTC)
            return (
                limits.increment_count(fingerprint("used-code", f"{user.pk} {counter}"), begins)
                == 1
            )
    return False
