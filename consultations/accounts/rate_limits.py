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
from consultations.rate_limits.limits import Limit, place

# One network address with one name; one network address with any names; one name from anywhere.
NAME_AND_PLACE = (Limit("sign-in-name-place", 5, 300),)
PLACE = (Limit("sign-in-place", 30, 600),)
NAME = (Limit("sign-in-name", 60, 3_600),)
# A name in a browser that this name has signed in with before. Nothing else counts there.
KNOWN_BROWSER = (Limit("sign-in-browser", 10, 300),)
# Codes of one person: six digits are guessed in a million tries, so few a day are allowed.
CODES = (Limit("sign-in-code", 5, 300), Limit("sign-in-code-day", 40, 86_400))
PASSKEYS = (Limit("sign-in-passkey", 40, 600),)  # a challenge and an answer each
CONFIRMATIONS = (Limit("confirm-again", 10, 300),)


@dataclass(frozen=True)
class Attempt:
    """One try, and what it is counted against. Known and unknown names are counted alike."""

    counted: tuple[tuple[tuple[Limit, ...], str], ...]

    def is_allowed(self, now: datetime) -> bool:
        # All are counted, also after one is passed: the answer must not tell which.
        fits = [limits.within(what, key, now=now) for what, key in self.counted]
        return all(fits)

    def give_back(self, now: datetime) -> None:
        """It was right, so it was no guess."""
        for what, key in self.counted:
            limits.give_back(what, key, now=now)

    def forget(self) -> None:
        """Tries at a secret that is gone."""
        for what, key in self.counted:
            limits.forget(what, key)


def of_password(name: str, address: str, *, known_browser: str = "") -> Attempt:
    name = normalize("NFKC", name[:254]).strip().casefold()
    if known_browser:
        return Attempt(((KNOWN_BROWSER, f"{known_browser} {name}"),))
    here = place(address)
    return Attempt(((NAME_AND_PLACE, f"{here} {name}"), (PLACE, here), (NAME, name)))


def of_code(user_id: int) -> Attempt:
    return Attempt(((CODES, str(user_id)),))


def of_confirmation(user_id: int) -> Attempt:
    return Attempt(((CONFIRMATIONS, str(user_id)),))


def of_passkey(address: str) -> Attempt:
    return Attempt(((PASSKEYS, place(address)),))


# A code of an app opens once, in whichever process.


def is_first_use(user: User, secret: str, code: str) -> bool:
    """Whether this code of an app was not used before, in whichever process.

    allauth remembers used codes in a cache of one process and for half a minute; a code is good
    for a minute and a half, in all of them.
    """
    for counter in totp.yield_hotp_counters_from_time():
        if totp.format_hotp_value(totp.hotp_value(secret, counter)) == code:
            begins = datetime.fromtimestamp(counter * app_settings.TOTP_PERIOD, UTC)
            return limits.raised(fingerprint("used-code", f"{user.pk} {counter}"), begins) == 1
    return False
