"""Limits on sign-in attempts, counted in the database so that they hold across processes.

A stranger who keeps trying somebody's name must not lock that person out: a browser in which the
person has signed in before has its own count, which nobody else can use up.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from unicodedata import normalize

from django.contrib.auth.models import User

from consultations.accounts.allauth_compat import (
    TOTP_PERIOD,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from consultations.privacy.fingerprints import fingerprint
from consultations.rate_limits import limits
from consultations.rate_limits.limits import RateLimit, network_identity

# One name from one network; any name from one network; one name from anywhere.
NAME_AND_NETWORK_LIMITS = (RateLimit("sign-in-name-place", 5, 300),)
NETWORK_LIMITS = (RateLimit("sign-in-place", 30, 600),)
NAME_LIMITS = (RateLimit("sign-in-name", 60, 3_600),)
# One name in a browser it has signed in with before. No other limit counts there.
KNOWN_BROWSER_LIMITS = (RateLimit("sign-in-browser", 10, 300),)
# One person's codes: six digits are guessed in a million tries, so only a few a day are allowed.
CODE_LIMITS = (RateLimit("sign-in-code", 5, 300), RateLimit("sign-in-code-day", 40, 86_400))
# Each passkey sign-in takes two requests: the challenge and the answer.
PASSKEY_LIMITS = (RateLimit("sign-in-passkey", 40, 600),)
REAUTHENTICATION_LIMITS = (RateLimit("confirm-again", 10, 300),)


@dataclass(frozen=True)
class Attempt:
    """One sign-in attempt with the limits and keys it counts against.

    Known and unknown names are counted alike.
    """

    limits_and_keys: tuple[tuple[tuple[RateLimit, ...], str], ...]

    def consume(self, now: datetime) -> bool:
        """Count the attempt; False if it is one too many."""
        # Count against every limit, even after one is exceeded: the answer must not tell which.
        allowed = [limits.consume(limit, key, now=now) for limit, key in self.limits_and_keys]
        return all(allowed)

    def refund(self, now: datetime) -> None:
        """Take a successful attempt out of the counts again: it was not a guess."""
        for limit, key in self.limits_and_keys:
            limits.refund(limit, key, now=now)

    def reset(self) -> None:
        """Clear the counts, because the secret they protected has been replaced."""
        for limit, key in self.limits_and_keys:
            limits.reset_counts(limit, key)


def password_attempt(name: str, address: str, *, known_browser: str = "") -> Attempt:
    """Return the attempt to sign in by password, from the network ``address``.

    ``known_browser`` is the fingerprint of a browser this name has signed in with, if any.
    """
    name = normalize("NFKC", name[:254]).strip().casefold()
    if known_browser:
        return Attempt(((KNOWN_BROWSER_LIMITS, f"{known_browser} {name}"),))
    network = network_identity(address)
    return Attempt(
        (
            (NAME_AND_NETWORK_LIMITS, f"{network} {name}"),
            (NETWORK_LIMITS, network),
            (NAME_LIMITS, name),
        )
    )


def code_attempt(user_id: int) -> Attempt:
    """Return the attempt to enter a second-factor code."""
    return Attempt(((CODE_LIMITS, str(user_id)),))


def reauthentication_attempt(user_id: int) -> Attempt:
    """Return the attempt to confirm the password while signed in."""
    return Attempt(((REAUTHENTICATION_LIMITS, str(user_id)),))


def passkey_attempt(address: str) -> Attempt:
    """Return one request of a passkey sign-in."""
    return Attempt(((PASSKEY_LIMITS, network_identity(address)),))


def consume_totp_code(user: User, secret: str, code: str) -> bool:
    """Mark an authenticator app's code as used; False if it is wrong or was used before.

    allauth remembers used codes for half a minute, in the cache of one process. A code is valid
    for a minute and a half, in every process.
    """
    for counter in yield_hotp_counters_from_time():
        if format_hotp_value(hotp_value(secret, counter)) == code:
            valid_from = datetime.fromtimestamp(counter * TOTP_PERIOD, UTC)
            key = fingerprint("used-code", f"{user.pk} {counter}")
            return limits.increment_count(key, valid_from) == 1
    return False
