"""Rate limits per action and network address, counted in the database."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.db.models import F, Q, Sum

from consultations.privacy.fingerprints import fingerprint
from consultations.rate_limits.models import RateCount

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RateLimit:
    """At most ``max_count`` of an action within each window of ``seconds``."""

    action: str
    max_count: int
    seconds: int


COMMENT_LIMITS = (RateLimit("comment", 3, 600), RateLimit("comment-day", 10, 86_400))
# A campus or a clinic may share one network address, so the narrow limit is the email address's.
CONSULTATION_NETWORK_LIMIT = RateLimit("consultation", 30, 3_600)
CONSULTATION_EMAIL_LIMIT = RateLimit("consultation-email", 5, 3_600)
CONSULTATION_SITE_LIMIT = RateLimit("consultation-site", 300, 3_600)
CONSULTATION_REFUSALS = RateLimit("consultation-refused", 1, 3_600)
WHOLE_SITE = "site"
EMAIL_CORRECTION_LIMITS = (RateLimit("email-correction", 5, 3_600),)
COMMENT_EDIT_LIMITS = (RateLimit("comment-edit", 20, 3_600),)
COMMENT_REPORT_LIMITS = (RateLimit("comment-report", 10, 3_600),)
# Guessing private links is hopeless at 96 bits; attempts are worth a line in the log.
WRONG_LINK_LIMITS = (RateLimit("wrong-link", 60, 600),)


def consume(limits: tuple[RateLimit, ...], address: str, *, now: datetime) -> bool:
    """Count one action of a network address; False when it is one too many."""
    if settings.RATE_LIMIT_SCALE == 0:
        return True
    # Every limit is counted, also after one is passed.
    counts = increment_counts(
        [(_limit_key(limit, address), _window_start(limit, now)) for limit in limits]
    )
    return all(count <= _scaled_max(limit) for limit, count in zip(limits, counts, strict=True))


def reserve(limits: Sequence[tuple[RateLimit, str]], *, now: datetime) -> bool:
    """Count one action under several limits together; if one is reached, count it under none.

    Each limit comes with whom it is for: a network address, an email address, the whole site.
    """
    if settings.RATE_LIMIT_SCALE == 0:
        return True
    counts = increment_counts(
        [(_limit_key(limit, whom), _window_start(limit, now)) for limit, whom in limits]
    )
    allowed = [
        count <= _scaled_max(limit) for (limit, _whom), count in zip(limits, counts, strict=True)
    ]
    if not all(allowed):
        release(limits, now=now)
    return all(allowed)


def release(limits: Sequence[tuple[RateLimit, str]], *, now: datetime) -> None:
    """Take back what `reserve` has counted, when nothing was stored."""
    for limit, whom in limits:
        refund((limit,), whom, now=now)


def record_refusal(limit: RateLimit, *, now: datetime) -> None:
    """Count that limits stopped somebody, for staff."""
    _increment_limit(limit, WHOLE_SITE, now)


def count_refusals(limit: RateLimit, *, now: datetime) -> int:
    """Return how often limits stopped somebody within the last day."""
    [total] = sum_counts([recent_period(limit, WHOLE_SITE, seconds=86_400, now=now)])
    return total


def refund(limits: tuple[RateLimit, ...], address: str, *, now: datetime) -> None:
    """Take one action out of the count again, when it turned out not to be a limited one."""
    if settings.RATE_LIMIT_SCALE == 0:
        return
    for limit in limits:
        rows = RateCount.objects.filter(
            key=_limit_key(limit, address), window_at=_window_start(limit, now)
        )
        rows.filter(count__gt=0).update(count=F("count") - 1)


def reset_counts(limits: tuple[RateLimit, ...], address: str) -> None:
    """Delete the counts of a network address."""
    keys = [_limit_key(limit, address) for limit in limits]
    RateCount.objects.filter(key__in=keys).delete()


def _scaled_max(limit: RateLimit) -> float:
    return limit.max_count * settings.RATE_LIMIT_SCALE


@dataclass(frozen=True)
class CountPeriod:
    """The counts under one fingerprint whose window begins after ``since``."""

    key: str
    since: datetime


def recent_period(limit: RateLimit, address: str, *, seconds: int, now: datetime) -> CountPeriod:
    """Return the period of the last ``seconds`` for one network address, for `sum_counts`."""
    since = datetime.fromtimestamp(now.timestamp() - seconds, UTC)
    return CountPeriod(_limit_key(limit, address), since)


def sum_counts(periods: Sequence[CountPeriod | None]) -> list[int]:
    """Return the total of each period, 0 for None. One query for all of them."""
    conditions = {
        f"total_{number}": Q(key=period.key, window_at__gt=period.since)
        for number, period in enumerate(periods)
        if period is not None
    }
    if not conditions:
        return [0] * len(periods)
    rows = RateCount.objects.filter(key__in={period.key for period in periods if period})
    totals = rows.aggregate(
        **{name: Sum("count", filter=condition) for name, condition in conditions.items()}
    )
    return [totals.get(f"total_{number}") or 0 for number in range(len(periods))]


def _increment_limit(limit: RateLimit, address: str, now: datetime) -> int:
    return increment_count(_limit_key(limit, address), _window_start(limit, now))


def _window_start(limit: RateLimit, now: datetime) -> datetime:
    return datetime.fromtimestamp(now.timestamp() // limit.seconds * limit.seconds, UTC)


def _limit_key(limit: RateLimit, address: str) -> str:
    return fingerprint(f"rate:{limit.action}", network_identity(address) or "unknown")


def network_identity(address: str) -> str:
    """Return the /64 network of an IPv6 address, which is one household; else the address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))


def record_wrong_link(address: str, *, now: datetime) -> None:
    """Count a wrong private link, and log a flood of them; the response stays the same."""
    if settings.RATE_LIMIT_SCALE == 0:
        return
    for limit in WRONG_LINK_LIMITS:
        if _increment_limit(limit, address, now) == int(_scaled_max(limit)) + 1:
            logger.warning("more than %d wrong links from one place", _scaled_max(limit))


def increment_count(key: str, begins: datetime) -> int:
    """Add one to the count of this fingerprint and window; return the new count."""
    return increment_counts([(key, begins)])[0]


def increment_counts(windows: Sequence[tuple[str, datetime]]) -> list[int]:
    """Add one to the count of each (fingerprint, window start); return the new counts in order.

    One statement, so concurrent requests are all counted. Fingerprints must differ.
    """
    # Always in the same order: two requests that lock the same rows on PostgreSQL never deadlock.
    ordered = sorted(windows)
    table = connection.ops.quote_name(RateCount._meta.db_table)
    values = ", ".join(["(%s, %s, 1)"] * len(ordered))
    # Django's bulk_create() can only overwrite on a conflict, not add to what is stored.
    statement = (
        f'INSERT INTO {table} ("key", "window_at", "count") VALUES {values} '  # noqa: S608 (constants)
        f'ON CONFLICT ("key", "window_at") DO UPDATE SET "count" = {table}."count" + 1 '
        'RETURNING "key", "count"'
    )
    parameters = [
        value
        for key, begins in ordered
        for value in (key, connection.ops.adapt_datetimefield_value(begins))
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        counts = dict(cursor.fetchall())
    return [counts[key] for key, _begins in windows]
