"""How many, how fast: one named limit per guarded act."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from consultations.privacy.fingerprints import fingerprint
from consultations.rate_limits.models import RateCount

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RateLimit:
    act: str
    most: int
    seconds: int


COMMENT_LIMITS = (RateLimit("comment", 3, 600), RateLimit("comment-day", 10, 86_400))
CONSULTATION_LIMITS = (RateLimit("consultation", 5, 3_600),)
COMMENT_EDIT_LIMITS = (RateLimit("comment-edit", 20, 3_600),)
COMMENT_REPORT_LIMITS = (RateLimit("comment-report", 10, 3_600),)
# Guessing secret links is hopeless at 96 bits; who tries is worth a line in the log.
WRONG_LINK_LIMITS = (RateLimit("wrong-link", 60, 600),)


def consume(limits: tuple[RateLimit, ...], address: str, *, now: datetime) -> bool:
    """Count one act from a network address; False when it is one too many."""
    if settings.RATE_LIMIT_SCALE == 0:
        return True
    # Every limit is counted, also after one is passed.
    fits = [_increment_limit(limit, address, now) <= _scaled_max(limit) for limit in limits]
    return all(fits)


def refund(limits: tuple[RateLimit, ...], address: str, *, now: datetime) -> None:
    """Take one act out of the count again: it turned out to be none of those that are limited."""
    if settings.RATE_LIMIT_SCALE == 0:
        return
    for limit in limits:
        rows = RateCount.objects.filter(
            key=_limit_key(limit, address), window_at=_window_start(limit, now)
        )
        rows.filter(count__gt=0).update(count=F("count") - 1)


def reset_counts(limits: tuple[RateLimit, ...], address: str) -> None:
    """What was counted tells nothing any more."""
    keys = [_limit_key(limit, address) for limit in limits]
    RateCount.objects.filter(key__in=keys).delete()


def _scaled_max(limit: RateLimit) -> float:
    return limit.most * settings.RATE_LIMIT_SCALE


def recent_count(limit: RateLimit, address: str, *, seconds: int, now: datetime) -> int:
    """How many acts from a network address were counted lately, this one included."""
    key = _limit_key(limit, address)
    since = datetime.fromtimestamp(now.timestamp() - seconds, UTC)
    rows = RateCount.objects.filter(key=key, window_at__gt=since)
    return rows.aggregate(total=Sum("count"))["total"] or 0


def _increment_limit(limit: RateLimit, address: str, now: datetime) -> int:
    return increment_count(_limit_key(limit, address), _window_start(limit, now))


def _window_start(limit: RateLimit, now: datetime) -> datetime:
    return datetime.fromtimestamp(now.timestamp() // limit.seconds * limit.seconds, UTC)


def _limit_key(limit: RateLimit, address: str) -> str:
    return fingerprint(f"rate:{limit.act}", network_identity(address) or "unknown")


def network_identity(address: str) -> str:
    """An IPv6 household has billions of addresses: they count as one. All else as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


def record_wrong_link(address: str, *, now: datetime) -> None:
    """Count a secret link that is none. The answer stays the same; the log tells of a flood."""
    if settings.RATE_LIMIT_SCALE == 0:
        return
    for limit in WRONG_LINK_LIMITS:
        if _increment_limit(limit, address, now) == int(_scaled_max(limit)) + 1:
            logger.warning("more than %d wrong links from one place", _scaled_max(limit))


def increment_count(key: str, begins: datetime) -> int:
    """One more under this fingerprint in this window; how many that makes."""
    with transaction.atomic():
        row, _ = RateCount.objects.get_or_create(key=key, window_at=begins)
        RateCount.objects.filter(pk=row.pk).update(count=F("count") + 1)
        row.refresh_from_db(fields=["count"])
    return row.count
