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
class Limit:
    act: str
    most: int
    seconds: int


COMMENTS = (Limit("comment", 3, 600), Limit("comment-day", 10, 86_400))
CONSULTATIONS = (Limit("consultation", 5, 3_600),)
COMMENT_EDITS = (Limit("comment-edit", 20, 3_600),)
REPORTS = (Limit("comment-report", 10, 3_600),)
# Guessing secret links is hopeless at 96 bits; who tries is worth a line in the log.
WRONG_LINKS = (Limit("wrong-link", 60, 600),)


def within(limits: tuple[Limit, ...], address: str, *, now: datetime) -> bool:
    """Count one act from a network address; False when it is one too many."""
    if settings.RATE_LIMIT_SCALE == 0:
        return True
    # Every limit is counted, also after one is passed.
    fits = [_count(limit, address, now) <= _most(limit) for limit in limits]
    return all(fits)


def give_back(limits: tuple[Limit, ...], address: str, *, now: datetime) -> None:
    """Take one act out of the count again: it turned out to be none of those that are limited."""
    if settings.RATE_LIMIT_SCALE == 0:
        return
    for limit in limits:
        rows = RateCount.objects.filter(key=_key(limit, address), window_at=_begin(limit, now))
        rows.filter(count__gt=0).update(count=F("count") - 1)


def forget(limits: tuple[Limit, ...], address: str) -> None:
    """What was counted tells nothing any more."""
    keys = [_key(limit, address) for limit in limits]
    RateCount.objects.filter(key__in=keys).delete()


def _most(limit: Limit) -> float:
    return limit.most * settings.RATE_LIMIT_SCALE


def recent(limit: Limit, address: str, *, seconds: int, now: datetime) -> int:
    """How many acts from a network address were counted lately, this one included."""
    key = _key(limit, address)
    since = datetime.fromtimestamp(now.timestamp() - seconds, UTC)
    rows = RateCount.objects.filter(key=key, window_at__gt=since)
    return rows.aggregate(total=Sum("count"))["total"] or 0


def _count(limit: Limit, address: str, now: datetime) -> int:
    return raised(_key(limit, address), _begin(limit, now))


def _begin(limit: Limit, now: datetime) -> datetime:
    return datetime.fromtimestamp(now.timestamp() // limit.seconds * limit.seconds, UTC)


def _key(limit: Limit, address: str) -> str:
    return fingerprint(f"rate:{limit.act}", place(address) or "unknown")


def place(address: str) -> str:
    """An IPv6 household has billions of addresses: they count as one. All else as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


def wrong_link(address: str, *, now: datetime) -> None:
    """Count a secret link that is none. The answer stays the same; the log tells of a flood."""
    if settings.RATE_LIMIT_SCALE == 0:
        return
    for limit in WRONG_LINKS:
        if _count(limit, address, now) == int(_most(limit)) + 1:
            logger.warning("more than %d wrong links from one place", _most(limit))


def raised(key: str, begins: datetime) -> int:
    """One more under this fingerprint in this window; how many that makes."""
    with transaction.atomic():
        row, _ = RateCount.objects.get_or_create(key=key, window_at=begins)
        RateCount.objects.filter(pk=row.pk).update(count=F("count") + 1)
        row.refresh_from_db(fields=["count"])
    return row.count
