"""What the worker runs: deliver mail all the time, tidy up once an hour. Each calls one verb."""

import logging
from collections.abc import Callable
from datetime import datetime

from consultations.booking import workflow as booking
from consultations.data_rights import retention
from consultations.outbox import delivery

log = logging.getLogger(__name__)


def deliver_mail(now: datetime) -> None:
    if outcome := delivery.deliver_due(now):
        log.info("mail: %s", ", ".join(f"{state} {n}" for state, n in sorted(outcome.items())))


def tidy_up(now: datetime) -> None:
    if expired := booking.expire_requests(now=now):
        log.info("requests expired: %d", expired)
    if removed := retention.purge(now=now):
        log.info("retention: %s", ", ".join(f"{what} {n}" for what, n in sorted(removed.items())))


HOURLY: tuple[Callable[[datetime], None], ...] = (tidy_up,)
EVERY_ROUND: tuple[Callable[[datetime], None], ...] = (deliver_mail,)
