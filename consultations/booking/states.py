"""Which state may follow which, and by whom. Pure: the one table behind pages, admin and jobs."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    REQUESTED = "requested", _("Needs an answer")
    HELD = "held", _("Time held")
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")
    CANCELLED_BY_VISITOR = "cancelled_by_visitor", _("Taken back by the visitor")
    CANCELLED_BY_STAFF = "cancelled_by_staff", _("Cancelled by the practice")
    EXPIRED = "expired", _("Expired")
    COMPLETED = "completed", _("Completed")
    NO_SHOW = "no_show", _("Did not happen")


class Actor(models.TextChoices):
    VISITOR = "visitor", _("Visitor")
    STAFF = "staff", _("Practice")
    SYSTEM = "system", _("The site")


VISITOR, STAFF, SYSTEM = Actor.VISITOR, Actor.STAFF, Actor.SYSTEM

TRANSITIONS: dict[tuple[str, str], frozenset[str]] = {
    (Status.REQUESTED, Status.CONFIRMED): frozenset({STAFF}),
    (Status.REQUESTED, Status.DECLINED): frozenset({STAFF}),
    (Status.REQUESTED, Status.CANCELLED_BY_VISITOR): frozenset({VISITOR}),
    (Status.REQUESTED, Status.EXPIRED): frozenset({SYSTEM}),
    (Status.CONFIRMED, Status.CANCELLED_BY_VISITOR): frozenset({VISITOR}),
    (Status.CONFIRMED, Status.CANCELLED_BY_STAFF): frozenset({STAFF}),
    (Status.CONFIRMED, Status.COMPLETED): frozenset({STAFF}),
    (Status.CONFIRMED, Status.NO_SHOW): frozenset({STAFF}),
    (Status.COMPLETED, Status.NO_SHOW): frozenset({STAFF}),
    (Status.NO_SHOW, Status.COMPLETED): frozenset({STAFF}),
}

FINAL = frozenset(
    {
        Status.DECLINED,
        Status.CANCELLED_BY_VISITOR,
        Status.CANCELLED_BY_STAFF,
        Status.EXPIRED,
        Status.COMPLETED,
        Status.NO_SHOW,
    }
)
TIMED = frozenset({Status.HELD, Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW})


def may(actor: str, before: str, after: str) -> bool:
    return actor in TRANSITIONS.get((before, after), frozenset())
